//! Replicas to be called: real servers on loopback that do what a test says.

use std::{
    collections::HashMap,
    io,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use plexus_client::{Config, Endpoint, Network, Pool, ReplicaState, Resolving, System};
use plexus_proto::v1::{
    ValidateRequest, ValidateResponse, ValidatorServiceDescribeRequest, ValidatorServiceDescribeResponse,
    validator_service_client::ValidatorServiceClient,
    validator_service_server::{SERVICE_NAME, ValidatorService, ValidatorServiceServer},
};
use plexus_resilience::{deadline::Deadline, trail::Trail};
use plexus_testkit::eventually;
use tokio::{
    sync::{Notify, watch},
    task::JoinHandle,
};
use tonic::{
    Request, Response, Status,
    metadata::MetadataMap,
    service::interceptor::InterceptedService,
    transport::{Channel, Server, server::TcpIncoming},
};
use tonic_health::server::HealthReporter;

/// Nothing is measured by it: it ends what hangs.
pub(crate) const DEADLINE: Duration = Duration::from_secs(20);

/// What a replica does with a call.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Does {
    Answer,
    Fail(tonic::Code),
    Hang,
    /// Answers when it is told to do something else.
    Hold,
}

/// A replica on a free port.
pub(crate) struct Replica {
    pub(crate) address: SocketAddr,
    pub(crate) state: Arc<State>,
    pub(crate) health: HealthReporter,
    closes: Arc<Notify>,
    server: JoinHandle<()>,
}

pub(crate) struct State {
    pub(crate) does: watch::Sender<Does>,
    pub(crate) calls: AtomicUsize,
    pub(crate) checks: AtomicUsize,
    pub(crate) metadata: Mutex<MetadataMap>,
}

struct Service(Arc<State>);

#[tonic::async_trait]
impl ValidatorService for Service {
    async fn describe(
        &self,
        _: Request<ValidatorServiceDescribeRequest>,
    ) -> Result<Response<ValidatorServiceDescribeResponse>, Status> {
        Ok(Response::new(ValidatorServiceDescribeResponse::default()))
    }

    async fn validate(&self, request: Request<ValidateRequest>) -> Result<Response<ValidateResponse>, Status> {
        self.0.calls.fetch_add(1, Ordering::SeqCst);
        *self.0.metadata.lock().unwrap() = request.metadata().clone();
        let does = *self.0.does.borrow();
        match does {
            Does::Answer => Ok(Response::new(ValidateResponse::default())),
            Does::Fail(code) => Err(Status::new(code, "as the test says")),
            Does::Hang => std::future::pending().await,
            Does::Hold => {
                let _ = self.0.does.subscribe().wait_for(|does| *does != Does::Hold).await;
                Ok(Response::new(ValidateResponse::default()))
            }
        }
    }
}

impl Replica {
    pub(crate) async fn start(does: Does) -> Self {
        Self::with_streams(does, None).await
    }

    /// One that takes so many streams on a connection.
    pub(crate) async fn with_streams(does: Does, streams: Option<u32>) -> Self {
        let incoming = TcpIncoming::bind(([127, 0, 0, 1], 0).into()).unwrap();
        let address = incoming.local_addr().unwrap();
        let state = Arc::new(State {
            does: watch::Sender::new(does),
            calls: AtomicUsize::new(0),
            checks: AtomicUsize::new(0),
            metadata: Mutex::default(),
        });
        let (health, health_service) = tonic_health::server::health_reporter();
        health.set_serving::<ValidatorServiceServer<Service>>().await;
        let counted = state.clone();
        let health_service = InterceptedService::new(health_service, move |request| {
            counted.checks.fetch_add(1, Ordering::SeqCst);
            Ok(request)
        });
        let service = ValidatorServiceServer::new(Service(state.clone()));
        let server = Server::builder()
            .max_concurrent_streams(streams)
            .add_service(health_service)
            .add_service(service);
        let closes = Arc::new(Notify::new());
        let closed = closes.clone();
        let server = tokio::spawn(async move {
            let closed = async move { closed.notified().await };
            server.serve_with_incoming_shutdown(incoming, closed).await.unwrap();
        });
        Self {
            address,
            state,
            health,
            closes,
            server,
        }
    }

    /// Says that it goes.
    pub(crate) async fn drains(&self) {
        self.health.set_not_serving::<ValidatorServiceServer<Service>>().await;
    }

    /// Takes no connection any more, ends the streams of those who watch it, and finishes what it has begun.
    pub(crate) async fn closes(&mut self) {
        self.health.clear_service_status(SERVICE_NAME).await;
        self.closes.notify_one();
    }

    /// Health checks so far, of both kinds.
    pub(crate) fn checks(&self) -> usize {
        self.state.checks.load(Ordering::SeqCst)
    }

    pub(crate) fn calls(&self) -> usize {
        self.state.calls.load(Ordering::SeqCst)
    }

    pub(crate) fn does(&self, does: Does) {
        self.state.does.send_replace(does);
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// Everything quick, so that tests are.
pub(crate) fn config() -> Config {
    Config {
        reconnect_pause: Duration::from_millis(20),
        resolve_every: Duration::from_millis(20),
        probe_after: Duration::from_millis(100),
        probe_timeout: Duration::from_millis(500),
        warm_up: Duration::ZERO,
        ..Config::default()
    }
}

pub(crate) fn endpoint(address: impl ToString) -> Endpoint {
    Endpoint::try_from(address.to_string()).unwrap()
}

/// A pool of these, all of them known to serve.
pub(crate) async fn pool(replicas: &[&Replica], config: &Config) -> Pool {
    let endpoints: Vec<_> = replicas.iter().map(|replica| endpoint(replica.address)).collect();
    let pool = Pool::on(
        Arc::new(System::default()),
        "validator",
        SERVICE_NAME,
        &endpoints,
        config,
    );
    all_serve(&pool).await;
    pool
}

pub(crate) async fn all_serve(pool: &Pool) {
    eventually!(
        pool.replicas()
            .iter()
            .all(|replica| replica.state() == ReplicaState::Serving),
        DEADLINE
    );
}

/// Asks once; what came of it, and who was asked.
pub(crate) async fn ask(pool: &Pool, mut request: Request<ValidateRequest>) -> (Result<(), Status>, Trail) {
    let trail = Trail::default();
    let extensions = request.extensions_mut();
    if Deadline::of(extensions).is_none() {
        extensions.insert(Deadline::after(DEADLINE));
    }
    extensions.insert(trail.clone());
    let result = ValidatorServiceClient::new(pool.service()).validate(request).await;
    (result.map(drop), trail)
}

pub(crate) fn question() -> Request<ValidateRequest> {
    Request::new(ValidateRequest::default())
}

/// A network in which names mean what a test says.
#[derive(Debug, Clone, Default)]
pub(crate) struct Names {
    found: Arc<Mutex<HashMap<String, Vec<SocketAddr>>>>,
    asked: Arc<AtomicUsize>,
}

/// A name that nobody ever gets an answer for.
pub(crate) const HANGS: &str = "hangs";

impl Names {
    pub(crate) fn set(&self, name: &str, addresses: &[SocketAddr]) {
        self.found.lock().unwrap().insert(name.to_owned(), addresses.to_vec());
    }

    /// How often a name was asked for.
    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

impl Network for Names {
    fn resolve<'a>(&'a self, host: &'a str, _: u16) -> Resolving<'a> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let found = self.found.lock().unwrap().get(host).cloned();
        Box::pin(async move {
            match host {
                HANGS => std::future::pending().await,
                _ => found.ok_or_else(|| io::Error::other("no such name")),
            }
        })
    }

    fn connect(&self, _: &str, endpoint: tonic::transport::Endpoint) -> Channel {
        endpoint.connect_lazy()
    }
}
