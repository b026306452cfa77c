//! One part of a conducted question: resolved, asked of whoever can answer it, and what came of it.

use std::time::Instant;

use plexus_client::specialist::{Called, Terms, call};
use plexus_core::{Degradation, DegradationReason, Domain, Step, Tier};
use plexus_proto::v1::AnswerRequest;
use plexus_specialist::engine::Question;
use plexus_wire as wire;
use tracing::{Instrument as _, info_span};

use super::{Peers, compute};
use crate::domain::{Task, candidates, resolve};

/// What one part came to.
pub(super) struct Outcome {
    pub(super) step: Step,
    pub(super) result: String,
    pub(super) degradations: Vec<Degradation>,
    /// Whether it was answered exactly.
    pub(super) exact: bool,
}

pub(super) async fn part(
    peers: &Peers,
    question: &Question,
    task: &Task,
    results: &[Option<String>],
    max_cost_usd: Option<f64>,
) -> Outcome {
    let begin = Instant::now();
    let wanted = task.candidates.first().copied().unwrap_or(Domain::Language);
    let mut outcome = Outcome {
        step: Step {
            depends_on: task.depends_on.clone(),
            ..Step::unserved(wanted, task.text.as_str())
        },
        result: String::new(),
        degradations: Vec::new(),
        exact: false,
    };
    let partial = |detail: String| Degradation {
        domain: Some(wanted),
        reason: DegradationReason::Partial,
        detail,
        served_by: String::new(),
    };
    let Some(text) = resolve(task, results) else {
        outcome
            .degradations
            .push(partial(format!("\"{}\" needs a result that is not there", task.text)));
        return outcome;
    };
    outcome.step.input.clone_from(&text);
    let mut missed = Vec::new();
    let computed = compute(&text).await;
    for domain in candidates(task, computed.is_some()) {
        let Some(pool) = peers.0.get(&domain) else { continue };
        let span = info_span!(
            "part",
            otel.name = format!("part {domain}"),
            plexus.domain = domain.name()
        );
        let left = max_cost_usd.map(|limit| (limit - outcome.step.usage.cost_usd).max(0.0));
        let request = request(question, &text, left);
        let terms = Terms {
            deadline: question.deadline,
            priority: question.priority,
        };
        let Called { attempts, reply, .. } = call(pool, domain, &request, terms, ()).instrument(span).await;
        outcome.step.attempts.extend(attempts);
        match reply {
            Ok(reply) => {
                outcome.step.domain = domain;
                outcome.step.replica = reply.replica.clone();
                outcome.step.engine = reply.engine;
                outcome.step.tier = reply.tier;
                outcome.step.usage += reply.usage;
                outcome.step.answer = reply.text;
                outcome.step.substeps = reply.substeps;
                outcome.result = reply.result;
                outcome.exact = reply.exact;
                outcome.step.planned_by = reply.planned_by;
                outcome.step.sources = reply.sources;
                outcome.degradations.extend(reply.degradations);
                // That somebody declined is how the right one is found; that somebody is down is not.
                outcome.degradations.extend(missed.into_iter().map(|one| Degradation {
                    served_by: reply.replica.clone(),
                    ..one
                }));
                missed = Vec::new();
                break;
            }
            Err(miss) => {
                outcome.step.usage += miss.usage;
                if miss.reason != DegradationReason::EnginesDeclined {
                    missed.push(Degradation {
                        domain: Some(domain),
                        reason: miss.reason,
                        detail: miss.detail,
                        served_by: String::new(),
                    });
                }
            }
        }
    }
    if outcome.step.answer.is_empty()
        && let Some(answer) = computed
    {
        // Nobody else could; what can be computed is computed here.
        outcome.step.engine = "exact".to_owned();
        outcome.step.tier = Some(Tier::Edge);
        outcome.step.answer = answer.text;
        outcome.result = answer.result;
        outcome.exact = true;
        missed
            .iter_mut()
            .for_each(|one| one.served_by = Domain::Reasoning.name().to_owned());
    }
    outcome.degradations.extend(missed);
    if outcome.step.answer.is_empty() {
        outcome.degradations.push(partial(format!("\"{text}\" has no answer")));
    }
    outcome.step.latency = begin.elapsed();
    outcome
}

fn request(question: &Question, text: &str, max_cost_usd: Option<f64>) -> AnswerRequest {
    let constraints = plexus_core::Constraints {
        max_cost_usd,
        ..question.constraints.clone()
    };
    AnswerRequest {
        query: text.to_owned(),
        context: Vec::new(),
        constraints: Some(wire::constraints_to_proto(&constraints)),
        exclude_engines: Vec::new(),
        parts: Vec::new(),
        hops_left: question.hops_left.saturating_sub(1),
        request_id: question.request_id.clone(),
        complexity: question.complexity,
        max_complexity: question.max_complexity,
        ..AnswerRequest::default()
    }
}
