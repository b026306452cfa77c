//! What the doors of the mesh bound: streams, headers, time, calls at once. Attacks are in `hostile.rs`.

#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use std::{net::SocketAddr, sync::LazyLock, time::Duration};

use bytes::Bytes;
use h2::client::{self, SendRequest};
use http::Request;
use plexus_integration_tests::{DEADLINE, Mesh, Says as _, Service, Shared, answered, ask, streamed, timed};
use plexus_proto::v1::{
    AnswerRequest, AskRequest, Constraints, Domain, GetStatusRequest, answer_response, ask_stream_response::Event,
    specialist_service_client::SpecialistServiceClient,
};
use plexus_testkit::eventually;
use tokio::net::TcpStream;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

/// A word every 300 ms, for five minutes.
fn engines() -> String {
    let answer = "and on ".repeat(1_000);
    format!(
        r#"[{{name = "exact", kind = "exact"}},
            {{name = "slow", kind = "scripted", tier = "edge", word_latency = "300ms", rules = [{{answer = "{answer}"}}]}}]"#
    )
}

static MESH: Shared = LazyLock::new(|| Mesh::with(&[("PLEXUS_LANGUAGE__ENGINES", &engines())]));

/// Others are served as ever.
async fn others_are_served() {
    answered(&mut MESH.router().await, ask("12 * 12")).await.is_answered();
    MESH.has_not_panicked();
}

async fn connect(address: SocketAddr) -> (SendRequest<Bytes>, tokio::task::JoinHandle<Result<(), h2::Error>>) {
    let stream = TcpStream::connect(address).await.unwrap();
    let (sender, connection) = client::handshake(stream).await.unwrap();
    (sender, tokio::spawn(connection))
}

fn call(address: SocketAddr) -> http::request::Builder {
    Request::post(format!("http://{address}/plexus.v1.RouterService/Ask"))
        .header("content-type", "application/grpc")
        .header("te", "trailers")
}

#[tokio::test]
async fn every_door_bounds_the_streams_of_a_connection() {
    for name in MESH.names() {
        let (sender, connection) = connect(MESH.address(name)).await;
        // Until its settings have come, a server is taken to allow any number.
        eventually!(sender.current_max_send_streams() == 100, DEADLINE);
        connection.abort();
    }
}

#[tokio::test]
async fn headers_that_are_too_large_are_refused() {
    let address = MESH.address("router");
    for (count, size, too_large) in [
        (1, 20 * 1024, true),
        (200, 100, true),
        (2_000, 10, true),
        (10, 100, false),
    ] {
        let (sender, connection) = connect(address).await;
        let mut sender = sender.ready().await.unwrap();
        let mut request = call(address);
        for index in 0..count {
            request = request.header(format!("x-filler-{index}"), "y".repeat(size));
        }
        let request = request.body(()).unwrap();
        let refused = match sender.send_request(request, true) {
            Err(_) => true,
            Ok((response, _)) => match tokio::time::timeout(DEADLINE, response).await.expect("it hangs") {
                Ok(response) => response.status() == 431,
                Err(_) => true,
            },
        };
        assert_eq!(refused, too_large, "{count} headers of {size} bytes");
        connection.abort();
    }
    others_are_served().await;
}

fn endless() -> AskRequest {
    AskRequest {
        constraints: Some(Constraints {
            domains: vec![Domain::Language.into()],
            ..Constraints::default()
        }),
        ..ask("write a poem about the sea")
    }
}

/// How a stream ends that its deadline ends: as such, or, where the specialist's clock was a moment ahead of the
/// router's, with what had been said by then, marked.
fn is_ended_by_its_deadline(events: &[Event], status: Option<Status>) {
    let begun = events.iter().any(|event| matches!(event, Event::Delta(_)));
    assert!(begun, "{events:#?}");
    let status = status.unwrap_or_else(|| panic!("it ended with {:?}", events.last()));
    assert_eq!(status.code(), Code::DeadlineExceeded, "{status:?}");
}

#[tokio::test]
async fn a_deadline_ends_a_stream_that_has_begun() {
    let mut router = MESH.router().await;
    let call = streamed(&mut router, timed(endless(), Duration::from_secs(1)));
    let (events, status) = tokio::time::timeout(DEADLINE, call)
        .await
        .expect("the deadline is not held");
    is_ended_by_its_deadline(&events, status);
    others_are_served().await;
}

#[tokio::test]
async fn a_deadline_ends_a_call() {
    let mut router = MESH.router().await;
    let call = router.ask(timed(endless(), Duration::from_secs(1)));
    match tokio::time::timeout(DEADLINE, call)
        .await
        .expect("the deadline is not held")
    {
        Ok(response) => panic!("{response:?}"),
        // CANCELLED is what tonic's client says when its own clock is the first.
        Err(status) => assert!(
            matches!(status.code(), Code::DeadlineExceeded | Code::Cancelled),
            "{status:?}"
        ),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_caller_without_a_deadline_is_given_one() {
    let mesh = Mesh::with(&[
        ("PLEXUS_LANGUAGE__ENGINES", &engines()),
        ("PLEXUS_ROUTER__SERVER__MAX_DEADLINE", "1s"),
    ]);
    let call = async {
        let mut router = mesh.router().await;
        streamed(&mut router, tonic::Request::new(endless())).await
    };
    let (events, status) = tokio::time::timeout(DEADLINE, call).await.expect("no deadline holds");
    is_ended_by_its_deadline(&events, status);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn calls_over_the_limit_are_refused_at_once() {
    let mesh = Mesh::with(&[
        ("PLEXUS_LANGUAGE__ENGINES", &engines()),
        ("PLEXUS_ROUTER__SERVER__MAX_CONCURRENT_CALLS", "2"),
    ]);
    let mut router = mesh.router().await;
    let mut streams = Vec::new();
    for _ in 0..2 {
        let mut stream = router
            .ask_stream(timed(endless(), DEADLINE))
            .await
            .unwrap()
            .into_inner();
        assert!(stream.message().await.unwrap().is_some());
        streams.push(stream);
    }
    let status = router.ask(timed(ask("12 * 12"), DEADLINE)).await.unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted, "{status:?}");
    let details = status.get_error_details();
    assert_eq!(
        details.error_info().map(|info| info.reason.as_str()),
        Some("OVERLOADED"),
        "{status:?}"
    );
    assert!(
        details.retry_info().is_some_and(|info| info.retry_delay.is_some()),
        "{status:?}"
    );
    // Who only looks is answered, and sees it.
    let load = router
        .get_status(timed(GetStatusRequest {}, DEADLINE))
        .await
        .unwrap()
        .into_inner()
        .load
        .unwrap();
    assert_eq!((load.in_flight, load.limit, load.waiting), (2, 2, 0), "{load:?}");
    assert!(load.refused >= 1, "{load:?}");
    drop(streams);
    let router = &router;
    eventually("there is room again", DEADLINE, async || {
        router.clone().ask(timed(ask("12 * 12"), DEADLINE)).await.ok()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn batch_has_a_share_and_other_priorities_have_no_name() {
    let mesh = Mesh::with(&[
        ("PLEXUS_LANGUAGE__ENGINES", &engines()),
        ("PLEXUS_ROUTER__SERVER__MAX_CONCURRENT_CALLS", "2"),
    ]);
    let mut router = mesh.router().await;
    let of = |message: AskRequest, priority: &'static str| {
        let mut request = timed(message, DEADLINE);
        request
            .metadata_mut()
            .insert("plexus-priority", priority.parse().unwrap());
        request
    };
    let mut batch = router.ask_stream(of(endless(), "batch")).await.unwrap().into_inner();
    assert!(batch.message().await.unwrap().is_some());
    // Half of two is one, and that is under way.
    let status = router.ask(of(ask("12 * 12"), "batch")).await.unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted, "{status:?}");
    answered(&mut router, ask("12 * 12")).await.is_answered();
    let status = router.ask(of(ask("12 * 12"), "urgent")).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument, "{status:?}");
    let details = status.get_error_details();
    let field = &details.bad_request().unwrap().field_violations[0].field;
    assert_eq!(field, "plexus-priority");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_connection_that_is_old_is_told_to_go_and_its_calls_are_finished() {
    const WORDS: &str = r#"[{name = "slow", kind = "scripted", tier = "edge", word_latency = "100ms", rules = [
        {answer = "w1 w2 w3 w4 w5 w6 w7 w8 w9 w10 w11 w12 w13 w14 w15 w16 w17 w18 w19 w20"},
    ]}]"#;
    let math = Service::start("math", &[("ENGINES", WORDS), ("SERVER__MAX_CONNECTION_AGE", "500ms")]);
    let (_sender, idle) = connect(math.address).await;
    let mut client = SpecialistServiceClient::new(plexus_integration_tests::connect(&math.url()).await);
    let question = AnswerRequest {
        query: "slowly, please".to_owned(),
        ..AnswerRequest::default()
    };
    let mut events = client.answer(timed(question, DEADLINE)).await.unwrap().into_inner();
    let mut last = None;
    while let Some(event) = events.message().await.unwrap() {
        last = event.event;
    }
    assert!(matches!(last, Some(answer_response::Event::Finished(_))), "{last:?}");
    let ended = tokio::time::timeout(DEADLINE, idle).await.expect("it stays for ever");
    assert!(ended.unwrap().is_ok(), "it was cut off, not told");
}
