//! What tests need to wait for things and to have engines that misbehave and models that say what they shall. A dev-dependency only.

mod http;
mod llm;
mod model;
mod wait;

pub use http::Request;
pub use llm::{BACKEND_WORDS, FakeLlm, Play};
pub use model::{FirstStageWeights, with_first_stage};
pub use wait::eventually;
