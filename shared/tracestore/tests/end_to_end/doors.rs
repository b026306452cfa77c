//! The doors themselves: a real exporter, limits, busy addresses, strangers' names, and the end.

use std::{error::Error as _, net::SocketAddr, time::Duration};

use crate::support::{span, start, text};
use http::StatusCode;
use opentelemetry::trace::{Span as _, SpanKind, TraceContextExt as _, Tracer as _, TracerProvider as _};
use opentelemetry_otlp::WithExportConfig as _;
use plexus_tracestore::{Config, Door, TraceId, TraceStore};
use tokio::{io::AsyncWriteExt as _, net::TcpStream, time};

/// Multi-thread: on one thread the exporter's flush would wait for itself.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_real_exporter_is_understood() {
    let running = start().await;
    let exporter = opentelemetry_otlp::SpanExporter::builder()
        .with_tonic()
        .with_endpoint(format!("http://{}", running.otlp))
        .with_timeout(Duration::from_secs(3))
        .build()
        .unwrap();
    let resource = opentelemetry_sdk::Resource::builder_empty()
        .with_service_name("router")
        .build();
    let provider = opentelemetry_sdk::trace::SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_resource(resource)
        .build();
    let tracer = provider.tracer("test");
    let root = tracer.span_builder("Ask").with_kind(SpanKind::Server).start(&tracer);
    let id = root.span_context().trace_id().to_string();
    let context = opentelemetry::Context::new().with_span(root);
    let mut child = tracer.span_builder("classify").start_with_context(&tracer, &context);
    child.end();
    context.span().end();
    let flushed = provider.clone();
    tokio::task::spawn_blocking(move || flushed.force_flush())
        .await
        .unwrap()
        .unwrap();

    assert_eq!(running.store.span_count(id.parse::<TraceId>().unwrap()), 2);
    let (_, body) = running.json(&format!("/api/traces/{id}")).await;
    let spans = body["data"][0]["spans"].as_array().unwrap();
    let of = |name: &str| spans.iter().find(|span| span["operationName"] == name).unwrap();
    assert_eq!(of("classify")["references"][0]["spanID"], of("Ask")["spanID"]);
    assert_eq!(body["data"][0]["processes"]["p1"]["serviceName"], "router");
    let (_, body) = running.json("/api/v3/operations?service=router").await;
    assert_eq!(body["operations"].as_array().map(Vec::len), Some(2));
    tokio::task::spawn_blocking(move || provider.shutdown())
        .await
        .unwrap()
        .unwrap();
    assert!(running.stop().await < Duration::from_secs(2));
}

#[tokio::test]
async fn spans_that_are_not_kept_are_told() {
    let running = start().await;
    let mut nameless = span(1, 1, None, "x", 0, 1);
    nameless.span_id = vec![];
    let answer = running
        .export("router", vec![nameless, span(1, 2, None, "y", 0, 1)])
        .await
        .unwrap();
    let told = answer.partial_success.unwrap();
    assert_eq!(told.rejected_spans, 1);
    assert!(told.error_message.contains("span id"), "{}", told.error_message);
    assert_eq!(
        running
            .export("router", vec![span(1, 3, None, "y", 0, 1)])
            .await
            .unwrap()
            .partial_success,
        None
    );
}

#[tokio::test]
async fn a_message_that_is_too_big_is_refused() {
    let running = start().await;
    let mut big = span(1, 1, None, "x", 0, 1);
    big.attributes = vec![text("k", &"v".repeat(5 * 1024 * 1024))];
    let status = running.export("router", vec![big]).await.unwrap_err();
    assert_eq!(status.code(), tonic::Code::OutOfRange);
    assert!(running.store.is_empty());
}

#[tokio::test]
async fn more_senders_than_places_all_get_through() {
    let running = start().await;
    let exports = (1..=64).map(|trace| running.export("router", vec![span(trace, 1, None, "x", 0, 1)]));
    for answer in futures_util::future::join_all(exports).await {
        answer.unwrap();
    }
    assert_eq!(running.store.len(), 64);
}

#[tokio::test]
async fn a_busy_address_is_named() {
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    let taken = tokio::net::TcpListener::bind(any).await.unwrap();
    let busy = taken.local_addr().unwrap();
    for (config, door) in [
        (Config::new(busy, any), Door::Otlp),
        (Config::new(any, busy), Door::Query),
    ] {
        let error = TraceStore::bind(config).await.unwrap_err();
        assert!(error.is_busy() && error.source().is_some());
        assert_eq!(
            error.to_string(),
            format!("the trace store cannot listen on its {door} address {busy}: something else does")
        );
    }
}

#[tokio::test]
async fn strangers_names_are_refused() {
    let running = start().await;
    let (status, _) = running.get_as("/api/v3/services", Some("evil.example")).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    assert_eq!(
        running.get_as("/api/v3/services", Some("localhost")).await.0,
        StatusCode::OK
    );
}

#[tokio::test]
async fn the_end_does_not_wait_for_those_who_do_nothing() {
    let running = start().await;
    running.get("/healthz").await;
    let _silent = [
        TcpStream::connect(running.otlp).await.unwrap(),
        TcpStream::connect(running.query).await.unwrap(),
    ];
    let mut halfway = TcpStream::connect(running.query).await.unwrap();
    halfway.write_all(b"GET / HTTP/1.1\r\nHost: local").await.unwrap();
    time::sleep(Duration::from_millis(50)).await;
    assert!(running.stop().await < Duration::from_secs(4));
}

#[tokio::test]
async fn garbage_ends_only_its_own_connection() {
    let running = start().await;
    for address in [running.otlp, running.query] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream
            .write_all(&[0x16, 0x03, 0x01, 0xff, 0x00, b'\r', b'\n'])
            .await
            .unwrap();
    }
    running
        .export("router", vec![span(1, 1, None, "x", 0, 1)])
        .await
        .unwrap();
    assert_eq!(running.get("/healthz").await.0, StatusCode::OK);
}
