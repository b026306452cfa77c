//! Words to contract.

use std::time::Duration;

use plexus_core::{
    Attempt, AttemptResult, Constraints, Degradation, DegradationReason, Domain, Message, Part, Role, Source, Step,
    Tier, Usage, Verdict, VerdictResult,
};
use plexus_proto::v1;

/// A domain.
pub fn domain_to_proto(domain: Domain) -> v1::Domain {
    match domain {
        Domain::Code => v1::Domain::Code,
        Domain::Math => v1::Domain::Math,
        Domain::Reasoning => v1::Domain::Reasoning,
        Domain::Language => v1::Domain::Language,
    }
}

/// A tier.
pub fn tier_to_proto(tier: Tier) -> v1::Tier {
    match tier {
        Tier::Edge => v1::Tier::Edge,
        Tier::Onprem => v1::Tier::Onprem,
        Tier::Cloud => v1::Tier::Cloud,
    }
}

/// A duration.
pub fn duration_to_proto(duration: Duration) -> Option<prost_types::Duration> {
    prost_types::Duration::try_from(duration).ok()
}

/// A message of a conversation.
pub fn message_to_proto(message: &Message) -> v1::Message {
    let role = match message.role {
        Role::System => v1::Role::System,
        Role::User => v1::Role::User,
        Role::Assistant => v1::Role::Assistant,
    };
    v1::Message {
        role: role.into(),
        content: message.content.clone(),
    }
}

/// A caller's demands.
pub fn constraints_to_proto(constraints: &Constraints) -> v1::Constraints {
    v1::Constraints {
        domains: constraints
            .domains
            .iter()
            .map(|domain| domain_to_proto(*domain).into())
            .collect(),
        tiers: constraints
            .tiers
            .iter()
            .map(|tier| tier_to_proto(*tier).into())
            .collect(),
        max_cost_usd: constraints.max_cost_usd,
        max_output_tokens: constraints.max_output_tokens,
        regions: constraints.regions.clone(),
        min_confidence: constraints.min_confidence,
    }
}

/// A part of a query.
pub fn part_to_proto(part: &Part) -> v1::Part {
    v1::Part {
        text: part.text.clone(),
        domain: domain_to_proto(part.domain).into(),
        depends_on: part.depends_on.iter().map(|index| *index as u32).collect(),
    }
}

/// Usage.
pub fn usage_to_proto(usage: Usage) -> v1::Usage {
    v1::Usage {
        input_tokens: usage.input_tokens,
        output_tokens: usage.output_tokens,
        cost_usd: usage.cost_usd,
        strongest_cost_usd: usage.strongest_cost_usd,
        estimated: usage.estimated,
        wasted_cost_usd: usage.wasted_cost_usd,
    }
}

/// A source.
pub fn source_to_proto(source: &Source) -> v1::Source {
    v1::Source {
        name: source.name.clone(),
        first_line: source.first_line,
        last_line: source.last_line,
        score: source.score,
    }
}

/// A degradation.
pub fn degradation_to_proto(degradation: &Degradation) -> v1::Degradation {
    use v1::DegradationReason as Proto;
    let reason = match degradation.reason {
        DegradationReason::SpecialistDown => Proto::SpecialistDown,
        DegradationReason::Deadline => Proto::Deadline,
        DegradationReason::BreakerOpen => Proto::BreakerOpen,
        DegradationReason::ValidatorDown => Proto::ValidatorDown,
        DegradationReason::EnginesDeclined => Proto::EnginesDeclined,
        DegradationReason::Budget => Proto::Budget,
        DegradationReason::ClassifierDown => Proto::ClassifierDown,
        DegradationReason::Partial => Proto::Partial,
        DegradationReason::ValidationFailed => Proto::ValidationFailed,
        DegradationReason::CutOff => Proto::CutOff,
        DegradationReason::EngineFailed => Proto::EngineFailed,
        DegradationReason::ReplicaFailed => Proto::ReplicaFailed,
        DegradationReason::TierDown => Proto::TierDown,
        DegradationReason::Overloaded => Proto::Overloaded,
    };
    v1::Degradation {
        domain: degradation
            .domain
            .map_or(v1::Domain::Unspecified, domain_to_proto)
            .into(),
        reason: reason.into(),
        detail: degradation.detail.clone(),
        served_by: degradation.served_by.clone(),
    }
}

/// An attempt.
pub fn attempt_to_proto(attempt: &Attempt) -> v1::Attempt {
    let result = match attempt.result {
        AttemptResult::Answered => v1::AttemptResult::Answered,
        AttemptResult::Declined => v1::AttemptResult::Declined,
        AttemptResult::Failed => v1::AttemptResult::Failed,
        AttemptResult::Rejected => v1::AttemptResult::Rejected,
        AttemptResult::Skipped => v1::AttemptResult::Skipped,
    };
    v1::Attempt {
        replica: attempt.replica.clone(),
        engine: attempt.engine.clone(),
        result: result.into(),
        detail: attempt.detail.clone(),
        latency: duration_to_proto(attempt.latency),
        usage: Some(usage_to_proto(attempt.usage)),
        confidence: attempt.confidence,
    }
}

/// A step.
pub fn step_to_proto(step: &Step) -> v1::Step {
    v1::Step {
        domain: domain_to_proto(step.domain).into(),
        replica: step.replica.clone(),
        engine: step.engine.clone(),
        tier: step.tier.map_or(v1::Tier::Unspecified, tier_to_proto).into(),
        attempts: step.attempts.iter().map(attempt_to_proto).collect(),
        latency: duration_to_proto(step.latency),
        usage: Some(usage_to_proto(step.usage)),
        input: step.input.clone(),
        answer: step.answer.clone(),
        substeps: step.substeps.iter().map(step_to_proto).collect(),
        depends_on: step.depends_on.iter().map(|index| *index as u32).collect(),
        planned_by: step.planned_by.clone(),
        sources: step.sources.iter().map(source_to_proto).collect(),
        confidence: step.confidence,
    }
}

/// A verdict.
pub fn verdict_to_proto(verdict: &Verdict) -> v1::Verdict {
    let result = match verdict.result {
        VerdictResult::Pass => v1::VerdictResult::Pass,
        VerdictResult::Fail => v1::VerdictResult::Fail,
        VerdictResult::Unsure => v1::VerdictResult::Unsure,
    };
    v1::Verdict {
        validator: verdict.validator.clone(),
        result: result.into(),
        reason: verdict.reason.clone(),
        findings: verdict
            .findings
            .iter()
            .map(|finding| v1::Finding {
                excerpt: finding.excerpt.clone(),
                problem: finding.problem.clone(),
                line: finding.line,
                column: finding.column,
            })
            .collect(),
        step: verdict.step as u32,
        latency: duration_to_proto(verdict.latency),
        confidence: verdict.confidence,
    }
}
