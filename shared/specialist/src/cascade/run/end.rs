//! How a cascade ends.

use plexus_core::{AttemptResult, Degradation, DegradationReason, Usage};
use tokio::time::Instant;
use tracing::Span;

use super::Run;
use crate::{
    cascade::{Ending, Finished, answer::Answer},
    engine::{EngineError, EngineInfo},
};

impl Run {
    /// The engine whose words were sent, whole or not.
    pub(in crate::cascade) fn won(
        mut self,
        info: &EngineInfo,
        answer: Answer,
        error: Option<EngineError>,
        begin: Instant,
        span: &Span,
    ) -> Finished {
        let mut usage = self.used(info, &answer, span);
        if error.is_some() {
            usage.wasted_cost_usd = usage.cost_usd;
        }
        self.usage += usage;
        for failed in self
            .attempts
            .iter()
            .filter(|attempt| attempt.result == AttemptResult::Failed)
        {
            self.degradations.push(Degradation {
                domain: Some(self.domain),
                reason: DegradationReason::EngineFailed,
                detail: format!("engine {} {}", failed.engine, failed.detail),
                served_by: info.name.clone(),
            });
        }
        let (ending, result, detail) = match error {
            None => (Ending::Answered, AttemptResult::Answered, String::new()),
            Some(error) => {
                span.record("otel.status_code", "ERROR");
                let detail = format!("engine {} {error}", info.name);
                self.degrade(DegradationReason::CutOff, detail.clone(), String::new());
                (Ending::CutOff, AttemptResult::Failed, detail)
            }
        };
        // What was skipped for cost on the way to an answer is no loss.
        if ending == Ending::Answered {
            self.degradations
                .retain(|degradation| degradation.reason != DegradationReason::Budget);
        }
        if answer.truncated && !self.limited {
            let detail = format!("engine {} stopped at its limit of tokens, not at its end", info.name);
            self.degrade(DegradationReason::CutOff, detail, String::new());
        }
        span.record("plexus.result", result.name());
        self.engine_time += begin.elapsed();
        self.attempt(info, result, detail.clone(), begin.elapsed());
        self.bill(usage);
        self.degradations.extend(answer.degradations);
        for step in &answer.substeps {
            self.usage += Usage {
                input_tokens: 0,
                output_tokens: 0,
                ..step.usage
            };
        }
        Finished {
            ending,
            engine: Some((info.name.clone(), info.tier)),
            attempts: self.attempts,
            usage: self.usage,
            result: answer.result,
            detail,
            substeps: answer.substeps,
            degradations: self.degradations,
            engine_time: self.engine_time,
            engines_left: self.engines_left,
            sources: Vec::new(),
            planned_by: answer.planned_by,
            exact: info.is_exact() && !answer.inexact,
            // The next engine is expected to write about as much as this one did.
            adaptations: self.adaptations,
            next_weight: self.next_price.weight(usage.input_tokens, usage.output_tokens),
        }
    }

    /// Nobody is left to ask.
    pub(in crate::cascade) fn nobody(self) -> Finished {
        let failed = self
            .attempts
            .iter()
            .any(|attempt| attempt.result == AttemptResult::Failed);
        let detail = match self.attempts.is_empty() {
            true => "there is no engine left to ask".to_owned(),
            false => {
                let each = self
                    .attempts
                    .iter()
                    .map(|attempt| format!("{}: {}", attempt.engine, attempt.detail));
                each.collect::<Vec<_>>().join("; ")
            }
        };
        Finished {
            ending: if failed { Ending::Failed } else { Ending::Declined },
            engine: None,
            attempts: self.attempts,
            usage: self.usage,
            result: String::new(),
            detail,
            substeps: Vec::new(),
            degradations: self.degradations,
            engine_time: self.engine_time,
            engines_left: 0,
            sources: Vec::new(),
            planned_by: String::new(),
            exact: false,
            adaptations: self.adaptations,
            next_weight: 0.0,
        }
    }
}
