//! `plexus trace` against a real store: spans in over gRPC, the tree out; and every way not to get one.

#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use std::{net::SocketAddr, time::Duration};

use opentelemetry_proto::tonic::{
    collector::trace::v1::{ExportTraceServiceRequest, trace_service_client::TraceServiceClient},
    trace::v1::{ResourceSpans, ScopeSpans, Span},
};
use plexus_cli::trace::{Style, TraceError, run};
use plexus_tracestore::{Config, TraceStore};
use tokio::{io::AsyncWriteExt as _, net::TcpListener, time};

const ID: &str = "0A";

async fn store() -> (SocketAddr, String) {
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    let store = TraceStore::bind(Config::new(any, any)).await.unwrap();
    let (otlp, query) = (store.otlp_addr(), format!("http://{}", store.query_addr()));
    tokio::spawn(store.serve(std::future::pending()));
    (otlp, query)
}

async fn export(otlp: SocketAddr, id: u8, parent: Option<u8>, start: u64) {
    let span = Span {
        trace_id: [vec![0; 15], vec![0x0a]].concat(),
        span_id: vec![id; 8],
        parent_span_id: parent.map_or_else(Vec::new, |parent| vec![parent; 8]),
        name: format!("span {id}"),
        start_time_unix_nano: start,
        end_time_unix_nano: start + 1_000_000,
        ..Default::default()
    };
    let scope_spans = vec![ScopeSpans {
        spans: vec![span],
        ..Default::default()
    }];
    let resource_spans = vec![ResourceSpans {
        scope_spans,
        ..Default::default()
    }];
    let mut client = TraceServiceClient::connect(format!("http://{otlp}")).await.unwrap();
    client
        .export(ExportTraceServiceRequest { resource_spans })
        .await
        .unwrap();
}

fn now() -> u64 {
    let since = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    u64::try_from(since.as_nanos()).unwrap()
}

#[tokio::test]
async fn a_trace_is_drawn_also_when_its_spans_come_late() {
    let (otlp, query) = store().await;
    let (start, begin) = (now(), time::Instant::now());
    let late = async {
        time::sleep(Duration::from_millis(400)).await;
        export(otlp, 2, Some(1), start + 10).await;
        time::sleep(Duration::from_millis(400)).await;
        export(otlp, 1, None, start).await;
    };
    let (text, ()) = tokio::join!(run(&query, ID, Style::plain()), late);
    let text = text.unwrap();
    assert!(
        text.contains("span 1 ") && text.contains("`- ") && text.contains("2 spans"),
        "{text}"
    );
    assert!(begin.elapsed() < Duration::from_secs(3));
}

#[tokio::test]
async fn an_old_trace_without_its_root_does_not_wait() {
    let (otlp, query) = store().await;
    export(otlp, 2, Some(1), 1_000).await;
    let begin = time::Instant::now();
    let text = run(&query, ID, Style::plain()).await.unwrap();
    assert!(text.contains("(parent missing)"), "{text}");
    assert!(begin.elapsed() < Duration::from_millis(500));
}

#[tokio::test]
async fn a_young_trace_without_its_root_is_taken_as_it_is_in_time() {
    let (otlp, query) = store().await;
    export(otlp, 2, Some(1), now()).await;
    let begin = time::Instant::now();
    run(&query, ID, Style::plain()).await.unwrap();
    assert!(
        (900..2_500).contains(&begin.elapsed().as_millis()),
        "{:?}",
        begin.elapsed()
    );
}

#[tokio::test]
async fn a_trace_that_never_comes_is_not_found() {
    let (_, query) = store().await;
    let error = run(&query, ID, Style::plain()).await.unwrap_err();
    assert!(matches!(error, TraceError::NotFound { .. }), "{error}");
    assert!(error.to_string().contains("up to a second"));
}

#[tokio::test]
async fn each_failure_says_what_to_do() {
    let error = run("https://jaeger", ID, Style::plain()).await.unwrap_err();
    assert!(matches!(error, TraceError::Address { .. }) && error.to_string().contains("https is not supported"));
    let error = run("http://127.0.0.1:1", "not an id", Style::plain())
        .await
        .unwrap_err();
    assert!(matches!(error, TraceError::Id { .. }));

    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let error = run(&format!("http://{free}"), ID, Style::plain()).await.unwrap_err();
    assert!(matches!(error, TraceError::Unreachable { .. }) && error.to_string().contains("is `plexus up` running?"));

    let big = format!("HTTP/1.1 200 OK\r\n\r\n{}", "x".repeat(17 << 20));
    for (answer, check) in [
        ("HTTP/1.1 500 Oh\r\ncontent-length: 0\r\n\r\n", "answered 500"),
        (
            "HTTP/1.1 301 Moved\r\nlocation: /\r\ncontent-length: 0\r\n\r\n",
            "answered 301",
        ),
        ("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi", "is no Jaeger"),
        ("HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\nhi", "broke off"),
        (big.leak(), "bigger than 16 MiB"),
        ("SSH-2.0-OpenSSH\r\n", "broke off"),
    ] {
        let error = run(&answering(answer).await, ID, Style::plain()).await.unwrap_err();
        assert!(error.to_string().contains(check), "{check}: {error:?}");
    }
}

/// A server that answers everything with these bytes and then closes.
async fn answering(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 1024];
            let _ = tokio::io::AsyncReadExt::read(&mut stream, &mut request).await;
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    format!("http://{address}")
}
