//! The contract of an exact solver: the right answer, or a reason to decline.

use std::borrow::Cow;

/// Answers what can be answered exactly, at once and without a model; declines everything else.
///
/// A solver is never wrong: where it is not certain that it understood the question, it declines.
pub trait ExactSolver: Send + Sync + 'static {
    /// The answer as text for a person, or why there is none. Must end within milliseconds on any input.
    fn solve(&self, question: &str) -> Result<Solution, Declined>;
}

/// An exact answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Solution {
    /// For a person, e.g. `15% of 240 = 36`.
    pub text: String,
    /// The bare result, to be put into a later question, e.g. `36`; empty where there is none.
    pub result: String,
}

impl From<String> for Solution {
    fn from(text: String) -> Self {
        Self {
            text,
            result: String::new(),
        }
    }
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
