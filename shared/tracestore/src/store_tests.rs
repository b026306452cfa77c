//! Tests of the store: what it keeps, and that its bounds hold for any input.

use opentelemetry_proto::tonic::{
    common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value::Value},
    resource::v1::Resource,
};
use proptest::prelude::*;

use super::*;

fn source(service: &str) -> Arc<Source> {
    let name = KeyValue {
        key: "service.name".into(),
        value: Some(AnyValue {
            value: Some(Value::StringValue(service.into())),
        }),
        ..Default::default()
    };
    let resource = Resource {
        attributes: vec![name],
        ..Default::default()
    };
    Arc::new(Source {
        process: Arc::new(Process::new(resource, String::new())),
        scope: InstrumentationScope::default(),
        schema_url: String::new(),
    })
}

fn span(trace: u8, id: u8, name_length: usize) -> Span {
    Span {
        trace_id: vec![trace; 16],
        span_id: vec![id; 8],
        name: "n".repeat(name_length),
        ..Default::default()
    }
}

fn id(trace: u8) -> TraceId {
    TraceId::from_bytes(&[trace; 16]).unwrap()
}

#[test]
fn the_oldest_trace_goes_first() {
    let mut traces = Traces::new(Limits::new(2, usize::MAX));
    for trace in 1..=3 {
        traces.add(&source("a"), span(trace, 1, 1)).unwrap();
    }
    assert!(traces.get(id(1)).is_none());
    let newest: Vec<_> = traces.newest().iter().map(|trace| trace.id).collect();
    assert_eq!(newest, [id(3), id(2)]);
}

#[test]
fn a_trace_that_grows_pushes_out_others_and_not_itself() {
    let mut traces = Traces::new(Limits::new(10, 8_000));
    traces.add(&source("a"), span(1, 1, 1)).unwrap();
    traces.add(&source("a"), span(2, 1, 2_000)).unwrap();
    traces.add(&source("a"), span(1, 2, 4_000)).unwrap();
    assert!(traces.get(id(2)).is_none());
    assert_eq!(traces.get(id(1)).unwrap().records.len(), 2);
    assert_eq!(traces.add(&source("a"), span(1, 3, 8_000)), Err(Rejected::TooBig));
    assert_eq!(traces.get(id(1)).unwrap().left_out, 1);
}

#[test]
fn a_span_that_cannot_fit_evicts_nothing() {
    let mut traces = Traces::new(Limits::new(10, 4_000));
    traces.add(&source("a"), span(1, 1, 1)).unwrap();
    assert_eq!(traces.add(&source("a"), span(2, 1, 9_000)), Err(Rejected::TooBig));
    assert!(traces.get(id(1)).is_some());
}

#[test]
fn one_span_twice_is_one_span_and_one_source_is_kept_once() {
    let mut traces = Traces::new(Limits::new(10, usize::MAX));
    for (service, span_id) in [("a", 1), ("a", 1), ("b", 2), ("a", 3)] {
        traces.add(&source(service), span(1, span_id, 1)).unwrap();
    }
    let trace = traces.get(id(1)).unwrap();
    assert_eq!((trace.records.len(), trace.sources.len()), (3, 2));
}

#[test]
fn a_full_trace_takes_no_more() {
    let limits = Limits {
        max_spans_per_trace: 2,
        ..Limits::new(10, usize::MAX)
    };
    let mut traces = Traces::new(limits);
    let results: Vec<_> = (1..=3)
        .map(|span_id| traces.add(&source("a"), span(1, span_id, 1)))
        .collect();
    assert_eq!(results, [Ok(()), Ok(()), Err(Rejected::TraceFull)]);
}

#[test]
fn what_has_no_id_is_refused() {
    let mut traces = Traces::new(Limits::new(10, usize::MAX));
    for bad in [span(0, 1, 1), span(1, 0, 1), Span::default()] {
        assert_eq!(traces.add(&source("a"), bad), Err(Rejected::InvalidId));
    }
    assert!(traces.newest().is_empty());
}

#[test]
fn a_reader_keeps_what_it_saw() {
    let mut traces = Traces::new(Limits::new(1, usize::MAX));
    traces.add(&source("a"), span(1, 1, 1)).unwrap();
    let seen = traces.get(id(1)).unwrap();
    traces.add(&source("a"), span(1, 2, 1)).unwrap();
    traces.add(&source("a"), span(2, 1, 1)).unwrap();
    assert_eq!(seen.records.len(), 1);
}

proptest! {
    #[test]
    fn bounds_hold_and_kept_traces_are_whole(
        spans in prop::collection::vec((0u8..12, 0u8..8, 0usize..3_000, 0u8..3), 0..200),
        max_traces in 0usize..6,
        max_bytes in 0usize..20_000,
    ) {
        let mut traces = Traces::new(Limits { max_spans_per_trace: 5, ..Limits::new(max_traces, max_bytes) });
        // What must be there: spans accepted since the trace was last absent.
        let mut expected: HashMap<TraceId, std::collections::HashSet<SpanId>> = HashMap::new();
        for (trace, span_id, length, service) in spans {
            let kept = traces.add(&source(&service.to_string()), span(trace, span_id, length)).is_ok();
            expected.retain(|id, _| traces.get(*id).is_some());
            if kept {
                expected.entry(id(trace)).or_default().insert(SpanId::from_bytes(&[span_id; 8]).unwrap());
            }
            let all = traces.newest();
            prop_assert!(all.len() <= max_traces.max(1));
            prop_assert!(traces.weight <= max_bytes);
            prop_assert_eq!(traces.weight, all.iter().map(|trace| trace.weight).sum::<usize>());
            prop_assert_eq!(all.len(), traces.by_id.len());
            prop_assert_eq!(all.len(), expected.len());
            for trace in all {
                let found: std::collections::HashSet<_> = trace.records.iter().map(|record| record.id).collect();
                prop_assert_eq!(&found, &expected[&trace.id]);
                prop_assert_eq!(&found, &trace.span_ids);
                prop_assert_eq!(found.len(), trace.records.len());
            }
        }
    }
}
