//! A cascade under way: who was asked, what it cost, and how it ends.

use std::{sync::Arc, time::Duration};

use plexus_core::{Attempt, AttemptResult, Degradation, DegradationReason, Domain, Price, Usage, estimate_tokens};
use plexus_structured::Unfit;
use tokio::time::Instant;
use tracing::Span;

use super::{Ending, Finished, Size, answer::Answer};
use crate::engine::{Engine, EngineError, EngineInfo, Question};

/// Why an answer that must fit a schema cannot be used.
pub(super) enum Unusable<'a> {
    /// Its engine broke off.
    BrokeOff(&'a EngineError),
    /// It does not fit.
    DoesNotFit(&'a Unfit),
}

/// A cascade under way.
pub(super) struct Run {
    domain: Domain,
    size: Size,
    /// The caller limits the length of answers.
    limited: bool,
    /// Prices of all engines, for the counterfactual.
    prices: Vec<Price>,
    attempts: Vec<Attempt>,
    degradations: Vec<Degradation>,
    usage: Usage,
    engine_time: Duration,
    /// Engines that could still be asked after the one that is.
    pub(super) engines_left: usize,
    /// Price of the first of them.
    pub(super) next_price: Price,
}

impl Run {
    pub(super) fn new(domain: Domain, engines: &[&Arc<dyn Engine>], question: &Question) -> Self {
        let context: u64 = question
            .context
            .iter()
            .map(|message| estimate_tokens(&message.content))
            .sum();
        Self {
            domain,
            limited: question.constraints.max_output_tokens.is_some(),
            size: Size::of(question, estimate_tokens(&question.text) + context),
            prices: engines.iter().map(|engine| engine.info().price).collect(),
            attempts: Vec::new(),
            degradations: Vec::new(),
            usage: Usage::default(),
            engine_time: Duration::ZERO,
            engines_left: 0,
            next_price: Price::default(),
        }
    }

    /// How large the question is.
    pub(super) fn size(&self) -> Size {
        self.size
    }

    /// An engine that is not asked, and why.
    pub(super) fn skipped(&mut self, info: &EngineInfo, why: String) {
        self.attempt(info, AttemptResult::Skipped, why, Duration::ZERO);
    }

    /// Whether what is left of money and time allows to ask an engine.
    pub(super) fn may_ask(&mut self, info: &EngineInfo, question: &Question) -> bool {
        let expected = self.size.cost(info);
        let limit = question.constraints.max_cost_usd;
        if limit.is_some_and(|limit| self.usage.cost_usd + expected > limit) {
            let detail = format!(
                "engine {} was not asked: about ${expected:.6} would pass the cost limit",
                info.name
            );
            self.degrade(DegradationReason::Budget, detail, String::new());
            let why = format!("would cost about ${expected:.6}, more than what is left of the cost limit");
            self.skipped(info, why);
            return false;
        }
        let left = question.deadline.map(|deadline| deadline.left());
        if left.is_some_and(|left| left.is_zero() || left < info.expected_latency) {
            self.skipped(
                info,
                format!("takes about {:?}, and less time is left", info.expected_latency),
            );
            return false;
        }
        true
    }

    /// The longest answer that what is left of the cost limit pays for, tokens; none: nothing limits it.
    pub(super) fn longest(&self, info: &EngineInfo, question: &Question) -> Option<u32> {
        let limit = question.constraints.max_cost_usd?;
        let price = info.price;
        if price.output_per_mtok <= 0.0 {
            return None;
        }
        let left = limit - self.usage.cost_usd - price.of(self.size.input, 0);
        // Saturates: more than a u32 holds is no limit.
        let paid = (left * 1e6 / price.output_per_mtok) as u32;
        Some(self.size.limit.map_or(paid, |limit| limit.min(paid)).max(1))
    }

    /// An engine that gave no word; what it had others do is paid all the same.
    pub(super) fn lost(&mut self, info: &EngineInfo, answer: &Answer, error: EngineError, begin: Instant, span: &Span) {
        let result = match error {
            EngineError::Declined(_) => AttemptResult::Declined,
            _ => AttemptResult::Failed,
        };
        if result == AttemptResult::Failed {
            span.record("otel.status_code", "ERROR");
            tracing::warn!(parent: span, engine = info.name, %error, "engine failed");
        }
        span.record("plexus.result", result.name());
        self.engine_time += begin.elapsed();
        self.attempt(info, result, error.to_string(), begin.elapsed());
        let mut wasted = Usage::default();
        for step in &answer.substeps {
            wasted += step.usage;
        }
        wasted.wasted_cost_usd = wasted.cost_usd;
        self.usage += wasted;
        self.bill(wasted);
    }

    /// An engine whose words cannot be used: they cost all the same.
    pub(super) fn wasted(
        &mut self,
        info: &EngineInfo,
        answer: &Answer,
        why: Unusable<'_>,
        begin: Instant,
        span: &Span,
    ) {
        let (result, why) = match why {
            Unusable::BrokeOff(error) => (AttemptResult::Failed, error.to_string()),
            Unusable::DoesNotFit(unfit) => (AttemptResult::Rejected, unfit.to_string()),
        };
        let usage = self.used(info, answer, span);
        let wasted = Usage {
            wasted_cost_usd: usage.cost_usd,
            ..usage
        };
        self.usage += wasted;
        span.record("plexus.result", result.name());
        self.engine_time += begin.elapsed();
        self.attempt(info, result, why, begin.elapsed());
        self.bill(wasted);
    }

    /// The engine whose words were sent, whole or not.
    pub(super) fn won(
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
            next_weight: self.next_price.weight(usage.input_tokens, usage.output_tokens),
        }
    }

    /// What an answer used.
    fn used(&self, info: &EngineInfo, answer: &Answer, span: &Span) -> Usage {
        let estimated = answer.tokens.is_none();
        let (input, output) = answer
            .tokens
            .unwrap_or((self.size.input, estimate_tokens(&answer.text)));
        if !info.is_exact() {
            span.record("gen_ai.usage.input_tokens", input);
            span.record("gen_ai.usage.output_tokens", output);
        }
        let of = |price: &Price| price.of(input, output);
        Usage {
            input_tokens: input,
            output_tokens: output,
            cost_usd: of(&info.price),
            strongest_cost_usd: self.prices.iter().map(of).fold(0.0, f64::max),
            estimated,
            wasted_cost_usd: 0.0,
        }
    }

    /// Notes what the last attempt used.
    fn bill(&mut self, usage: Usage) {
        if let Some(attempt) = self.attempts.last_mut() {
            attempt.usage = usage;
        }
    }

    pub(super) fn nobody(self) -> Finished {
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
            next_weight: 0.0,
        }
    }

    fn degrade(&mut self, reason: DegradationReason, detail: String, served_by: String) {
        self.degradations.push(Degradation {
            domain: Some(self.domain),
            reason,
            detail,
            served_by,
        });
    }

    fn attempt(&mut self, info: &EngineInfo, result: AttemptResult, detail: String, latency: Duration) {
        self.attempts.push(Attempt {
            replica: String::new(),
            engine: info.name.clone(),
            result,
            detail,
            latency,
            usage: Usage::default(),
            confidence: None,
        });
    }
}
