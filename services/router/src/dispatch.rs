//! Runs one step of a plan down the degradation ladder: another replica, the specialist's next engine when a validator
//! rejects an answer, another domain, nobody. Every rung leaves a record; a failed target is data, not an error.

use std::time::Instant;

use plexus_client::specialist::{Called, Live, Missed, Reply, call};
use plexus_core::{Attempt, AttemptResult, Constraints, Degradation, DegradationReason, Domain, Step, Usage, Verdict};
use plexus_proto::v1::AnswerRequest;
use plexus_resilience::deadline::Deadline;
use plexus_wire as wire;
use tokio::sync::mpsc;
use tracing::{Instrument as _, info_span};

use crate::{
    Router,
    domain::{OnDown, PlannedStep, Query},
    ledger::Ledger,
    validate::{Checked, Subject, validate},
};

/// Hops that a specialist may make to others.
const HOPS: u32 = 2;

/// What a step says while it runs.
#[derive(Debug)]
pub(crate) enum Progress {
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
    pub(crate) deadline: Option<Deadline>,
    pub(crate) ledger: &'a Ledger,
    /// Text is passed on as it is written, so that a rejected answer cannot be replaced any more.
    pub(crate) live: bool,
}

/// What a step came to.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) step: Step,
    pub(crate) verdicts: Vec<Verdict>,
    pub(crate) degradations: Vec<Degradation>,
}

/// Runs step `index` of `count`.
pub(crate) async fn run(context: &Context<'_>, index: usize, count: usize, planned: &PlannedStep, sink: Sink) -> Done {
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
    };
    let answer = climb.run().instrument(span).await;
    context.ledger.settle(share, climb.usage.cost_usd);
    climb.done(answer)
}

/// Passes a specialist's words on as they come.
struct Forward {
    sink: Sink,
    step: usize,
}

impl Live for Forward {
    async fn delta(&mut self, text: &str) {
        if let Some(sink) = &self.sink {
            // The receiver is gone only when the whole request is.
            let _ = sink.send(Progress::Delta(self.step, text.to_owned())).await;
        }
    }
}

/// An answer that was taken.
struct Answer {
    reply: Reply,
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
}

impl Climb<'_> {
    async fn run(&mut self) -> Option<Answer> {
        let wanted = self.planned.domain;
        let first = match self.domain(wanted).await {
            Ok(answer) => return Some(answer),
            Err(miss) => miss,
        };
        let others = match first.reason {
            DegradationReason::SpecialistDown => self.stand_ins(wanted),
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

    /// Asks a domain; where a validator rejects the answer, its next engine once more.
    async fn domain(&mut self, domain: Domain) -> Result<Answer, Missed> {
        let first = self.ask(domain, &[]).await?;
        let checked = self.check(domain, &first).await;
        let final_already = first.cut_off || (self.live && self.sink.is_some());
        if !checked.failed() || final_already {
            return self.accept(domain, first, checked).await;
        }
        let reason = checked.reason();
        self.reject(&first, &reason);
        let engine = first.engine.clone();
        match self.ask(domain, std::slice::from_ref(&engine)).await {
            Ok(second) => {
                let second_check = self.check(domain, &second).await;
                if second_check.failed() && !first.text.is_empty() {
                    // Neither passes: the cheaper one stands, marked.
                    let reason = second_check.reason();
                    self.reject(&second, &reason);
                    return self.accept(domain, first, checked).await;
                }
                self.accept(domain, second, second_check).await
            }
            Err(_) => self.accept(domain, first, checked).await,
        }
    }

    async fn ask(&mut self, domain: Domain, exclude: &[String]) -> Result<Reply, Missed> {
        let Context { router, deadline, .. } = *self.context;
        let Some(pool) = router.upstreams.specialist(domain) else {
            let detail = format!("{domain} is not configured");
            return Err(Missed {
                reason: DegradationReason::SpecialistDown,
                detail,
                usage: Usage::default(),
            });
        };
        let forward = Forward {
            sink: self.sink.clone().filter(|_| self.live),
            step: self.index,
        };
        let Called { attempts, reply } = call(pool, domain, &self.request(exclude), deadline, forward).await;
        self.attempts.extend(attempts);
        self.usage += match &reply {
            Ok(reply) => reply.usage,
            Err(missed) => missed.usage,
        };
        reply
    }

    fn request(&self, exclude: &[String]) -> AnswerRequest {
        let query = self.context.query;
        let left = self.share.map(|share| (share - self.usage.cost_usd).max(0.0));
        let constraints = Constraints {
            max_cost_usd: left,
            ..query.constraints.clone()
        };
        AnswerRequest {
            query: self.planned.input.clone(),
            context: query.context.iter().map(wire::message_to_proto).collect(),
            constraints: Some(wire::constraints_to_proto(&constraints)),
            exclude_engines: exclude.to_vec(),
            parts: self.planned.parts.iter().map(wire::part_to_proto).collect(),
            hops_left: HOPS,
            request_id: query.request_id.clone(),
            session_id: query.session_id.clone(),
        }
    }

    async fn check(&self, domain: Domain, reply: &Reply) -> Checked {
        let subject = Subject {
            step: self.index,
            domain,
            query: &self.planned.input,
            answer: &reply.text,
        };
        let router = self.context.router;
        validate(
            &router.upstreams,
            &router.policy,
            &self.planned.validators,
            &subject,
            self.context.deadline,
        )
        .await
    }

    /// Marks the attempt that gave a rejected answer.
    fn reject(&mut self, reply: &Reply, reason: &str) {
        let attempt = self
            .attempts
            .iter_mut()
            .rev()
            .find(|attempt| attempt.engine == reply.engine && attempt.result == AttemptResult::Answered);
        if let Some(attempt) = attempt {
            attempt.result = AttemptResult::Rejected;
            attempt.detail = reason.to_owned();
        }
    }

    /// Takes an answer with what its validators said.
    async fn accept(&mut self, domain: Domain, mut reply: Reply, checked: Checked) -> Result<Answer, Missed> {
        if checked.failed() {
            self.degradations.push(Degradation {
                domain: Some(domain),
                reason: DegradationReason::ValidationFailed,
                detail: format!("the answer stands, but a validator rejects it: {}", checked.reason()),
                served_by: reply.replica.clone(),
            });
        }
        for verdict in &checked.verdicts {
            self.tell(Progress::Verdict(verdict.clone())).await;
        }
        let withheld = checked.withheld;
        self.verdicts.extend(checked.verdicts);
        self.degradations.extend(checked.degradations);
        self.degradations.append(&mut reply.degradations);
        if withheld {
            let detail = "the answer is withheld: a validator that must pass it is down".to_owned();
            return Err(Missed {
                reason: DegradationReason::ValidatorDown,
                detail,
                usage: Usage::default(),
            });
        }
        if !self.live {
            self.tell(Progress::Delta(self.index, reply.text.clone())).await;
        }
        Ok(Answer { reply })
    }

    async fn tell(&self, progress: Progress) {
        if let Some(sink) = &self.sink {
            // The receiver is gone only when the whole request is.
            let _ = sink.send(progress).await;
        }
    }

    fn done(self, answer: Option<Answer>) -> Done {
        let reply = answer.map(|answer| answer.reply).unwrap_or_default();
        let step = Step {
            domain: self.planned.domain,
            replica: reply.replica,
            engine: reply.engine,
            tier: reply.tier,
            attempts: self.attempts,
            latency: self.begin.elapsed(),
            usage: self.usage,
            input: self.planned.input.clone(),
            answer: reply.text,
            substeps: reply.substeps,
        };
        Done {
            step,
            verdicts: self.verdicts,
            degradations: self.degradations,
        }
    }
}
