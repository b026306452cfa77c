//! One trace: its spans, and what can be said of them together.

use std::{
    collections::{BTreeMap, HashSet},
    mem::size_of,
    sync::Arc,
    time::Duration,
};

use opentelemetry_proto::tonic::{
    common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value::Value},
    resource::v1::Resource,
    trace::v1::{Span, span::SpanKind, status::StatusCode},
};

use crate::{
    id::{SpanId, TraceId},
    limits::{attributes_weight, span_weight},
    tree::{self, Row},
};

/// The name that Jaeger gives to a service without one.
const NO_SERVICE: &str = "OTLPResourceNoServiceName";

/// The attribute that names a service.
pub(crate) const SERVICE_NAME: &str = "service.name";

/// The process that made spans. Shared by all libraries in it.
#[derive(Debug, PartialEq)]
pub(crate) struct Process {
    pub(crate) service: String,
    pub(crate) resource: Resource,
    pub(crate) schema_url: String,
}

/// Who made a span: a process, and a library in it. Shared by all spans of one export.
#[derive(Debug, PartialEq)]
pub(crate) struct Source {
    pub(crate) process: Arc<Process>,
    pub(crate) scope: InstrumentationScope,
    pub(crate) schema_url: String,
}

impl Process {
    pub(crate) fn new(resource: Resource, schema_url: String) -> Self {
        let name = attribute(&resource.attributes, SERVICE_NAME).map(display);
        Self {
            service: name
                .filter(|name| !name.is_empty())
                .unwrap_or_else(|| NO_SERVICE.to_owned()),
            resource,
            schema_url,
        }
    }
}

impl Source {
    /// Bytes in memory, roughly; as if the process were not shared.
    pub(crate) fn weight(&self) -> usize {
        size_of::<Self>()
            + size_of::<Process>()
            + self.process.service.capacity()
            + self.process.schema_url.capacity()
            + attributes_weight(&self.process.resource.attributes)
            + self.schema_url.capacity()
            + self.scope.name.capacity()
            + self.scope.version.capacity()
            + attributes_weight(&self.scope.attributes)
    }
}

/// A span that is kept.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) id: SpanId,
    pub(crate) parent: Option<SpanId>,
    pub(crate) source: Arc<Source>,
    pub(crate) span: Span,
}

impl Record {
    pub(crate) fn weight(&self) -> usize {
        // The `Arc`, its place in the list, and the id in the set.
        size_of::<Self>() + 64 + span_weight(&self.span) - size_of::<Span>()
    }

    /// End minus start; zero when the clock went back.
    pub(crate) fn duration(&self) -> Duration {
        Duration::from_nanos(
            self.span
                .end_time_unix_nano
                .saturating_sub(self.span.start_time_unix_nano),
        )
    }

    pub(crate) fn is_error(&self) -> bool {
        self.span
            .status
            .as_ref()
            .is_some_and(|status| status.code() == StatusCode::Error)
    }

    /// `server`, `client`, ...; nothing when the span does not say.
    pub(crate) fn kind(&self) -> Option<&'static str> {
        match self.span.kind() {
            SpanKind::Unspecified => None,
            SpanKind::Internal => Some("internal"),
            SpanKind::Server => Some("server"),
            SpanKind::Client => Some("client"),
            SpanKind::Producer => Some("producer"),
            SpanKind::Consumer => Some("consumer"),
        }
    }
}

/// The spans of one trace that have come in so far.
#[derive(Debug, Clone)]
pub(crate) struct Trace {
    pub(crate) id: TraceId,
    pub(crate) records: Vec<Arc<Record>>,
    pub(crate) sources: Vec<Arc<Source>>,
    pub(crate) span_ids: HashSet<SpanId>,
    /// Spans that came in and were not kept.
    pub(crate) left_out: u64,
    pub(crate) weight: usize,
}

/// Counts of one service in a trace.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) spans: usize,
    pub(crate) errors: usize,
}

/// What a list of traces says of one.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Summary<'a> {
    pub(crate) root: Option<(&'a str, &'a str)>,
    pub(crate) start: u64,
    pub(crate) end: u64,
    pub(crate) total: Counts,
    pub(crate) orphans: usize,
    pub(crate) services: BTreeMap<&'a str, Counts>,
}

impl Trace {
    /// What a trace without spans weighs.
    pub(crate) const BASE_WEIGHT: usize = size_of::<Self>() + 256;

    pub(crate) fn new(id: TraceId) -> Self {
        Self {
            id,
            records: Vec::new(),
            sources: Vec::new(),
            span_ids: HashSet::new(),
            left_out: 0,
            weight: Self::BASE_WEIGHT,
        }
    }

    /// The same source, when a span of this trace had it lately: an exporter sends one with every batch.
    pub(crate) fn known_source(&self, source: &Source) -> Option<&Arc<Source>> {
        self.sources.iter().rev().take(16).find(|known| ***known == *source)
    }

    pub(crate) fn summary(&self) -> Summary<'_> {
        let mut services: BTreeMap<&str, Counts> = BTreeMap::new();
        let mut total = Counts::default();
        for record in &self.records {
            let service = services.entry(&record.source.process.service).or_default();
            for counts in [service, &mut total] {
                counts.spans += 1;
                counts.errors += usize::from(record.is_error());
            }
        }
        let root = self.records.iter().filter(|record| record.parent.is_none());
        let root = root.min_by_key(|record| record.span.start_time_unix_nano);
        let orphan = |record: &&Arc<Record>| record.parent.is_some_and(|parent| !self.span_ids.contains(&parent));
        Summary {
            root: root.map(|record| (record.source.process.service.as_str(), record.span.name.as_str())),
            start: self.start(),
            end: self
                .records
                .iter()
                .map(|record| record.span.end_time_unix_nano)
                .max()
                .unwrap_or_default(),
            orphans: self.records.iter().filter(orphan).count(),
            total,
            services,
        }
    }

    /// When the first span began, in nanoseconds since 1970.
    pub(crate) fn start(&self) -> u64 {
        self.records
            .iter()
            .map(|record| record.span.start_time_unix_nano)
            .min()
            .unwrap_or_default()
    }

    /// The spans as a tree.
    pub(crate) fn rows(&self) -> Vec<Row> {
        let nodes: Vec<_> = self
            .records
            .iter()
            .map(|record| tree::Node {
                id: record.id,
                parent: record.parent,
                start: record.span.start_time_unix_nano,
            })
            .collect();
        tree::rows(&nodes)
    }
}

/// The value of an attribute.
pub(crate) fn attribute<'a>(attributes: &'a [KeyValue], key: &str) -> Option<&'a AnyValue> {
    attributes.iter().find(|attribute| attribute.key == key)?.value.as_ref()
}

/// A value as text: what Jaeger compares with and shows for arrays and maps.
pub(crate) fn display(value: &AnyValue) -> String {
    match &value.value {
        None => String::new(),
        Some(Value::StringValue(text)) => text.clone(),
        Some(Value::BoolValue(value)) => value.to_string(),
        Some(Value::IntValue(value)) => value.to_string(),
        Some(Value::DoubleValue(value)) => value.to_string(),
        Some(_) => plain_json(value).to_string(),
    }
}

/// A value as plain JSON: `[1,"a"]`, not OTLP's `{"arrayValue":...}`.
fn plain_json(value: &AnyValue) -> serde_json::Value {
    match &value.value {
        None | Some(Value::StringValueStrindex(_)) => serde_json::Value::Null,
        Some(Value::StringValue(text)) => text.as_str().into(),
        Some(Value::BoolValue(value)) => (*value).into(),
        Some(Value::IntValue(value)) => (*value).into(),
        Some(Value::DoubleValue(value)) => (*value).into(),
        Some(Value::BytesValue(bytes)) => hex(bytes).into(),
        Some(Value::ArrayValue(array)) => array.values.iter().map(plain_json).collect(),
        Some(Value::KvlistValue(map)) => {
            let value = |item: &KeyValue| item.value.as_ref().map_or(serde_json::Value::Null, plain_json);
            serde_json::Value::Object(map.values.iter().map(|item| (item.key.clone(), value(item))).collect())
        }
    }
}

/// Bytes in lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            // Writing to a String does not fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}
