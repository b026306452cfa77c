//! The JSON of `/api/v3/*`. 64-bit numbers are text, as in every JSON made from protobuf.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use opentelemetry_proto::tonic::{common::v1::InstrumentationScope, resource::v1::Resource, trace::v1::Span};
use serde::Serialize;

use crate::trace::{Source, Trace};

/// `{"error":{"httpCode":404,"message":"..."}}`
#[derive(Debug, Serialize)]
pub(crate) struct Failure<'a> {
    error: FailureDetails<'a>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct FailureDetails<'a> {
    http_code: u16,
    message: &'a str,
}

/// The answer that holds an error.
pub(crate) fn failed(http_code: u16, message: &str) -> Failure<'_> {
    Failure {
        error: FailureDetails { http_code, message },
    }
}

/// `{"services":[...]}`
#[derive(Debug, Serialize)]
pub(crate) struct Services {
    services: BTreeSet<String>,
}

/// The names of all services.
pub(crate) fn services(traces: &[Arc<Trace>]) -> Services {
    let sources = traces.iter().flat_map(|trace| &trace.sources);
    Services {
        services: sources.map(|source| source.process.service.clone()).collect(),
    }
}

/// `{"operations":[{"name","spanKind"}]}`
#[derive(Debug, Serialize)]
pub(crate) struct Operations {
    operations: BTreeSet<Operation>,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
struct Operation {
    name: String,
    span_kind: &'static str,
}

/// The operations of a service, of one kind or of all.
pub(crate) fn operations(traces: &[Arc<Trace>], service: &str, kind: Option<&str>) -> Operations {
    let records = traces.iter().flat_map(|trace| &trace.records);
    let operations = records
        .filter(|record| record.source.process.service == service)
        .filter_map(|record| {
            let span_kind = record.kind().unwrap_or("internal");
            let wanted = kind.is_none_or(|kind| kind.eq_ignore_ascii_case(span_kind));
            wanted.then(|| Operation {
                name: record.span.name.clone(),
                span_kind,
            })
        });
    Operations {
        operations: operations.collect(),
    }
}

/// `{"summaries":[...]}`
#[derive(Debug, Serialize)]
pub(crate) struct Summaries<'a> {
    summaries: Vec<Summary<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Summary<'a> {
    trace_id: String,
    root_service_name: &'a str,
    root_operation_name: &'a str,
    min_start_time_unix_nano: String,
    max_end_time_unix_nano: String,
    span_count: usize,
    error_span_count: usize,
    orphan_span_count: usize,
    services: Vec<ServiceCounts<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ServiceCounts<'a> {
    name: &'a str,
    span_count: usize,
    error_span_count: usize,
}

/// One line for each trace.
pub(crate) fn summaries(traces: &[Arc<Trace>]) -> Summaries<'_> {
    Summaries {
        summaries: traces.iter().map(|trace| summary(trace)).collect(),
    }
}

fn summary(trace: &Trace) -> Summary<'_> {
    let summary = trace.summary();
    let (root_service_name, root_operation_name) = summary.root.unwrap_or_default();
    let counts = summary.services.into_iter().map(|(name, counts)| ServiceCounts {
        name,
        span_count: counts.spans,
        error_span_count: counts.errors,
    });
    Summary {
        trace_id: trace.id.to_string(),
        root_service_name,
        root_operation_name,
        min_start_time_unix_nano: summary.start.to_string(),
        max_end_time_unix_nano: summary.end.to_string(),
        span_count: summary.total.spans,
        error_span_count: summary.total.errors,
        orphan_span_count: summary.orphans,
        services: counts.collect(),
    }
}

/// `{"result":{"resourceSpans":[...]}}`, OTLP/JSON within.
#[derive(Debug, Serialize)]
pub(crate) struct Found<'a> {
    result: TracesData<'a>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct TracesData<'a> {
    resource_spans: Vec<ResourceSpans<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ResourceSpans<'a> {
    resource: &'a Resource,
    scope_spans: [ScopeSpans<'a>; 1],
    schema_url: &'a str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ScopeSpans<'a> {
    scope: &'a InstrumentationScope,
    spans: Vec<&'a Span>,
    schema_url: &'a str,
}

/// The traces, one entry for each process and library in a trace.
pub(crate) fn found(traces: &[Arc<Trace>]) -> Found<'_> {
    let resource_spans = traces.iter().flat_map(|trace| groups(trace)).collect();
    Found {
        result: TracesData { resource_spans },
    }
}

fn groups(trace: &Trace) -> Vec<ResourceSpans<'_>> {
    let mut spans: HashMap<*const Source, Vec<&Span>> = HashMap::new();
    for record in &trace.records {
        spans.entry(Arc::as_ptr(&record.source)).or_default().push(&record.span);
    }
    let group = |source| {
        // Every record points at one of the trace's sources.
        let spans = spans.remove(&Arc::as_ptr(source)).unwrap_or_default();
        ResourceSpans {
            resource: &source.process.resource,
            scope_spans: [ScopeSpans {
                scope: &source.scope,
                spans,
                schema_url: &source.schema_url,
            }],
            schema_url: &source.process.schema_url,
        }
    };
    trace.sources.iter().map(group).collect()
}
