//! The whole way of a request, with one specialist that does as it is told: what a caller gets, and what it is charged.

use std::{io, path::PathBuf, pin::Pin, time::Duration};

use futures_util::{Stream, stream};
use hyper_util::rt::TokioIo;
use plexus_classifier::ModelConfig;
use plexus_client::Resolving;
use plexus_proto::v1::{
    AnswerFinished, AnswerRequest, AnswerResponse, AnswerResult, AskRequest, ClassifyRequest, Committed, Message,
    Outcome, Role, SpecialistServiceDescribeRequest, SpecialistServiceDescribeResponse, Tier, Usage,
    answer_response::Event,
    router_service_client::RouterServiceClient,
    specialist_service_server::{SERVICE_NAME, SpecialistService, SpecialistServiceServer},
};
use plexus_resilience::{
    deadline::{self, ServerDeadline},
    mesh_calls,
};
use tokio::time::timeout;
use tonic::{
    Code, Request, Response, Status,
    transport::{Channel, Endpoint, Server, Uri},
};
use tonic_health::ServingStatus;
use tower::Layer as _;

use super::*;

/// The longest that a call may take.
const MAX_DEADLINE: Duration = Duration::from_secs(60);
/// Where the specialist is that is there; all others are down.
const PORT: u16 = 50_062;

/// How an answer ends.
#[derive(Debug, Clone, Copy)]
enum Ending {
    /// It is whole, and has used so many tokens.
    Whole(u64),
    BreaksOff,
    Never,
}

/// What the specialist does: so many words of so many bytes, one every 10 ms.
#[derive(Debug, Clone, Copy)]
struct Order {
    words: usize,
    bytes: usize,
    ending: Ending,
}

#[tonic::async_trait]
impl SpecialistService for Order {
    type AnswerStream = Pin<Box<dyn Stream<Item = Result<AnswerResponse, Status>> + Send>>;

    async fn describe(
        &self,
        _: Request<SpecialistServiceDescribeRequest>,
    ) -> Result<Response<SpecialistServiceDescribeResponse>, Status> {
        Err(Status::unimplemented("nobody asks"))
    }

    async fn answer(&self, _: Request<AnswerRequest>) -> Result<Response<Self::AnswerStream>, Status> {
        let Self { words, bytes, ending } = *self;
        let event = |event| Ok(AnswerResponse { event: Some(event) });
        Ok(Response::new(Box::pin(async_stream::stream! {
            yield event(Event::Committed(Committed { engine: "stub".into(), tier: Tier::Cloud.into() }));
            for _ in 0..words {
                tokio::time::sleep(Duration::from_millis(10)).await;
                yield event(Event::Delta("a".repeat(bytes)));
            }
            match ending {
                Ending::Whole(output_tokens) => yield event(Event::Finished(AnswerFinished {
                    result: AnswerResult::Answered.into(),
                    engine: "stub".into(),
                    usage: Some(Usage { output_tokens, ..Usage::default() }),
                    ..AnswerFinished::default()
                })),
                Ending::BreaksOff => yield Err(Status::unavailable("as ordered")),
                Ending::Never => std::future::pending().await,
            }
        })))
    }
}

/// The way to the specialist, in memory.
#[derive(Debug)]
struct InMemory(Order);

impl Network for InMemory {
    fn resolve<'a>(&'a self, _: &'a str, _: u16) -> Resolving<'a> {
        Box::pin(async { Err(io::ErrorKind::NotFound.into()) })
    }

    fn connect(&self, _: &str, endpoint: Endpoint) -> Channel {
        let order = self.0;
        endpoint.connect_with_connector_lazy(tower::service_fn(move |uri: Uri| async move {
            if uri.port_u16() != Some(PORT) {
                return Err(io::Error::from(io::ErrorKind::ConnectionRefused));
            }
            let (here, there) = tokio::io::duplex(64 * 1024);
            tokio::spawn(async move {
                let (reporter, health) = tonic_health::server::health_reporter();
                reporter.set_service_status(SERVICE_NAME, ServingStatus::Serving).await;
                let server = Server::builder()
                    .layer(deadline::server(MAX_DEADLINE, mesh_calls))
                    .add_service(SpecialistServiceServer::new(order))
                    .add_service(health);
                server
                    .serve_with_incoming(stream::iter([Ok::<_, io::Error>(there)]))
                    .await
            });
            Ok(TokioIo::new(here))
        }))
    }
}

type Client = RouterServiceClient<ServerDeadline<Routes>>;

/// A router over that specialist, where a caller may spend 500 tokens and messages have 1 MiB at most.
fn router(order: Order) -> Client {
    let environment: Environment = [
        ("PLEXUS_ROUTER__RATE_LIMITS__TOKENS", r#"{limit = 500, per = "1h"}"#),
        ("PLEXUS_ROUTER__SERVER__MAX_MESSAGE", "1 MiB"),
    ]
    .into_iter()
    .collect();
    let config: Config = plexus_config::load("router", DEFAULTS, None, &environment).unwrap();
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../models/router");
    let classifier = Classifier::open(&ModelConfig::of(folder), &Environment::process()).unwrap();
    let service = on(Arc::new(InMemory(order)), &config, Arc::new(classifier));
    let routes = deadline::server(MAX_DEADLINE, mesh_calls).layer(service.routes);
    RouterServiceClient::new(routes).max_decoding_message_size(usize::MAX)
}

/// A question for that specialist, which the first stage decides alone.
fn question() -> Request<AskRequest> {
    let mut request = Request::new(AskRequest {
        query: "What is 15% of 240?".to_owned(),
        task: "solve".to_owned(),
        ..AskRequest::default()
    });
    request.set_timeout(Duration::from_secs(5));
    request
}

/// Whether the caller has spent more than it may.
async fn is_in_debt(router: &mut Client) -> bool {
    let message = ClassifyRequest {
        query: "What is 15% of 240?".to_owned(),
        ..ClassifyRequest::default()
    };
    match router.classify(message).await {
        Ok(_) => false,
        Err(status) => {
            assert_eq!(status.code(), Code::ResourceExhausted, "{status:?}");
            true
        }
    }
}

/// A thousand tokens, about.
const fn much(ending: Ending) -> Order {
    Order {
        words: 40,
        bytes: 100,
        ending,
    }
}

#[tokio::test(start_paused = true)]
async fn a_caller_pays_what_its_engines_say() {
    for (tokens, expected) in [(10, false), (1_000, true)] {
        let mut router = router(much(Ending::Whole(tokens)));
        let answer = router.ask(question()).await.unwrap().into_inner();
        assert_eq!(answer.answer.len(), 4_000);
        assert_eq!(is_in_debt(&mut router).await, expected, "{tokens}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_caller_pays_for_an_answer_that_breaks_off_or_comes_too_late() {
    let mut cut = router(much(Ending::BreaksOff));
    let answer = cut.ask(question()).await.unwrap().into_inner();
    assert_eq!(answer.outcome(), Outcome::Degraded);
    assert!(is_in_debt(&mut cut).await);

    let mut late = router(much(Ending::Never));
    let status = late.ask(question()).await.unwrap_err();
    assert_eq!(status.code(), Code::DeadlineExceeded, "{status:?}");
    assert!(is_in_debt(&mut late).await);
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_goes_away_pays_for_what_it_was_not_shown() {
    let patience = Duration::from_secs(1);
    let mut whole = router(much(Ending::Never));
    timeout(patience, whole.ask(question())).await.unwrap_err();
    assert!(is_in_debt(&mut whole).await);

    let mut checked = router(much(Ending::Never));
    let mut request = question();
    request.get_mut().validate_before_stream = true;
    let mut events = checked.ask_stream(request).await.unwrap().into_inner();
    let all = async { while events.message().await.unwrap().is_some() {} };
    timeout(patience, all).await.unwrap_err();
    drop(events);
    assert!(is_in_debt(&mut checked).await);
}

#[tokio::test(start_paused = true)]
async fn nobody_pays_where_nobody_was_reached() {
    let mut router = router(much(Ending::Never));
    let mut request = question();
    let message = |role: Role, content: String| Message {
        role: role.into(),
        content,
    };
    *request.get_mut() = AskRequest {
        task: "write_tests".to_owned(),
        messages: vec![
            message(Role::User, "a".repeat(4_000)),
            message(Role::User, "write a Python function that reverses a string".to_owned()),
        ],
        ..AskRequest::default()
    };
    let status = router.ask(request).await.unwrap_err();
    assert_eq!(status.code(), Code::Unavailable, "{status:?}");
    assert!(!is_in_debt(&mut router).await);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_was_paid_for_is_given_however_long_it_is() {
    let mut router = router(Order {
        words: 48,
        bytes: 64 * 1024,
        ending: Ending::Whole(1),
    });
    let answer = router.ask(question()).await.unwrap().into_inner();
    assert_eq!(answer.answer.len(), 3 * 1024 * 1024);
}
