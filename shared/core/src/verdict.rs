//! What validators say.

use std::time::Duration;

/// Pass, fail or unsure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VerdictResult {
    /// Checked, and right.
    Pass,
    /// Checked, and wrong.
    Fail,
    /// Nothing there that can be checked.
    Unsure,
}

impl VerdictResult {
    /// Lower-case name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Unsure => "unsure",
        }
    }
}

/// One thing found in an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The passage.
    pub excerpt: String,
    /// What is wrong with it.
    pub problem: String,
    /// Line in the answer, from 1; 0: unknown.
    pub line: u32,
    /// Column in that line, in characters from 1; 0: unknown.
    pub column: u32,
}

/// A validator's verdict on the answer of one step.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// Kind of the validator.
    pub validator: String,
    /// Pass, fail or unsure.
    pub result: VerdictResult,
    /// Why, in one sentence.
    pub reason: String,
    /// What was found.
    pub findings: Vec<Finding>,
    /// Index of the step.
    pub step: usize,
    /// How long the check took.
    pub latency: Duration,
    /// Probability that the answer is right, where the validator gives one.
    pub confidence: Option<f64>,
}
