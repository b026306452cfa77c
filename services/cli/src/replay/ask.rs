//! Asks the mesh every question.

use std::time::Duration;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use plexus_proto::v1::{AskRequest, AskResponse, AttemptResult, Constraints, VerdictResult};

use super::{rows::Row, setup::Engines};
use crate::{client::Router, failure::Failure};

/// Questions under way at the same time.
const AT_ONCE: usize = 16;
/// How long one may take.
const TIMEOUT: Duration = Duration::from_secs(60);
/// The kind of validator that says how probable it is that an answer is right.
const CONFIDENCE: &str = "confidence";

/// What the mesh made of a question.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Asked {
    /// Probability that the weak engine gets it wrong, as the router said.
    pub(super) complexity: f64,
    /// Whether somebody looks at the answer and says how probable it is that it is right.
    pub(super) checked: bool,
    /// What became of the weak engine; none: it was not asked.
    pub(super) weak: Option<Try>,
    /// What became of the strong engine; none: it was not asked.
    pub(super) strong: Option<Try>,
    /// Whose answer was given; none: nobody's.
    pub(super) given: Option<Given>,
    /// What it cost, US dollars.
    pub(super) cost: f64,
}

/// Whose answer was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Given {
    Weak,
    Strong,
}

impl Given {
    /// Lower-case name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Weak => "weak",
            Self::Strong => "strong",
        }
    }
}

/// What became of an engine.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Try {
    /// What it cost, US dollars.
    pub(super) cost: f64,
    /// How probable it is that its answer is right, where somebody said so.
    pub(super) confidence: Option<f64>,
    /// Whether a validator found it wrong.
    pub(super) failed: bool,
    /// Whether the recorded answer was right.
    pub(super) correct: bool,
    /// Tokens read and written.
    pub(super) tokens: (u64, u64),
}

/// Asks a mesh.
pub(super) struct Asker<'a> {
    router: &'a Router,
    rows: &'a [Row],
    engines: &'a Engines,
}

impl<'a> Asker<'a> {
    pub(super) fn new(router: &'a Router, rows: &'a [Row], engines: &'a Engines) -> Self {
        Self { router, rows, engines }
    }

    /// Every question, answers as sure as `confidence` demands, in the order of the rows.
    ///
    /// # Errors
    /// A mesh that does not answer.
    pub(super) async fn all(&self, confidence: f64) -> Result<Vec<Asked>, Failure> {
        let asking = self.rows.iter().map(|row| self.one(row, confidence));
        stream::iter(asking).buffered(AT_ONCE).try_collect().await
    }

    async fn one(&self, row: &Row, confidence: f64) -> Result<Asked, Failure> {
        let request = AskRequest {
            query: row.prompt.clone(),
            constraints: Some(Constraints {
                min_confidence: Some(confidence),
                ..Constraints::default()
            }),
            ..AskRequest::default()
        };
        let response = self.router.ask(request, TIMEOUT).await?;
        Ok(read(&response, row, self.engines))
    }
}

fn read(response: &AskResponse, row: &Row, engines: &Engines) -> Asked {
    let route = response.route.clone().unwrap_or_default();
    let plan = route.plan.unwrap_or_default();
    let checked = plan
        .steps
        .first()
        .is_some_and(|step| step.validators.iter().any(|kind| kind == CONFIDENCE));
    // A question that was split has no answer of one engine; it counts as unanswered.
    let step = match response.steps.as_slice() {
        [step] => Some(step),
        _ => None,
    };
    let failed = response
        .verdicts
        .iter()
        .any(|verdict| verdict.result() == VerdictResult::Fail);
    let taken = |name: &str| step.is_some_and(|step| step.engine == name && !response.answer.is_empty());
    let tried = |name: &str| {
        let attempt = step?.attempts.iter().rev().find(|attempt| {
            let answered = matches!(attempt.result(), AttemptResult::Answered | AttemptResult::Rejected);
            attempt.engine == name && answered
        })?;
        let usage = attempt.usage.unwrap_or_default();
        Some(Try {
            cost: usage.cost_usd,
            tokens: (usage.input_tokens, usage.output_tokens),
            confidence: attempt.confidence,
            // The verdicts are those of the answer that was given. Where no confidence is demanded, as when the weak engine is
            // asked, only a validator rejects one.
            failed: match taken(name) {
                true => failed,
                false => attempt.result() == AttemptResult::Rejected,
            },
            correct: row.engines.get(name).is_some_and(|recorded| recorded.correct),
        })
    };
    let given = [(&engines.weak, Given::Weak), (&engines.strong, Given::Strong)]
        .into_iter()
        .find(|(engine, _)| taken(&engine.name));
    Asked {
        complexity: route.complexity,
        checked,
        weak: tried(&engines.weak.name),
        strong: tried(&engines.strong.name),
        given: given.map(|(_, given)| given),
        cost: response.usage.unwrap_or_default().cost_usd,
    }
}
