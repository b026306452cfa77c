//! Has an answer checked: all validators of a step at the same time.

use futures_util::future::join_all;
use plexus_client::specialist::Terms;
use plexus_core::{Degradation, DegradationReason, Domain, Verdict, VerdictResult};
use plexus_proto::v1::{ValidateRequest, validator_service_client::ValidatorServiceClient};
use plexus_resilience::{call::Idempotent, deadline::Deadline};
use tonic::{Request, Status};
use tracing::{Instrument as _, field::Empty, info_span};

use crate::{
    domain::{OnDown, Policy},
    upstreams::Upstreams,
};

/// What the validators of a step say together.
#[derive(Debug, Default)]
pub(crate) struct Checked {
    /// Verdicts of those that answered.
    pub(crate) verdicts: Vec<Verdict>,
    /// One for each that did not.
    pub(crate) degradations: Vec<Degradation>,
    /// Whether one that did not answer keeps the answer back.
    pub(crate) withheld: bool,
}

impl Checked {
    /// Whether a validator rejects the answer.
    pub(crate) fn failed(&self) -> bool {
        self.verdicts
            .iter()
            .any(|verdict| verdict.result == VerdictResult::Fail)
    }

    /// Why it was rejected.
    pub(crate) fn reason(&self) -> String {
        let failed = self
            .verdicts
            .iter()
            .filter(|verdict| verdict.result == VerdictResult::Fail);
        failed
            .map(|verdict| format!("{}: {}", verdict.validator, verdict.reason))
            .collect::<Vec<_>>()
            .join("; ")
    }
}

/// What is checked.
pub(crate) struct Subject<'a> {
    pub(crate) step: usize,
    pub(crate) domain: Domain,
    pub(crate) query: &'a str,
    pub(crate) answer: &'a str,
}

/// Asks the validators of `kinds` at the same time.
pub(crate) async fn validate(
    upstreams: &Upstreams,
    policy: &Policy,
    kinds: &[String],
    subject: &Subject<'_>,
    terms: Terms,
) -> Checked {
    let replies = join_all(kinds.iter().map(|kind| ask(upstreams, kind, subject, terms))).await;
    let mut checked = Checked::default();
    for (kind, reply) in kinds.iter().zip(replies) {
        match reply {
            Ok(verdicts) => checked.verdicts.extend(verdicts),
            Err(problem) => {
                let closed = policy.on_down(kind) == OnDown::Closed;
                checked.withheld |= closed;
                let consequence = if closed {
                    "the answer is withheld"
                } else {
                    "the answer is unchecked by it"
                };
                checked.degradations.push(Degradation {
                    domain: Some(subject.domain),
                    reason: DegradationReason::ValidatorDown,
                    detail: format!("validator {kind}: {problem}; {consequence}"),
                    served_by: String::new(),
                });
            }
        }
    }
    checked
}

async fn ask(upstreams: &Upstreams, kind: &str, subject: &Subject<'_>, terms: Terms) -> Result<Vec<Verdict>, String> {
    let (pool, timeout) = upstreams.validator(kind).ok_or("is not configured")?;
    let span = info_span!(
        "validate",
        otel.name = format!("validate {kind}"),
        plexus.validator = kind,
        plexus.verdict = Empty
    );
    let own = Deadline::after(timeout);
    let deadline = terms.deadline.map_or(own, |deadline| deadline.min(own));
    async {
        let mut request = Request::new(ValidateRequest {
            kind: kind.to_owned(),
            query: subject.query.to_owned(),
            answer: subject.answer.to_owned(),
            domain: plexus_wire::domain_to_proto(subject.domain).into(),
        });
        let extensions = request.extensions_mut();
        extensions.insert(deadline);
        extensions.insert(terms.priority);
        // A check has no effects: it may be asked of two at the same time.
        extensions.insert(Idempotent);
        let response = ValidatorServiceClient::new(pool.service()).validate(request).await;
        let response = response.map_err(|status| describe(&status))?.into_inner();
        let verdicts: Vec<Verdict> = response
            .verdicts
            .into_iter()
            .map(|verdict| plexus_wire::verdict(verdict, subject.step))
            .collect();
        let words: Vec<&str> = verdicts.iter().map(|verdict| verdict.result.name()).collect();
        span.record("plexus.verdict", words.join(","));
        Ok(verdicts)
    }
    .instrument(span.clone())
    .await
}

fn describe(status: &Status) -> String {
    format!("{:?}: {}", status.code(), status.message())
}
