//! The contract's enums and values as words for a person.

use std::time::Duration;

use plexus_proto::v1;
use plexus_tracestore::format;

/// Name of a domain; empty where it is not set.
pub fn domain(domain: i32) -> String {
    short(
        v1::Domain::try_from(domain).map(|domain| domain.as_str_name()),
        "DOMAIN_",
    )
}

/// Name of a tier; empty where it is not set.
pub fn tier(tier: i32) -> String {
    short(v1::Tier::try_from(tier).map(|tier| tier.as_str_name()), "TIER_")
}

/// Name of a plan's mode.
pub fn mode(mode: i32) -> String {
    short(
        v1::PlanMode::try_from(mode).map(|mode| mode.as_str_name()),
        "PLAN_MODE_",
    )
    .replace('_', "-")
}

/// Stage of the classifier that decided; empty where it is not set.
pub fn stage(stage: i32) -> String {
    match v1::ClassifierStage::try_from(stage) {
        Ok(v1::ClassifierStage::First) => "first stage".to_owned(),
        stage => short(stage.map(|stage| stage.as_str_name()), "CLASSIFIER_STAGE_"),
    }
}

/// What came of an attempt.
pub fn attempt(result: i32) -> String {
    short(
        v1::AttemptResult::try_from(result).map(|result| result.as_str_name()),
        "ATTEMPT_RESULT_",
    )
}

/// What a validator says.
pub fn verdict(result: i32) -> String {
    short(
        v1::VerdictResult::try_from(result).map(|result| result.as_str_name()),
        "VERDICT_RESULT_",
    )
}

/// State of a breaker; empty where it is not set.
pub fn breaker(state: i32) -> String {
    short(
        v1::BreakerState::try_from(state).map(|state| state.as_str_name()),
        "BREAKER_STATE_",
    )
    .replace('_', "-")
}

/// State of a replica.
pub fn state(state: i32) -> String {
    short(
        v1::ReplicaState::try_from(state).map(|state| state.as_str_name()),
        "REPLICA_STATE_",
    )
    .replace('_', " ")
}

/// Reason of a degradation, in capitals as in the contract.
pub fn reason(reason: i32) -> String {
    let name = v1::DegradationReason::try_from(reason).map(|reason| reason.as_str_name());
    short(name, "DEGRADATION_REASON_").to_uppercase()
}

fn short<E>(name: Result<&'static str, E>, prefix: &str) -> String {
    match name {
        Ok(name) => match name.strip_prefix(prefix).unwrap_or(name) {
            "UNSPECIFIED" => String::new(),
            name => name.to_lowercase(),
        },
        Err(_) => "unknown".to_owned(),
    }
}

/// A span of time; empty where there is none.
pub fn time(time: Option<&prost_types::Duration>) -> String {
    time.map(|time| format::duration(Duration::try_from(*time).unwrap_or_default()))
        .unwrap_or_default()
}

/// An amount of money, with as many digits as it takes to see it.
pub fn dollars(amount: f64) -> String {
    match amount {
        0.0 => "$0".to_owned(),
        small if small < 0.01 => format!("${small:.6}"),
        _ => format!("${amount:.4}"),
    }
}

/// "1 token", "2 tokens".
pub fn count(number: u64, what: &str) -> String {
    match number {
        1 => format!("1 {what}"),
        _ => format!("{number} {what}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn enums_are_words() {
        assert_eq!(domain(v1::Domain::Math.into()), "math");
        assert_eq!(domain(0), "");
        assert_eq!(domain(99), "unknown");
        assert_eq!(mode(v1::PlanMode::FanOut.into()), "fan-out");
        assert_eq!(state(v1::ReplicaState::NotServing.into()), "not serving");
        assert_eq!(reason(v1::DegradationReason::SpecialistDown.into()), "SPECIALIST_DOWN");
        assert_eq!(dollars(0.0000123), "$0.000012");
        assert_eq!(dollars(1.5), "$1.5000");
    }
}
