//! What one step of a plan did.

use std::time::Duration;

use crate::{Domain, Tier, Usage};

/// What one step of a plan did.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The domain that the plan wanted.
    pub domain: Domain,
    /// Name and address of the replica that served; empty: nobody.
    pub replica: String,
    /// The engine whose answer was taken; empty: none.
    pub engine: String,
    /// Where that engine runs.
    pub tier: Option<Tier>,
    /// Every attempt, in order.
    pub attempts: Vec<Attempt>,
    /// From begin to answer, validation included.
    pub latency: Duration,
    /// What all attempts used.
    pub usage: Usage,
    /// The part of the query that it answers.
    pub input: String,
    /// Its answer; empty: none.
    pub answer: String,
    /// Steps that the specialist delegated to others.
    pub substeps: Vec<Step>,
}

/// One try of one engine on one replica.
#[derive(Debug, Clone, PartialEq)]
pub struct Attempt {
    /// Name and address of the replica; empty inside a specialist, which does not know its own.
    pub replica: String,
    /// The engine; empty where the replica was not reached.
    pub engine: String,
    /// What came of it.
    pub result: AttemptResult,
    /// Why, where it is not [`AttemptResult::Answered`].
    pub detail: String,
    /// How long it took.
    pub latency: Duration,
}

/// What came of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptResult {
    /// It gave the answer.
    Answered,
    /// The engine cannot answer this.
    Declined,
    /// The engine or the replica failed.
    Failed,
    /// A validator rejected its answer.
    Rejected,
    /// Not asked, for the caller's constraints or the cost limit.
    Skipped,
}

impl AttemptResult {
    /// Lower-case name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Declined => "declined",
            Self::Failed => "failed",
            Self::Rejected => "rejected",
            Self::Skipped => "skipped",
        }
    }
}
