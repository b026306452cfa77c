//! What came of a call, in the words of the mesh: why there is no answer, and which rungs of the ladder were taken. Pure.

use std::{error::Error as _, time::Duration};

use plexus_core::{Attempt, AttemptResult, Degradation, DegradationReason, Domain, Tier, Usage};
use plexus_resilience::{
    call::{Fault, Refused},
    deadline::Deadline,
    trail::{Trail, Tried},
};
use tonic::{Code, ConnectError, Status};

use crate::Pool;

/// How far the clocks of two processes may run apart within one request.
const CLOCKS: Duration = Duration::from_millis(20);

/// Whether it was the deadline that ended a call.
pub(super) fn out_of_time(status: &Status, deadline: Option<Deadline>) -> bool {
    let left = deadline.map(Deadline::left);
    // The specialist's clock may run out a little before ours: that is the same deadline.
    let same = status.code() == Code::DeadlineExceeded && left.is_some_and(|left| left < CLOCKS);
    same || left.is_some_and(|left| left.is_zero())
}

/// Whether an engine may have worked for somebody who was asked and told no usage.
pub(super) fn may_have_worked(tried: &Tried) -> bool {
    let status = match &tried.fault {
        Some(Fault::Refused(_)) => return false,
        Some(Fault::Failed(status)) => status,
        // It had begun to answer, or nobody knows how far it came.
        Some(Fault::Silent(_)) | None => return true,
    };
    let refused = [Code::ResourceExhausted, Code::InvalidArgument, Code::Unimplemented].contains(&status.code());
    let mut cause = status.source();
    while let Some(error) = cause {
        if error.is::<ConnectError>() {
            return false;
        }
        cause = error.source();
    }
    !refused
}

/// Why a domain that was called gave no answer.
pub(super) fn missed(
    domain: Domain,
    status: &Status,
    detail: String,
    trail: &Trail,
    deadline: Option<Deadline>,
) -> (DegradationReason, String) {
    if out_of_time(status, deadline) {
        let detail = match trail.is_empty() {
            true => format!("the deadline passed before {domain} answered"),
            false => detail,
        };
        return (DegradationReason::Deadline, detail);
    }
    match trail.refusal() {
        Some(Refused::Open) => (DegradationReason::BreakerOpen, format!("{domain}: {}", Refused::Open)),
        Some(Refused::Full) => (DegradationReason::Overloaded, format!("{domain}: {}", Refused::Full)),
        Some(Refused::Nobody) => (
            DegradationReason::SpecialistDown,
            format!("no healthy replica of {domain}"),
        ),
        None if status.code() == Code::ResourceExhausted => {
            (DegradationReason::Overloaded, format!("{domain}: {detail}"))
        }
        None => (
            DegradationReason::SpecialistDown,
            format!("no healthy replica of {domain}: {detail}"),
        ),
    }
}

/// The rungs of the ladder that were taken inside the upstream: another replica, another tier.
pub(super) fn replaced(pool: &Pool, domain: Domain, trail: &Trail) -> Vec<Degradation> {
    let Some(served) = trail.served() else {
        return Vec::new();
    };
    let degradation = |reason, detail| Degradation {
        domain: Some(domain),
        reason,
        detail,
        served_by: served.to_string(),
    };
    let tried = trail.tried();
    let failures = tried.iter().filter_map(|tried| {
        let fault = tried.fault.as_ref()?;
        let detail = format!("{} failed: {}", tried.replica, describe(&fault.clone().into_status()));
        Some(degradation(DegradationReason::ReplicaFailed, detail))
    });
    let mut rungs: Vec<Degradation> = failures.collect();
    // Who is no longer a member is of a tier that nobody knows.
    let tier = pool.replica(&served).map(|replica| replica.tier());
    if let Some(tier) = tier.filter(|tier| *tier != pool.preferred_tier()) {
        let name = |tier: Option<Tier>| tier.map_or("of no name", Tier::name);
        let (preferred, tier) = (name(pool.preferred_tier()), name(tier));
        let detail = format!("no replica of {domain} in tier {preferred} could serve, {tier} did");
        rungs.push(degradation(DegradationReason::TierDown, detail));
    }
    rungs
}

/// A replica that gave no word, as an attempt; none: it did.
pub(super) fn failed(tried: Tried) -> Option<Attempt> {
    let detail = match (&tried.fault, tried.took) {
        (Some(fault), _) => describe(&fault.clone().into_status()),
        (None, Some(_)) => return None,
        // Whoever asked does not wait any more.
        (None, None) => "said nothing before the deadline".to_owned(),
    };
    let latency = tried.took.unwrap_or_else(|| tried.asked.elapsed());
    Some(attempt(&tried.replica, String::new(), detail, latency))
}

/// An answer that broke off, as an attempt; `engine` where that is known.
pub(super) fn broken_off(serving: &Tried, engine: Option<String>, detail: String) -> Attempt {
    let latency = serving.asked.elapsed();
    attempt(&serving.replica, engine.unwrap_or_default(), detail, latency)
}

fn attempt(replica: &str, engine: String, detail: String, latency: Duration) -> Attempt {
    Attempt {
        replica: replica.to_owned(),
        engine,
        result: AttemptResult::Failed,
        detail,
        latency,
        usage: Usage::default(),
        confidence: None,
    }
}

/// A status in a few words.
pub(super) fn describe(status: &Status) -> String {
    match status.message() {
        "" => format!("{:?}", status.code()),
        message => format!("{:?}: {message}", status.code()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_was_asked_may_have_worked_unless_it_refused() {
        let failed = |status| Some(Fault::Failed(status));
        for (fault, expected) in [
            (None, true),
            (Some(Fault::Silent(CLOCKS)), true),
            (failed(Status::deadline_exceeded("")), true),
            (failed(Status::unavailable("it broke off")), true),
            (failed(Status::resource_exhausted("")), false),
            (
                failed(Status::from_error(Box::new(ConnectError("refused".into())))),
                false,
            ),
        ] {
            let tried = Tried {
                replica: "math@127.0.0.1:1".into(),
                asked: tokio::time::Instant::now(),
                hedge: false,
                took: None,
                fault,
            };
            assert_eq!(may_have_worked(&tried), expected, "{tried:?}");
        }
    }
}
