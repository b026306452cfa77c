//! The span of a call as its client sees it; its context travels on in `traceparent`.

use std::{
    future::Future,
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use pin_project_lite::pin_project;
use tower::{Layer, Service};
use tracing::{Span, field::Empty, info_span};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use crate::{
    propagation::inject,
    rpc::{Side, SpanBody, record_code},
};

/// Opens a CLIENT span around every call, below the span that is current when the call is made.
#[derive(Debug, Clone)]
pub struct ClientTrace<S> {
    inner: S,
}

/// Makes [`ClientTrace`]s.
pub fn layer<S>() -> impl Layer<S, Service = ClientTrace<S>> + Clone {
    tower::layer::layer_fn(|inner| ClientTrace { inner })
}

/// Writes onto the current call's span who served it in the end, and how many were asked.
pub fn record_peer(peer: SocketAddr, attempts: usize) {
    let span = Span::current();
    span.record("server.address", tracing::field::display(peer.ip()));
    span.record("server.port", peer.port());
    if attempts > 1 {
        span.record("plexus.attempts", attempts);
    }
}

impl<S, A, B> Service<Request<A>> for ClientTrace<S>
where
    S: Service<Request<A>, Response = Response<B>>,
    B: Body<Data = Bytes>,
{
    type Response = Response<SpanBody<B>>;
    type Error = S::Error;
    type Future = ClientFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<A>) -> Self::Future {
        let method = request.uri().path().trim_start_matches('/').to_owned();
        let span = info_span!(
            "rpc.client",
            otel.name = method,
            otel.kind = "client",
            otel.status_code = Empty,
            rpc.system.name = "grpc",
            rpc.method = method,
            rpc.response.status_code = Empty,
            error.r#type = Empty,
            server.address = Empty,
            server.port = Empty,
            plexus.attempts = Empty,
        );
        inject(&span.context(), request.headers_mut());
        let inner = span.in_scope(|| self.inner.call(request));
        ClientFuture {
            inner,
            span: Some(span),
        }
    }
}

pin_project! {
    /// A call that runs inside its span.
    pub struct ClientFuture<F> {
        #[pin]
        inner: F,
        span: Option<Span>,
    }

    impl<F> PinnedDrop for ClientFuture<F> {
        fn drop(this: Pin<&mut Self>) {
            if let Some(span) = this.project().span.take() {
                record_code(&span, Side::Client, "CANCELLED");
            }
        }
    }
}

impl<F, B, E> Future for ClientFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: Body<Data = Bytes>,
{
    type Output = Result<Response<SpanBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let current = this.span.clone().unwrap_or_else(Span::none);
        let polled = current.in_scope(|| this.inner.poll(cx));
        let response = ready!(polled);
        let span = this.span.take().unwrap_or_else(Span::none);
        match response {
            Ok(response) => {
                let (head, body) = response.into_parts();
                let body = SpanBody::new(body, span, Side::Client, &head.headers);
                Poll::Ready(Ok(Response::from_parts(head, body)))
            }
            Err(error) => {
                record_code(&span, Side::Client, "UNAVAILABLE");
                Poll::Ready(Err(error))
            }
        }
    }
}
