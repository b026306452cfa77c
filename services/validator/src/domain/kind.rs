//! The kinds of validators.

use serde::Deserialize;

use super::{Report, code, confidence, math};

/// A kind of validator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Recomputes every arithmetic claim.
    Math,
    /// Parses every code block.
    Code,
    /// Says how probable it is that an answer is right.
    Confidence,
}

impl Kind {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Math => "math",
            Self::Code => "code",
            Self::Confidence => "confidence",
        }
    }

    /// What it checks, in one sentence.
    pub fn description(self) -> &'static str {
        match self {
            Self::Math => "Recomputes every arithmetic claim of an answer.",
            Self::Code => "Parses every code block of an answer, and says line and column of what is wrong.",
            Self::Confidence => {
                "Says how probable it is that an answer is right: worked arithmetic and multiple choice. Never rejects one."
            }
        }
    }

    /// Checks an answer to a query.
    pub fn check(self, query: &str, answer: &str) -> Report {
        match self {
            Self::Math => math::check(query, answer),
            Self::Code => code::check(query, answer),
            Self::Confidence => confidence::check(query, answer),
        }
    }
}
