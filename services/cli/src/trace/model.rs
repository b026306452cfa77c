//! What Jaeger says of a trace (`/api/traces/{id}`), as a tree of spans.

use std::collections::HashMap;

use plexus_tracestore::tree::{self, Node, Row};
use serde::Deserialize;
use serde_json::Value;

/// A trace, ready to be drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// Its id, as Jaeger writes it.
    pub id: String,
    /// Its spans, in the order in which they came.
    pub spans: Vec<Span>,
    /// Positions in `spans` as a tree, depth first.
    pub rows: Vec<Row>,
    /// What Jaeger warns of.
    pub warnings: Vec<String>,
}

/// One step of the path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// Who did it.
    pub service: String,
    /// What it did.
    pub operation: String,
    /// When it began, in microseconds since 1970, by the clock of its machine.
    pub start: u64,
    /// How long it took, in microseconds.
    pub duration: u64,
    /// It failed.
    pub error: bool,
    /// Attributes as text, in their order.
    pub tags: Vec<(String, String)>,
}

/// An answer that is none of Jaeger's.
#[derive(Debug, thiserror::Error)]
pub enum NotJaeger {
    /// Not JSON, or not of the shape.
    #[error("the answer has not the shape of Jaeger's /api/traces")]
    Shape(#[from] serde_json::Error),
    /// The right shape with nothing in it.
    #[error("the answer holds no trace")]
    Empty,
}

impl Trace {
    /// Reads the body of an answer.
    ///
    /// # Errors
    /// The body is not what Jaeger sends.
    pub fn parse(body: &[u8]) -> Result<Self, NotJaeger> {
        let answer: AnswerJson = serde_json::from_slice(body)?;
        let trace = answer
            .data
            .unwrap_or_default()
            .into_iter()
            .next()
            .ok_or(NotJaeger::Empty)?;
        let processes = trace.processes.unwrap_or_default();
        let spans = trace.spans.unwrap_or_default();
        let nodes: Vec<_> = spans
            .iter()
            .map(|span| Node {
                id: span.span_id.as_str(),
                parent: span.parent(&trace.trace_id),
                start: span.start_time,
            })
            .collect();
        let rows = tree::rows(&nodes);
        Ok(Self {
            spans: spans.iter().map(|span| span.read(&processes)).collect(),
            id: trace.trace_id,
            rows,
            warnings: trace.warnings.unwrap_or_default(),
        })
    }

    /// When the first span began, in microseconds since 1970. Not always the root: clocks differ.
    pub fn start(&self) -> u64 {
        self.spans.iter().map(|span| span.start).min().unwrap_or_default()
    }

    /// When the last span ended, in microseconds since 1970.
    pub fn end(&self) -> u64 {
        self.spans
            .iter()
            .map(|span| span.start.saturating_add(span.duration))
            .max()
            .unwrap_or_default()
    }

    /// Every span has its parent, and there is a root: most likely nothing is still on its way.
    pub fn is_whole(&self) -> bool {
        !self.rows.is_empty() && self.rows.iter().all(|row| !row.orphan)
    }
}

#[derive(Debug, Deserialize)]
struct AnswerJson {
    data: Option<Vec<TraceJson>>,
}

// What Go leaves empty, it may write as null: hence the options.
#[derive(Debug, Deserialize)]
struct TraceJson {
    #[serde(rename = "traceID", default)]
    trace_id: String,
    spans: Option<Vec<SpanJson>>,
    processes: Option<HashMap<String, ProcessJson>>,
    warnings: Option<Vec<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SpanJson {
    #[serde(rename = "spanID")]
    span_id: String,
    #[serde(default)]
    operation_name: String,
    references: Option<Vec<ReferenceJson>>,
    #[serde(default)]
    start_time: u64,
    #[serde(default)]
    duration: u64,
    tags: Option<Vec<TagJson>>,
    #[serde(rename = "processID", default)]
    process_id: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ReferenceJson {
    #[serde(default)]
    ref_type: String,
    #[serde(rename = "traceID", default)]
    trace_id: String,
    #[serde(rename = "spanID", default)]
    span_id: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ProcessJson {
    #[serde(default)]
    service_name: String,
}

#[derive(Debug, Deserialize)]
struct TagJson {
    key: String,
    #[serde(default)]
    value: Value,
}

impl SpanJson {
    /// The CHILD_OF reference into this trace; else any other into it: a link to the parent replaces CHILD_OF.
    fn parent(&self, trace: &str) -> Option<&str> {
        let references = self.references.as_deref().unwrap_or_default();
        let mut here = references.iter().filter(|reference| reference.trace_id == trace);
        let child_of = here.clone().find(|reference| reference.ref_type == "CHILD_OF");
        child_of
            .or_else(|| here.next())
            .map(|reference| reference.span_id.as_str())
    }

    fn read(&self, processes: &HashMap<String, ProcessJson>) -> Span {
        let tags = self.tags.as_deref().unwrap_or_default();
        let is_error = |tag: &TagJson| tag.key == "error" && (tag.value == true || tag.value == "true");
        Span {
            service: processes
                .get(&self.process_id)
                .map_or_else(|| "?".to_owned(), |process| process.service_name.clone()),
            operation: self.operation_name.clone(),
            start: self.start_time,
            duration: self.duration,
            error: tags.iter().any(is_error),
            tags: tags.iter().map(|tag| (tag.key.clone(), text(&tag.value))).collect(),
        }
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
#[path = "model_tests.rs"]
pub(crate) mod tests;
