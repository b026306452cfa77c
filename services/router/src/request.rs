//! The whole way of a request: classify -> guard -> plan -> dispatch and validate -> merge.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use futures_util::{Stream, future::join_all};
use plexus_classifier::Signals;
use plexus_client::specialist::{Commit, Terms};
use plexus_core::{Degradation, DegradationReason, Step, Usage, Verdict};
use plexus_errors::ServiceError;
use tokio::{sync::mpsc, time::Instant};
use tracing::{Span, field::Empty, info_span};

use crate::{
    Router,
    dispatch::{self, Context, Done, Progress},
    domain::{GuardAction, Outcome, Plan, Query, merge, plan},
    error::no_answer,
    in_order::InOrder,
    ledger::Ledger,
    rates::{Bill, Tab},
};

/// Pieces of progress that may wait for a slow reader.
const PROGRESS: usize = 64;

/// How a query is routed.
#[derive(Debug, Clone)]
pub(crate) struct Route {
    pub(crate) signals: Signals,
    pub(crate) guard: GuardAction,
    pub(crate) plan: Plan,
}

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

/// The commit point of a step.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Committed {
    pub(crate) step: usize,
    pub(crate) commit: Commit,
}

/// One event of a streamed request.
#[derive(Debug)]
pub(crate) enum Event {
    Route(Box<Route>),
    Commit(Committed),
    Delta(usize, String),
    Verdict(Verdict),
    Step(Box<Step>),
    Degradation(Degradation),
    Done(Box<Answer>),
}

/// Classifies and plans, without asking anybody.
pub(crate) async fn route(router: &Router, query: &Query) -> Route {
    let signals = router.classifier.classify(&query.text).await;
    let span = info_span!(
        "plan",
        plexus.plan.mode = Empty,
        plexus.plan.steps = Empty,
        plexus.route.reason = Empty
    );
    span.in_scope(|| {
        let guard = router.policy.guard.action(&signals);
        let plan = plan(query, &signals, &router.policy);
        span.record("plexus.plan.mode", plan.mode.name());
        span.record("plexus.plan.steps", plan.steps.len());
        span.record("plexus.route.reason", &plan.reason);
        Route { signals, guard, plan }
    })
}

/// How a caller wants its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// As one piece.
    Whole,
    /// In pieces, each after its step was checked.
    Checked,
    /// In pieces, as they are written.
    Live,
}

/// Answers a query. The last event is [`Event::Done`], unless there is an error. What each step spends goes on `bill`,
/// whether or not somebody hears the end of it.
pub(crate) fn ask(
    router: Arc<Router>,
    query: Query,
    terms: Terms,
    delivery: Delivery,
    bill: Bill,
) -> impl Stream<Item = Result<Event, ServiceError>> + Send {
    async_stream::stream! {
        let begin = Instant::now();
        let counted = router.tally.begin();
        let route = route(&router, &query).await;
        let classify = begin.elapsed();
        let streamed = delivery != Delivery::Whole;
        if streamed {
            yield Ok(Event::Route(Box::new(route.clone())));
        }
        if route.guard == GuardAction::Refuse {
            let answer = refused(query, route, begin, classify);
            counted.ended(answer.outcome, &answer.degradations);
            yield Ok(Event::Done(Box::new(answer)));
            return;
        }
        let ledger = Ledger::new(query.constraints.max_cost_usd);
        let context = Context {
            router: &router,
            query: &query,
            terms,
            ledger: &ledger,
            live: delivery == Delivery::Live,
            complexity: f64::from(route.signals.complexity),
        };
        let steps = &route.plan.steps;
        let (sink, mut progress) = mpsc::channel(PROGRESS);
        let before: usize = query.context.iter().map(|message| message.content.len()).sum();
        let tabs: Vec<Tab> = steps.iter().map(|planned| bill.open(before + planned.input.len())).collect();
        let bytes: Vec<_> = tabs.iter().map(Tab::bytes).collect();
        let running = steps.iter().zip(tabs).enumerate().map(|(index, (planned, tab))| {
            let sink = streamed.then(|| sink.clone());
            let context = &context;
            async move {
                let done = dispatch::run(context, index, steps.len(), planned, sink.clone()).await;
                tab.settle(&done.step.usage);
                if let Some(sink) = sink {
                    let _ = sink.send(Progress::Ended(index)).await;
                }
                done
            }
        });
        let running = join_all(running);
        // Only the steps hold it now; the last one to end closes the channel.
        drop(sink);
        let mut order = InOrder::new(steps.len());
        let mut done: Vec<Done> = Vec::new();
        {
            let mut running = std::pin::pin!(running);
            let mut ended = false;
            while !ended {
                tokio::select! {
                    biased;
                    Some(one) = progress.recv() => {
                        if let Progress::Delta(step, text) = &one {
                            bytes[*step].fetch_add(text.len(), Ordering::Relaxed);
                        }
                        for event in order.progress(one) {
                            yield Ok(event);
                        }
                    }
                    all = &mut running => {
                        done = all;
                        ended = true;
                    }
                }
            }
        }
        while let Ok(one) = progress.try_recv() {
            for event in order.progress(one) {
                yield Ok(event);
            }
        }
        let upstream = begin.elapsed() - classify;
        let answer = collect(&query, route.clone(), done, begin, classify, upstream);
        note(&answer);
        if answer.text.is_empty()
            && let Some(error) = no_answer(&answer.steps, &answer.degradations)
        {
            counted.failed(&answer.degradations);
            yield Err(error);
            return;
        }
        counted.ended(answer.outcome, &answer.degradations);
        if streamed {
            for step in &answer.steps {
                yield Ok(Event::Step(Box::new(step.clone())));
            }
            for degradation in &answer.degradations {
                yield Ok(Event::Degradation(degradation.clone()));
            }
        }
        yield Ok(Event::Done(Box::new(answer)));
    }
}

fn refused(query: Query, route: Route, begin: Instant, classify: Duration) -> Answer {
    let answer = Answer {
        text: String::new(),
        outcome: Outcome::Refused,
        route,
        steps: Vec::new(),
        verdicts: Vec::new(),
        degradations: Vec::new(),
        usage: Usage::default(),
        trace_id: plexus_telemetry::trace_id(),
        timings: Timings {
            total: begin.elapsed(),
            classify,
            upstream: Duration::ZERO,
        },
        request_id: query.request_id,
    };
    note(&answer);
    answer
}

fn collect(
    query: &Query,
    mut route: Route,
    done: Vec<Done>,
    begin: Instant,
    classify: Duration,
    upstream: Duration,
) -> Answer {
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
    Answer {
        text,
        outcome,
        route,
        steps,
        verdicts,
        degradations,
        usage,
        trace_id: plexus_telemetry::trace_id(),
        timings: Timings {
            total: begin.elapsed(),
            classify,
            upstream,
        },
        request_id: query.request_id.clone(),
    }
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
