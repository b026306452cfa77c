//! One deadline for a request and everything done for it: read at the edge, subtracted hop by hop, and bounding the
//! response's body too. tonic alone stops at the response's head and reports CANCELLED.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderValue, Request, Response};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use plexus_errors::{ErrorCode, ServiceError};
use tokio::time::{Instant, Sleep, sleep_until};
use tonic::Status;
use tower::{Layer, Service};

use crate::{Applies, grpc_timeout, refuse};

/// Taken off a caller's timeout at the edge, so that our DEADLINE_EXCEEDED still reaches the caller in time.
const MARGIN: Duration = Duration::from_millis(2);

/// When a request must be over. Lies in the extensions of requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline(Instant);

impl Deadline {
    /// A deadline that far from now.
    pub fn after(duration: Duration) -> Self {
        Self(Instant::now() + duration)
    }

    /// The deadline of a request that came through [`ServerDeadline`].
    pub fn of(extensions: &http::Extensions) -> Option<Self> {
        extensions.get().copied()
    }

    /// The moment.
    pub fn instant(self) -> Instant {
        self.0
    }

    /// What is left; zero if it has passed.
    pub fn left(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }

    /// Whether it has passed.
    pub fn passed(self) -> bool {
        self.left().is_zero()
    }
}

/// The status of a request that ran out of time.
pub fn exceeded() -> Status {
    ServiceError::new(ErrorCode::DeadlineExceeded, "the deadline of the request has passed").into()
}

/// The deadline that a request's `grpc-timeout` gives it; `default` where it has none, and at the most.
///
/// # Errors
/// INVALID_ARGUMENT, naming the header.
pub fn read(headers: &http::HeaderMap, default: Duration) -> Result<Deadline, ServiceError> {
    let timeout = match headers.get(grpc_timeout::HEADER) {
        None => default,
        Some(value) => match value.to_str().ok().and_then(grpc_timeout::parse) {
            Some(timeout) => timeout.saturating_sub(MARGIN).min(default),
            None => {
                return Err(ServiceError::invalid(
                    grpc_timeout::HEADER,
                    "must be up to 8 digits and a unit of H, M, S, m, u, n",
                ));
            }
        },
    };
    Ok(Deadline::after(timeout))
}

// === impl ServerDeadline ===

/// Server side: reads `grpc-timeout` (a default where there is none, a cap where it is too long), puts the
/// [`Deadline`] into the extensions, and ends head and body when it passes.
#[derive(Debug, Clone)]
pub struct ServerDeadline<S> {
    inner: S,
    default: Duration,
    applies: Applies,
}

/// Makes [`ServerDeadline`]s; `default` is also the longest that a caller may ask for.
pub fn server<S>(default: Duration, applies: Applies) -> impl Layer<S, Service = ServerDeadline<S>> + Clone {
    tower::layer::layer_fn(move |inner| ServerDeadline {
        inner,
        default,
        applies,
    })
}

impl<S, A, B> Service<Request<A>> for ServerDeadline<S>
where
    S: Service<Request<A>, Response = Response<B>>,
    B: Body<Data = Bytes> + Default,
{
    type Response = Response<DeadlineBody<B>>;
    type Error = S::Error;
    type Future = DeadlineFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<A>) -> Self::Future {
        if !(self.applies)(request.uri().path()) {
            return DeadlineFuture::new(self.inner.call(request), None);
        }
        let deadline = match Deadline::of(request.extensions()) {
            // Read already, when the call was admitted: what it waited since then counts.
            Some(deadline) => Ok(deadline),
            None => read(request.headers(), self.default),
        };
        let deadline = match deadline {
            Ok(deadline) if deadline.passed() => return DeadlineFuture::refused(exceeded()),
            Ok(deadline) => deadline,
            Err(error) => return DeadlineFuture::refused(error.into()),
        };
        request.extensions_mut().insert(deadline);
        DeadlineFuture::new(self.inner.call(request), Some(deadline))
    }
}

/// Tells the server of a request how much is left of its [`Deadline`].
pub fn forward<A>(request: &mut Request<A>) {
    let left = Deadline::of(request.extensions()).map(Deadline::left);
    if let Some(value) = left.and_then(|left| HeaderValue::try_from(grpc_timeout::format(left)).ok()) {
        request.headers_mut().insert(grpc_timeout::HEADER, value);
    }
}

// === impl ClientDeadline ===

/// Client side: ends head and body when the [`Deadline`] in the request's extensions passes. A request without one is let through
/// as it is. What is left of it is told to the server by [`forward`], attempt by attempt.
#[derive(Debug, Clone)]
pub struct ClientDeadline<S> {
    inner: S,
}

/// Makes [`ClientDeadline`]s.
pub fn client<S>() -> impl Layer<S, Service = ClientDeadline<S>> + Clone {
    tower::layer::layer_fn(|inner| ClientDeadline { inner })
}

impl<S, A, B> Service<Request<A>> for ClientDeadline<S>
where
    S: Service<Request<A>, Response = Response<B>>,
    B: Body<Data = Bytes> + Default,
{
    type Response = Response<DeadlineBody<B>>;
    type Error = S::Error;
    type Future = DeadlineFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<A>) -> Self::Future {
        let deadline = Deadline::of(request.extensions());
        if deadline.is_some_and(Deadline::passed) {
            return DeadlineFuture::refused(exceeded());
        }
        DeadlineFuture::new(self.inner.call(request), deadline)
    }
}

// === impl DeadlineFuture ===

pin_project! {
    /// A response's head, or DEADLINE_EXCEEDED.
    pub struct DeadlineFuture<F> {
        #[pin]
        inner: Option<F>,
        sleep: Option<Pin<Box<Sleep>>>,
        refused: Option<Status>,
    }
}

impl<F> DeadlineFuture<F> {
    fn new(inner: F, deadline: Option<Deadline>) -> Self {
        let sleep = deadline.map(|deadline| Box::pin(sleep_until(deadline.0)));
        Self {
            inner: Some(inner),
            sleep,
            refused: None,
        }
    }

    fn refused(status: Status) -> Self {
        Self {
            inner: None,
            sleep: None,
            refused: Some(status),
        }
    }
}

impl<F, B, E> Future for DeadlineFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: Body<Data = Bytes> + Default,
{
    type Output = Result<Response<DeadlineBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        if let Some(status) = this.refused.take() {
            return Poll::Ready(Ok(refuse::<B>(status).map(DeadlineBody::unbounded)));
        }
        if let Some(sleep) = this.sleep
            && sleep.as_mut().poll(cx).is_ready()
        {
            return Poll::Ready(Ok(refuse::<B>(exceeded()).map(DeadlineBody::unbounded)));
        }
        let Some(inner) = this.inner.as_pin_mut() else {
            return Poll::Pending;
        };
        let response = std::task::ready!(inner.poll(cx))?;
        let sleep = this.sleep.take();
        Poll::Ready(Ok(response.map(|body| DeadlineBody {
            inner: body,
            sleep,
            ended: false,
        })))
    }
}

// === impl DeadlineBody ===

pin_project! {
    /// A body that ends with DEADLINE_EXCEEDED in its trailers when time runs out.
    #[derive(Default)]
    pub struct DeadlineBody<B> {
        #[pin]
        inner: B,
        sleep: Option<Pin<Box<Sleep>>>,
        ended: bool,
    }
}

impl<B> DeadlineBody<B> {
    fn unbounded(inner: B) -> Self {
        Self {
            inner,
            sleep: None,
            ended: false,
        }
    }
}

impl<B: Body<Data = Bytes>> Body for DeadlineBody<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let this = self.project();
        if *this.ended {
            return Poll::Ready(None);
        }
        if let Some(sleep) = this.sleep
            && sleep.as_mut().poll(cx).is_ready()
        {
            *this.ended = true;
            let mut trailers = http::HeaderMap::new();
            return Poll::Ready(
                exceeded()
                    .add_header(&mut trailers)
                    .ok()
                    .map(|()| Ok(Frame::trailers(trailers))),
            );
        }
        this.inner.poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.ended || self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

#[cfg(test)]
#[path = "deadline/tests.rs"]
mod tests;
