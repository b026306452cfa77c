//! What the spans of both ends of a call share: status codes, and a body that keeps its span open.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use tracing::Span;

/// Which end of a call a span describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Client,
    Server,
}

/// Names of the gRPC codes, by number.
const CODES: [&str; 17] = [
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
];

/// Codes that mean a fault of the server, by the semantic conventions for gRPC.
const SERVER_FAULTS: [&str; 6] = [
    "UNKNOWN",
    "DEADLINE_EXCEEDED",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
];

/// Writes the outcome of a call onto its span.
pub(crate) fn record_code(span: &Span, side: Side, code: &str) {
    span.record("rpc.response.status_code", code);
    let failed = match side {
        Side::Client => code != "OK",
        Side::Server => SERVER_FAULTS.contains(&code),
    };
    if failed {
        span.record("error.type", code);
        span.record("otel.status_code", "ERROR");
    }
}

/// The code in headers or trailers.
pub(crate) fn code_in(headers: &HeaderMap) -> Option<&'static str> {
    let number: usize = headers.get("grpc-status")?.to_str().ok()?.parse().ok()?;
    Some(CODES.get(number).copied().unwrap_or("UNKNOWN"))
}

pin_project! {
    /// A body that closes its span when it ends, with the status of its trailers.
    pub struct SpanBody<B> {
        #[pin]
        inner: B,
        open: Option<Open>,
    }
}

impl<B: Default> Default for SpanBody<B> {
    fn default() -> Self {
        Self {
            inner: B::default(),
            open: None,
        }
    }
}

/// A span that waits for its status.
struct Open {
    span: Span,
    side: Side,
    done: bool,
}

impl Drop for Open {
    fn drop(&mut self) {
        if !self.done {
            record_code(&self.span, self.side, "CANCELLED");
        }
    }
}

impl<B> SpanBody<B> {
    /// Waits for the trailers, unless the head has told the status already.
    pub(crate) fn new(inner: B, span: Span, side: Side, head: &HeaderMap) -> Self {
        let open = match code_in(head) {
            Some(code) => {
                record_code(&span, side, code);
                None
            }
            None => Some(Open {
                span,
                side,
                done: false,
            }),
        };
        Self { inner, open }
    }
}

impl<B: Body<Data = Bytes>> Body for SpanBody<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let this = self.project();
        let entered = this.open.as_ref().map(|open| open.span.clone().entered());
        let polled = std::task::ready!(this.inner.poll_frame(cx));
        drop(entered);
        let code = match &polled {
            Some(Ok(frame)) => frame
                .trailers_ref()
                .map(|trailers| code_in(trailers).unwrap_or("UNKNOWN")),
            Some(Err(_)) => Some("UNAVAILABLE"),
            None => Some("UNKNOWN"),
        };
        if let Some(code) = code
            && let Some(mut open) = this.open.take()
        {
            record_code(&open.span, open.side, code);
            open.done = true;
        }
        Poll::Ready(polled)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
