//! Runs one step of a plan down the degradation ladder: another replica, the specialist's next engine when an answer is not
//! good enough ([`answers`]), another domain, nobody. Every rung leaves a record; a failed target is data, not an error.

mod answers;

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use plexus_client::specialist::{Commit, Live, Missed, Reply, Terms};
use plexus_core::{Attempt, Degradation, DegradationReason, Domain, Step, Usage, Verdict};
use tokio::{sync::mpsc, time::Instant};
use tracing::{Instrument as _, info_span};

use crate::{
    Router,
    domain::{OnDown, PlannedStep, Query},
    ledger::Ledger,
};

/// What a step says while it runs.
#[derive(Debug)]
pub(crate) enum Progress {
    /// From here on one engine's words are sent, and nobody takes over.
    Commit(usize, Commit),
    /// Text of a step's answer.
    Delta(usize, String),
    /// A validator has spoken.
    Verdict(Verdict),
    /// A step has ended; nothing more comes of it.
    Ended(usize),
}

/// Where a step's progress goes; none: only its end matters.
pub(crate) type Sink = Option<mpsc::Sender<Progress>>;

/// What is the same for all steps of a request.
pub(crate) struct Context<'a> {
    pub(crate) router: &'a Router,
    pub(crate) query: &'a Query,
    pub(crate) terms: Terms,
    pub(crate) ledger: &'a Ledger,
    /// Probability that a small model gets the query wrong.
    pub(crate) complexity: f64,
    /// Text is passed on as it is written, so that a rejected answer cannot be replaced any more.
    pub(crate) live: bool,
}

/// What a step came to.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) step: Step,
    pub(crate) verdicts: Vec<Verdict>,
    pub(crate) degradations: Vec<Degradation>,
    /// How live signals changed which engines were asked first, each with its domain.
    pub(crate) adaptations: Vec<String>,
    /// Whether engines may have used more than the step's usage says.
    pub(crate) unsettled: bool,
}

/// Runs step `index` of `count`; counts in `bytes` what is written for it, whether or not it is passed on.
pub(crate) async fn run(
    context: &Context<'_>,
    index: usize,
    count: usize,
    planned: &PlannedStep,
    sink: Sink,
    bytes: Arc<AtomicUsize>,
) -> Done {
    let span = info_span!(
        "step",
        otel.name = format!("step {}", planned.domain),
        plexus.domain = planned.domain.name()
    );
    let share = context.ledger.reserve(count - index);
    let may_withhold = |kind: &String| context.router.policy.on_down(kind) == OnDown::Closed;
    let mut climb = Climb {
        live: context.live && !planned.validators.iter().any(may_withhold),
        context,
        index,
        planned,
        sink,
        share,
        begin: Instant::now(),
        attempts: Vec::new(),
        usage: Usage::default(),
        verdicts: Vec::new(),
        degradations: Vec::new(),
        adaptations: Vec::new(),
        unsettled: false,
        bytes,
    };
    let answer = climb.run().instrument(span).await;
    context.ledger.settle(share, climb.usage.cost_usd);
    climb.done(answer)
}

/// Passes a specialist's words on as they come.
struct Forward {
    sink: Sink,
    step: usize,
    bytes: Arc<AtomicUsize>,
}

impl Live for Forward {
    async fn commit(&mut self, commit: Commit) {
        if let Some(sink) = &self.sink {
            // The receiver is gone only when the whole request is.
            let _ = sink.send(Progress::Commit(self.step, commit)).await;
        }
    }

    async fn delta(&mut self, text: &str) {
        self.bytes.fetch_add(text.len(), Ordering::Relaxed);
        if let Some(sink) = &self.sink {
            // The receiver is gone only when the whole request is.
            let _ = sink.send(Progress::Delta(self.step, text.to_owned())).await;
        }
    }
}

/// An answer that was taken, and how probable it is that it is right.
struct Answer {
    reply: Reply,
    confidence: Option<f64>,
}

/// A step on its way down the ladder.
struct Climb<'a> {
    context: &'a Context<'a>,
    index: usize,
    planned: &'a PlannedStep,
    sink: Sink,
    /// Text is passed on as it is written; never where a validator may keep it back.
    live: bool,
    share: Option<f64>,
    begin: Instant,
    attempts: Vec<Attempt>,
    usage: Usage,
    verdicts: Vec<Verdict>,
    degradations: Vec<Degradation>,
    adaptations: Vec<String>,
    unsettled: bool,
    bytes: Arc<AtomicUsize>,
}

impl Climb<'_> {
    async fn run(&mut self) -> Option<Answer> {
        let wanted = self.planned.domain;
        let first = match self.domain(wanted).await {
            Ok(answer) => return Some(answer),
            Err(miss) => miss,
        };
        let others = match first.reason {
            DegradationReason::SpecialistDown | DegradationReason::BreakerOpen => self.stand_ins(wanted),
            DegradationReason::EnginesDeclined | DegradationReason::EngineFailed => self.planned.alternatives.clone(),
            _ => Vec::new(),
        };
        let mut misses = vec![(wanted, first)];
        for domain in others {
            match self.domain(domain).await {
                Ok(answer) => {
                    let replica = answer.reply.replica.clone();
                    self.explain(misses, &replica);
                    return Some(answer);
                }
                Err(miss) => {
                    let over = miss.reason == DegradationReason::Deadline;
                    misses.push((domain, miss));
                    if over {
                        break;
                    }
                }
            }
        }
        self.explain(misses, "");
        None
    }

    /// Who may answer for a domain that is down: the policy's list, within what the caller allows.
    fn stand_ins(&self, domain: Domain) -> Vec<Domain> {
        let policy = self.context.router.policy.fallback(domain).iter();
        policy
            .copied()
            .filter(|other| self.planned.alternatives.contains(other))
            .collect()
    }

    /// One record for each domain that gave no answer; where the wanted one merely declined, as exact engines do, only
    /// that matters.
    fn explain(&mut self, misses: Vec<(Domain, Missed)>, served_by: &str) {
        let mut misses = misses.into_iter();
        let records = misses.next().into_iter().chain(
            misses.filter(|(_, miss)| served_by.is_empty() && miss.reason != DegradationReason::EnginesDeclined),
        );
        self.degradations.extend(records.map(|(domain, miss)| Degradation {
            domain: Some(domain),
            reason: miss.reason,
            detail: miss.detail,
            served_by: served_by.to_owned(),
        }));
    }

    async fn tell(&self, progress: Progress) {
        if let Some(sink) = &self.sink {
            // The receiver is gone only when the whole request is.
            let _ = sink.send(progress).await;
        }
    }

    fn done(self, answer: Option<Answer>) -> Done {
        let (reply, confidence) = answer.map_or_else(Default::default, |answer| (answer.reply, answer.confidence));
        let step = Step {
            replica: reply.replica,
            engine: reply.engine,
            tier: reply.tier,
            attempts: self.attempts,
            latency: self.begin.elapsed(),
            usage: self.usage,
            answer: reply.text,
            substeps: reply.substeps,
            planned_by: reply.planned_by,
            sources: reply.sources,
            confidence,
            ..Step::unserved(self.planned.domain, self.planned.input.as_str())
        };
        Done {
            step,
            verdicts: self.verdicts,
            degradations: self.degradations,
            adaptations: self.adaptations,
            unsettled: self.unsettled,
        }
    }
}
