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

use plexus_client::{Config, Endpoint, Network, Pool, ReplicaState, Resolving};
use plexus_proto::v1::{
    ValidateRequest, ValidateResponse, ValidatorServiceDescribeRequest, ValidatorServiceDescribeResponse,
    validator_service_client::ValidatorServiceClient,
    validator_service_server::{SERVICE_NAME, ValidatorService, ValidatorServiceServer},
};
use plexus_resilience::{deadline::Deadline, trail::Trail};
use plexus_testkit::eventually;
use tokio::task::JoinHandle;
use tonic::{
    Request, Response, Status,
    metadata::MetadataMap,
    transport::{Channel, Server, server::TcpIncoming},
};

/// Nothing is measured by it: it ends what hangs.
pub const DEADLINE: Duration = Duration::from_secs(20);

/// What a replica does with a call.
#[derive(Clone, Copy, PartialEq)]
pub enum Does {
    Answer,
    Fail(tonic::Code),
    Hang,
}

/// A replica on a free port.
pub struct Replica {
    pub address: SocketAddr,
    pub state: Arc<State>,
    server: JoinHandle<()>,
}

pub struct State {
    pub does: Mutex<Does>,
    pub calls: AtomicUsize,
    pub metadata: Mutex<MetadataMap>,
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
        let does = *self.0.does.lock().unwrap();
        match does {
            Does::Answer => Ok(Response::new(ValidateResponse::default())),
            Does::Fail(code) => Err(Status::new(code, "as the test says")),
            Does::Hang => std::future::pending().await,
        }
    }
}

impl Replica {
    pub async fn start(does: Does) -> Self {
        let incoming = TcpIncoming::bind(([127, 0, 0, 1], 0).into()).unwrap();
        let address = incoming.local_addr().unwrap();
        let state = Arc::new(State {
            does: Mutex::new(does),
            calls: AtomicUsize::new(0),
            metadata: Mutex::default(),
        });
        let (health, health_service) = tonic_health::server::health_reporter();
        health.set_serving::<ValidatorServiceServer<Service>>().await;
        let service = ValidatorServiceServer::new(Service(state.clone()));
        let server = Server::builder().add_service(health_service).add_service(service);
        let server = tokio::spawn(async move {
            server.serve_with_incoming(incoming).await.unwrap();
            drop(health);
        });
        Self { address, state, server }
    }

    pub fn calls(&self) -> usize {
        self.state.calls.load(Ordering::SeqCst)
    }

    pub fn does(&self, does: Does) {
        *self.state.does.lock().unwrap() = does;
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// Everything quick, so that tests are.
pub fn config() -> Config {
    Config {
        reconnect_pause: Duration::from_millis(20),
        resolve_every: Duration::from_millis(20),
        probe_after: Duration::from_millis(100),
        probe_timeout: Duration::from_millis(500),
        warm_up: Duration::ZERO,
        ..Config::default()
    }
}

pub fn endpoint(address: impl ToString) -> Endpoint {
    Endpoint::try_from(address.to_string()).unwrap()
}

/// A pool of these, all of them known to serve.
pub async fn pool(replicas: &[&Replica], config: &Config) -> Pool {
    let endpoints: Vec<_> = replicas.iter().map(|replica| endpoint(replica.address)).collect();
    let pool = Pool::new("validator", SERVICE_NAME, &endpoints, config);
    all_serve(&pool).await;
    pool
}

pub async fn all_serve(pool: &Pool) {
    eventually!(
        pool.replicas()
            .iter()
            .all(|replica| replica.state() == ReplicaState::Serving),
        DEADLINE
    );
}

/// Asks once; what came of it, and who was asked.
pub async fn ask(pool: &Pool, mut request: Request<ValidateRequest>) -> (Result<(), Status>, Trail) {
    let trail = Trail::default();
    let extensions = request.extensions_mut();
    if Deadline::of(extensions).is_none() {
        extensions.insert(Deadline::after(DEADLINE));
    }
    extensions.insert(trail.clone());
    let result = ValidatorServiceClient::new(pool.service()).validate(request).await;
    (result.map(drop), trail)
}

pub fn question() -> Request<ValidateRequest> {
    Request::new(ValidateRequest::default())
}

/// A network in which names mean what a test says.
#[derive(Debug, Clone, Default)]
pub struct Names(Arc<Mutex<HashMap<String, Vec<SocketAddr>>>>);

impl Names {
    pub fn set(&self, name: &str, addresses: &[SocketAddr]) {
        self.0.lock().unwrap().insert(name.to_owned(), addresses.to_vec());
    }
}

impl Network for Names {
    fn resolve<'a>(&'a self, host: &'a str, _: u16) -> Resolving<'a> {
        let found = self.0.lock().unwrap().get(host).cloned();
        Box::pin(async move { found.ok_or_else(|| io::Error::other("no such name")) })
    }

    fn connect(&self, endpoint: tonic::transport::Endpoint) -> Channel {
        endpoint.connect_lazy()
    }
}
