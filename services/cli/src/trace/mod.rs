//! `plexus trace`: fetches a trace from Jaeger's query API and prints it as a tree with times.
//!
//! `fetch` talks, `model` understands, `render` draws; the last two are pure (`text`: what `render` shows of a span).

mod fetch;
mod model;
mod render;
mod text;

pub use fetch::TraceError;
pub use model::{NotJaeger, Span, Trace};
pub use render::{Style, render};

/// Fetches a trace and draws it. Waits up to three seconds for a trace that is not there (yet).
///
/// `base_url` is where a Jaeger (or the store inside `plexus up`) answers queries, e.g. `http://127.0.0.1:16686`.
///
/// # Errors
/// Each says what to do about it.
pub async fn run(base_url: &str, trace_id: &str, style: Style) -> Result<String, TraceError> {
    let trace = fetch::trace(base_url, trace_id).await?;
    Ok(render(&trace, style))
}
