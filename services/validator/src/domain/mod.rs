//! What a validator says of an answer. Pure: no I/O, no gRPC.

pub mod code;
pub mod confidence;
mod kind;
pub mod math;

pub use kind::Kind;
pub use plexus_core::{Finding, VerdictResult};

/// The most findings that a report carries; further ones are counted in its reason.
pub const MAX_FINDINGS: usize = 20;

/// A validator's report.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// Pass, fail or unsure.
    pub judgement: VerdictResult,
    /// Why, in one sentence.
    pub reason: String,
    /// At most [`MAX_FINDINGS`].
    pub findings: Vec<Finding>,
    /// Probability that the answer is right, where that is what the validator says.
    pub confidence: Option<f64>,
}
