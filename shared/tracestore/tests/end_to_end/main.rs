//! The store as its users see it: spans in over gRPC, answers out over HTTP.

#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

mod api;
mod doors;
mod support;
