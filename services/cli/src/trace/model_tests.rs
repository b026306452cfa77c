//! Tests of the reading, and fixtures in Jaeger's shape.

use serde_json::json;

use super::*;

/// A span of the fixture: name, id, parent, start and duration in microseconds, process, tags.
pub(crate) type Line<'a> = (&'a str, &'a str, Option<&'a str>, u64, u64, &'a str, Value);

/// Jaeger's JSON with these spans; processes are named by their service.
pub(crate) fn body(lines: &[Line<'_>]) -> Vec<u8> {
    let spans = lines.iter().map(|(name, id, parent, start, duration, service, tags)| {
        let references = parent.map(|id| json!({"refType": "CHILD_OF", "traceID": "t1", "spanID": id}));
        let tags = tags.as_object().into_iter().flatten();
        json!({
            "traceID": "t1", "spanID": id, "operationName": name, "references": references.into_iter().collect::<Value>(),
            "startTime": start, "duration": duration, "processID": service, "logs": [], "warnings": null,
            "tags": tags.map(|(key, value)| json!({"key": key, "type": "string", "value": value})).collect::<Value>(),
        })
    });
    let processes = lines
        .iter()
        .map(|line| (line.5.to_owned(), json!({"serviceName": line.5, "tags": []})));
    let trace = json!({
        "traceID": "t1", "spans": spans.collect::<Value>(), "warnings": null,
        "processes": Value::Object(processes.collect()),
    });
    json!({"data": [trace], "total": 0, "limit": 0, "offset": 0, "errors": null})
        .to_string()
        .into_bytes()
}

fn shape(trace: &Trace) -> Vec<(&str, usize, bool)> {
    trace
        .rows
        .iter()
        .map(|row| (trace.spans[row.index].operation.as_str(), row.depth, row.orphan))
        .collect()
}

#[test]
fn a_tree_comes_out_whatever_the_order() {
    let trace = Trace::parse(&body(&[
        ("Answer", "c", Some("b"), 130, 20, "math", json!({"error": true})),
        ("classify", "d", Some("a"), 105, 5, "router", json!({})),
        (
            "Ask",
            "a",
            None,
            100,
            60,
            "router",
            json!({"plexus.domain": "math", "n": 3}),
        ),
        ("call", "b", Some("a"), 120, 35, "router", json!({})),
    ]))
    .unwrap();
    assert_eq!(
        shape(&trace),
        [
            ("Ask", 0, false),
            ("classify", 1, false),
            ("call", 1, false),
            ("Answer", 2, false)
        ]
    );
    assert!(trace.is_whole() && trace.spans[0].error && !trace.spans[1].error);
    assert_eq!(trace.spans[0].service, "math");
    assert!(trace.spans[2].tags.contains(&("n".to_owned(), "3".to_owned())));
    assert_eq!((trace.start(), trace.end()), (100, 160));
}

#[test]
fn orphans_stand_as_roots_and_skewed_clocks_do_no_harm() {
    let trace = Trace::parse(&body(&[
        ("Ask", "a", None, 100, 60, "router", json!({})),
        ("early", "b", Some("a"), 40, 500, "math", json!({})),
        ("lost", "c", Some("zz"), u64::MAX, u64::MAX, "code", json!({})),
    ]))
    .unwrap();
    assert_eq!(
        shape(&trace),
        [("Ask", 0, false), ("early", 1, false), ("lost", 0, true)]
    );
    assert!(!trace.is_whole());
    assert_eq!((trace.start(), trace.end()), (40, u64::MAX));
}

#[test]
fn nulls_and_missing_parts_are_tolerated() {
    let trace = json!({"data": [{
        "traceID": "t1", "processes": null, "warnings": ["clock skew"],
        "spans": [
            {"spanID": "a", "references": null, "tags": null},
            {"spanID": "b", "references": [
                {"refType": "FOLLOWS_FROM", "traceID": "other", "spanID": "x"},
                {"refType": "FOLLOWS_FROM", "traceID": "t1", "spanID": "a"},
            ]},
        ],
    }]});
    let trace = Trace::parse(trace.to_string().as_bytes()).unwrap();
    assert_eq!(trace.rows.iter().map(|row| row.depth).collect::<Vec<_>>(), [0, 1]);
    assert_eq!((trace.spans[0].service.as_str(), trace.warnings.len()), ("?", 1));
}

#[test]
fn what_is_not_jaegers_is_refused() {
    for body in ["", "<html>", "[]", r#"{"data": 3}"#] {
        assert!(
            matches!(Trace::parse(body.as_bytes()), Err(NotJaeger::Shape(_))),
            "{body}"
        );
    }
    for body in [r#"{"data": []}"#, r#"{"data": null}"#, "{}"] {
        assert!(matches!(Trace::parse(body.as_bytes()), Err(NotJaeger::Empty)), "{body}");
    }
}
