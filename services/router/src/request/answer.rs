//! What a caller is told in the end, and what the request's trace says of it.

use std::time::Duration;

use plexus_core::{Degradation, DegradationReason, Step, Usage, Verdict};
use tokio::time::Instant;
use tracing::Span;

use super::Route;
use crate::{
    dispatch::Done,
    domain::{Outcome, Query, merge},
};

/// Everything that a caller is told.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) text: String,
    pub(crate) outcome: Outcome,
    pub(crate) route: Route,
    pub(crate) steps: Vec<Step>,
    pub(crate) verdicts: Vec<Verdict>,
    pub(crate) degradations: Vec<Degradation>,
    pub(crate) usage: Usage,
    pub(crate) trace_id: String,
    pub(crate) timings: Timings,
    pub(crate) request_id: String,
}

/// Where the time went.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timings {
    pub(crate) total: Duration,
    pub(crate) classify: Duration,
    pub(crate) upstream: Duration,
}

impl Timings {
    /// The router's own time.
    pub(crate) fn overhead(&self) -> Duration {
        self.total.saturating_sub(self.classify + self.upstream)
    }
}

/// Takes the times of a request.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock {
    begin: Instant,
    classify: Duration,
    upstream: Duration,
}

impl Clock {
    pub(super) fn start() -> Self {
        Self {
            begin: Instant::now(),
            classify: Duration::ZERO,
            upstream: Duration::ZERO,
        }
    }

    /// The query has been classified.
    pub(super) fn classified(&mut self) {
        self.classify = self.begin.elapsed();
    }

    /// Everybody who was asked has answered.
    pub(super) fn answered(&mut self) {
        self.upstream = self.begin.elapsed().saturating_sub(self.classify);
    }

    fn stop(self) -> Timings {
        Timings {
            total: self.begin.elapsed(),
            classify: self.classify,
            upstream: self.upstream,
        }
    }
}

/// The answer to a query that the guard refuses.
pub(super) fn refused(query: Query, route: Route, clock: Clock) -> Answer {
    let answer = Answer {
        text: String::new(),
        outcome: Outcome::Refused,
        route,
        steps: Vec::new(),
        verdicts: Vec::new(),
        degradations: Vec::new(),
        usage: Usage::default(),
        trace_id: plexus_telemetry::trace_id(),
        timings: clock.stop(),
        request_id: query.request_id,
    };
    note(&answer);
    answer
}

/// The answer that all steps make together.
pub(super) fn collect(query: Query, mut route: Route, done: Vec<Done>, clock: Clock) -> Answer {
    let mut degradations = Vec::new();
    if !route.signals.classifier_down.is_empty() {
        degradations.push(Degradation {
            domain: None,
            reason: DegradationReason::ClassifierDown,
            detail: route.signals.classifier_down.clone(),
            served_by: route.signals.model.clone(),
        });
    }
    let (mut steps, mut verdicts, mut usage) = (Vec::new(), Vec::new(), Usage::default());
    let mut adaptations: Vec<String> = Vec::new();
    for one in done {
        adaptations.extend(one.adaptations);
        usage += one.step.usage;
        steps.push(one.step);
        verdicts.extend(one.verdicts);
        degradations.extend(one.degradations);
    }
    explain(&mut route.plan.reason, &adaptations);
    let (text, outcome) = merge(&steps, &mut degradations);
    let answer = Answer {
        text,
        outcome,
        route,
        steps,
        verdicts,
        degradations,
        usage,
        trace_id: plexus_telemetry::trace_id(),
        timings: clock.stop(),
        request_id: query.request_id,
    };
    note(&answer);
    answer
}

/// Adds to the reason of a route how live signals changed which engines were asked first; each once, steps may share them.
fn explain(reason: &mut String, adaptations: &[String]) {
    for (index, sentence) in adaptations.iter().enumerate() {
        if !adaptations[..index].contains(sentence) {
            reason.push_str("; ");
            reason.push_str(sentence);
        }
    }
}

/// Notes the end of a request on its trace.
fn note(answer: &Answer) {
    use tracing_opentelemetry::OpenTelemetrySpanExt as _;
    let span = Span::current();
    let reasons: Vec<&str> = answer.degradations.iter().map(|one| one.reason.name()).collect();
    span.set_attribute(plexus_telemetry::names::OUTCOME, answer.outcome.name());
    span.set_attribute(plexus_telemetry::names::REQUEST_ID, answer.request_id.clone());
    span.set_attribute(
        plexus_telemetry::names::ROUTER_OVERHEAD_MS,
        answer.timings.overhead().as_secs_f64() * 1e3,
    );
    if !reasons.is_empty() {
        span.set_attribute(plexus_telemetry::names::DEGRADATIONS, reasons.join(","));
    }
}
