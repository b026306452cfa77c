//! How many calls a process serves at the same time. Further ones are refused at once, so that they can go elsewhere.
//!
//! tonic's own limit counts per connection and gives its permit back at the response's head; this one is the
//! process's, and a streamed call holds its permit until its body ends.

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use plexus_errors::{ErrorCode, ServiceError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tower::{Layer, Service};

use crate::{Applies, refuse};

/// When a refused caller may try again.
const RETRY_AFTER: Duration = Duration::from_millis(250);

/// Refuses calls over the limit with RESOURCE_EXHAUSTED and `google.rpc.RetryInfo`.
#[derive(Debug, Clone)]
pub struct ConcurrencyLimit<S> {
    inner: S,
    permits: Arc<Semaphore>,
    applies: Applies,
}

/// The permits of a process.
#[derive(Debug, Clone)]
pub struct Permits {
    permits: Arc<Semaphore>,
    limit: u32,
}

impl Permits {
    /// As many permits as calls may be served at the same time.
    pub fn new(limit: u32) -> Self {
        Self {
            permits: Arc::new(Semaphore::new(limit as usize)),
            limit,
        }
    }

    /// Makes [`ConcurrencyLimit`]s that share these permits.
    pub fn layer<S>(&self, applies: Applies) -> impl Layer<S, Service = ConcurrencyLimit<S>> + Clone + use<S> {
        let permits = self.permits.clone();
        tower::layer::layer_fn(move |inner| ConcurrencyLimit {
            inner,
            permits: permits.clone(),
            applies,
        })
    }

    /// Done when no call is under way.
    pub async fn idle(&self) {
        // The semaphore is never closed; an error would mean that nobody can be served either.
        let _ = self.permits.acquire_many(self.limit).await;
    }
}

impl<S, A, B> Service<Request<A>> for ConcurrencyLimit<S>
where
    S: Service<Request<A>, Response = Response<B>>,
    B: Body<Data = Bytes> + Default,
{
    type Response = Response<PermitBody<B>>;
    type Error = S::Error;
    type Future = PermitFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<A>) -> Self::Future {
        if !(self.applies)(request.uri().path()) {
            return PermitFuture {
                inner: Some(self.inner.call(request)),
                permit: None,
            };
        }
        match self.permits.clone().try_acquire_owned() {
            Ok(permit) => PermitFuture {
                inner: Some(self.inner.call(request)),
                permit: Some(permit),
            },
            Err(_) => PermitFuture {
                inner: None,
                permit: None,
            },
        }
    }
}

pin_project! {
    /// A response's head with its permit, or a refusal.
    pub struct PermitFuture<F> {
        #[pin]
        inner: Option<F>,
        permit: Option<OwnedSemaphorePermit>,
    }
}

impl<F, B, E> Future for PermitFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: Body<Data = Bytes> + Default,
{
    type Output = Result<Response<PermitBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let Some(inner) = this.inner.as_pin_mut() else {
            let error = ServiceError::new(ErrorCode::ResourceExhausted, "too many calls at once; try again later")
                .retry_after(RETRY_AFTER);
            return Poll::Ready(Ok(
                refuse::<B>(error.into()).map(|inner| PermitBody { inner, permit: None })
            ));
        };
        let response = std::task::ready!(inner.poll(cx))?;
        let permit = this.permit.take();
        Poll::Ready(Ok(response.map(|inner| PermitBody { inner, permit })))
    }
}

pin_project! {
    /// A body that gives its permit back when it is dropped.
    #[derive(Default)]
    pub struct PermitBody<B> {
        #[pin]
        inner: B,
        permit: Option<OwnedSemaphorePermit>,
    }
}

impl<B: Body<Data = Bytes>> Body for PermitBody<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        self.project().inner.poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use tonic::body::Body as TonicBody;
    use tower::{ServiceExt as _, service_fn};

    use super::*;

    #[tokio::test]
    async fn a_streamed_call_holds_its_permit_until_its_body_is_gone() {
        let permits = Permits::new(1);
        let service = permits
            .layer(crate::mesh_calls)
            .layer(service_fn(|_: Request<()>| async {
                Ok::<_, Infallible>(Response::new(TonicBody::empty()))
            }));
        let call = || Request::builder().uri("/plexus.v1.RouterService/Ask").body(()).unwrap();
        let first = service.clone().oneshot(call()).await.unwrap();
        assert!(!first.headers().contains_key("grpc-status"));
        let second = service.clone().oneshot(call()).await.unwrap();
        assert_eq!(second.headers()["grpc-status"], "8");
        let health = Request::builder().uri("/grpc.health.v1.Health/Check").body(()).unwrap();
        assert!(
            !service
                .clone()
                .oneshot(health)
                .await
                .unwrap()
                .headers()
                .contains_key("grpc-status")
        );
        assert!(permits.permits.available_permits() == 0);
        drop(first);
        permits.idle().await;
        assert!(
            !service
                .oneshot(call())
                .await
                .unwrap()
                .headers()
                .contains_key("grpc-status")
        );
    }
}
