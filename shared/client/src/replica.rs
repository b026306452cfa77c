//! One running endpoint of an upstream, and what is known of it.

mod state;

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU8, AtomicU64, Ordering},
    },
    time::Duration,
};

pub use self::state::ReplicaState;
use plexus_core::Tier;
use plexus_resilience::{
    breaker::{self, Breaker},
    limit::Limit,
    load::Load,
};
use tokio::{sync::watch, time::Instant};
use tonic::{
    Status,
    transport::{Channel, Endpoint as Target, Uri},
};

use crate::{
    Config,
    compose::{self, ReplicaService},
    connections::Connections,
    network::Network,
};

/// What a replica that has just come may get of its share.
const COLD: f64 = 0.1;

/// What the layers of a replica's stack share.
#[derive(Debug)]
pub(crate) struct Health {
    pub(crate) load: Arc<Load>,
    pub(crate) breaker: Arc<Breaker>,
    pub(crate) limit: Arc<Limit>,
    /// Whether it answers health checks; attempts end when that turns false.
    pub(crate) alive: watch::Sender<bool>,
}

/// One running endpoint of an upstream.
#[derive(Debug)]
pub struct Replica {
    label: Arc<str>,
    address: SocketAddr,
    tier: Option<Tier>,
    service: ReplicaService,
    /// For health checks: a connection of their own, for on one with as many streams as a server takes they would wait behind calls.
    control: Channel,
    health: Health,
    state: AtomicU8,
    warm_up: Duration,
    born: Instant,
    /// Milliseconds since `born` when it began to serve.
    serving_since: AtomicU64,
    attempts: AtomicU64,
    failures: AtomicU64,
    last_error: Mutex<String>,
}

impl Replica {
    /// A replica of the upstream `name`; connects at the first call. Must be made inside a Tokio runtime.
    pub(crate) fn new(
        name: &str,
        address: SocketAddr,
        tier: Option<Tier>,
        config: &Config,
        network: &dyn Network,
    ) -> Self {
        let uri = Uri::builder()
            .scheme("http")
            .authority(address.to_string())
            .path_and_query("/")
            .build()
            .expect("a socket address is an authority");
        let target = Target::from(uri)
            .connect_timeout(config.connect_timeout)
            .tcp_nodelay(true)
            .http2_keep_alive_interval(config.ping_interval)
            .keep_alive_timeout(config.ping_timeout)
            .keep_alive_while_idle(true);
        let now = Instant::now();
        let label: Arc<str> = format!("{name}@{address}").into();
        let health = Health {
            load: Arc::new(Load::new(now)),
            breaker: Arc::new(Breaker::new(label.clone(), config.breaker, now)),
            limit: Arc::new(Limit::new(config.limit)),
            alive: watch::Sender::new(true),
        };
        let channels = (0..config.connections).map(|_| network.connect(name, target.clone()));
        let connections = Connections::new(channels, config.streams_per_connection);
        Self {
            label,
            address,
            tier,
            service: compose::replica(&health, connections),
            control: network.connect(name, target),
            health,
            state: AtomicU8::new(ReplicaState::Unknown as u8),
            warm_up: config.warm_up,
            born: now,
            serving_since: AtomicU64::new(0),
            attempts: AtomicU64::new(0),
            failures: AtomicU64::new(0),
            last_error: Mutex::default(),
        }
    }

    /// Name and address, e.g. `math@127.0.0.1:50062`.
    pub fn label(&self) -> &Arc<str> {
        &self.label
    }

    /// Its address.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where it runs; none: not stated.
    pub fn tier(&self) -> Option<Tier> {
        self.tier
    }

    /// What is known of it.
    pub fn state(&self) -> ReplicaState {
        ReplicaState::of(self.state.load(Ordering::Relaxed))
    }

    /// Calls on their way.
    pub fn in_flight(&self) -> u32 {
        self.health.load.pace(Instant::now()).pending
    }

    /// Moving average of the time to the first word; none before the first answer.
    #[expect(
        clippy::misnamed_getters,
        reason = "the pace of the load has another, that failures count in"
    )]
    pub fn first_word(&self) -> Option<Duration> {
        self.health.load.pace(Instant::now()).usual
    }

    /// Whether calls are let through.
    pub fn breaker(&self) -> breaker::State {
        self.health.breaker.state(Instant::now())
    }

    /// How many calls it may have at the same time.
    pub fn limit(&self) -> u32 {
        self.health.limit.limit()
    }

    /// Attempts since it was known, those that nobody waited for included, and how many of them speak against it.
    pub fn counts(&self) -> (u64, u64) {
        (
            self.attempts.load(Ordering::Relaxed),
            self.failures.load(Ordering::Relaxed),
        )
    }

    /// The last error seen; empty where there was none.
    pub fn last_error(&self) -> String {
        self.last_error.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Share of its traffic that it may get, 0..1.
    pub fn warmth(&self, now: Instant) -> f64 {
        let since = Duration::from_millis(self.serving_since.load(Ordering::Relaxed));
        let served = now.saturating_duration_since(self.born + since);
        match self.warm_up.is_zero() {
            true => 1.0,
            false => (COLD + (1.0 - COLD) * served.div_duration_f64(self.warm_up)).min(1.0),
        }
    }

    pub(crate) fn health(&self) -> &Health {
        &self.health
    }

    pub(crate) fn service(&self) -> ReplicaService {
        self.service.clone()
    }

    pub(crate) fn control(&self) -> Channel {
        self.control.clone()
    }

    /// How long calls have heard nothing, those that gave up included.
    pub(crate) fn unheard(&self) -> Duration {
        self.health.load.pace(Instant::now()).unheard
    }

    /// It answered a health check.
    pub(crate) fn heard(&self) {
        self.health.load.heard(Instant::now());
    }

    /// Counts an attempt.
    pub(crate) fn count(&self) {
        self.attempts.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a failure, and keeps what went wrong.
    pub(crate) fn failed(&self, status: &Status) {
        self.failures.fetch_add(1, Ordering::Relaxed);
        self.set_last_error(status);
    }

    /// It answered: with a state, or with what may be taken for one.
    pub(crate) fn says(&self, state: ReplicaState, error: Option<&Status>) {
        self.enter(state, error);
        self.set_alive(true);
    }

    /// It cannot be reached. What it has begun ends with that, unless it has said that it goes: who drains finishes its calls and takes no
    /// new connections. If it dies meanwhile, the connections of its calls tell.
    pub(crate) fn lost(&self, error: &Status) {
        match self.enter(ReplicaState::Down, Some(error)) {
            ReplicaState::NotServing | ReplicaState::Down => {}
            ReplicaState::Unknown | ReplicaState::Serving => self.set_alive(false),
        }
    }

    /// Its connection is open, and it answers nothing on it: what it has begun will never end by itself.
    pub(crate) fn frozen(&self, error: &Status) {
        self.enter(ReplicaState::Down, Some(error));
        self.set_alive(false);
    }

    fn set_alive(&self, alive: bool) {
        self.health
            .alive
            .send_if_modified(|before| std::mem::replace(before, alive) != alive);
    }

    /// The state before.
    fn enter(&self, state: ReplicaState, error: Option<&Status>) -> ReplicaState {
        let before = ReplicaState::of(self.state.swap(state as u8, Ordering::Relaxed));
        if let Some(status) = error {
            self.set_last_error(status);
        }
        if before == state {
            return before;
        }
        let now = Instant::now();
        if state == ReplicaState::Serving {
            let since = now.saturating_duration_since(self.born).as_millis();
            self.serving_since
                .store(u64::try_from(since).unwrap_or(u64::MAX), Ordering::Relaxed);
            // Somebody else may have started there: the rest that the old one earned is over, and so is its pace.
            self.health.breaker.awake(now);
            self.health.load.awake();
        }
        tracing::info!(replica = %self.label, ?state, error = error.map(describe), "replica");
        before
    }

    fn set_last_error(&self, status: &Status) {
        *self.last_error.lock().unwrap_or_else(PoisonError::into_inner) = describe(status);
    }
}

/// A status in a few words: the innermost cause says most ("Connection refused").
fn describe(status: &Status) -> String {
    let mut source = std::error::Error::source(status);
    let mut innermost = None;
    while let Some(error) = source {
        innermost = Some(error.to_string());
        source = error.source();
    }
    match innermost {
        Some(cause) if !status.message().contains(&cause) => format!("{}: {cause}", status.message()),
        _ => status.message().to_owned(),
    }
}

#[cfg(test)]
#[path = "replica/tests.rs"]
mod tests;
