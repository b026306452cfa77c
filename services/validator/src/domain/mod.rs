//! What a validator says of an answer. Pure: no I/O, no gRPC.

pub mod code;
mod kind;
pub mod math;

pub use kind::Kind;

/// The most findings that a report carries; further ones are counted in its reason.
pub const MAX_FINDINGS: usize = 20;

/// Pass, fail or unsure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judgement {
    /// Checked, and right.
    Pass,
    /// Checked, and wrong.
    Fail,
    /// Nothing here that can be checked.
    Unsure,
}

/// One thing found in an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The passage it is about.
    pub excerpt: String,
    /// What is wrong with it.
    pub problem: String,
    /// Line in the answer, from 1.
    pub line: u32,
    /// Column in that line, in characters from 1.
    pub column: u32,
}

/// A validator's report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Pass, fail or unsure.
    pub judgement: Judgement,
    /// Why, in one sentence.
    pub reason: String,
    /// At most [`MAX_FINDINGS`].
    pub findings: Vec<Finding>,
}
