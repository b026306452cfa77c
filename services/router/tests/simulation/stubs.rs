//! Specialists and validators that do as they are ordered, and keep a book of it.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use futures_util::Stream;
use plexus_proto::v1::{
    self, AnswerFinished, AnswerRequest, AnswerResponse, AnswerResult, Committed, SpecialistServiceDescribeRequest,
    SpecialistServiceDescribeResponse, Tier, ValidateRequest, ValidateResponse, ValidatorServiceDescribeRequest,
    ValidatorServiceDescribeResponse, Verdict, VerdictResult,
    answer_response::Event,
    specialist_service_server::{self, SpecialistService, SpecialistServiceServer},
    validator_service_server::{self, ValidatorService, ValidatorServiceServer},
};
use plexus_resilience::{deadline, grpc_timeout, mesh_calls};
use tonic::{Request, Response, Status, service::Routes, transport::Server};
use tonic_health::ServingStatus;
use tower::util::MapRequestLayer;

use crate::{
    network::listen,
    order::{Ending, Order},
};

/// The longest that a call may take.
const MAX_DEADLINE: Duration = Duration::from_secs(60);
/// How long an engine thinks before its first word.
pub(crate) const THINKS: Duration = Duration::from_millis(20);

/// What all stubs of a simulation did, in order. A word of an answer is `INDEX.WORD`: the index here, the number of the word.
#[derive(Debug, Clone, Default)]
pub(crate) struct Book(Arc<Mutex<Vec<Told>>>);

/// One attempt, as a stub saw it.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    /// Number of the request.
    pub(crate) number: usize,
    /// Who was asked.
    pub(crate) host: String,
    /// When, in simulated time.
    pub(crate) at: Duration,
}

impl Book {
    /// All attempts.
    pub(crate) fn told(&self) -> MutexGuard<'_, Vec<Told>> {
        self.0.lock().unwrap()
    }

    fn begin(&self, told: Told) -> usize {
        let mut all = self.told();
        all.push(told);
        all.len() - 1
    }
}

/// What callers say instead of `grpc-timeout`: on that, tonic's client would stop to listen before a router could say that time is up.
pub(crate) const TIMEOUT: &str = "simulated-timeout";

fn timeout<B>(mut request: tonic::codegen::http::Request<B>) -> tonic::codegen::http::Request<B> {
    if let Some(value) = request.headers_mut().remove(TIMEOUT) {
        request.headers_mut().insert(grpc_timeout::HEADER, value);
    }
    request
}

/// Serves what `routes` has, with the deadlines of the mesh, until the host is no more.
pub(crate) async fn serve(routes: Routes, names: Vec<&'static str>) -> turmoil::Result {
    let (health, health_service) = tonic_health::server::health_reporter();
    for name in names {
        health.set_service_status(name, ServingStatus::Serving).await;
    }
    Server::builder()
        .layer(MapRequestLayer::new(timeout))
        .layer(deadline::server(MAX_DEADLINE, mesh_calls))
        .add_routes(routes)
        .add_service(health_service)
        .serve_with_incoming(listen().await?)
        .await?;
    Ok(())
}

/// A specialist on the host `host`.
pub(crate) async fn specialist(host: String, book: Book) -> turmoil::Result {
    let stub = SpecialistServiceServer::new(Stub { host, book });
    serve(Routes::new(stub), vec![specialist_service_server::SERVICE_NAME]).await
}

/// A validator of every kind.
pub(crate) async fn validator() -> turmoil::Result {
    let stub = ValidatorServiceServer::new(Nods);
    serve(Routes::new(stub), vec![validator_service_server::SERVICE_NAME]).await
}

struct Stub {
    host: String,
    book: Book,
}

#[tonic::async_trait]
impl SpecialistService for Stub {
    type AnswerStream = Pin<Box<dyn Stream<Item = Result<AnswerResponse, Status>> + Send>>;

    async fn describe(
        &self,
        _: Request<SpecialistServiceDescribeRequest>,
    ) -> Result<Response<SpecialistServiceDescribeResponse>, Status> {
        Err(Status::unimplemented("nobody asks"))
    }

    async fn answer(&self, request: Request<AnswerRequest>) -> Result<Response<Self::AnswerStream>, Status> {
        let name = request.into_inner().request_id;
        let order = Order::parse(&name).ok_or_else(|| Status::invalid_argument("no order"))?;
        let index = self.book.begin(Told {
            number: order.number,
            host: self.host.clone(),
            at: turmoil::sim_elapsed().unwrap_or_default(),
        });
        let event = |event| AnswerResponse { event: Some(event) };
        Ok(Response::new(Box::pin(async_stream::stream! {
            tokio::time::sleep(THINKS).await;
            for word in 0..order.written() {
                tokio::time::sleep(order.pause).await;
                if word == 0 {
                    yield Ok(event(Event::Committed(Committed { engine: "stub".into(), tier: Tier::Edge.into() })));
                }
                yield Ok(event(Event::Delta(format!("{index}.{word} "))));
            }
            match order.ending {
                Ending::Fails(_) => yield Err(Status::unavailable("as ordered")),
                Ending::Stops(_) => {}
                Ending::Whole => yield Ok(event(Event::Finished(AnswerFinished {
                    result: AnswerResult::Answered.into(),
                    engine: "stub".into(),
                    ..AnswerFinished::default()
                }))),
            }
        })))
    }
}

/// Passes everything.
struct Nods;

#[tonic::async_trait]
impl ValidatorService for Nods {
    async fn describe(
        &self,
        _: Request<ValidatorServiceDescribeRequest>,
    ) -> Result<Response<ValidatorServiceDescribeResponse>, Status> {
        Err(Status::unimplemented("nobody asks"))
    }

    async fn validate(&self, request: Request<ValidateRequest>) -> Result<Response<ValidateResponse>, Status> {
        tokio::time::sleep(THINKS).await;
        let verdict = Verdict {
            validator: request.into_inner().kind,
            result: VerdictResult::Pass.into(),
            confidence: Some(1.0),
            ..v1::Verdict::default()
        };
        Ok(Response::new(ValidateResponse {
            verdicts: vec![verdict],
        }))
    }
}
