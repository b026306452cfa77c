//! Traces as Jaeger's query API gives them.

use std::collections::BTreeMap;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use serde_json::Value;

/// One span.
#[derive(Debug, Clone)]
pub struct Span {
    /// The service that made it.
    pub service: String,
    /// Its name.
    pub name: String,
    /// Its id.
    pub id: String,
    /// Its parent's id; empty at the root.
    pub parent: String,
    /// Its attributes, values as text.
    pub attributes: BTreeMap<String, String>,
    /// When it began and ended, nanoseconds.
    pub time: (u64, u64),
}

impl Span {
    /// `service:name`.
    pub fn label(&self) -> String {
        format!("{}:{}", self.service, self.name)
    }

    /// Whether there was a moment in both.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.time.0 < other.time.1 && other.time.0 < self.time.1
    }
}

/// Gets a page: its status and its body.
///
/// # Panics
/// Where nobody answers.
pub async fn http_get(url: &str) -> (u16, String) {
    let client = Client::builder(TokioExecutor::new()).build_http::<Empty<Bytes>>();
    let url = url.parse().unwrap_or_else(|_| panic!("`{url}` is no URL"));
    let response = client.get(url).await.expect("somebody answers");
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.expect("a body comes").to_bytes();
    (status, String::from_utf8_lossy(&body).into_owned())
}

/// The spans of a trace that have arrived so far; none where it is not known yet.
pub async fn trace(traces: &str, id: &str) -> Option<Vec<Span>> {
    let (status, body) = http_get(&format!("{traces}/api/v3/traces/{id}")).await;
    if status != 200 {
        return None;
    }
    let body: Value = serde_json::from_str(&body).ok()?;
    let mut spans = Vec::new();
    for resource in list(&body["result"]["resourceSpans"]) {
        let service = attributes(&resource["resource"])
            .remove("service.name")
            .unwrap_or_default();
        for scope in list(&resource["scopeSpans"]) {
            spans.extend(list(&scope["spans"]).iter().map(|span| Span {
                service: service.clone(),
                name: text(&span["name"]),
                id: text(&span["spanId"]),
                parent: text(&span["parentSpanId"]),
                attributes: attributes(span),
                time: (nanos(&span["startTimeUnixNano"]), nanos(&span["endTimeUnixNano"])),
            }));
        }
    }
    Some(spans)
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// 64 bits stand in JSON as text.
fn nanos(value: &Value) -> u64 {
    text(value).parse().unwrap_or_default()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// `[{"key": .., "value": {"stringValue": ..}}]` as a map.
fn attributes(of: &Value) -> BTreeMap<String, String> {
    let pair = |one: &Value| {
        let value = one["value"].as_object()?.values().next()?;
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        Some((text(&one["key"]), value))
    };
    list(&of["attributes"]).iter().filter_map(pair).collect()
}
