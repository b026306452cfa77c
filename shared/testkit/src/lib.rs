//! What tests need to wait for things and to have engines that misbehave. A dev-dependency only.

mod http;
mod llm;
mod wait;

pub use http::Request;
pub use llm::{BACKEND_WORDS, FakeLlm, Play};
pub use wait::eventually;
