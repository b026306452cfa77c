//! What the four specialists share: engines, cascade, server glue.
//!
//! A specialist is a domain, a list of [`engine::Engine`]s, prompts and perhaps a library. Engines are asked by expected cost,
//! exact ones first ([`cascade`]); an engine that declines or fails before its first word gives way to the next.

pub mod cascade;
pub mod config;
pub mod engine;
pub mod engines;
pub mod exact;
mod grpc;
pub mod live;
pub mod prepare;
pub mod prompt;
mod service;
mod size;

pub use config::Config;
pub use service::{Built, main, service};
