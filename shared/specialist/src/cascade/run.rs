//! A cascade under way: who was asked, what it cost, and how it ends.

mod end;

use std::{sync::Arc, time::Duration};

use plexus_core::{Attempt, AttemptResult, Degradation, DegradationReason, Domain, Price, Usage, estimate_tokens};
use plexus_structured::Unfit;
use tokio::time::Instant;
use tracing::Span;

use super::{
    adapt::adapt,
    answer::Answer,
    order::{Index, Order, order},
};
use crate::{
    engine::{Engine, EngineError, EngineInfo, Question},
    live::{Probe, View},
    size::Size,
};

/// Why an answer that must fit a schema cannot be used.
pub(super) enum Unusable {
    /// Its engine broke off.
    BrokeOff(EngineError),
    /// It does not fit.
    DoesNotFit(Unfit),
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
    /// How live signals changed the order.
    adaptations: Vec<String>,
    /// Engines that could still be asked after the one that is.
    engines_left: usize,
    /// Price of the first of them.
    next_price: Price,
}

impl Run {
    pub(super) fn new(domain: Domain, engines: &[&Arc<dyn Engine>], question: &Question) -> Self {
        Self {
            domain,
            limited: question.constraints.max_output_tokens.is_some(),
            size: Size::of(question),
            prices: engines.iter().map(|engine| engine.info().price).collect(),
            attempts: Vec::new(),
            degradations: Vec::new(),
            usage: Usage::default(),
            engine_time: Duration::ZERO,
            adaptations: Vec::new(),
            engines_left: 0,
            next_price: Price::default(),
        }
    }

    /// The order in which engines are asked for a question, as their prices say.
    pub(super) fn order(&mut self, engines: &[&Arc<dyn Engine>], question: &Question) -> Order {
        let infos: Vec<&EngineInfo> = engines.iter().map(|engine| engine.info()).collect();
        let left = question.deadline.map(|deadline| deadline.left());
        let mut order = order(&infos, question, self.size, left);
        for (index, why) in std::mem::take(&mut order.skipped) {
            self.skipped(infos[index], why);
        }
        order
    }

    /// Notes who could still be asked after the engine at `place`.
    pub(super) fn behind(&mut self, order: &Order, place: usize, engines: &[&Arc<dyn Engine>]) {
        let mut up = order.up(place).peekable();
        self.next_price = up.peek().map(|next| engines[*next].info().price).unwrap_or_default();
        self.engines_left = up.count();
    }

    /// Adapts an order to what is seen of the engines now. One that is in trouble is tried as long as the probe is kept.
    pub(super) fn adapt(
        &mut self,
        order: &Order,
        engines: &[&Arc<dyn Engine>],
        question: &Question,
    ) -> (Order, Option<(Index, Probe)>) {
        let infos: Vec<&EngineInfo> = engines.iter().map(|engine| engine.info()).collect();
        let look = |engine: &&Arc<dyn Engine>| engine.live().map(|live| live.look()).unwrap_or_default();
        let mut views: Vec<View> = engines.iter().map(look).collect();
        let left = question.deadline.map(|deadline| deadline.left());
        loop {
            let adapted = adapt(order, &infos, &views, self.size, left);
            let probe = match adapted.probe {
                None => None,
                Some(index) => match engines[index].live().and_then(|live| live.probe()) {
                    Some(probe) => Some((index, probe)),
                    // Another question was faster. Each turn takes one engine out, so this ends.
                    None => {
                        views[index].probe_due = false;
                        continue;
                    }
                },
            };
            let sentences = adapted.moved.iter().map(|moved| moved.sentence(&infos));
            self.adaptations = sentences.collect();
            for left in adapted.moved.into_iter().filter(|moved| moved.left) {
                if let Some(live) = engines[left.index].live() {
                    live.passed_over();
                }
                self.skipped(infos[left.index], left.why);
            }
            return (adapted.order, probe);
        }
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

    /// The longest answer that what is left of the cost limit pays for, tokens; none: it limits nothing.
    pub(super) fn paid(&self, info: &EngineInfo, question: &Question) -> Option<u32> {
        let limit = question.constraints.max_cost_usd?;
        let price = info.price;
        if price.output_per_mtok <= 0.0 {
            return None;
        }
        let left = limit - self.usage.cost_usd - price.of(self.size.input, 0);
        // Saturates.
        let paid = (left * 1e6 / price.output_per_mtok) as u32;
        Some(paid.max(1))
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
    pub(super) fn wasted(&mut self, info: &EngineInfo, answer: &Answer, why: &Unusable, begin: Instant, span: &Span) {
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
