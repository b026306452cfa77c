//! API keys: who may call the router, and what for.
//!
//! A key is 256 random bits; what is kept of it is its SHA-256, which is enough for secrets that nobody can guess (password
//! hashes are slow because passwords can be guessed). The file with the hashes is no secret that opens anything, but says who
//! may do what: keep it from being written by others.

mod register;
mod secret;

pub use register::{Entry, Refusal, Register, RegisterError, Scope, entry};
pub use secret::{ApiKey, Digest};
