//! Ages of connections, their first bytes, answers that nobody reads, and the end of all.

use bytes::Bytes;
use futures_util::stream;
use http::HeaderMap;
use http_body::Frame;
use http_body_util::{BodyExt as _, Empty, StreamBody};
use hyper_util::rt::TokioExecutor;
use plexus_resilience::admission::Doors;
use proptest::prelude::*;
use tokio::io::AsyncWriteExt as _;
use tonic::Status;
use tower::Layer as _;

use super::*;
use crate::{admission, config::tests::config};

/// An answer as tonic gives it: the whole message as one piece, and how it ended.
const ANSWER: usize = 1024 * 1024;

proptest! {
    #[test]
    fn ages_differ_by_a_tenth_at_most(random in 0.0_f64..1.0) {
        let age = Duration::from_secs(1800);
        let jittered = jittered(age, random);
        prop_assert!(jittered >= age.mul_f64(0.899_999) && jittered <= age.mul_f64(1.100_001), "{:?}", jittered);
    }
}

async fn hello(bytes: &[u8]) -> Option<bool> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let (mut read, _write) = listener.accept().await.unwrap().0.into_split();
    client.write_all(bytes).await.unwrap();
    timeout(Duration::from_secs(10), says_hello(&mut read)).await.ok()?.ok()
}

#[tokio::test]
async fn what_is_not_http2_is_known_at_its_first_wrong_byte() {
    assert_eq!(hello(PREFACE).await, Some(true));
    for wrong in [&b"GET / HTTP/1.1\r\n"[..], b"\x16\x03\x01", b"PRI * HTTP/1"] {
        assert_eq!(hello(wrong).await, Some(false), "{wrong:?}");
    }
}

/// A process in memory with one call on its way, whose caller grants an answer so much room; and the head of the answer.
async fn asked(doors: &Doors, window: u32) -> Response<Incoming> {
    let answer = |_| async {
        let frames = [
            Frame::data(Bytes::from(vec![b'a'; ANSWER])),
            Frame::trailers(HeaderMap::new()),
        ];
        let body = StreamBody::new(stream::iter(frames.map(Ok::<_, Status>)));
        Ok(Response::new(Body::new(body)))
    };
    let stack = doors.layer(admission::entrance).layer(tower::service_fn(answer));
    let (here, there) = io::duplex(64 * 1024);
    tokio::spawn(async move {
        let info = TcpConnectInfo {
            local_addr: None,
            remote_addr: None,
        };
        let connections = Connections::new(&config(), None, CancellationToken::new());
        let _ = connections.speak(there, info, stack).await;
    });
    let (mut sender, connection) = hyper::client::conn::http2::Builder::new(TokioExecutor::new())
        .initial_stream_window_size(window)
        .handshake(TokioIo::new(here))
        .await
        .unwrap();
    tokio::spawn(connection);
    let request = Request::post("http://mesh/plexus.v1.RouterService/Ask").body(Empty::<Bytes>::new());
    sender.send_request(request.unwrap()).await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_nobody_reads_keeps_its_permit_until_it_is_left() {
    let (doors, patience) = (admission::doors(&config()), config().slow_reader);
    let response = asked(&doors, 1).await;
    sleep(patience / 2).await;
    assert_eq!(doors.load().snapshot().in_flight, 1);
    sleep(patience).await;
    assert_eq!(doors.load().snapshot().in_flight, 0);
    assert!(response.into_body().collect().await.is_err());
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_read_in_full_whatever_the_window() {
    for window in [1_000, 65_535, 10 * 1024 * 1024] {
        let doors = admission::doors(&config());
        let read = asked(&doors, window).await.into_body().collect().await.unwrap();
        assert!(read.trailers().is_some(), "{window}");
        assert_eq!(read.to_bytes().len(), ANSWER, "{window}");
        doors.idle().await;
    }
}

#[tokio::test]
async fn connections_end_with_whoever_serves_them() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let connections = Connections::new(&config(), None, CancellationToken::new());
    let answer = tower::service_fn(|_| async { Ok(Response::new(Body::empty())) });
    let server = tokio::spawn(connections.serve(listener, answer));
    let mut client = TcpStream::connect(address).await.unwrap();
    client.write_all(PREFACE).await.unwrap();
    // Settings: it is being served.
    assert!(client.read_u8().await.is_ok());
    server.abort();
    let mut rest = Vec::new();
    let ended = timeout(Duration::from_secs(10), client.read_to_end(&mut rest)).await;
    assert!(ended.is_ok(), "the connection is still open");
}
