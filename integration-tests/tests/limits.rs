//! Hostile clients: what the router's door bounds, and that others do not notice.

#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

mod support;

use std::{net::SocketAddr, sync::LazyLock, time::Duration};

use bytes::Bytes;
use h2::client::{self, SendRequest};
use http::Request;
use plexus_integration_tests::{DEADLINE, Mesh, Says as _, Shared, answered, ask, resident_bytes, streamed, timed};
use plexus_proto::v1::{AskRequest, Constraints, Domain, ask_stream_response::Event};
use plexus_testkit::eventually;
use support::Raw;
use tokio::net::TcpStream;
use tonic::{Code, Status};

/// What a connection full of nonsense may cost.
const MAX_GROWTH: u64 = 64 * 1024 * 1024;

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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_resets_harms_nobody_else() {
    /// RFC 9113, section 7.
    const ENHANCE_YOUR_CALM: u32 = 11;
    let before = resident_bytes(MESH.pid("router"));
    let mut raw = Raw::connect(MESH.address("router")).await;
    for _ in 0..20_000 {
        if raw.open_and_reset().await.is_err() {
            break;
        }
    }
    others_are_served().await;
    bounded(before);
    // A reset of the connection may have overtaken the word about it.
    let word = raw.goaway().await;
    assert!(word.is_none_or(|code| code == ENHANCE_YOUR_CALM), "{word:?}");
}

#[tokio::test]
async fn half_open_streams_cost_little() {
    let before = resident_bytes(MESH.pid("router"));
    let mut raw = Raw::connect(MESH.address("router")).await;
    for _ in 0..10_000 {
        // Each claims that four megabytes will come, and sends none of them.
        if raw.open_and_claim(4 * 1024 * 1024).await.is_err() {
            break;
        }
    }
    others_are_served().await;
    bounded(before);
    drop(raw);
    others_are_served().await;
}

fn bounded(before: Option<u64>) {
    let after = resident_bytes(MESH.pid("router"));
    if let (Some(before), Some(after)) = (before, after) {
        let growth = after.saturating_sub(before);
        assert!(growth < MAX_GROWTH, "the router grew by {} KiB", growth / 1024);
    }
}

#[tokio::test]
async fn nonsense_on_the_wire_is_the_nonsense_of_one() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    for nonsense in [
        &b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"[..],
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\xff\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\x00",
        b"",
    ] {
        let mut stream = TcpStream::connect(MESH.address("router")).await.unwrap();
        stream.write_all(nonsense).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut answer = Vec::new();
        // However it takes that, it hangs up.
        let ended = tokio::time::timeout(DEADLINE, stream.read_to_end(&mut answer)).await;
        assert!(ended.is_ok(), "{nonsense:?}");
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
    drop(streams);
    let router = &router;
    eventually("there is room again", DEADLINE, async || {
        router.clone().ask(timed(ask("12 * 12"), DEADLINE)).await.ok()
    })
    .await;
}
