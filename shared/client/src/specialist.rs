//! One question to one domain's specialist. Who is asked, and who instead where that fails before its first word, is the stack's
//! affair; what came of it is told here.

mod outcome;

use std::future::Future;

use plexus_core::{Attempt, Degradation, DegradationReason, Domain, Source, Step, Tier, Usage};
use plexus_proto::v1::{
    AnswerFinished, AnswerRequest, AnswerResult, answer_response::Event,
    specialist_service_client::SpecialistServiceClient,
};
use plexus_resilience::{attempt::FirstWordShare, deadline::Deadline, priority::Priority, trail::Trail};
use plexus_wire as wire;
use tonic::{Request, Status};

use self::outcome::{broken_off, describe, failed, may_have_worked, missed, out_of_time, replaced};
use crate::Pool;

/// Largest answer that is taken, bytes.
const MAX_ANSWER: usize = 4 * 1024 * 1024;
/// A whole or a cut-off answer.
#[derive(Debug, Clone, Default)]
pub struct Reply {
    /// Its text.
    pub text: String,
    /// The bare result, to be put into a later question; empty where there is none.
    pub result: String,
    /// Name and address of the replica.
    pub replica: String,
    /// The engine.
    pub engine: String,
    /// Where the engine runs.
    pub tier: Option<Tier>,
    /// What all attempts inside the specialist used.
    pub usage: Usage,
    /// What other specialists did for it.
    pub substeps: Vec<Step>,
    /// What the specialist had to skip or replace.
    pub degradations: Vec<Degradation>,
    /// Whether it broke off.
    pub cut_off: bool,
    /// Engines that could still be asked.
    pub engines_left: u32,
    /// Passages that the engine was given.
    pub sources: Vec<Source>,
    /// Who made the plan of the substeps; empty: there is none.
    pub planned_by: String,
    /// Whether an exact engine gave it.
    pub exact: bool,
    /// What the next engine would cost, as a multiple of what it costs for a question of usual size; 0: unknown.
    pub next_weight: f64,
    /// How live signals changed which engine was asked first, one sentence each.
    pub adaptations: Vec<String>,
}

/// The commit point of an answer: from here on nobody takes over.
#[derive(Debug, Clone, PartialEq)]
pub struct Commit {
    /// Name and address of the replica.
    pub replica: String,
    /// The engine.
    pub engine: String,
    /// Where the engine runs.
    pub tier: Option<Tier>,
}

/// Where text goes as it comes; `()` wants none.
pub trait Live: Send {
    /// Takes the commit point, right before the first piece.
    fn commit(&mut self, commit: Commit) -> impl Future<Output = ()> + Send;

    /// Takes a piece of the answer; may wait, which slows the specialist down.
    fn delta(&mut self, text: &str) -> impl Future<Output = ()> + Send;
}

impl Live for () {
    async fn commit(&mut self, _: Commit) {}

    async fn delta(&mut self, _: &str) {}
}

/// What a call came to: every attempt, and a reply or why there is none and what was used in vain.
#[derive(Debug)]
pub struct Called {
    /// Every attempt, in order.
    pub attempts: Vec<Attempt>,
    /// The answer, or why there is none.
    pub reply: Result<Reply, Missed>,
    /// Whether an engine may have worked for it of which nobody said what it used: time ran out, or it broke off.
    pub unsettled: bool,
}

/// Why a domain gave no answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Missed {
    /// The kind of reason.
    pub reason: DegradationReason,
    /// What exactly happened.
    pub detail: String,
    /// What was used in vain.
    pub usage: Usage,
}

/// How long a call may take, and what it gives way to.
#[derive(Debug, Clone, Copy, Default)]
pub struct Terms {
    /// When the answer must be there.
    pub deadline: Option<Deadline>,
    /// What goes first where there is not enough for all.
    pub priority: Priority,
}

/// Asks the specialist of `domain` behind `pool`; text goes to `live` as it comes.
pub async fn call(pool: &Pool, domain: Domain, request: &AnswerRequest, terms: Terms, live: impl Live) -> Called {
    let trail = Trail::default();
    let mut answering = Answering {
        text: String::new(),
        commit: None,
        committed: None,
        live,
        label: String::new(),
    };
    let result = answering.ask(pool, request, terms, &trail).await;
    let mut attempts: Vec<Attempt> = trail.tried().into_iter().filter_map(failed).collect();
    // Its own rungs of the ladder are told of every answer, broken off or not.
    let replaced = replaced(pool, domain, &trail);
    let status = match result {
        Ok(finished) => {
            let reply = answering.finish(finished, &mut attempts, domain);
            let reply = reply.map(|mut reply| {
                reply.degradations.extend(replaced);
                reply
            });
            return Called {
                attempts,
                reply,
                unsettled: false,
            };
        }
        Err(status) => status,
    };
    let unsettled = trail.tried().iter().any(may_have_worked);
    let detail = describe(&status);
    let engine = answering.committed.as_ref().map(|commit| commit.engine.clone());
    attempts.extend(
        trail
            .serving()
            .map(|serving| broken_off(&serving, engine, detail.clone())),
    );
    if !answering.text.is_empty() && !out_of_time(&status, terms.deadline) {
        return Called {
            attempts,
            reply: Ok(answering.cut_off(domain, &detail, replaced)),
            unsettled,
        };
    }
    let (reason, detail) = missed(domain, &status, detail, &trail, terms.deadline);
    let usage = Usage::default();
    Called {
        attempts,
        reply: Err(Missed { reason, detail, usage }),
        unsettled,
    }
}

/// An answer that is coming in.
struct Answering<L> {
    text: String,
    /// The commit point, until the first piece of text is there: before it another domain may still take over.
    commit: Option<Commit>,
    /// The same, for good.
    committed: Option<Commit>,
    live: L,
    /// Who answers; empty before its first word.
    label: String,
}

impl<L: Live> Answering<L> {
    async fn ask(
        &mut self,
        pool: &Pool,
        request: &AnswerRequest,
        terms: Terms,
        trail: &Trail,
    ) -> Result<AnswerFinished, Status> {
        let mut request = Request::new(request.clone());
        let extensions = request.extensions_mut();
        if let Some(deadline) = terms.deadline {
            extensions.insert(deadline);
        }
        extensions.insert(terms.priority);
        extensions.insert(FirstWordShare(pool.first_word_share()));
        extensions.insert(trail.clone());
        let mut client = SpecialistServiceClient::new(pool.service()).max_decoding_message_size(MAX_ANSWER);
        let mut events = client.answer(request).await?.into_inner();
        self.label = trail.served().unwrap_or_default().to_string();
        loop {
            let next = events.message().await?;
            let ended = || Status::unavailable("the stream ended before the answer did");
            match next.ok_or_else(ended)?.event {
                Some(Event::Delta(text)) => self.take(text).await?,
                Some(Event::Committed(committed)) => {
                    self.commit = Some(Commit {
                        replica: self.label.clone(),
                        tier: wire::tier(committed.tier),
                        engine: committed.engine,
                    });
                    self.committed.clone_from(&self.commit);
                }
                Some(Event::Finished(finished)) => {
                    // The trailers follow at once; a stream left unread would count as cancelled.
                    let _ = events.message().await;
                    return Ok(finished);
                }
                None => {}
            }
        }
    }

    async fn take(&mut self, text: String) -> Result<(), Status> {
        if self.text.len() + text.len() > MAX_ANSWER {
            return Err(Status::resource_exhausted(format!(
                "the answer is longer than {MAX_ANSWER} bytes"
            )));
        }
        if let Some(commit) = self.commit.take() {
            self.live.commit(commit).await;
        }
        self.text.push_str(&text);
        self.live.delta(&text).await;
        Ok(())
    }

    fn finish(self, finished: AnswerFinished, attempts: &mut Vec<Attempt>, domain: Domain) -> Result<Reply, Missed> {
        let result = finished.result();
        let tier = wire::tier(finished.tier);
        let usage = wire::usage(finished.usage);
        attempts.extend(finished.attempts.into_iter().map(|attempt| Attempt {
            replica: self.label.clone(),
            ..wire::attempt(attempt)
        }));
        let reason = match result {
            AnswerResult::Answered | AnswerResult::CutOff => {
                return Ok(Reply {
                    text: self.text,
                    result: finished.bare_result,
                    replica: self.label,
                    engine: finished.engine,
                    tier,
                    usage,
                    substeps: finished.substeps.into_iter().filter_map(wire::step).collect(),
                    degradations: finished.degradations.into_iter().map(wire::degradation).collect(),
                    cut_off: result == AnswerResult::CutOff,
                    engines_left: finished.engines_left,
                    sources: finished.sources.into_iter().map(wire::source).collect(),
                    planned_by: finished.planned_by,
                    exact: finished.exact,
                    next_weight: finished.next_weight,
                    adaptations: finished.adaptations,
                });
            }
            AnswerResult::Declined if over_budget(&finished.degradations) => DegradationReason::Budget,
            AnswerResult::Declined => DegradationReason::EnginesDeclined,
            AnswerResult::Failed | AnswerResult::Unspecified => DegradationReason::EngineFailed,
        };
        Err(Missed {
            reason,
            detail: format!("{domain}: {}", finished.detail),
            usage,
        })
    }

    /// What came before the replica broke off.
    fn cut_off(self, domain: Domain, detail: &str, mut degradations: Vec<Degradation>) -> Reply {
        degradations.push(Degradation {
            domain: Some(domain),
            reason: DegradationReason::CutOff,
            detail: format!("{} broke off: {detail}", self.label),
            served_by: String::new(),
        });
        let (engine, tier) = self.committed.map(|one| (one.engine, one.tier)).unwrap_or_default();
        Reply {
            text: self.text,
            replica: self.label,
            engine,
            tier,
            degradations,
            cut_off: true,
            ..Reply::default()
        }
    }
}

fn over_budget(degradations: &[plexus_proto::v1::Degradation]) -> bool {
    degradations
        .iter()
        .any(|one| one.reason() == plexus_proto::v1::DegradationReason::Budget)
}
