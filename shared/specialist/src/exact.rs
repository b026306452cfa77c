//! The contract of an exact solver: the right answer, or a reason to decline.

use std::borrow::Cow;

/// Answers what can be answered exactly, at once and without a model; declines everything else.
///
/// A solver is never wrong: where it is not certain that it understood the question, it declines.
pub trait ExactSolver: Send + Sync + 'static {
    /// The answer as text for a person, or why there is none. Must end within milliseconds on any input.
    fn solve(&self, question: &str) -> Result<String, Declined>;
}

/// Why a solver does not answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declined(pub Cow<'static, str>);

impl Declined {
    /// Declines for a reason, written for a person, lower case, without a full stop.
    pub fn because(reason: impl Into<Cow<'static, str>>) -> Self {
        Self(reason.into())
    }
}
