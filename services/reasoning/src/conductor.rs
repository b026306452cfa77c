//! The exact engine of reasoning, an orchestrator: divides a question into parts (as the router or the splitter found them,
//! or as a model plans them), asks the other specialists, independent parts at the same time, puts results into later parts,
//! and makes one answer of all.

mod conduct;
mod part;
mod planner;

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use futures_util::{StreamExt as _, stream};
use plexus_client::{Network, Pool, System};
use plexus_core::Domain;
use plexus_proto::v1::specialist_service_server;
use plexus_specialist::{
    engine::{Chunk, Chunks, Engine, EngineError, EngineInfo, Question},
    engines::ExactEngine,
    exact::Capability,
};
use plexus_telemetry::metrics::Sheet;
use plexus_tls::TlsError;

use self::conduct::{Conducted, conduct};
pub(crate) use self::planner::Planner;
use crate::{
    Config,
    domain::{CAPABILITIES, compose, tasks},
};

/// Pools of the other specialists.
#[derive(Debug)]
pub(crate) struct Peers(BTreeMap<Domain, Pool>);

impl Peers {
    /// Pools of a configuration; nothing is connected yet.
    pub(crate) fn new(config: &Config) -> Result<Self, TlsError> {
        let network: Arc<dyn Network> = Arc::new(System::new(&config.own.client.tls)?);
        let service = specialist_service_server::SERVICE_NAME;
        let pools = config.own.peers().map(|(domain, endpoints)| {
            (
                domain,
                Pool::on(network.clone(), domain.name(), service, endpoints, &config.own.client),
            )
        });
        Ok(Self(pools.into()))
    }
}

/// Conducts questions of several steps.
pub(crate) struct Conductor {
    info: EngineInfo,
    peers: Arc<Peers>,
    /// Plans what the splitter does not see; none: there is no model.
    planner: Option<Planner>,
}

impl Conductor {
    /// An engine of that name.
    pub(crate) fn new(name: &str, peers: Arc<Peers>, planner: Option<Planner>) -> Self {
        Self {
            info: ExactEngine::describe(name),
            peers,
            planner,
        }
    }
}

#[async_trait]
impl Engine for Conductor {
    fn info(&self) -> &EngineInfo {
        &self.info
    }

    fn capabilities(&self) -> &'static [Capability] {
        CAPABILITIES
    }

    fn show(&self, sheet: &mut Sheet) {
        for pool in self.peers.0.values() {
            pool.view().show(sheet);
        }
    }

    async fn answer(&self, question: &Question) -> Result<Chunks, EngineError> {
        if !question.task.is_empty() || !question.json_schema.is_empty() {
            return Err(EngineError::Declined(
                "a task, or an answer by a schema, needs a model".into(),
            ));
        }
        let found = tasks(&question.text, &question.parts);
        if !found.is_empty() {
            if question.hops_left == 0 {
                return Err(EngineError::Declined("no hop to other specialists is left".into()));
            }
            let conducted = conduct(&self.peers, question, &found).await;
            let planned_by = match question.parts.len() > 1 {
                true => "router",
                false => "splitter",
            };
            return told(compose(&conducted.answers), conducted, planned_by);
        }
        if let Some(answer) = compute(&question.text).await {
            return Ok(stream::iter([Ok(Chunk::Text(answer.text)), Ok(Chunk::Result(answer.result))]).boxed());
        }
        match &self.planner {
            Some(planner) if planner.takes(question) => self.planned(planner, question).await,
            _ => Err(EngineError::Declined(
                "not a question of several steps that others can answer".into(),
            )),
        }
    }
}

impl Conductor {
    /// Has a model make the plan; its last step gives the answer.
    async fn planned(&self, planner: &Planner, question: &Question) -> Result<Chunks, EngineError> {
        let plan = planner.plan(question).await?;
        let tasks = match plan.tasks {
            Ok(tasks) => tasks,
            Err(problem) => {
                let conducted = Conducted {
                    steps: vec![plan.step],
                    ..Conducted::default()
                };
                return Ok(declined(conducted, "", problem));
            }
        };
        let mut within = question.clone();
        if let Some(limit) = &mut within.constraints.max_cost_usd {
            *limit = (*limit - plan.step.usage.cost_usd).max(0.0);
        }
        let mut conducted = conduct(&self.peers, &within, &tasks).await;
        let answer = conducted.answers.last().cloned().flatten().unwrap_or_default();
        // The plan itself is the first thing that was done; the steps count on from there.
        for step in &mut conducted.steps {
            step.depends_on.iter_mut().for_each(|index| *index += 1);
        }
        let engine = plan.step.engine.clone();
        conducted.steps.insert(0, plan.step);
        // A plan may be wrong even where each of its steps is right.
        conducted.exact = false;
        told(answer, conducted, &engine)
    }
}

/// The answer as an engine gives it.
fn told(text: String, conducted: Conducted, planned_by: &str) -> Result<Chunks, EngineError> {
    if text.is_empty() {
        let details: Vec<&str> = conducted.degradations.iter().map(|one| one.detail.as_str()).collect();
        let problem = format!("there is no answer to give: {}", details.join("; "));
        return Ok(declined(conducted, planned_by, problem));
    }
    let result = conducted.results.last().cloned().flatten().unwrap_or_default();
    let chunks = [
        Chunk::Text(text),
        Chunk::Result(result),
        delegated(conducted, planned_by),
    ];
    Ok(stream::iter(chunks.map(Ok)).boxed())
}

/// No answer, but what was done for it, which is paid all the same.
fn declined(conducted: Conducted, planned_by: &str, problem: String) -> Chunks {
    let done = Ok(delegated(conducted, planned_by));
    stream::iter([done, Err(EngineError::Declined(problem.into()))]).boxed()
}

fn delegated(conducted: Conducted, planned_by: &str) -> Chunk {
    Chunk::Delegated {
        steps: conducted.steps,
        degradations: conducted.degradations,
        planned_by: planned_by.to_owned(),
        exact: conducted.exact,
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
