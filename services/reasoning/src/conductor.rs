//! The exact engine of reasoning: asks the other specialists for the parts of a question, independent parts at the same
//! time, and puts results into later parts.

use std::{collections::BTreeMap, sync::Arc, time::Instant};

use async_trait::async_trait;
use futures_util::{StreamExt as _, future::join_all, stream};
use plexus_client::{
    Pool,
    specialist::{Called, call},
};
use plexus_core::{Degradation, DegradationReason, Domain, Step, Tier};
use plexus_proto::v1::{AnswerRequest, specialist_service_server};
use plexus_specialist::{
    engine::{Chunk, Chunks, Engine, EngineError, EngineInfo, Question},
    engines::ExactEngine,
};
use plexus_wire as wire;
use tracing::{Instrument as _, info_span};

use crate::{
    Own,
    domain::{Task, candidates, compose, ready, resolve, result_of, tasks},
};

/// Pools of the other specialists.
#[derive(Debug)]
pub(crate) struct Peers(BTreeMap<Domain, Pool>);

impl Peers {
    /// Pools of a configuration; nothing is connected yet.
    pub(crate) fn new(config: &Own) -> Self {
        let service = specialist_service_server::SERVICE_NAME;
        let pools = config
            .peers()
            .map(|(domain, endpoints)| (domain, Pool::new(domain.name(), service, endpoints, &config.client)));
        Self(pools.into())
    }
}

/// Conducts questions of several steps.
pub(crate) struct Conductor {
    info: EngineInfo,
    peers: Arc<Peers>,
}

impl Conductor {
    /// An engine of that name.
    pub(crate) fn new(name: &str, peers: Arc<Peers>) -> Self {
        Self {
            info: ExactEngine::describe(name),
            peers,
        }
    }
}

#[async_trait]
impl Engine for Conductor {
    fn info(&self) -> &EngineInfo {
        &self.info
    }

    async fn answer(&self, question: &Question) -> Result<Chunks, EngineError> {
        let tasks = tasks(&question.text, &question.parts);
        if tasks.is_empty() {
            return alone(question).await;
        }
        if question.hops_left == 0 {
            return Err(EngineError::Declined("no hop to other specialists is left".into()));
        }
        let conducted = conduct(&self.peers, question, &tasks).await;
        let text = compose(&conducted.answers);
        if text.is_empty() {
            let details: Vec<String> = conducted.degradations.into_iter().map(|one| one.detail).collect();
            return Err(EngineError::Declined(
                format!("no part has an answer: {}", details.join("; ")).into(),
            ));
        }
        let result = conducted.results.into_iter().next_back().flatten().unwrap_or_default();
        let chunks = [
            Chunk::Text(text),
            Chunk::Result(result),
            Chunk::Delegated {
                steps: conducted.steps,
                degradations: conducted.degradations,
                planned_by: match question.parts.len() > 1 {
                    true => "router".to_owned(),
                    false => "splitter".to_owned(),
                },
            },
        ];
        Ok(stream::iter(chunks.map(Ok)).boxed())
    }
}

/// A question of one step: only what can be computed at once, so that reasoning can stand in for math.
async fn alone(question: &Question) -> Result<Chunks, EngineError> {
    match compute(&question.text).await {
        Some(answer) => Ok(stream::iter([Ok(Chunk::Text(answer.text)), Ok(Chunk::Result(answer.result))]).boxed()),
        None => Err(EngineError::Declined(
            "not a question of several steps that others can answer".into(),
        )),
    }
}

/// The exact answer, computed off the threads that serve calls.
async fn compute(text: &str) -> Option<plexus_calc::Answer> {
    let text = text.to_owned();
    tokio::task::spawn_blocking(move || plexus_calc::answer(&text).ok())
        .await
        .ok()
        .flatten()
}

/// What all parts came to.
#[derive(Default)]
struct Conducted {
    answers: Vec<Option<String>>,
    results: Vec<Option<String>>,
    steps: Vec<Step>,
    degradations: Vec<Degradation>,
}

async fn conduct(peers: &Peers, question: &Question, tasks: &[Task]) -> Conducted {
    let mut conducted = Conducted {
        answers: vec![None; tasks.len()],
        results: vec![None; tasks.len()],
        ..Conducted::default()
    };
    let mut steps: Vec<Option<Step>> = vec![None; tasks.len()];
    let mut done = vec![false; tasks.len()];
    let mut spent = 0.0;
    loop {
        let now = ready(tasks, &done);
        if now.is_empty() {
            break;
        }
        let share = question
            .constraints
            .max_cost_usd
            .map(|limit| ((limit - spent) / now.len() as f64).max(0.0));
        let running = now
            .iter()
            .map(|index| part(peers, question, &tasks[*index], &conducted.results, share));
        for (index, outcome) in now.iter().zip(join_all(running).await) {
            done[*index] = true;
            spent += outcome.step.usage.cost_usd;
            if !outcome.step.answer.is_empty() {
                conducted.answers[*index] = Some(outcome.step.answer.clone());
                let result = Some(outcome.result).filter(|result| !result.is_empty());
                conducted.results[*index] = result.or_else(|| result_of(&outcome.step.answer));
            }
            conducted.degradations.extend(outcome.degradations);
            steps[*index] = Some(outcome.step);
        }
    }
    conducted.steps = steps.into_iter().flatten().collect();
    conducted
}

/// What one part came to.
struct Outcome {
    step: Step,
    result: String,
    degradations: Vec<Degradation>,
}

async fn part(
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
        let Called { attempts, reply } = call(pool, domain, &request, question.deadline, ())
            .instrument(span)
            .await;
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
