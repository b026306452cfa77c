//! What the router decides, apart from how it asks: no I/O, no gRPC.

mod guard;
mod merge;
mod plan;
mod policy;

pub use guard::{GuardAction, GuardMode};
pub use merge::{SEPARATOR, merge};
pub use plan::{Plan, PlanMode, PlannedStep, plan};
pub use policy::{OnDown, Policy, ValidatorPolicy};

use plexus_core::{Constraints, Message};

/// A checked question.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// The text to answer.
    pub text: String,
    /// Earlier messages of the conversation.
    pub context: Vec<Message>,
    /// What the caller demands.
    pub constraints: Constraints,
    /// Name of the request.
    pub request_id: String,
    /// Name of the conversation; empty: none.
    pub session_id: String,
    /// The capability that is asked for; empty: a free answer.
    pub task: String,
    /// The JSON Schema that the answer must fit; empty: any text.
    pub json_schema: String,
}

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// As planned.
    Answered,
    /// With less than planned.
    Degraded,
    /// The guard refused it.
    Refused,
}

impl Outcome {
    /// Lower-case name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Degraded => "degraded",
            Self::Refused => "refused",
        }
    }
}
