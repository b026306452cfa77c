//! plexus.v1.ValidatorService over the checks; thin.

use std::time::Instant;

use plexus_core::Verdict;
use plexus_errors::{ErrorCode, ServiceError};
use plexus_proto::v1::{
    ValidateRequest, ValidateResponse, ValidatorInfo, ValidatorServiceDescribeRequest,
    ValidatorServiceDescribeResponse, validator_service_server::ValidatorService,
};
use plexus_wire::{self as wire, Violations};
use tonic::{Request, Response, Status};
use tracing::{Span, field::Empty, info_span};

use crate::domain::{Kind, Report};

/// The service.
#[derive(Debug)]
pub(crate) struct Grpc {
    kinds: Vec<Kind>,
}

impl Grpc {
    /// Hosts `kinds`.
    pub(crate) fn new(kinds: Vec<Kind>) -> Self {
        Self { kinds }
    }

    fn read(&self, request: &ValidateRequest) -> Result<Vec<Kind>, ServiceError> {
        let mut violations = Violations::default();
        wire::text("answer", &request.answer, &mut violations);
        if request.query.len() > wire::MAX_TEXT {
            wire::text("query", &request.query, &mut violations);
        }
        let kinds: Vec<Kind> = match request.kind.as_str() {
            "" => self.kinds.clone(),
            name => self.kinds.iter().copied().filter(|kind| kind.name() == name).collect(),
        };
        if kinds.is_empty() {
            let hosted: Vec<&str> = self.kinds.iter().map(|kind| kind.name()).collect();
            violations.add(
                "kind",
                format!(
                    "`{}` is not hosted here; hosted are {}",
                    request.kind,
                    hosted.join(", ")
                ),
            );
        }
        violations.check()?;
        Ok(kinds)
    }
}

#[tonic::async_trait]
impl ValidatorService for Grpc {
    async fn describe(
        &self,
        _: Request<ValidatorServiceDescribeRequest>,
    ) -> Result<Response<ValidatorServiceDescribeResponse>, Status> {
        let validators = self.kinds.iter().map(|kind| ValidatorInfo {
            kind: kind.name().to_owned(),
            description: kind.description().to_owned(),
        });
        Ok(Response::new(ValidatorServiceDescribeResponse {
            validators: validators.collect(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }))
    }

    async fn validate(&self, request: Request<ValidateRequest>) -> Result<Response<ValidateResponse>, Status> {
        let request = request.into_inner();
        let kinds = self.read(&request)?;
        let span = Span::current();
        // A check may take milliseconds; the threads that serve calls must not.
        let checked = tokio::task::spawn_blocking(move || span.in_scope(|| check(&kinds, &request)));
        let verdicts = checked
            .await
            .map_err(|_| ServiceError::new(ErrorCode::Internal, "the check ended without a verdict"))?;
        Ok(Response::new(ValidateResponse {
            verdicts: verdicts.iter().map(wire::verdict_to_proto).collect(),
        }))
    }
}

fn check(kinds: &[Kind], request: &ValidateRequest) -> Vec<Verdict> {
    let verdicts = kinds.iter().map(|kind| {
        let span = info_span!(
            "check",
            otel.name = format!("check {}", kind.name()),
            plexus.verdict = Empty
        );
        let begin = Instant::now();
        let report = span.in_scope(|| kind.check(&request.query, &request.answer));
        let verdict = verdict(*kind, report, begin);
        span.record("plexus.verdict", verdict.result.name());
        verdict
    });
    verdicts.collect()
}

fn verdict(kind: Kind, report: Report, begin: Instant) -> Verdict {
    Verdict {
        validator: kind.name().to_owned(),
        result: report.judgement,
        reason: report.reason,
        findings: report.findings,
        step: 0,
        latency: begin.elapsed(),
        confidence: report.confidence,
    }
}
