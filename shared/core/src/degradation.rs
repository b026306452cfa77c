//! Typed records of what was skipped or replaced.

use crate::Domain;

/// Why a request was served with less than planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DegradationReason {
    /// No healthy replica of the domain's specialist.
    SpecialistDown,
    /// Time ran out.
    Deadline,
    /// A circuit breaker kept calls away.
    BreakerOpen,
    /// A validator could not be reached or failed.
    ValidatorDown,
    /// Every engine declined.
    EnginesDeclined,
    /// The cost limit kept an engine from being asked.
    Budget,
    /// Keyword rules chose the route.
    ClassifierDown,
    /// Some steps have an answer, others have none.
    Partial,
    /// A validator rejected the answer and no engine gave a better one.
    ValidationFailed,
    /// An engine broke off in the middle of an answer.
    CutOff,
    /// An engine failed and another one answered.
    EngineFailed,
    /// A replica failed before its first word and another one served.
    ReplicaFailed,
    /// No replica of the preferred tier could serve.
    TierDown,
    /// Everybody who could serve is at its limit.
    Overloaded,
}

impl DegradationReason {
    /// All reasons, in the order in which they are declared.
    pub const ALL: [Self; 14] = [
        Self::SpecialistDown,
        Self::Deadline,
        Self::BreakerOpen,
        Self::ValidatorDown,
        Self::EnginesDeclined,
        Self::Budget,
        Self::ClassifierDown,
        Self::Partial,
        Self::ValidationFailed,
        Self::CutOff,
        Self::EngineFailed,
        Self::ReplicaFailed,
        Self::TierDown,
        Self::Overloaded,
    ];

    /// Upper-case name, as in the contract.
    pub fn name(self) -> &'static str {
        match self {
            Self::SpecialistDown => "SPECIALIST_DOWN",
            Self::Deadline => "DEADLINE",
            Self::BreakerOpen => "BREAKER_OPEN",
            Self::ValidatorDown => "VALIDATOR_DOWN",
            Self::EnginesDeclined => "ENGINES_DECLINED",
            Self::Budget => "BUDGET",
            Self::ClassifierDown => "CLASSIFIER_DOWN",
            Self::Partial => "PARTIAL",
            Self::ValidationFailed => "VALIDATION_FAILED",
            Self::CutOff => "CUT_OFF",
            Self::EngineFailed => "ENGINE_FAILED",
            Self::ReplicaFailed => "REPLICA_FAILED",
            Self::TierDown => "TIER_DOWN",
            Self::Overloaded => "OVERLOADED",
        }
    }
}

/// What was skipped or replaced, why, and who served instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Degradation {
    /// The domain it concerns; none: the whole request.
    pub domain: Option<Domain>,
    /// Why.
    pub reason: DegradationReason,
    /// What exactly happened, for a person.
    pub detail: String,
    /// Who served instead; empty: nobody.
    pub served_by: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_are_in_the_order_of_their_declaration() {
        for (index, reason) in DegradationReason::ALL.into_iter().enumerate() {
            assert_eq!(reason as usize, index, "{reason:?}");
        }
    }
}
