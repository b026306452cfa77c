//! What a deployment decides about routing.

use std::collections::BTreeMap;

use plexus_core::{CascadePolicy, Domain};
use serde::Deserialize;

use super::GuardMode;

/// What happens to an answer whose validator is down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnDown {
    /// It is given, marked.
    Open,
    /// It is withheld.
    Closed,
}

/// A validator as the plan knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValidatorPolicy {
    /// Its kind.
    pub kind: String,
    /// Whose answers it checks.
    pub domains: Vec<Domain>,
    /// What happens when it is down.
    pub on_down: OnDown,
    /// Whether it says how probable it is that an answer is right.
    pub confidence: bool,
}

/// What a deployment decides; limits of scores are the model's.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// What is done with attacks.
    pub guard: GuardMode,
    /// Who stands in for each domain, in the order of [`Domain::ALL`].
    pub fallback: Vec<Vec<Domain>>,
    /// Validators.
    pub validators: Vec<ValidatorPolicy>,
    /// When an answer is good enough.
    pub cascade: CascadePolicy,
    /// Who does each capability, by its name.
    pub tasks: BTreeMap<String, Domain>,
}

impl Policy {
    /// Who stands in for a domain whose specialist is down.
    pub fn fallback(&self, domain: Domain) -> &[Domain] {
        let index = Domain::ALL.iter().position(|one| *one == domain);
        index
            .and_then(|index| self.fallback.get(index))
            .map_or(&[], Vec::as_slice)
    }

    /// Validators of a domain's answers.
    pub fn validators(&self, domain: Domain) -> Vec<String> {
        let checks = self
            .validators
            .iter()
            .filter(|validator| validator.domains.contains(&domain));
        checks.map(|validator| validator.kind.clone()).collect()
    }

    /// Whether a validator of that kind says how probable it is that an answer is right.
    pub fn gives_confidence(&self, kind: &str) -> bool {
        self.validators
            .iter()
            .any(|validator| validator.kind == kind && validator.confidence)
    }

    /// What happens to an answer when a validator is down.
    pub fn on_down(&self, kind: &str) -> OnDown {
        let validator = self.validators.iter().find(|validator| validator.kind == kind);
        validator.map_or(OnDown::Open, |validator| validator.on_down)
    }
}
