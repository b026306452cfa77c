//! Says on a call's span who served it, and how many were asked.

use std::{
    net::SocketAddr,
    task::{Context, Poll},
};

use http::{Request, Response};
use plexus_resilience::trail::Trail;
use tonic::body::Body;
use tower::{Layer, Service};

/// Writes the peer of a call onto the current span.
#[derive(Debug, Clone)]
pub struct Peer<S> {
    inner: S,
}

/// Makes [`Peer`]s.
pub(crate) fn layer<S>() -> impl Layer<S, Service = Peer<S>> + Clone {
    tower::layer::layer_fn(|inner| Peer { inner })
}

impl<S, B> Service<Request<Body>> for Peer<S>
where
    S: Service<Request<Body>, Response = Response<B>>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let trail = request.extensions_mut().get_or_insert_default::<Trail>().clone();
        let response = self.inner.call(request);
        Box::pin(async move {
            let response = response.await;
            let replica = trail.served().or_else(|| trail.last().map(|tried| tried.replica));
            if let Some(peer) = replica.as_deref().and_then(address) {
                plexus_telemetry::client::record_peer(peer, trail.len());
            }
            response
        })
    }
}

/// The address in a label such as `math@127.0.0.1:50062`.
fn address(label: &str) -> Option<SocketAddr> {
    label.rsplit_once('@')?.1.parse().ok()
}
