//! Tracing of every hop: spans over OTLP, W3C trace context between services, logs on standard error; metrics of what is so now.
//!
//! Texts of queries and answers never go onto spans.

pub mod client;
pub mod metrics;
pub mod names;
mod propagation;
mod rpc;
pub mod server;
mod setup;

use opentelemetry::trace::TraceContextExt as _;
pub use propagation::{extract, inject};
pub use rpc::SpanBody;
pub use setup::{Config, Guard, LogFormat, TelemetryError, init};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

/// Id of the trace that the current span belongs to: 32 hexadecimal digits; empty where tracing is off.
pub fn trace_id() -> String {
    let context = Span::current().context();
    let span = context.span();
    let id = span.span_context();
    if id.is_valid() {
        id.trace_id().to_string()
    } else {
        String::new()
    }
}
