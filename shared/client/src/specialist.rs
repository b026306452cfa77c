//! One question to one domain's specialist: to another replica if the first fails before its first word.

use std::{future::Future, time::Duration};

use plexus_core::{Attempt, AttemptResult, Degradation, DegradationReason, Domain, Source, Step, Tier, Usage};
use plexus_errors::ErrorCode;
use plexus_proto::v1::{
    AnswerFinished, AnswerRequest, AnswerResult, answer_response::Event,
    specialist_service_client::SpecialistServiceClient,
};
use plexus_resilience::deadline::Deadline;
use plexus_wire as wire;
use tokio::time::Instant;
use tonic::{Code, Request, Status};

use crate::{Lease, Pool};

/// Replicas that are tried for one question.
const MAX_REPLICAS: usize = 2;
/// Share of the time left that the first event of one replica may take, so that somebody else can still be asked.
const FIRST_EVENT_SHARE: f64 = 0.6;
/// A specialist's clock may run out this much before ours: that is the same deadline, not a fault of its own.
const CLOCKS: Duration = Duration::from_millis(20);
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

/// Asks the specialist of `domain` behind `pool`; text goes to `live` as it comes.
pub async fn call(
    pool: &Pool,
    domain: Domain,
    request: &AnswerRequest,
    deadline: Option<Deadline>,
    live: impl Live,
) -> Called {
    let mut attempts = Vec::new();
    let missed = |reason: DegradationReason, detail: String| {
        Err(Missed {
            reason,
            detail,
            usage: Usage::default(),
        })
    };
    let mut tried: Vec<String> = Vec::new();
    let mut problem = String::new();
    let mut answering = Answering {
        text: String::new(),
        live,
        label: String::new(),
    };
    while tried.len() < MAX_REPLICAS {
        if deadline.is_some_and(Deadline::passed) {
            let detail = format!("the deadline passed before {domain} answered");
            return Called {
                attempts,
                reply: missed(DegradationReason::Deadline, detail),
            };
        }
        let Some(lease) = pool.pick(&tried) else { break };
        answering.label = lease.replica().label().to_owned();
        let begin = Instant::now();
        match answering.ask(&lease, request, deadline).await {
            Ok(finished) => {
                let reply = answering.finish(finished, &mut attempts, domain);
                return Called { attempts, reply };
            }
            Err(status) => {
                let detail = describe(&status);
                attempts.push(Attempt {
                    replica: answering.label.clone(),
                    engine: String::new(),
                    result: AttemptResult::Failed,
                    detail: detail.clone(),
                    latency: begin.elapsed(),
                    usage: Usage::default(),
                    confidence: None,
                });
                let code = status.code();
                let out_of_time = deadline.is_some_and(|deadline| deadline.left() < CLOCKS);
                if code == Code::DeadlineExceeded && out_of_time {
                    return Called {
                        attempts,
                        reply: missed(DegradationReason::Deadline, detail),
                    };
                }
                if !answering.text.is_empty() {
                    return Called {
                        attempts,
                        reply: Ok(answering.cut_off(domain, &detail)),
                    };
                }
                lease.failed(&status);
                problem = format!(": {detail}");
                tried.push(answering.label.clone());
                if !ErrorCode::from_grpc(code).retryable() && code != Code::DeadlineExceeded {
                    break;
                }
            }
        }
    }
    let detail = format!("no healthy replica of {domain}{problem}");
    Called {
        attempts,
        reply: missed(DegradationReason::SpecialistDown, detail),
    }
}

/// An answer that is coming in.
struct Answering<L> {
    text: String,
    live: L,
    label: String,
}

impl<L: Live> Answering<L> {
    async fn ask(
        &mut self,
        lease: &Lease,
        request: &AnswerRequest,
        deadline: Option<Deadline>,
    ) -> Result<AnswerFinished, Status> {
        let mut request = Request::new(request.clone());
        if let Some(deadline) = deadline {
            request.extensions_mut().insert(deadline);
        }
        let wait = deadline.map_or(Duration::MAX, |deadline| deadline.left().mul_f64(FIRST_EVENT_SHARE));
        let mut client = SpecialistServiceClient::new(lease.service()).max_decoding_message_size(MAX_ANSWER);
        let first = async {
            let mut events = client.answer(request).await?.into_inner();
            let first = events.message().await?;
            Ok::<_, Status>((events, first))
        };
        let silent = |_| Status::deadline_exceeded(format!("said nothing for {:.1} s", wait.as_secs_f64()));
        let (mut events, mut next) = tokio::time::timeout(wait, first).await.map_err(silent)??;
        loop {
            match next
                .ok_or_else(|| Status::unavailable("the stream ended before the answer did"))?
                .event
            {
                Some(Event::Delta(text)) => self.take(text).await?,
                Some(Event::Committed(committed)) => {
                    let commit = Commit {
                        replica: self.label.clone(),
                        tier: wire::tier(committed.tier),
                        engine: committed.engine,
                    };
                    self.live.commit(commit).await;
                }
                Some(Event::Finished(finished)) => {
                    // The trailers follow at once; a stream left unread would count as cancelled.
                    let _ = events.message().await;
                    return Ok(finished);
                }
                None => {}
            }
            next = events.message().await?;
        }
    }

    async fn take(&mut self, text: String) -> Result<(), Status> {
        if self.text.len() + text.len() > MAX_ANSWER {
            return Err(Status::resource_exhausted(format!(
                "the answer is longer than {MAX_ANSWER} bytes"
            )));
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
    fn cut_off(self, domain: Domain, detail: &str) -> Reply {
        let degradation = Degradation {
            domain: Some(domain),
            reason: DegradationReason::CutOff,
            detail: format!("{} broke off: {detail}", self.label),
            served_by: String::new(),
        };
        Reply {
            text: self.text,
            replica: self.label.to_owned(),
            degradations: vec![degradation],
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

fn describe(status: &Status) -> String {
    match status.message() {
        "" => format!("{:?}", status.code()),
        message => format!("{:?}: {message}", status.code()),
    }
}
