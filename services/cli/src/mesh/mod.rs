//! A whole mesh on one machine: every service as a child process, the trace store inside this one.
//!
//! [`Mesh::start`] brings everything up in the order of need (specialists and validators, reasoning, the router) and
//! returns once the router says that all is healthy; [`Mesh::stop`] drains in the reverse order. A mesh that is dropped
//! kills its children, and one whose process is killed leaves none behind either: see [`child`].

mod child;
mod describe;
mod error;
mod role;
mod traces;

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use plexus_client::Endpoint;
use tokio::{sync::mpsc, task::JoinSet};

use self::{
    child::{Child, Exit, Launch},
    role::{Addresses, FIRST, REASONING, ROUTER, Role},
    traces::Traces,
};
pub use self::{
    describe::{Death, Options, Part},
    error::StartError,
};
use crate::{client::Router, failure::Failure, health};

/// How long the router may take to see that everybody is up, and how often it is asked.
const HEALTHY: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(20);
/// How long services that never had a call may take to end when the start fails.
const GIVE_UP: Duration = Duration::from_secs(3);
/// Spans wait five seconds for company where nothing says otherwise: too long for a person who looks at a trace.
const SPAN_DELAY: (&str, &str) = ("OTEL_BSP_SCHEDULE_DELAY", "250");

/// The names of all services.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    role::all().map(|role| role.name)
}

/// A running mesh.
#[derive(Debug)]
pub struct Mesh {
    options: Options,
    launches: BTreeMap<&'static str, Launch>,
    children: BTreeMap<&'static str, Child>,
    traces: Option<Traces>,
    exits: mpsc::UnboundedReceiver<Exit>,
    exit_sender: mpsc::UnboundedSender<Exit>,
}

impl Mesh {
    /// Starts everything and waits until it is healthy.
    ///
    /// # Errors
    /// The first part that cannot start; the others are ended.
    pub async fn start(options: Options) -> Result<Self, StartError> {
        let log_dir = options.log_dir.clone();
        std::fs::create_dir_all(&log_dir).map_err(|source| StartError::Log { path: log_dir, source })?;
        let traces = match options.traces {
            true => Some(Traces::start(options.ephemeral).await?),
            false => None,
        };
        let (exit_sender, exits) = mpsc::unbounded_channel();
        let mut mesh = Self {
            options,
            launches: BTreeMap::new(),
            children: BTreeMap::new(),
            traces,
            exits,
            exit_sender,
        };
        match mesh.bring_up().await {
            Ok(()) => Ok(mesh),
            Err(error) => {
                mesh.options.grace = GIVE_UP;
                mesh.stop().await;
                Err(error)
            }
        }
    }

    async fn bring_up(&mut self) -> Result<(), StartError> {
        self.wave(&FIRST).await?;
        self.wave(&[REASONING]).await?;
        self.wave(&[ROUTER]).await?;
        self.healthy(HEALTHY).await
    }

    /// Starts services that do not need each other.
    async fn wave(&mut self, roles: &'static [Role]) -> Result<(), StartError> {
        let others: Addresses = self
            .children
            .iter()
            .map(|(name, child)| (*name, child.address))
            .collect();
        let mut starting = JoinSet::new();
        for role in roles {
            let launch = self.launch(role, &others);
            self.launches.insert(role.name, launch.clone());
            let exits = self.exit_sender.clone();
            starting.spawn(async move { (launch.name, Child::start(&launch, false, exits).await) });
        }
        let mut failed = None;
        while let Some(started) = starting.join_next().await {
            match started {
                Ok((name, Ok(child))) => {
                    if let Some(launch) = self.launches.get_mut(name) {
                        launch.listen_at(child.address);
                    }
                    self.children.insert(name, child);
                }
                Ok((_, Err(error))) => failed = failed.or(Some(error)),
                Err(panic) => std::panic::resume_unwind(panic.into_panic()),
            }
        }
        failed.map_or(Ok(()), Err)
    }

    fn launch(&self, role: &'static Role, others: &Addresses) -> Launch {
        let mut listen = role.usual();
        if self.options.ephemeral {
            listen.set_port(0);
        }
        let mut environment = self.options.environment.clone();
        if std::env::var_os(SPAN_DELAY.0).is_none() {
            environment.push((SPAN_DELAY.0.to_owned(), SPAN_DELAY.1.to_owned()));
        }
        if let Some(traces) = &self.traces {
            environment.push((
                "OTEL_EXPORTER_OTLP_ENDPOINT".to_owned(),
                format!("http://{}", traces.otlp),
            ));
        }
        environment.extend(role.environment(listen, others));
        Launch {
            name: role.name,
            program: role.program(&self.options.bin_dir),
            environment,
            log: self.options.log_dir.join(format!("{}.log", role.name)),
        }
    }

    /// Waits until the router says that everything is healthy.
    ///
    /// # Errors
    /// It did not within the time.
    pub async fn healthy(&self, within: Duration) -> Result<(), StartError> {
        let begin = Instant::now();
        loop {
            let missing = match self.status().await {
                Ok(status) if status.healthy => return Ok(()),
                Ok(status) => health::missing(&status),
                Err(failure) => vec![failure.to_string()],
            };
            if begin.elapsed() >= within {
                return Err(StartError::Unhealthy { after: within, missing });
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// What the router says of the mesh.
    ///
    /// # Errors
    /// The router cannot be reached.
    pub async fn status(&self) -> Result<plexus_proto::v1::GetStatusResponse, Failure> {
        Router::connect(&self.endpoint()).await?.status().await
    }

    /// Where the router is.
    pub fn router_addr(&self) -> SocketAddr {
        self.children
            .get(ROUTER.name)
            .map_or(ROUTER.usual(), |router| router.address)
    }

    /// The same, for clients.
    pub fn endpoint(&self) -> Endpoint {
        let address = self.router_addr();
        Endpoint {
            host: address.ip().to_string(),
            port: address.port(),
            tier: None,
        }
    }

    /// Where traces are read (Jaeger's query API); none where they are not kept.
    pub fn traces_addr(&self) -> Option<SocketAddr> {
        self.traces.as_ref().map(|traces| traces.query)
    }

    /// Where spans are sent (OTLP over gRPC); none where they are not kept.
    pub fn otlp_addr(&self) -> Option<SocketAddr> {
        self.traces.as_ref().map(|traces| traces.otlp)
    }

    /// The services that run, the router first.
    pub fn parts(&self) -> Vec<Part> {
        let parts = role::all().filter_map(|role| {
            let child = self.children.get(role.name).filter(|child| child.is_running())?;
            Some(Part {
                name: role.name,
                address: child.address,
                pid: child.pid,
                log: self.launches.get(role.name)?.log.clone(),
                to_serving: child.to_serving,
            })
        });
        parts.collect()
    }

    /// The process of a service; none where it does not run.
    pub fn pid(&self, name: &str) -> Option<u32> {
        self.children
            .get(name)
            .filter(|child| child.is_running())
            .map(|child| child.pid)
    }

    /// Waits for the next service that ends although nobody asked it to. Loses nothing where it is dropped.
    pub async fn death(&mut self) -> Death {
        loop {
            // This mesh holds a sender itself: the channel never closes.
            let Some(exit) = self.exits.recv().await else {
                return std::future::pending().await;
            };
            if let Some(launch) = self.launches.get(exit.name) {
                return Death {
                    name: exit.name,
                    status: exit.status,
                    log: launch.log.clone(),
                    restart: launch.by_hand(),
                };
            }
        }
    }

    /// Kills a service at once (SIGKILL), as a crash would.
    ///
    /// # Errors
    /// There is none of this name.
    pub async fn kill(&mut self, name: &str) -> Result<(), StartError> {
        let child = self
            .children
            .get_mut(name)
            .ok_or_else(|| StartError::Unknown(name.to_owned()))?;
        child.kill().await;
        Ok(())
    }

    /// Starts a service again at its old address, killing it first where it still runs.
    ///
    /// # Errors
    /// There is none of this name, or it cannot start.
    pub async fn restart(&mut self, name: &str) -> Result<(), StartError> {
        self.kill(name).await?;
        let launch = self
            .launches
            .get(name)
            .ok_or_else(|| StartError::Unknown(name.to_owned()))?;
        let child = Child::start(launch, true, self.exit_sender.clone()).await?;
        self.children.insert(launch.name, child);
        Ok(())
    }

    /// Drains all services: the router, then the others. Names those that had to be killed, for they did not end within
    /// the grace time. Where it is dropped half-way, [`Mesh::kill_all`] ends what is left.
    pub async fn drain(&mut self) -> Vec<&'static str> {
        let grace = self.options.grace;
        let (first, others): (Vec<_>, Vec<_>) = self.children.iter_mut().partition(|(name, _)| **name == ROUTER.name);
        let mut killed = Vec::new();
        for wave in [first, others] {
            let draining = wave
                .into_iter()
                .map(|(name, child)| async move { child.drain(grace).await.1.then_some(*name) });
            killed.extend(join_all(draining).await.into_iter().flatten());
        }
        killed
    }

    /// Kills all services at once.
    pub async fn kill_all(&mut self) {
        join_all(self.children.values_mut().map(Child::kill)).await;
    }

    /// Drains everything, the traces last. Names those that had to be killed.
    pub async fn stop(mut self) -> Vec<&'static str> {
        let killed = self.drain().await;
        if let Some(traces) = self.traces.take() {
            traces.stop().await;
        }
        killed
    }
}
