//! The plan: a pure function of signals, policy and demands, that says why it is what it is.

use plexus_classifier::{Signals, Thresholds};
use plexus_core::{Constraints, Domain, Part};

use super::{Policy, Query};

/// How steps relate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanMode {
    /// One step.
    Single,
    /// Several at the same time.
    FanOut,
    /// Parts that build on each other, conducted by the reasoning specialist.
    Workflow,
}

impl PlanMode {
    /// Lower-case name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Single => "single",
            Self::FanOut => "fan_out",
            Self::Workflow => "workflow",
        }
    }
}

/// One planned step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedStep {
    /// Who shall answer.
    pub domain: Domain,
    /// The text to answer.
    pub input: String,
    /// Kinds of the validators that check the answer.
    pub validators: Vec<String>,
    /// Parts of a workflow.
    pub parts: Vec<Part>,
    /// Who may answer where the domain's engines decline: the other domains, best score first.
    pub alternatives: Vec<Domain>,
}

/// What will be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// How steps relate.
    pub mode: PlanMode,
    /// The steps, in the order of the answer; at least one.
    pub steps: Vec<PlannedStep>,
    /// Why, in one sentence.
    pub reason: String,
}

/// Plans a query.
pub fn plan(query: &Query, signals: &Signals, policy: &Policy) -> Plan {
    let constraints = &query.constraints;
    let step = |domain: Domain, input: &str, scores: &[(Domain, f32)]| PlannedStep {
        domain,
        input: input.to_owned(),
        validators: policy.validators(domain),
        parts: Vec::new(),
        alternatives: scores
            .iter()
            .map(|(other, _)| *other)
            .filter(|other| *other != domain && allowed(constraints, *other))
            .collect(),
    };
    if let Some(domain) = policy.tasks.get(&query.task).filter(|_| !query.task.is_empty()) {
        return Plan {
            mode: PlanMode::Single,
            steps: vec![step(*domain, &query.text, &signals.domains)],
            reason: format!("task {}: {domain} does it", query.task),
        };
    }
    let parts = &signals.parts;
    // Answers of several steps, joined, would fit no schema.
    if parts.len() > 1 && query.json_schema.is_empty() {
        let chosen: Vec<Domain> = parts
            .iter()
            .map(|part| choose(&part.domains, &signals.thresholds, constraints).0)
            .collect();
        let depends = parts.iter().any(|part| !part.depends_on.is_empty());
        if !depends {
            let steps = parts
                .iter()
                .zip(&chosen)
                .map(|(part, domain)| step(*domain, &part.text, &part.domains));
            let names: Vec<&str> = chosen.iter().map(|domain| domain.name()).collect();
            return Plan {
                mode: PlanMode::FanOut,
                steps: steps.collect(),
                reason: format!("{} independent parts: {}", parts.len(), names.join(", ")),
            };
        }
        if allowed(constraints, Domain::Reasoning) {
            let mut conducted = step(Domain::Reasoning, &query.text, &signals.domains);
            conducted.parts = parts
                .iter()
                .zip(&chosen)
                .map(|(part, domain)| Part {
                    text: part.text.clone(),
                    domain: *domain,
                    depends_on: part.depends_on.clone(),
                })
                .collect();
            return Plan {
                mode: PlanMode::Workflow,
                steps: vec![conducted],
                reason: format!(
                    "{} parts that build on each other: reasoning conducts them",
                    parts.len()
                ),
            };
        }
    }
    let (domain, reason) = choose(&signals.domains, &signals.thresholds, constraints);
    Plan {
        mode: PlanMode::Single,
        steps: vec![step(domain, &query.text, &signals.domains)],
        reason: told(signals, reason),
    }
}

/// The reason, with why the encoder was not asked.
fn told(signals: &Signals, reason: String) -> String {
    match signals.language {
        Some(language) if signals.foreign => {
            format!("{language} is outside the encoder's languages: the first stage decided, {reason}")
        }
        _ => reason,
    }
}

fn allowed(constraints: &Constraints, domain: Domain) -> bool {
    constraints.domains.is_empty() || constraints.domains.contains(&domain)
}

/// The domain that answers, and why.
fn choose(scores: &[(Domain, f32)], limits: &Thresholds, constraints: &Constraints) -> (Domain, String) {
    let best = scores.iter().find(|(domain, _)| allowed(constraints, *domain));
    let Some((domain, score)) = best.copied() else {
        return (
            Domain::Language,
            "nothing is known of the query: the generalist answers".to_owned(),
        );
    };
    if !constraints.domains.is_empty() {
        return (
            domain,
            format!("{domain} {score:.2} is the best of the domains that the caller allows"),
        );
    }
    let generalist = |why: &str, limit: f32| {
        let reason = format!("{why}: the best score, {domain} {score:.2}, is below {limit:.2}: the generalist answers");
        (Domain::Language, reason)
    };
    if score < limits.outside {
        return generalist("outside all domains", limits.outside);
    }
    if score < limits.not_sure && domain != Domain::Language {
        return generalist("not sure", limits.not_sure);
    }
    let others = scores
        .iter()
        .filter(|(other, score)| *other != domain && *score >= limits.multi_label);
    let others: Vec<String> = others.map(|(other, score)| format!("{other} {score:.2}")).collect();
    let reason = match others.is_empty() {
        true => format!("{domain} {score:.2}"),
        false => format!(
            "{domain} {score:.2}, also {}: one request, so the best answers",
            others.join(", ")
        ),
    };
    (domain, reason)
}

#[cfg(test)]
mod tests;
