//! Fills a running store, to measure it: `... --example fill -- http://127.0.0.1:4317 20000` sends so many traces of 12 spans.

use std::{error::Error, time::Instant};

use opentelemetry_proto::tonic::{
    collector::trace::v1::{ExportTraceServiceRequest, trace_service_client::TraceServiceClient},
    common::v1::{AnyValue, KeyValue, any_value::Value},
    resource::v1::Resource,
    trace::v1::{ResourceSpans, ScopeSpans, Span},
};

fn text(key: &str, value: &str) -> KeyValue {
    let value = Some(AnyValue {
        value: Some(Value::StringValue(value.into())),
    });
    KeyValue {
        key: key.into(),
        value,
        ..Default::default()
    }
}

fn message(trace: u64) -> ExportTraceServiceRequest {
    let span = |id: u64| Span {
        trace_id: u128::from(trace).to_be_bytes().to_vec(),
        span_id: id.to_be_bytes().to_vec(),
        parent_span_id: if id == 1 {
            Vec::new()
        } else {
            (id - 1).to_be_bytes().to_vec()
        },
        name: "plexus.v1.SpecialistService/Answer".into(),
        start_time_unix_nano: 1_795_176_000_000_000_000 + id,
        end_time_unix_nano: 1_795_176_000_001_000_000,
        attributes: (0..8)
            .map(|n| text("rpc.method.or.such", &format!("value {n} of {trace}")))
            .collect(),
        ..Default::default()
    };
    let resource = Some(Resource {
        attributes: vec![text("service.name", "router")],
        ..Default::default()
    });
    let scope_spans = vec![ScopeSpans {
        spans: (1..=12).map(span).collect(),
        ..Default::default()
    }];
    ExportTraceServiceRequest {
        resource_spans: vec![ResourceSpans {
            resource,
            scope_spans,
            ..Default::default()
        }],
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().unwrap_or("http://127.0.0.1:4317".into());
    let count: u64 = arguments.next().unwrap_or("20000".into()).parse()?;
    let mut client = TraceServiceClient::connect(address).await?;
    let begin = Instant::now();
    for trace in 1..=count {
        client.export(message(trace)).await?;
    }
    println!("{count} exports in {:.2?}", begin.elapsed());
    Ok(())
}
