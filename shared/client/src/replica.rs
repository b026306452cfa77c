//! One running endpoint of an upstream, and what is known of it.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU8, AtomicU32, AtomicU64, Ordering},
    },
    time::Duration,
};

use plexus_resilience::deadline::{self, ClientDeadline};
use plexus_telemetry::client::ClientTrace;
use tokio::time::Instant;
use tonic::{
    Status,
    transport::{Channel, Uri},
};
use tower::{Layer as _, ServiceBuilder};

use crate::{Config, Endpoint};

/// What calls go through: span -> deadline -> channel.
pub type ClientService = ClientTrace<ClientDeadline<Channel>>;

/// What is known of a replica.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum ReplicaState {
    /// Not heard of yet.
    Unknown = 0,
    /// Answers health checks with SERVING.
    Serving = 1,
    /// Answers, but with NOT_SERVING.
    NotServing = 2,
    /// Cannot be reached.
    Down = 3,
}

/// One running endpoint of an upstream.
#[derive(Debug)]
pub struct Replica {
    label: String,
    endpoint: Endpoint,
    service: ClientService,
    channel: Channel,
    state: AtomicU8,
    in_flight: AtomicU32,
    /// Milliseconds since `born` until which the replica is avoided.
    suspect_until: AtomicU64,
    suspect_for: Duration,
    born: Instant,
    last_error: Mutex<String>,
}

impl Replica {
    /// A replica of the upstream `name`; connects at the first call. Must be made inside a Tokio runtime.
    pub(crate) fn new(name: &str, endpoint: Endpoint, config: &Config) -> Self {
        let uri = Uri::builder()
            .scheme("http")
            .authority(endpoint.to_string())
            .path_and_query("/")
            .build()
            .expect("an Endpoint was parsed as an authority");
        let channel = Channel::builder(uri)
            .connect_timeout(config.connect_timeout)
            .tcp_nodelay(true)
            .http2_keep_alive_interval(config.ping_interval)
            .keep_alive_timeout(config.ping_timeout)
            .keep_alive_while_idle(true)
            .connect_lazy();
        let service = ServiceBuilder::new()
            .layer(plexus_telemetry::client::layer(&endpoint.host, endpoint.port))
            .layer(deadline::client())
            .into_inner()
            .layer(channel.clone());
        Self {
            label: format!("{name}@{endpoint}"),
            endpoint,
            service,
            channel,
            state: AtomicU8::new(ReplicaState::Unknown as u8),
            in_flight: AtomicU32::new(0),
            suspect_until: AtomicU64::new(0),
            suspect_for: config.suspect_for,
            born: Instant::now(),
            last_error: Mutex::default(),
        }
    }

    /// Name and address, e.g. `math@127.0.0.1:50062`.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// Its address.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// What is known of it.
    pub fn state(&self) -> ReplicaState {
        match self.state.load(Ordering::Relaxed) {
            1 => ReplicaState::Serving,
            2 => ReplicaState::NotServing,
            3 => ReplicaState::Down,
            _ => ReplicaState::Unknown,
        }
    }

    /// Calls on their way.
    pub fn in_flight(&self) -> u32 {
        self.in_flight.load(Ordering::Relaxed)
    }

    /// The last error seen; empty where there was none.
    pub fn last_error(&self) -> String {
        self.last_error.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether a call failed a moment ago.
    pub(crate) fn suspect(&self) -> bool {
        self.millis(Duration::ZERO) < self.suspect_until.load(Ordering::Relaxed)
    }

    pub(crate) fn channel(&self) -> Channel {
        self.channel.clone()
    }

    pub(crate) fn set_state(&self, state: ReplicaState, error: Option<&Status>) {
        let before = self.state.swap(state as u8, Ordering::Relaxed);
        if let Some(status) = error {
            *self.last_error.lock().unwrap_or_else(PoisonError::into_inner) = describe(status);
        }
        if state == ReplicaState::Serving {
            self.suspect_until.store(0, Ordering::Relaxed);
        }
        if before != state as u8 {
            tracing::info!(replica = self.label, ?state, error = error.map(describe), "replica");
        }
    }

    fn millis(&self, ahead: Duration) -> u64 {
        u64::try_from((self.born.elapsed() + ahead).as_millis()).unwrap_or(u64::MAX)
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

/// The right to make one call to a replica; counts as one on its way until it is dropped.
#[derive(Debug)]
pub struct Lease(Arc<Replica>);

impl Lease {
    pub(crate) fn new(replica: Arc<Replica>) -> Self {
        replica.in_flight.fetch_add(1, Ordering::Relaxed);
        Self(replica)
    }

    /// What to make a gRPC client of.
    pub fn service(&self) -> ClientService {
        self.0.service.clone()
    }

    /// The replica.
    pub fn replica(&self) -> &Replica {
        &self.0
    }

    /// Tells that the call failed in a way that speaks against the replica; it is avoided for a moment.
    pub fn failed(&self, status: &Status) {
        let replica = &self.0;
        replica
            .suspect_until
            .store(replica.millis(replica.suspect_for), Ordering::Relaxed);
        *replica.last_error.lock().unwrap_or_else(PoisonError::into_inner) = describe(status);
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}
