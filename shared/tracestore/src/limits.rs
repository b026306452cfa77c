//! What one span may hold, and what it weighs. Everything that comes in is cut to size here, before the store sees it.

use std::mem::size_of;

use opentelemetry_proto::tonic::{
    common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value::Value},
    resource::v1::Resource,
    trace::v1::{Span, span},
};

use crate::id::{SpanId, TraceId};

const MAX_ATTRIBUTES: usize = 128;
const MAX_EVENTS: usize = 128;
const MAX_LINKS: usize = 64;
const MAX_NAME: usize = 512;
const MAX_KEY: usize = 256;
const MAX_VALUE: usize = 8 * 1024;
const MAX_ITEMS: usize = 128;
/// Arrays and maps inside an attribute; what lies deeper is left out.
const MAX_DEPTH: usize = 4;
/// A span that is heavier than this even so keeps its name, times and status only.
const MAX_SPAN: usize = 256 * 1024;

/// What the allocator adds to a block, roughly.
const BLOCK: usize = 16;

/// Cuts a span to size; what is left out is counted in its `dropped_*` fields.
pub(crate) fn fit_span(span: &mut Span) {
    cut(&mut span.name, MAX_NAME);
    cut(&mut span.trace_state, MAX_NAME);
    if let Some(status) = &mut span.status {
        cut(&mut status.message, MAX_VALUE);
    }
    if SpanId::from_bytes(&span.parent_span_id).is_none() {
        span.parent_span_id = Vec::new();
    }
    let dropped = fit_attributes(&mut span.attributes, 0);
    span.dropped_attributes_count = span.dropped_attributes_count.saturating_add(dropped);
    span.links
        .retain(|link| TraceId::from_bytes(&link.trace_id).is_some() && SpanId::from_bytes(&link.span_id).is_some());
    span.dropped_events_count = span
        .dropped_events_count
        .saturating_add(keep(&mut span.events, MAX_EVENTS));
    span.dropped_links_count = span
        .dropped_links_count
        .saturating_add(keep(&mut span.links, MAX_LINKS));
    for event in &mut span.events {
        cut(&mut event.name, MAX_NAME);
        let dropped = fit_attributes(&mut event.attributes, 0);
        event.dropped_attributes_count = event.dropped_attributes_count.saturating_add(dropped);
    }
    for link in &mut span.links {
        cut(&mut link.trace_state, MAX_NAME);
        let dropped = fit_attributes(&mut link.attributes, 0);
        link.dropped_attributes_count = link.dropped_attributes_count.saturating_add(dropped);
    }
    if span_weight(span) > MAX_SPAN {
        let dropped = [
            keep(&mut span.attributes, 0),
            keep(&mut span.events, 0),
            keep(&mut span.links, 0),
        ];
        span.dropped_attributes_count = span.dropped_attributes_count.saturating_add(dropped[0]);
        span.dropped_events_count = span.dropped_events_count.saturating_add(dropped[1]);
        span.dropped_links_count = span.dropped_links_count.saturating_add(dropped[2]);
    }
}

/// Cuts the description of a process to size.
pub(crate) fn fit_resource(resource: &mut Resource) {
    let dropped = fit_attributes(&mut resource.attributes, 0);
    resource.dropped_attributes_count = resource.dropped_attributes_count.saturating_add(dropped);
    resource.entity_refs = Vec::new();
}

/// Cuts the description of an instrumentation library to size.
pub(crate) fn fit_scope(scope: &mut InstrumentationScope) {
    cut(&mut scope.name, MAX_NAME);
    cut(&mut scope.version, MAX_NAME);
    let dropped = fit_attributes(&mut scope.attributes, 0);
    scope.dropped_attributes_count = scope.dropped_attributes_count.saturating_add(dropped);
}

/// Cuts a schema address to size.
pub(crate) fn fit_url(url: &mut String) {
    cut(url, MAX_NAME);
}

fn fit_attributes(attributes: &mut Vec<KeyValue>, depth: usize) -> u32 {
    let dropped = keep(attributes, MAX_ATTRIBUTES);
    for attribute in attributes {
        cut(&mut attribute.key, MAX_KEY);
        if let Some(value) = &mut attribute.value {
            fit_value(value, depth);
        }
    }
    dropped
}

fn fit_value(any: &mut AnyValue, depth: usize) {
    match &mut any.value {
        Some(Value::StringValue(text)) => cut(text, MAX_VALUE),
        Some(Value::BytesValue(bytes)) => {
            keep(bytes, MAX_VALUE);
        }
        // JSON has no such numbers.
        Some(Value::DoubleValue(number)) if !number.is_finite() => {
            any.value = Some(Value::StringValue(number.to_string()));
        }
        Some(Value::ArrayValue(_) | Value::KvlistValue(_)) if depth >= MAX_DEPTH => any.value = None,
        Some(Value::ArrayValue(array)) => {
            keep(&mut array.values, MAX_ITEMS);
            array.values.iter_mut().for_each(|value| fit_value(value, depth + 1));
        }
        Some(Value::KvlistValue(map)) => {
            fit_attributes(&mut map.values, depth + 1);
        }
        // Points into a table that only profiles have.
        Some(Value::StringValueStrindex(_)) => any.value = None,
        Some(Value::BoolValue(_) | Value::IntValue(_) | Value::DoubleValue(_)) | None => {}
    }
}

fn cut(text: &mut String, max: usize) {
    if text.len() > max {
        text.truncate(text.floor_char_boundary(max));
    }
    text.shrink_to_fit();
}

fn keep<T>(list: &mut Vec<T>, max: usize) -> u32 {
    let dropped = list.len().saturating_sub(max);
    list.truncate(max);
    list.shrink_to_fit();
    u32::try_from(dropped).unwrap_or(u32::MAX)
}

/// Bytes that a span takes in memory, roughly and rather too many.
pub(crate) fn span_weight(span: &Span) -> usize {
    let events = span
        .events
        .iter()
        .map(|event| block(event.name.capacity()) + attributes_weight(&event.attributes));
    let links = span.links.iter().map(|link| {
        block(link.trace_state.capacity())
            + block(link.trace_id.capacity())
            + block(link.span_id.capacity())
            + attributes_weight(&link.attributes)
    });
    size_of::<Span>()
        + block(span.name.capacity())
        + block(span.trace_state.capacity())
        + block(span.trace_id.capacity())
        + block(span.span_id.capacity())
        + block(span.parent_span_id.capacity())
        + span
            .status
            .as_ref()
            .map_or(0, |status| block(status.message.capacity()))
        + attributes_weight(&span.attributes)
        + block(span.events.capacity() * size_of::<span::Event>())
        + events.sum::<usize>()
        + block(span.links.capacity() * size_of::<span::Link>())
        + links.sum::<usize>()
}

/// Bytes that a list of attributes takes in memory.
pub(crate) fn attributes_weight(attributes: &[KeyValue]) -> usize {
    let items = attributes
        .iter()
        .map(|attribute| block(attribute.key.capacity()) + attribute.value.as_ref().map_or(0, value_weight));
    block(size_of_val(attributes)) + items.sum::<usize>()
}

fn value_weight(any: &AnyValue) -> usize {
    match &any.value {
        Some(Value::StringValue(text)) => block(text.capacity()),
        Some(Value::BytesValue(bytes)) => block(bytes.capacity()),
        Some(Value::ArrayValue(array)) => {
            block(size_of_val(array.values.as_slice())) + array.values.iter().map(value_weight).sum::<usize>()
        }
        Some(Value::KvlistValue(map)) => attributes_weight(&map.values),
        Some(Value::BoolValue(_) | Value::IntValue(_) | Value::DoubleValue(_) | Value::StringValueStrindex(_))
        | None => 0,
    }
}

fn block(bytes: usize) -> usize {
    if bytes == 0 { 0 } else { bytes + BLOCK }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(key: &str, value: String) -> KeyValue {
        KeyValue {
            key: key.into(),
            value: Some(AnyValue {
                value: Some(Value::StringValue(value)),
            }),
            ..Default::default()
        }
    }

    #[test]
    fn long_text_is_cut_between_characters() {
        let mut span = Span {
            name: "é".repeat(MAX_NAME),
            ..Default::default()
        };
        span.attributes = vec![text("k", "x".repeat(MAX_VALUE + 1))];
        fit_span(&mut span);
        assert_eq!(span.name, "é".repeat(MAX_NAME / 2));
        assert!(matches!(
            &span.attributes[0].value,
            Some(AnyValue { value: Some(Value::StringValue(text)) }) if text.len() == MAX_VALUE
        ));
    }

    #[test]
    fn what_is_left_out_is_counted() {
        let mut span = Span {
            dropped_attributes_count: u32::MAX - 1,
            ..Default::default()
        };
        span.attributes = vec![text("k", String::new()); MAX_ATTRIBUTES + 5];
        span.events = vec![span::Event::default(); MAX_EVENTS + 2];
        fit_span(&mut span);
        assert_eq!(span.attributes.len(), MAX_ATTRIBUTES);
        assert_eq!(span.dropped_attributes_count, u32::MAX);
        assert_eq!(span.dropped_events_count, 2);
    }

    #[test]
    fn a_giant_keeps_its_name_only() {
        let mut span = Span {
            name: "giant".into(),
            ..Default::default()
        };
        span.attributes = vec![text("k", "x".repeat(MAX_VALUE)); 64];
        fit_span(&mut span);
        assert_eq!(
            (span.name.as_str(), span.attributes.len(), span.dropped_attributes_count),
            ("giant", 0, 64)
        );
        assert!(span_weight(&span) < 1024);
    }

    #[test]
    fn ids_that_are_none_are_left_out() {
        let mut span = Span {
            parent_span_id: vec![7; 100_000],
            ..Default::default()
        };
        span.links = vec![span::Link {
            trace_id: vec![1; 9],
            span_id: vec![1; 8],
            ..Default::default()
        }];
        fit_span(&mut span);
        assert!(span.parent_span_id.is_empty() && span.links.is_empty());
    }

    #[test]
    fn nesting_ends_and_numbers_can_be_written() {
        let mut value = AnyValue {
            value: Some(Value::DoubleValue(f64::NAN)),
        };
        for _ in 0..MAX_DEPTH + 3 {
            value = AnyValue {
                value: Some(Value::ArrayValue(opentelemetry_proto::tonic::common::v1::ArrayValue {
                    values: vec![
                        value,
                        AnyValue {
                            value: Some(Value::DoubleValue(f64::INFINITY)),
                        },
                    ],
                })),
            };
        }
        fit_value(&mut value, 0);
        let json = serde_json::to_string(&value).unwrap();
        assert_eq!(json.matches("arrayValue").count(), MAX_DEPTH);
        assert!(json.contains(r#"{"stringValue":"inf"}"#), "{json}");
    }
}
