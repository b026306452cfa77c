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
    /// Of a substep: indexes of those before it whose results went into its input.
    pub depends_on: Vec<usize>,
    /// Who made the plan of the substeps; empty: there is none.
    pub planned_by: String,
    /// Passages that the engine was given.
    pub sources: Vec<Source>,
    /// Probability that the answer is right, where somebody said so.
    pub confidence: Option<f64>,
}

impl Step {
    /// A step that nobody has served yet.
    pub fn unserved(domain: Domain, input: impl Into<String>) -> Self {
        Self {
            domain,
            replica: String::new(),
            engine: String::new(),
            tier: None,
            attempts: Vec::new(),
            latency: Duration::ZERO,
            usage: Usage::default(),
            input: input.into(),
            answer: String::new(),
            substeps: Vec::new(),
            depends_on: Vec::new(),
            planned_by: String::new(),
            sources: Vec::new(),
            confidence: None,
        }
    }
}

/// Where a passage that an engine was given comes from.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    /// The document.
    pub name: String,
    /// First line of the passage, from 1.
    pub first_line: u32,
    /// Its last line.
    pub last_line: u32,
    /// How well it fits; greater is better.
    pub score: f64,
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
    /// What it used.
    pub usage: Usage,
    /// Probability that its answer is right, where somebody said so.
    pub confidence: Option<f64>,
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
    /// Not asked: the caller's constraints, the cost limit, too little time, or a query too complex for it.
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
