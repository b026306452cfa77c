//! What tests need to wait for things and to have engines that misbehave and models that say what they shall. A dev-dependency only.

mod dialect;
pub mod fault;
mod http;
mod llm;
mod model;
pub mod oracle;
mod play;
mod wait;

pub use http::Request;
pub use llm::{Call, FakeLlm};
pub use model::{FirstStageWeights, with_first_stage};
pub use play::{BACKEND_WORDS, Play};
pub use wait::eventually;
