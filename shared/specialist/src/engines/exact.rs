//! Makes an engine of an exact solver.

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::{StreamExt as _, stream};
use tracing::Span;

use crate::{
    engine::{Chunk, Chunks, Engine, EngineError, EngineInfo, Question},
    exact::{Capability, ExactSolver},
};

/// Answers at once what its solver can answer exactly.
#[derive(Clone)]
pub struct ExactEngine {
    info: EngineInfo,
    solver: Arc<dyn ExactSolver>,
}

impl ExactEngine {
    /// An engine of that name.
    pub fn new(name: &str, solver: Arc<dyn ExactSolver>) -> Self {
        Self {
            info: Self::describe(name),
            solver,
        }
    }

    /// What every exact engine says of itself.
    pub fn describe(name: &str) -> EngineInfo {
        EngineInfo::new(name, "exact")
    }
}

#[async_trait]
impl Engine for ExactEngine {
    fn info(&self) -> &EngineInfo {
        &self.info
    }

    fn capabilities(&self) -> &'static [Capability] {
        self.solver.capabilities()
    }

    async fn answer(&self, question: &Question) -> Result<Chunks, EngineError> {
        let solver = self.solver.clone();
        let text = match question.task.as_str() {
            "" => question.text.clone(),
            task => solver
                .task(task, &question.text)
                .ok_or_else(|| EngineError::Declined(format!("the task {task} needs a model").into()))?,
        };
        let span = Span::current();
        // A solver may think for milliseconds; the threads that serve calls must not.
        let solved = tokio::task::spawn_blocking(move || span.in_scope(|| solver.solve(&text)));
        match solved.await {
            Ok(Ok(solution)) => {
                let chunks = [Ok(Chunk::Text(solution.text)), Ok(Chunk::Result(solution.result))];
                Ok(stream::iter(chunks).boxed())
            }
            Ok(Err(declined)) => Err(EngineError::Declined(declined.0)),
            Err(_) => Err(EngineError::CutOff("the solver ended without an answer".to_owned())),
        }
    }
}
