//! Has a model plan the steps of a question that the splitter sees no parts in.

use std::{sync::Arc, time::Instant};

use futures_util::StreamExt as _;
use plexus_core::{Domain, Step};
use plexus_specialist::{
    cascade::{self, Asked, Ending, Event},
    engine::{Engine, EngineError, Question},
    prepare::Prepare,
};
use plexus_structured::Schema;

use crate::domain::{Task, plan};

/// The capability whose prompt makes plans.
const TASK: &str = "plan_workflow";

/// A plan, and what making it took.
pub(super) struct Planned {
    /// What to do, or why there is nothing that could be done.
    pub(super) tasks: Result<Vec<Task>, String>,
    pub(super) step: Step,
}

/// Makes plans.
pub(crate) struct Planner {
    engines: Arc<[Arc<dyn Engine>]>,
    prepare: Arc<Prepare>,
    above: f64,
}

impl Planner {
    /// A planner over models, which are asked as in any cascade; none without any. Only questions more complex than `above`
    /// are worth a plan.
    pub(crate) fn new(models: &[Arc<dyn Engine>], prepare: &Arc<Prepare>, above: f64) -> Option<Self> {
        (!models.is_empty()).then(|| Self {
            engines: models.to_vec().into(),
            prepare: prepare.clone(),
            above,
        })
    }

    /// Whether a question is worth a plan, and may be passed on.
    pub(super) fn takes(&self, question: &Question) -> bool {
        question.hops_left > 0 && question.complexity.is_some_and(|complexity| complexity > self.above)
    }

    /// A plan of at least two steps, and what it cost, also where it cannot be followed.
    ///
    /// # Errors
    /// Never in practice: nobody could be asked.
    pub(super) async fn plan(&self, question: &Question) -> Result<Planned, EngineError> {
        let begin = Instant::now();
        let declined = |why: String| EngineError::Declined(why.into());
        let schema = Schema::compile(plan::SCHEMA).map_err(|error| declined(error.to_string()))?;
        let asked = Asked {
            question: Question {
                task: TASK.to_owned(),
                json_schema: plan::SCHEMA.to_owned(),
                parts: Vec::new(),
                ..question.clone()
            },
            exclude: Vec::new(),
            schema: Some(schema),
        };
        let events = cascade::run(Domain::Reasoning, self.engines.clone(), self.prepare.clone(), asked);
        let mut events = std::pin::pin!(events);
        let mut text = String::new();
        while let Some(event) = events.next().await {
            let finished = match event {
                Event::Committed { .. } => continue,
                Event::Delta(delta) => {
                    text.push_str(&delta);
                    continue;
                }
                Event::Finished(finished) => finished,
            };
            let tasks = match finished.ending {
                Ending::Answered => {
                    plan::read(&text).map_err(|problem| format!("the plan cannot be followed: {problem}"))
                }
                _ => Err(format!("no model made a plan: {}", finished.detail)),
            };
            let (engine, tier) = finished.engine.unzip();
            let step = Step {
                engine: engine.unwrap_or_default(),
                tier,
                attempts: finished.attempts,
                usage: finished.usage,
                latency: begin.elapsed(),
                answer: text,
                ..Step::unserved(Domain::Reasoning, question.text.as_str())
            };
            return Ok(Planned { tasks, step });
        }
        Err(declined("the plan ended without an end".to_owned()))
    }
}
