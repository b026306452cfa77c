//! What came of a call, in the words of the mesh: why there is no answer, and which rungs of the ladder were taken. Pure.

use std::{error::Error as _, time::Duration};

use plexus_core::{Attempt, AttemptResult, Degradation, DegradationReason, Domain, Usage};
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
    let (preferred, tier) = (pool.preferred_tier(), pool.tier_of(&served));
    if let (Some(preferred), Some(tier)) = (preferred, tier)
        && preferred != tier
    {
        let detail = format!(
            "no replica of {domain} in tier {} could serve, {} did",
            preferred.name(),
            tier.name()
        );
        rungs.push(degradation(DegradationReason::TierDown, detail));
    }
    rungs
}

/// A replica that gave no word, as an attempt; none: it did, or nobody waited for it.
pub(super) fn failed(tried: Tried) -> Option<Attempt> {
    let fault: Fault = tried.fault?;
    let detail = describe(&fault.into_status());
    Some(attempt(&tried.replica, detail, tried.took.unwrap_or_default()))
}

pub(super) fn attempt(replica: &str, detail: String, latency: Duration) -> Attempt {
    Attempt {
        replica: replica.to_owned(),
        engine: String::new(),
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
                hedge: false,
                took: None,
                fault,
            };
            assert_eq!(may_have_worked(&tried), expected, "{tried:?}");
        }
    }
}
