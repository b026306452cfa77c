//! The scripted server does what it says, as a plain client sees it.

#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use std::time::Duration;

use plexus_testkit::{FakeLlm, Play, eventually};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

async fn send(llm: &FakeLlm) -> TcpStream {
    let address = llm.url().trim_start_matches("http://").to_owned();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = "POST /v1/chat/completions HTTP/1.1\r\nTraceparent: 00-a-b-01\r\ncontent-length: 2\r\n\r\n{}";
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

#[tokio::test]
async fn it_plays_and_remembers() {
    let llm = FakeLlm::start(Play::words("so it is")).await;
    let mut text = String::new();
    send(&llm).await.read_to_string(&mut text).await.unwrap();
    assert!(text.contains("so ") && text.contains("[DONE]"), "{text}");
    let requests = llm.take_requests();
    assert_eq!(requests[0].line, "POST /v1/chat/completions");
    assert_eq!(requests[0].headers["traceparent"], "00-a-b-01");
    assert_eq!(requests[0].body, "{}");
    assert!(llm.take_requests().is_empty());

    llm.play(Play::Status(429, Some(7)));
    let mut text = String::new();
    send(&llm).await.read_to_string(&mut text).await.unwrap();
    assert!(
        text.starts_with("HTTP/1.1 429") && text.contains("retry-after: 7"),
        "{text}"
    );
}

#[tokio::test]
async fn it_notices_that_a_caller_goes_away() {
    let llm = FakeLlm::start(Play::Silence).await;
    let stream = send(&llm).await;
    eventually!(llm.open() == 1, Duration::from_secs(10));
    drop(stream);
    eventually!(llm.open() == 0, Duration::from_secs(10));
}

#[tokio::test]
async fn a_reset_comes_after_its_words() {
    let llm = FakeLlm::start(Play::Reset("half an".to_owned())).await;
    let mut bytes = Vec::new();
    let error = send(&llm).await.read_to_end(&mut bytes).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
    assert!(String::from_utf8_lossy(&bytes).contains("half "));
}
