//! `/api/traces/{id}`: a trace in the JSON that Jaeger's trace page reads. Shapes of Jaeger's `internal/uimodel`.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use opentelemetry_proto::tonic::{
    common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value::Value},
    trace::v1::{span, status::StatusCode},
};
use serde::Serialize;

use crate::{
    id::{SpanId, TraceId},
    trace::{Process, Record, SERVICE_NAME, Trace, attribute, display},
};

/// Integers beyond this are no longer exact in JavaScript, and so are written as text.
const MAX_SAFE_INTEGER: u64 = (1 << 53) - 1;

/// The outer object of every answer.
#[derive(Debug, Serialize)]
pub(crate) struct Envelope<'a> {
    data: Option<Vec<TraceJson<'a>>>,
    total: u64,
    limit: u64,
    offset: u64,
    errors: Option<Vec<ErrorJson<'a>>>,
}

#[derive(Debug, Serialize)]
struct ErrorJson<'a> {
    code: u16,
    msg: &'a str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct TraceJson<'a> {
    #[serde(rename = "traceID")]
    trace_id: String,
    spans: Vec<SpanJson<'a>>,
    processes: BTreeMap<String, ProcessJson<'a>>,
    warnings: Option<Vec<String>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct SpanJson<'a> {
    #[serde(rename = "traceID")]
    trace_id: String,
    #[serde(rename = "spanID")]
    span_id: String,
    #[serde(skip_serializing_if = "is_zero")]
    flags: u32,
    operation_name: &'a str,
    references: Vec<Reference>,
    /// Microseconds since 1970.
    start_time: u64,
    /// Microseconds.
    duration: u64,
    tags: Vec<Tag<'a>>,
    logs: Vec<Log<'a>>,
    #[serde(rename = "processID")]
    process_id: String,
    warnings: Option<Vec<String>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Reference {
    ref_type: &'static str,
    #[serde(rename = "traceID")]
    trace_id: String,
    #[serde(rename = "spanID")]
    span_id: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ProcessJson<'a> {
    service_name: &'a str,
    tags: Vec<Tag<'a>>,
}

#[derive(Debug, Serialize)]
struct Log<'a> {
    timestamp: u64,
    fields: Vec<Tag<'a>>,
}

#[derive(Debug, Serialize)]
struct Tag<'a> {
    key: &'a str,
    r#type: &'static str,
    value: serde_json::Value,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// The answer that holds a trace.
pub(crate) fn found(trace: &Trace) -> Envelope<'_> {
    let mut processes = Processes::default();
    let spans = trace
        .records
        .iter()
        .map(|record| span_json(trace.id, record, processes.key(&record.source.process)));
    let spans = spans.collect();
    let left_out = (trace.left_out > 0).then(|| format!("{} spans did not fit and were left out", trace.left_out));
    let trace = TraceJson {
        trace_id: trace.id.to_string(),
        spans,
        processes: processes.into_json(),
        warnings: left_out.map(|warning| vec![warning]),
    };
    Envelope {
        data: Some(vec![trace]),
        total: 0,
        limit: 0,
        offset: 0,
        errors: None,
    }
}

/// The answer that holds an error.
pub(crate) fn failed(code: u16, msg: &str) -> Envelope<'_> {
    Envelope {
        data: None,
        total: 0,
        limit: 0,
        offset: 0,
        errors: Some(vec![ErrorJson { code, msg }]),
    }
}

/// The distinct processes of a trace, as `p1`, `p2`, ...
#[derive(Debug, Default)]
struct Processes<'a> {
    by_address: HashMap<*const Process, usize>,
    list: Vec<&'a Process>,
}

impl<'a> Processes<'a> {
    fn key(&mut self, process: &'a Arc<Process>) -> String {
        let list = &mut self.list;
        let place = *self.by_address.entry(Arc::as_ptr(process)).or_insert_with(|| {
            let same = list.iter().rposition(|known| **known == **process);
            same.unwrap_or_else(|| {
                list.push(process);
                list.len() - 1
            })
        });
        format!("p{}", place + 1)
    }

    fn into_json(self) -> BTreeMap<String, ProcessJson<'a>> {
        let entry = |(place, process): (usize, &'a Process)| {
            let attributes = process
                .resource
                .attributes
                .iter()
                .filter(|attribute| attribute.key != SERVICE_NAME);
            let json = ProcessJson {
                service_name: &process.service,
                tags: attributes.map(tag).collect(),
            };
            (format!("p{}", place + 1), json)
        };
        self.list.into_iter().enumerate().map(entry).collect()
    }
}

fn span_json(trace: TraceId, record: &Record, process_id: String) -> SpanJson<'_> {
    let span = &record.span;
    SpanJson {
        trace_id: trace.to_string(),
        span_id: record.id.to_string(),
        flags: span.flags,
        operation_name: &span.name,
        references: references(trace, record),
        start_time: span.start_time_unix_nano / 1_000,
        duration: u64::try_from(record.duration().as_micros()).unwrap_or(u64::MAX),
        tags: tags(record),
        logs: span.events.iter().map(log).collect(),
        process_id,
        warnings: None,
    }
}

/// The parent first: that is where readers look for it.
fn references(trace: TraceId, record: &Record) -> Vec<Reference> {
    let reference = |ref_type, trace: TraceId, span: SpanId| Reference {
        ref_type,
        trace_id: trace.to_string(),
        span_id: span.to_string(),
    };
    let parent = record.parent.map(|parent| reference("CHILD_OF", trace, parent));
    let links = record.span.links.iter().filter_map(|link| {
        let (linked, span) = (TraceId::from_bytes(&link.trace_id)?, SpanId::from_bytes(&link.span_id)?);
        let is_parent = linked == trace && Some(span) == record.parent;
        (!is_parent).then(|| reference("FOLLOWS_FROM", linked, span))
    });
    parent.into_iter().chain(links).collect()
}

fn tags(record: &Record) -> Vec<Tag<'_>> {
    let span = &record.span;
    let mut tags = scope_tags(&record.source.scope);
    tags.extend(span.attributes.iter().map(tag));
    if let Some(kind) = record.kind() {
        tags.push(text("span.kind", kind));
    }
    if let Some(status) = &span.status {
        match status.code() {
            StatusCode::Unset => {}
            StatusCode::Ok => tags.push(text("otel.status_code", "OK")),
            StatusCode::Error => {
                // Spans may carry an attribute of this name themselves.
                tags.retain(|tag| tag.key != "error");
                tags.push(Tag {
                    key: "error",
                    r#type: "bool",
                    value: true.into(),
                });
                tags.push(text("otel.status_code", "ERROR"));
            }
        }
        if !status.message.is_empty() {
            tags.push(text("otel.status_description", &status.message));
        }
    }
    if !span.trace_state.is_empty() {
        tags.push(text("w3c.tracestate", &span.trace_state));
    }
    tags
}

fn scope_tags(scope: &InstrumentationScope) -> Vec<Tag<'_>> {
    let pairs = [("otel.scope.name", &scope.name), ("otel.scope.version", &scope.version)];
    pairs
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(key, value)| text(key, value))
        .collect()
}

fn log(event: &span::Event) -> Log<'_> {
    let named = !event.name.is_empty() && attribute(&event.attributes, "event").is_none();
    let name = named.then(|| text("event", &event.name));
    Log {
        timestamp: event.time_unix_nano / 1_000,
        fields: name.into_iter().chain(event.attributes.iter().map(tag)).collect(),
    }
}

fn text<'a>(key: &'a str, value: &str) -> Tag<'a> {
    Tag {
        key,
        r#type: "string",
        value: value.into(),
    }
}

fn tag(attribute: &KeyValue) -> Tag<'_> {
    let nothing = AnyValue::default();
    let any = attribute.value.as_ref().unwrap_or(&nothing);
    let (r#type, value) = match &any.value {
        Some(Value::BoolValue(value)) => ("bool", (*value).into()),
        Some(Value::IntValue(value)) if value.unsigned_abs() > MAX_SAFE_INTEGER => ("int64", value.to_string().into()),
        Some(Value::IntValue(value)) => ("int64", (*value).into()),
        Some(Value::DoubleValue(value)) => ("float64", (*value).into()),
        Some(Value::BytesValue(_)) => ("binary", base64(any)),
        _ => ("string", display(any).into()),
    };
    Tag {
        key: &attribute.key,
        r#type,
        value,
    }
}

/// OTLP/JSON writes bytes as Jaeger does; no second encoder is needed.
fn base64(any: &AnyValue) -> serde_json::Value {
    let json = serde_json::to_value(any).ok();
    json.and_then(|mut json| json.get_mut("bytesValue").map(serde_json::Value::take))
        .unwrap_or_default()
}
