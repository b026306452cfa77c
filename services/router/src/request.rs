//! The whole way of a request: classify -> guard -> plan -> dispatch and validate -> merge.

mod answer;

use std::{pin::pin, sync::Arc};

use futures_util::{Stream, StreamExt as _, future::join_all};
use plexus_classifier::Signals;
use plexus_client::specialist::{Commit, Terms};
use plexus_core::{Degradation, Step, Verdict};
use plexus_errors::ServiceError;
use tokio::sync::mpsc;
use tracing::{field::Empty, info_span};

pub(crate) use self::answer::Answer;
use self::answer::Clock;
use crate::{
    Router,
    dispatch::{self, Context, Done, Progress},
    domain::{GuardAction, Plan, PlannedStep, Query, plan},
    error::no_answer,
    in_order::InOrder,
    ledger::Ledger,
    rates::Bill,
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

impl Delivery {
    fn streams(self) -> bool {
        self != Self::Whole
    }
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
        let mut clock = Clock::start();
        let counted = router.tally.begin(terms.deadline);
        let route = route(&router, &query).await;
        clock.classified();
        if delivery.streams() {
            yield Ok(Event::Route(Box::new(route.clone())));
        }
        if route.guard == GuardAction::Refuse {
            let answer = answer::refused(query, route, clock);
            counted.ended(answer.outcome, &answer.degradations);
            yield Ok(Event::Done(Box::new(answer)));
            return;
        }
        let mut done = Vec::new();
        {
            let ledger = Ledger::new(query.constraints.max_cost_usd);
            let context = Context {
                router: &router,
                query: &query,
                terms,
                ledger: &ledger,
                live: delivery == Delivery::Live,
                complexity: f64::from(route.signals.complexity),
            };
            let mut running = pin!(steps(&context, &route.plan.steps, &bill, delivery.streams()));
            while let Some(news) = running.next().await {
                match news {
                    News::Event(event) => yield Ok(event),
                    News::Done(all) => done = all,
                }
            }
        }
        clock.answered();
        let answer = answer::collect(query, route, done, clock);
        if answer.text.is_empty()
            && let Some(error) = no_answer(&answer.steps, &answer.degradations)
        {
            counted.failed(&answer.degradations);
            yield Err(error);
            return;
        }
        counted.ended(answer.outcome, &answer.degradations);
        if delivery.streams() {
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

/// What comes of the steps of a plan.
enum News {
    /// Something to pass on.
    Event(Event),
    /// All have ended; nothing follows.
    Done(Vec<Done>),
}

/// Runs all steps at the same time, each on a tab of its own; what they say comes in the order of the answer.
fn steps<'a>(
    context: &'a Context<'a>,
    steps: &'a [PlannedStep],
    bill: &'a Bill,
    streamed: bool,
) -> impl Stream<Item = News> + Send + 'a {
    async_stream::stream! {
        let (sink, mut progress) = mpsc::channel(PROGRESS);
        let before: usize = context.query.context.iter().map(|message| message.content.len()).sum();
        let running = steps.iter().enumerate().map(|(index, planned)| {
            let sink = streamed.then(|| sink.clone());
            let tab = bill.open(before + planned.input.len());
            async move {
                let done = dispatch::run(context, index, steps.len(), planned, sink.clone(), tab.bytes()).await;
                tab.settle(&done.step.usage, done.unsettled);
                if let Some(sink) = sink {
                    let _ = sink.send(Progress::Ended(index)).await;
                }
                done
            }
        });
        let mut running = pin!(join_all(running));
        // Only the steps hold it now; the last one to end closes the channel.
        drop(sink);
        let mut order = InOrder::new(steps.len());
        let done = loop {
            tokio::select! {
                biased;
                Some(one) = progress.recv() => {
                    for event in order.progress(one) {
                        yield News::Event(event);
                    }
                }
                done = &mut running => break done,
            }
        };
        while let Ok(one) = progress.try_recv() {
            for event in order.progress(one) {
                yield News::Event(event);
            }
        }
        yield News::Done(done);
    }
}
