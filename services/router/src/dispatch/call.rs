//! One question to one domain: to another replica if the first fails before its first word.

use std::time::Duration;

use plexus_client::Lease;
use plexus_core::{Attempt, AttemptResult, Constraints, Degradation, DegradationReason, Domain, Step, Tier, Usage};
use plexus_errors::ErrorCode;
use plexus_proto::v1::{
    AnswerFinished, AnswerRequest, AnswerResult, answer_response::Event,
    specialist_service_client::SpecialistServiceClient,
};
use plexus_resilience::deadline::Deadline;
use plexus_wire as wire;
use tokio::{sync::mpsc, time::Instant};
use tonic::{Code, Request, Status};

use super::{Context, Progress};
use crate::domain::PlannedStep;

/// Replicas that are tried for one question.
const MAX_REPLICAS: usize = 2;
/// Share of the time left that the first event of one replica may take, so that somebody else can still be asked.
const FIRST_EVENT_SHARE: f64 = 0.6;
/// Largest answer that is taken, bytes.
const MAX_ANSWER: usize = 4 * 1024 * 1024;
/// Hops that a specialist may make to others.
const HOPS: u32 = 2;

/// A whole or a cut-off answer.
#[derive(Debug, Clone, Default)]
pub(super) struct Reply {
    pub(super) text: String,
    pub(super) replica: String,
    pub(super) engine: String,
    pub(super) tier: Option<Tier>,
    pub(super) usage: Usage,
    pub(super) substeps: Vec<Step>,
    pub(super) degradations: Vec<Degradation>,
    pub(super) cut_off: bool,
}

/// What a call came to: every attempt, and a reply or why there is none and what was used in vain.
pub(super) struct Called {
    pub(super) attempts: Vec<Attempt>,
    pub(super) reply: Result<Reply, (DegradationReason, String, Usage)>,
}

/// Asks a domain. `live`: where text goes as it comes, and the step's index.
pub(super) async fn call(
    context: &Context<'_>,
    domain: Domain,
    planned: &PlannedStep,
    exclude: &[String],
    max_cost_usd: Option<f64>,
    live: Option<(&mpsc::Sender<Progress>, usize)>,
) -> Called {
    let mut attempts = Vec::new();
    let down = |detail: String| Err((DegradationReason::SpecialistDown, detail, Usage::default()));
    let Some(pool) = context.router.upstreams.specialist(domain) else {
        return Called {
            attempts,
            reply: down(format!("{domain} is not configured")),
        };
    };
    let mut tried: Vec<String> = Vec::new();
    let mut problem = String::new();
    while tried.len() < MAX_REPLICAS {
        if context.deadline.is_some_and(Deadline::passed) {
            let detail = format!("the deadline passed before {domain} answered");
            return Called {
                attempts,
                reply: Err((DegradationReason::Deadline, detail, Usage::default())),
            };
        }
        let Some(lease) = pool.pick(&tried) else { break };
        let label = lease.replica().label().to_owned();
        let begin = Instant::now();
        let constraints = Constraints {
            max_cost_usd,
            ..context.query.constraints.clone()
        };
        let mut answering = Answering {
            text: String::new(),
            live,
            label: &label,
        };
        match answering
            .ask(
                &lease,
                request(context, planned, exclude, &constraints),
                context.deadline,
            )
            .await
        {
            Ok(finished) => {
                let reply = answering.finish(finished, &mut attempts, domain);
                return Called { attempts, reply };
            }
            Err(status) => {
                let detail = describe(&status);
                let failed = Attempt {
                    replica: label.clone(),
                    engine: String::new(),
                    result: AttemptResult::Failed,
                    detail: detail.clone(),
                    latency: begin.elapsed(),
                };
                attempts.push(failed);
                if !answering.text.is_empty() {
                    return Called {
                        attempts,
                        reply: Ok(answering.cut_off(domain, detail)),
                    };
                }
                let late = status.code() == Code::DeadlineExceeded && context.deadline.is_some_and(Deadline::passed);
                if late {
                    return Called {
                        attempts,
                        reply: Err((DegradationReason::Deadline, detail, Usage::default())),
                    };
                }
                lease.failed(&status);
                problem = format!(": {detail}");
                tried.push(label);
                if !ErrorCode::from_grpc(status.code()).retryable() && status.code() != Code::DeadlineExceeded {
                    break;
                }
            }
        }
    }
    Called {
        attempts,
        reply: down(format!("no healthy replica of {domain}{problem}")),
    }
}

fn request(
    context: &Context<'_>,
    planned: &PlannedStep,
    exclude: &[String],
    constraints: &Constraints,
) -> Request<AnswerRequest> {
    let query = context.query;
    let mut request = Request::new(AnswerRequest {
        query: planned.input.clone(),
        context: query.context.iter().map(wire::message_to_proto).collect(),
        constraints: Some(wire::constraints_to_proto(constraints)),
        exclude_engines: exclude.to_vec(),
        parts: planned.parts.iter().map(wire::part_to_proto).collect(),
        hops_left: HOPS,
        request_id: query.request_id.clone(),
        session_id: query.session_id.clone(),
    });
    if let Some(deadline) = context.deadline {
        request.extensions_mut().insert(deadline);
    }
    request
}

/// An answer that is coming in.
struct Answering<'a> {
    text: String,
    live: Option<(&'a mpsc::Sender<Progress>, usize)>,
    label: &'a str,
}

impl Answering<'_> {
    async fn ask(
        &mut self,
        lease: &Lease,
        request: Request<AnswerRequest>,
        deadline: Option<Deadline>,
    ) -> Result<AnswerFinished, Status> {
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
                Some(Event::Finished(finished)) => return Ok(finished),
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
        if let Some((sink, step)) = self.live {
            let _ = sink.send(Progress::Delta(step, text)).await;
        }
        Ok(())
    }

    fn finish(
        self,
        finished: AnswerFinished,
        attempts: &mut Vec<Attempt>,
        domain: Domain,
    ) -> Result<Reply, (DegradationReason, String, Usage)> {
        let result = finished.result();
        let tier = wire::tier(finished.tier);
        let usage = wire::usage(finished.usage);
        attempts.extend(finished.attempts.into_iter().map(|attempt| Attempt {
            replica: self.label.to_owned(),
            ..wire::attempt(attempt)
        }));
        let reason = match result {
            AnswerResult::Answered | AnswerResult::CutOff => {
                return Ok(Reply {
                    text: self.text,
                    replica: self.label.to_owned(),
                    engine: finished.engine,
                    tier,
                    usage,
                    substeps: finished.substeps.into_iter().filter_map(wire::step).collect(),
                    degradations: finished.degradations.into_iter().map(wire::degradation).collect(),
                    cut_off: result == AnswerResult::CutOff,
                });
            }
            AnswerResult::Declined if over_budget(&finished.degradations) => DegradationReason::Budget,
            AnswerResult::Declined => DegradationReason::EnginesDeclined,
            AnswerResult::Failed | AnswerResult::Unspecified => DegradationReason::EngineFailed,
        };
        Err((reason, format!("{domain}: {}", finished.detail), usage))
    }

    /// What came before the replica broke off.
    fn cut_off(self, domain: Domain, detail: String) -> Reply {
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
