//! What one pass of the encoder says of a query.

use plexus_core::Domain;

use super::{GuardMode, Policy};

/// What is done with a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GuardAction {
    /// It is answered.
    Allow,
    /// It is answered and flagged.
    Flag,
    /// It is refused.
    Refuse,
}

impl GuardAction {
    /// Lower-case name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Flag => "flag",
            Self::Refuse => "refuse",
        }
    }
}

/// Whether a query is an attack.
#[derive(Debug, Clone, PartialEq)]
pub struct Guard {
    /// The most probable label; the first label of the model is the harmless one.
    pub label: String,
    /// Its probability.
    pub score: f32,
    /// Probability that it is an attack of any kind.
    pub attack: f32,
}

impl Guard {
    /// What a model without a guard head says.
    pub fn absent() -> Self {
        Self {
            label: "benign".to_owned(),
            score: 0.0,
            attack: 0.0,
        }
    }

    /// What the policy does with it.
    pub fn action(&self, policy: &Policy) -> GuardAction {
        match policy.guard {
            GuardMode::Off => GuardAction::Allow,
            GuardMode::Refuse if self.attack >= policy.guard_refuse => GuardAction::Refuse,
            GuardMode::Flag | GuardMode::Refuse if self.attack >= policy.guard_flag => GuardAction::Flag,
            GuardMode::Flag | GuardMode::Refuse => GuardAction::Allow,
        }
    }
}

/// Everything that classification says; made once for a request and passed along.
#[derive(Debug, Clone, PartialEq)]
pub struct Signals {
    /// All domains with their probabilities, best first.
    pub domains: Vec<(Domain, f32)>,
    /// 0 simple .. 1 complex.
    pub complexity: f32,
    /// Whether it is an attack.
    pub guard: Guard,
    /// Tokens of the text.
    pub tokens: usize,
    /// Tokens that were read.
    pub tokens_read: usize,
    /// Parts of a compound query; empty where it is one request.
    pub parts: Vec<PartSignals>,
    /// Name and version of the model; `keywords` where it failed.
    pub model: String,
    /// Why the model did not decide; empty where it did.
    pub classifier_down: String,
}

/// A part of a compound query.
#[derive(Debug, Clone, PartialEq)]
pub struct PartSignals {
    /// Its text.
    pub text: String,
    /// Indexes of earlier parts that it refers to.
    pub depends_on: Vec<usize>,
    /// Its domains, best first.
    pub domains: Vec<(Domain, f32)>,
}

/// Sorts scores best first; equal ones keep the order of [`Domain::ALL`].
pub(crate) fn best_first(mut domains: Vec<(Domain, f32)>) -> Vec<(Domain, f32)> {
    domains.sort_by(|a, b| b.1.total_cmp(&a.1));
    domains
}
