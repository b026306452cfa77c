//! A small set of error codes and their mapping to and from gRPC.
//!
//! A service speaks in [`ServiceError`]; the gRPC status is made from it once, at the edge. Status details follow
//! google.rpc (`BadRequest`, `RetryInfo`, `ErrorInfo`), so that clients of any language can read them.

mod code;

use std::{collections::HashMap, fmt, time::Duration};

pub use code::ErrorCode;
use tonic_types::{ErrorDetails, StatusExt as _};

/// The `domain` of every `google.rpc.ErrorInfo` that Plexus sends.
pub const ERROR_DOMAIN: &str = "plexus.v1";

/// What is wrong with one field of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldViolation {
    /// Path of the field, e.g. `constraints.domains[0]`.
    pub field: String,
    /// What is wrong with it and what is allowed.
    pub problem: String,
}

/// An error that leaves a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceError {
    code: ErrorCode,
    message: String,
    violations: Vec<FieldViolation>,
    retry_after: Option<Duration>,
    info: Option<(String, Vec<(String, String)>)>,
}

impl ServiceError {
    /// An error with a message for a person.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            violations: Vec::new(),
            retry_after: None,
            info: None,
        }
    }

    /// INVALID_ARGUMENT about one field.
    pub fn invalid(field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::violations(vec![FieldViolation {
            field: field.into(),
            problem: problem.into(),
        }])
    }

    /// INVALID_ARGUMENT about several fields.
    pub fn violations(violations: Vec<FieldViolation>) -> Self {
        let message = violations
            .iter()
            .map(|v| format!("{}: {}", v.field, v.problem))
            .collect::<Vec<_>>()
            .join("; ");
        Self {
            violations,
            ..Self::new(ErrorCode::InvalidArgument, message)
        }
    }

    /// Tells the caller when another try makes sense (`google.rpc.RetryInfo`).
    #[must_use]
    pub fn retry_after(mut self, delay: Duration) -> Self {
        self.retry_after = Some(delay);
        self
    }

    /// Adds a machine-readable reason with facts (`google.rpc.ErrorInfo`).
    #[must_use]
    pub fn info(mut self, reason: impl Into<String>, facts: Vec<(String, String)>) -> Self {
        self.info = Some((reason.into(), facts));
        self
    }

    /// The code.
    pub fn code(&self) -> ErrorCode {
        self.code
    }

    /// The message for a person.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for ServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ServiceError {}

impl From<ServiceError> for tonic::Status {
    fn from(error: ServiceError) -> Self {
        let mut details = ErrorDetails::new();
        for violation in error.violations {
            details.add_bad_request_violation(violation.field, violation.problem);
        }
        if let Some(delay) = error.retry_after {
            details.set_retry_info(Some(delay));
        }
        if let Some((reason, facts)) = error.info {
            details.set_error_info(reason, ERROR_DOMAIN, facts.into_iter().collect::<HashMap<_, _>>());
        }
        tonic::Status::with_error_details(error.code.to_grpc(), error.message, details)
    }
}

impl From<&tonic::Status> for ServiceError {
    fn from(status: &tonic::Status) -> Self {
        let details = status.get_error_details();
        Self {
            code: ErrorCode::from_grpc(status.code()),
            message: status.message().to_owned(),
            violations: details
                .bad_request()
                .map(|bad| {
                    bad.field_violations
                        .iter()
                        .map(|v| FieldViolation {
                            field: v.field.clone(),
                            problem: v.description.clone(),
                        })
                        .collect()
                })
                .unwrap_or_default(),
            retry_after: details.retry_info().and_then(|info| info.retry_delay),
            info: details.error_info().map(|info| {
                let mut facts: Vec<_> = info.metadata.clone().into_iter().collect();
                facts.sort();
                (info.reason.clone(), facts)
            }),
        }
    }
}

/// `error` and all its sources, joined by `: `, for logs and for the terminal.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        let part = source.to_string();
        if !text.ends_with(&part) {
            text.push_str(": ");
            text.push_str(&part);
        }
        next = source.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_survives_the_wire() {
        let error = ServiceError::violations(vec![FieldViolation {
            field: "query".into(),
            problem: "is empty".into(),
        }])
        .retry_after(Duration::from_millis(1500))
        .info("NO_ANSWER", vec![("tried".into(), "math, reasoning".into())]);
        let status = tonic::Status::from(error.clone());
        assert_eq!(status.code(), tonic::Code::InvalidArgument);
        assert_eq!(status.message(), "query: is empty");
        assert_eq!(ServiceError::from(&status), error);
    }

    #[test]
    fn a_chain_names_every_cause_once() {
        #[derive(Debug, thiserror::Error)]
        #[error("cannot load the model")]
        struct Outer(#[source] std::io::Error);
        let error = Outer(std::io::Error::other("no such file"));
        assert_eq!(chain(&error), "cannot load the model: no such file");
    }
}
