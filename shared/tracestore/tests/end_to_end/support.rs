//! A running store and a small HTTP client.

use std::{net::SocketAddr, time::Duration};

use http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Empty};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use opentelemetry_proto::tonic::{
    collector::trace::v1::{
        ExportTraceServiceRequest, ExportTraceServiceResponse, trace_service_client::TraceServiceClient,
    },
    common::v1::{AnyValue, KeyValue, any_value::Value},
    resource::v1::Resource,
    trace::v1::{ResourceSpans, ScopeSpans, Span, Status},
};
use plexus_tracestore::{Config, Store, TraceStore};
use tokio::{sync::oneshot, task::JoinHandle, time};

/// A store on free ports of this machine.
pub(crate) struct Running {
    pub(crate) otlp: SocketAddr,
    pub(crate) query: SocketAddr,
    pub(crate) store: Store,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
    client: Client<HttpConnector, Empty<bytes::Bytes>>,
}

pub(crate) async fn start() -> Running {
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    let store = TraceStore::bind(Config::new(any, any)).await.unwrap();
    let (otlp, query, handle) = (store.otlp_addr(), store.query_addr(), store.store());
    let (stop, stopped) = oneshot::channel();
    let task = tokio::spawn(async move {
        store.serve(async { drop(stopped.await) }).await.unwrap();
    });
    Running {
        otlp,
        query,
        store: handle,
        stop,
        task,
        client: Client::builder(TokioExecutor::new()).build_http(),
    }
}

impl Running {
    pub(crate) async fn get_as(&self, path: &str, host: Option<&str>) -> (StatusCode, String) {
        let mut request = Request::get(format!("http://{}{path}", self.query));
        if let Some(host) = host {
            request = request.header("host", host);
        }
        let response = self.client.request(request.body(Empty::new()).unwrap()).await.unwrap();
        let status = response.status();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    pub(crate) async fn get(&self, path: &str) -> (StatusCode, String) {
        self.get_as(path, None).await
    }

    pub(crate) async fn json(&self, path: &str) -> (StatusCode, serde_json::Value) {
        let (status, body) = self.get(path).await;
        (
            status,
            serde_json::from_str(&body).unwrap_or_else(|error| panic!("{path}: {error}: {body}")),
        )
    }

    pub(crate) async fn export(
        &self,
        service: &str,
        spans: Vec<Span>,
    ) -> Result<ExportTraceServiceResponse, tonic::Status> {
        let mut client = TraceServiceClient::connect(format!("http://{}", self.otlp))
            .await
            .unwrap();
        Ok(client.export(message(service, spans)).await?.into_inner())
    }

    /// Ends the store and says how long that took.
    pub(crate) async fn stop(self) -> Duration {
        let begin = time::Instant::now();
        let _ = self.stop.send(());
        self.task.await.unwrap();
        begin.elapsed()
    }
}

pub(crate) fn message(service: &str, spans: Vec<Span>) -> ExportTraceServiceRequest {
    let resource = Resource {
        attributes: vec![text("service.name", service), text("service.instance.id", "one")],
        ..Default::default()
    };
    let scope_spans = vec![ScopeSpans {
        spans,
        ..Default::default()
    }];
    let batch = ResourceSpans {
        resource: Some(resource),
        scope_spans,
        ..Default::default()
    };
    ExportTraceServiceRequest {
        resource_spans: vec![batch],
    }
}

pub(crate) fn text(key: &str, value: &str) -> KeyValue {
    any(key, Value::StringValue(value.into()))
}

pub(crate) fn any(key: &str, value: Value) -> KeyValue {
    KeyValue {
        key: key.into(),
        value: Some(AnyValue { value: Some(value) }),
        ..Default::default()
    }
}

/// 2026-11-20T12:00:00Z in nanoseconds.
pub(crate) const NOON: u64 = 1_795_176_000_000_000_000;

/// A span of trace `trace` that begins `begin` milliseconds after noon.
pub(crate) fn span(trace: u8, id: u8, parent: Option<u8>, name: &str, begin: u64, millis: u64) -> Span {
    let start = NOON + begin * 1_000_000;
    Span {
        trace_id: vec![trace; 16],
        span_id: vec![id; 8],
        parent_span_id: parent.map_or_else(Vec::new, |parent| vec![parent; 8]),
        name: name.into(),
        kind: 2,
        start_time_unix_nano: start,
        end_time_unix_nano: start + millis * 1_000_000,
        ..Default::default()
    }
}

pub(crate) fn error(message: &str) -> Option<Status> {
    Some(Status {
        message: message.into(),
        code: 2,
    })
}
