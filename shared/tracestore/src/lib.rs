//! A bounded in-memory OTLP sink that speaks Jaeger's query API.
//!
//! `plexus up` carries one, so that a trace can be looked at on any machine; tests assert the shape of traces through the
//! same HTTP API that a real Jaeger answers (`/api/v3/*` and `/api/traces/{id}`). `/` and `/trace/{id}` are pages for people.
//!
//! Spans go one way: [`TraceStore`] binds both doors; the gRPC door cuts spans to size (`limits`) and hands them to the
//! [`Store`], which evicts the oldest traces; the HTTP door (`api`, `page`) reads. What is deliberately absent: disk,
//! sampling, authentication. [`tree`] and [`format`](mod@format) are shared with the `plexus trace` command.

mod accept;
mod api;
pub mod format;
mod id;
mod limits;
mod otlp;
mod page;
mod search;
mod server;
mod store;
mod time;
mod trace;
pub mod tree;
mod web;

pub use id::{InvalidTraceId, SpanId, TraceId};
pub use server::{BindError, Config, Door, ServeError, TraceStore};
pub use store::{Exported, Limits, Store};
