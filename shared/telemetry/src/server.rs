//! The span of a call as its server sees it; its parent comes from the request's `traceparent`.

use std::{
    future::Future,
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
    propagation::extract,
    rpc::{Side, SpanBody},
};

/// Opens a SERVER span around every call of the mesh.
#[derive(Debug, Clone)]
pub struct ServerTrace<S> {
    inner: S,
    applies: fn(&str) -> bool,
}

/// Makes [`ServerTrace`]s for the paths that `applies` accepts.
pub fn layer<S>(applies: fn(&str) -> bool) -> impl Layer<S, Service = ServerTrace<S>> + Clone {
    tower::layer::layer_fn(move |inner| ServerTrace { inner, applies })
}

impl<S, A, B> Service<Request<A>> for ServerTrace<S>
where
    S: Service<Request<A>, Response = Response<B>>,
    B: Body<Data = Bytes>,
{
    type Response = Response<SpanBody<B>>;
    type Error = S::Error;
    type Future = ServerFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<A>) -> Self::Future {
        let path = request.uri().path();
        if !(self.applies)(path) {
            return ServerFuture {
                inner: self.inner.call(request),
                span: Span::none(),
            };
        }
        let method = path.trim_start_matches('/');
        let span = info_span!(
            "rpc.server",
            otel.name = method,
            otel.kind = "server",
            otel.status_code = Empty,
            rpc.system.name = "grpc",
            rpc.method = method,
            rpc.response.status_code = Empty,
            error.r#type = Empty,
        );
        let _ = span.set_parent(extract(request.headers()));
        let inner = span.in_scope(|| self.inner.call(request));
        ServerFuture { inner, span }
    }
}

pin_project! {
    /// A call that runs inside its span.
    pub struct ServerFuture<F> {
        #[pin]
        inner: F,
        span: Span,
    }
}

impl<F, B, E> Future for ServerFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: Body<Data = Bytes>,
{
    type Output = Result<Response<SpanBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let polled = this.span.in_scope(|| this.inner.poll(cx));
        let (head, body) = ready!(polled)?.into_parts();
        let body = SpanBody::new(
            body,
            std::mem::replace(this.span, Span::none()),
            Side::Server,
            &head.headers,
        );
        Poll::Ready(Ok(Response::from_parts(head, body)))
    }
}
