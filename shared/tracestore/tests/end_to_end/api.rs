//! The shapes of every endpoint, asked over HTTP after spans came in over gRPC.

use crate::support::{Running, any, error, span, start, text};
use http::StatusCode;
use opentelemetry_proto::tonic::{common::v1::any_value::Value, trace::v1::span};
use serde_json::json;

const ID: &str = "01010101010101010101010101010101";
const TIMES: &str = "query.startTimeMin=2026-11-20T00:00:00Z&query.startTimeMax=2026-11-21T00:00:00Z";

/// Trace 1: router -> math (failed), whose parent link and times are whole; trace 2: an orphan of another service.
async fn filled() -> Running {
    let running = start().await;
    let mut ask = span(1, 1, None, "Ask", 0, 10);
    ask.attributes = vec![
        text("plexus.domain", "math"),
        any("small", Value::IntValue(7)),
        any("big", Value::IntValue(i64::MAX)),
        any("sure", Value::BoolValue(true)),
        any("score", Value::DoubleValue(0.5)),
        any("raw", Value::BytesValue(vec![1, 2])),
    ];
    let mut answer = span(1, 2, Some(1), "Answer", 2, 5);
    answer.status = error("no engine");
    answer.events = vec![span::Event {
        time_unix_nano: crate::support::NOON,
        name: "declined".into(),
        ..Default::default()
    }];
    running.export("router", vec![ask]).await.unwrap();
    running.export("math", vec![answer]).await.unwrap();
    running
        .export("code", vec![span(2, 3, Some(9), "Answer", 20, 1)])
        .await
        .unwrap();
    running
}

#[tokio::test]
async fn services_and_operations() {
    let running = filled().await;
    assert_eq!(
        running.json("/api/v3/services").await.1,
        json!({"services": ["code", "math", "router"]})
    );
    let ask = json!({"operations": [{"name": "Ask", "spanKind": "server"}]});
    assert_eq!(running.json("/api/v3/operations?service=router").await.1, ask);
    assert_eq!(
        running
            .json("/api/v3/operations?service=router&spanKind=server")
            .await
            .1,
        ask
    );
    let none = json!({"operations": []});
    assert_eq!(
        running
            .json("/api/v3/operations?service=router&span_kind=client")
            .await
            .1,
        none
    );
    assert_eq!(running.json("/api/v3/operations").await.1, none);
}

#[tokio::test]
async fn summaries_say_what_a_list_needs() {
    let running = filled().await;
    let (status, body) = running
        .json(&format!("/api/v3/trace-summaries?query.serviceName=math&{TIMES}"))
        .await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(
        body,
        json!({"summaries": [{
            "traceId": ID,
            "rootServiceName": "router",
            "rootOperationName": "Ask",
            "minStartTimeUnixNano": "1795176000000000000",
            "maxEndTimeUnixNano": "1795176000010000000",
            "spanCount": 2,
            "errorSpanCount": 1,
            "orphanSpanCount": 0,
            "services": [
                {"name": "math", "spanCount": 1, "errorSpanCount": 1},
                {"name": "router", "spanCount": 1, "errorSpanCount": 0},
            ],
        }]})
    );
    let (_, body) = running
        .json(&format!("/api/v3/trace-summaries?query.serviceName=code&{TIMES}"))
        .await;
    assert_eq!(
        (
            &body["summaries"][0]["orphanSpanCount"],
            &body["summaries"][0]["rootServiceName"]
        ),
        (&json!(1), &json!(""))
    );
}

#[tokio::test]
async fn searches_filter() {
    let running = filled().await;
    for (query, traces) in [
        ("", 2),
        ("&query.operationName=Ask", 1),
        ("&query.serviceName=router&query.operationName=Answer", 0),
        ("&query.durationMin=8ms", 1),
        ("&query.durationMax=1ms", 1),
        ("&query.searchDepth=1", 1),
        ("&query.attributes=%7B%22error%22%3A%22true%22%7D", 1),
        ("&query.attributes=%7B%22plexus.domain%22%3A%22math%22%7D", 1),
        (
            "&query.attributes=%7B%22resource.service.instance.id%22%3A%22one%22%7D",
            2,
        ),
        (
            "&query.attributes=%7B%22small%22%3A%227%22%2C%22span.kind%22%3A%22server%22%7D",
            1,
        ),
        ("&query.attributes=%7B%22plexus.domain%22%3A%22code%22%7D", 0),
    ] {
        let (_, body) = running.json(&format!("/api/v3/trace-summaries?{TIMES}{query}")).await;
        assert_eq!(body["summaries"].as_array().map(Vec::len), Some(traces), "{query}");
    }
    let past = "query.startTimeMin=2020-01-01T00:00:00Z&query.startTimeMax=2020-01-02T00:00:00Z";
    let (status, body) = running.json(&format!("/api/v3/traces?{past}")).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert_eq!(body, json!({"error": {"httpCode": 404, "message": "No traces found"}}));
}

#[tokio::test]
async fn traces_come_as_otlp_json() {
    let running = filled().await;
    for path in [
        format!("/api/v3/traces/{ID}"),
        format!("/api/v3/traces?{TIMES}&query.serviceName=router"),
    ] {
        let (status, body) = running.json(&path).await;
        assert_eq!(status, StatusCode::OK);
        let batches = body["result"]["resourceSpans"].as_array().unwrap();
        assert_eq!(batches.len(), 2);
        let name = &batches[1]["resource"]["attributes"][0];
        assert_eq!(
            (&name["key"], &name["value"]),
            (&json!("service.name"), &json!({"stringValue": "math"}))
        );
        let span = &batches[1]["scopeSpans"][0]["spans"][0];
        assert_eq!(span["traceId"], ID);
        assert_eq!(span["spanId"], "0202020202020202");
        assert_eq!(span["parentSpanId"], "0101010101010101");
        assert_eq!(span["startTimeUnixNano"], "1795176000002000000");
        assert_eq!((&span["kind"], &span["status"]["code"]), (&json!(2), &json!(2)));
    }
}

#[tokio::test]
async fn the_trace_page_of_jaeger_gets_its_own_json() {
    let running = filled().await;
    let (status, body) = running.json(&format!("/api/traces/{ID}")).await;
    assert_eq!(status, StatusCode::OK);
    let instance = json!([{"key": "service.instance.id", "type": "string", "value": "one"}]);
    assert_eq!(
        body,
        json!({
            "data": [{
                "traceID": ID,
                "spans": [
                    {
                        "traceID": ID, "spanID": "0101010101010101", "operationName": "Ask", "references": [],
                        "startTime": 1_795_176_000_000_000_u64, "duration": 10_000,
                        "tags": [
                            {"key": "plexus.domain", "type": "string", "value": "math"},
                            {"key": "small", "type": "int64", "value": 7},
                            {"key": "big", "type": "int64", "value": "9223372036854775807"},
                            {"key": "sure", "type": "bool", "value": true},
                            {"key": "score", "type": "float64", "value": 0.5},
                            {"key": "raw", "type": "binary", "value": "AQI="},
                            {"key": "span.kind", "type": "string", "value": "server"},
                        ],
                        "logs": [], "processID": "p1", "warnings": null,
                    },
                    {
                        "traceID": ID, "spanID": "0202020202020202", "operationName": "Answer",
                        "references": [{"refType": "CHILD_OF", "traceID": ID, "spanID": "0101010101010101"}],
                        "startTime": 1_795_176_000_002_000_u64, "duration": 5_000,
                        "tags": [
                            {"key": "span.kind", "type": "string", "value": "server"},
                            {"key": "error", "type": "bool", "value": true},
                            {"key": "otel.status_code", "type": "string", "value": "ERROR"},
                            {"key": "otel.status_description", "type": "string", "value": "no engine"},
                        ],
                        "logs": [{
                            "timestamp": 1_795_176_000_000_000_u64,
                            "fields": [{"key": "event", "type": "string", "value": "declined"}],
                        }],
                        "processID": "p2", "warnings": null,
                    },
                ],
                "processes": {
                    "p1": {"serviceName": "router", "tags": instance},
                    "p2": {"serviceName": "math", "tags": instance},
                },
                "warnings": null,
            }],
            "total": 0, "limit": 0, "offset": 0, "errors": null,
        })
    );
}

#[tokio::test]
async fn ids_in_any_writing() {
    let running = start().await;
    let mut short = span(1, 1, None, "Ask", 0, 1);
    short.trace_id = [vec![0; 12], vec![0, 0, 0xab, 0xcd]].concat();
    running.export("router", vec![short]).await.unwrap();
    for id in ["abcd", "ABCD", "0000aBcD", "0000000000000000000000000000abcd"] {
        let (status, body) = running.json(&format!("/api/traces/{id}")).await;
        assert_eq!(
            (status, &body["data"][0]["traceID"]),
            (StatusCode::OK, &json!("0000000000000000000000000000abcd"))
        );
        assert_eq!(running.get(&format!("/trace/{id}")).await.0, StatusCode::OK);
    }
}

#[tokio::test]
async fn what_is_wrong_is_said_in_the_form_of_the_endpoint() {
    let running = start().await;
    let unknown = "/api/traces/ffffffffffffffffffffffffffffffff";
    let (status, body) = running.json(unknown).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let not_found = json!([{"code": 404, "msg": "trace not found"}]);
    assert_eq!(
        body,
        json!({"data": null, "total": 0, "limit": 0, "offset": 0, "errors": not_found})
    );
    assert_eq!(running.json("/api/traces/xyz").await.0, StatusCode::BAD_REQUEST);
    for (path, message) in [
        (
            "/api/v3/traces/xyz",
            "malformed parameter trace_id: a trace id is 1 to 32 hexadecimal digits",
        ),
        (
            "/api/v3/traces",
            "query.startTimeMin and query.startTimeMax are required",
        ),
        (
            "/api/v3/trace-summaries?query.startTimeMin=x&query.startTimeMax=y",
            "malformed parameter query.startTimeMin",
        ),
    ] {
        let (status, body) = running.json(path).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{path}");
        assert_eq!(body, json!({"error": {"httpCode": 400, "message": message}}));
    }
    assert_eq!(running.json("/api/v3/traces/0").await.0, StatusCode::NOT_FOUND);
    // Removed from Jaeger itself.
    assert_eq!(running.get("/api/services").await.0, StatusCode::NOT_FOUND);
    assert_eq!(running.get("/healthz").await, (StatusCode::OK, "ok\n".to_owned()));
}

#[tokio::test]
async fn pages_show_traces_and_escape_them() {
    let running = start().await;
    let mut ask = span(1, 1, None, "<script>alert(1)</script>", 0, 10);
    ask.attributes = vec![text("\"><img src=x>", "' onerror='x")];
    running
        .export("<b>evil</b>", vec![ask, span(1, 2, Some(1), "child", 1, 1)])
        .await
        .unwrap();
    let (status, list) = running.get("/").await;
    assert_eq!(status, StatusCode::OK);
    assert!(list.contains(&format!("href=\"/trace/{ID}\"")), "{list}");
    let (_, page) = running.get(&format!("/trace/{ID}")).await;
    for page in [&list, &page] {
        assert!(page.contains("&lt;script&gt;alert(1)"), "{page}");
        assert!(
            !page.contains("<script") && !page.contains("<img") && !page.contains("<b>evil"),
            "{page}"
        );
    }
    assert!(
        page.contains("padding-left:1em") && page.contains("left:10.00%;width:10.00%"),
        "{page}"
    );
    let (status, page) = running.get("/trace/abc").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert!(page.contains("Waiting for spans"));
}
