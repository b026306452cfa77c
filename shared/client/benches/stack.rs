//! What the whole client stack costs a call, beside a bare channel to the same server: `cargo bench -p plexus-client`.

use std::{
    net::SocketAddr,
    sync::{Arc, LazyLock},
    time::Duration,
};

use plexus_client::{Config, Endpoint, Pool, ReplicaState, System};
use plexus_proto::v1::{
    ValidateRequest, ValidateResponse, ValidatorServiceDescribeRequest, ValidatorServiceDescribeResponse,
    validator_service_client::ValidatorServiceClient,
    validator_service_server::{SERVICE_NAME, ValidatorService, ValidatorServiceServer},
};
use plexus_resilience::{call::Idempotent, deadline::Deadline};
use tokio::runtime::{Builder, Runtime};
use tonic::{
    Request, Response, Status,
    transport::{Channel, Server, server::TcpIncoming},
};

fn main() {
    divan::main();
}

struct Echo;

#[tonic::async_trait]
impl ValidatorService for Echo {
    async fn describe(
        &self,
        _: Request<ValidatorServiceDescribeRequest>,
    ) -> Result<Response<ValidatorServiceDescribeResponse>, Status> {
        Ok(Response::new(ValidatorServiceDescribeResponse::default()))
    }

    async fn validate(&self, _: Request<ValidateRequest>) -> Result<Response<ValidateResponse>, Status> {
        Ok(Response::new(ValidateResponse::default()))
    }
}

fn runtime() -> Runtime {
    Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime can be made")
}

/// A server on a thread of its own.
static SERVER: LazyLock<SocketAddr> = LazyLock::new(|| {
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        runtime().block_on(async move {
            let incoming = TcpIncoming::bind(([127, 0, 0, 1], 0).into()).expect("a port is free");
            let incoming = incoming.with_nodelay(Some(true));
            tell.send(incoming.local_addr().expect("it is bound"))
                .expect("somebody waits");
            let (health, service) = tonic_health::server::health_reporter();
            health.set_serving::<ValidatorServiceServer<Echo>>().await;
            let server = Server::builder()
                .add_service(service)
                .add_service(ValidatorServiceServer::new(Echo));
            server.serve_with_incoming(incoming).await.expect("it serves");
        });
    });
    told.recv().expect("the server says where it is")
});

fn request() -> Request<ValidateRequest> {
    let mut request = Request::new(ValidateRequest {
        kind: "math".to_owned(),
        query: "What is 15% of 240?".to_owned(),
        answer: "15% of 240 is 36.".to_owned(),
        domain: 2,
    });
    request
        .extensions_mut()
        .insert(Deadline::after(Duration::from_secs(10)));
    request.extensions_mut().insert(Idempotent);
    request
}

#[divan::bench]
fn bare(bencher: divan::Bencher<'_, '_>) {
    let runtime = runtime();
    let channel = runtime.block_on(async {
        let endpoint = Channel::from_shared(format!("http://{}", *SERVER)).expect("an address is a URL");
        endpoint.tcp_nodelay(true).connect().await.expect("the server is there")
    });
    let mut client = ValidatorServiceClient::new(channel);
    bencher.bench_local(|| runtime.block_on(client.validate(request())).expect("it answers"));
}

#[divan::bench]
fn stack(bencher: divan::Bencher<'_, '_>) {
    let runtime = runtime();
    let pool = runtime.block_on(async {
        let endpoint = Endpoint::try_from(SERVER.to_string()).expect("an address is an endpoint");
        let pool = Pool::on(
            Arc::new(System::default()),
            "validator",
            SERVICE_NAME,
            &[endpoint],
            &Config::default(),
        );
        while pool.replicas()[0].state() != ReplicaState::Serving {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        pool
    });
    bencher.bench_local(|| {
        let mut client = ValidatorServiceClient::new(pool.service());
        runtime.block_on(client.validate(request())).expect("it answers")
    });
}
