//! When a request has no answer at all: which error that is.

use std::time::Duration;

use plexus_core::{Degradation, DegradationReason, Step};
use plexus_errors::{ErrorCode, ServiceError};

/// When another try makes sense after everybody was down.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// The error of a request whose steps have no answer, unless engines merely declined: that is an honest reply.
pub(crate) fn no_answer(steps: &[Step], degradations: &[Degradation]) -> Option<ServiceError> {
    let because = |reasons: &[DegradationReason]| degradations.iter().any(|one| reasons.contains(&one.reason));
    let tried = tried(steps, degradations);
    if because(&[DegradationReason::Deadline]) {
        let error = ServiceError::new(
            ErrorCode::DeadlineExceeded,
            format!("time ran out before an answer; {tried}"),
        );
        return Some(error);
    }
    if because(&[DegradationReason::Overloaded]) {
        return Some(
            ServiceError::new(ErrorCode::ResourceExhausted, format!("too much at once; {tried}"))
                .retry_after(RETRY_AFTER)
                .info("OVERLOADED", vec![("tried".to_owned(), tried)]),
        );
    }
    if because(&[
        DegradationReason::SpecialistDown,
        DegradationReason::EngineFailed,
        DegradationReason::BreakerOpen,
    ]) {
        let facts = vec![("tried".to_owned(), tried.clone())];
        return Some(
            ServiceError::new(ErrorCode::Unavailable, format!("nobody could answer; {tried}"))
                .retry_after(RETRY_AFTER)
                .info("NO_ANSWER", facts),
        );
    }
    None
}

fn tried(steps: &[Step], degradations: &[Degradation]) -> String {
    let attempts = steps.iter().flat_map(|step| &step.attempts).map(|attempt| {
        let who = [attempt.replica.as_str(), attempt.engine.as_str()];
        let who: Vec<&str> = who.into_iter().filter(|part| !part.is_empty()).collect();
        format!("{}: {} {}", who.join(" "), attempt.result.name(), attempt.detail)
            .trim_end()
            .to_owned()
    });
    let reasons = degradations
        .iter()
        .map(|one| format!("{}: {}", one.reason.name(), one.detail));
    let all: Vec<String> = attempts.chain(reasons).collect();
    format!("tried: {}", all.join("; "))
}
