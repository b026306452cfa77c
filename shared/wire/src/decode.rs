//! Contract to words, for what other services of the mesh send. Unknown values of enums come from newer services; they
//! become the nearest word rather than an error.

use plexus_core::{
    Attempt, AttemptResult, Degradation, DegradationReason, Domain, Finding, Source, Step, Tier, Usage, Verdict,
    VerdictResult,
};
use plexus_proto::v1;

use crate::duration;

/// A domain; none where it is unspecified or unknown.
pub fn domain(number: i32) -> Option<Domain> {
    match v1::Domain::try_from(number).ok()? {
        v1::Domain::Unspecified => None,
        v1::Domain::Code => Some(Domain::Code),
        v1::Domain::Math => Some(Domain::Math),
        v1::Domain::Reasoning => Some(Domain::Reasoning),
        v1::Domain::Language => Some(Domain::Language),
    }
}

/// A tier; none where it is unspecified or unknown.
pub fn tier(number: i32) -> Option<Tier> {
    match v1::Tier::try_from(number).ok()? {
        v1::Tier::Unspecified => None,
        v1::Tier::Edge => Some(Tier::Edge),
        v1::Tier::Onprem => Some(Tier::Onprem),
        v1::Tier::Cloud => Some(Tier::Cloud),
    }
}

/// Usage.
pub fn usage(usage: Option<v1::Usage>) -> Usage {
    let usage = usage.unwrap_or_default();
    Usage {
        input_tokens: usage.input_tokens,
        output_tokens: usage.output_tokens,
        cost_usd: usage.cost_usd,
        strongest_cost_usd: usage.strongest_cost_usd,
        estimated: usage.estimated,
        wasted_cost_usd: usage.wasted_cost_usd,
    }
}

/// A source.
pub fn source(source: v1::Source) -> Source {
    Source {
        name: source.name,
        first_line: source.first_line,
        last_line: source.last_line,
        score: source.score,
    }
}

/// An attempt.
pub fn attempt(attempt: v1::Attempt) -> Attempt {
    let result = match attempt.result() {
        v1::AttemptResult::Answered => AttemptResult::Answered,
        v1::AttemptResult::Declined => AttemptResult::Declined,
        v1::AttemptResult::Failed | v1::AttemptResult::Unspecified => AttemptResult::Failed,
        v1::AttemptResult::Rejected => AttemptResult::Rejected,
        v1::AttemptResult::Skipped => AttemptResult::Skipped,
    };
    Attempt {
        result,
        latency: duration(attempt.latency),
        replica: attempt.replica,
        engine: attempt.engine,
        detail: attempt.detail,
        usage: usage(attempt.usage),
        confidence: attempt.confidence,
    }
}

/// A step; none where its domain is unknown.
pub fn step(step: v1::Step) -> Option<Step> {
    Some(Step {
        domain: domain(step.domain)?,
        replica: step.replica,
        engine: step.engine,
        tier: tier(step.tier),
        attempts: step.attempts.into_iter().map(attempt).collect(),
        latency: duration(step.latency),
        usage: usage(step.usage),
        input: step.input,
        answer: step.answer,
        substeps: step.substeps.into_iter().filter_map(self::step).collect(),
        depends_on: step.depends_on.into_iter().map(|index| index as usize).collect(),
        planned_by: step.planned_by,
        sources: step.sources.into_iter().map(source).collect(),
        confidence: step.confidence,
    })
}

/// A degradation.
pub fn degradation(degradation: v1::Degradation) -> Degradation {
    use v1::DegradationReason as Proto;
    let reason = match degradation.reason() {
        Proto::SpecialistDown => DegradationReason::SpecialistDown,
        Proto::Deadline => DegradationReason::Deadline,
        Proto::BreakerOpen => DegradationReason::BreakerOpen,
        Proto::ValidatorDown => DegradationReason::ValidatorDown,
        Proto::EnginesDeclined => DegradationReason::EnginesDeclined,
        Proto::Budget => DegradationReason::Budget,
        Proto::ClassifierDown => DegradationReason::ClassifierDown,
        Proto::Partial => DegradationReason::Partial,
        Proto::ValidationFailed => DegradationReason::ValidationFailed,
        Proto::CutOff => DegradationReason::CutOff,
        Proto::ReplicaFailed => DegradationReason::ReplicaFailed,
        Proto::TierDown => DegradationReason::TierDown,
        Proto::Overloaded => DegradationReason::Overloaded,
        Proto::EngineFailed | Proto::Unspecified => DegradationReason::EngineFailed,
    };
    Degradation {
        domain: domain(degradation.domain),
        reason,
        detail: degradation.detail,
        served_by: degradation.served_by,
    }
}

/// A verdict on the answer of a step.
pub fn verdict(verdict: v1::Verdict, step: usize) -> Verdict {
    let result = match verdict.result() {
        v1::VerdictResult::Pass => VerdictResult::Pass,
        v1::VerdictResult::Fail => VerdictResult::Fail,
        v1::VerdictResult::Unsure | v1::VerdictResult::Unspecified => VerdictResult::Unsure,
    };
    Verdict {
        result,
        latency: duration(verdict.latency),
        confidence: verdict.confidence.filter(|confidence| (0.0..=1.0).contains(confidence)),
        validator: verdict.validator,
        reason: verdict.reason,
        findings: verdict
            .findings
            .into_iter()
            .map(|finding| Finding {
                excerpt: finding.excerpt,
                problem: finding.problem,
                line: finding.line,
                column: finding.column,
            })
            .collect(),
        step,
    }
}
