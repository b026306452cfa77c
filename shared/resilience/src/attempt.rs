//! Bounds one attempt: how long its first word may take, and, body included, no longer than its replica is known to live.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use http::Response;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use tokio::sync::watch;
use tonic::Status;
use tower::{BoxError, Layer, Service};

use crate::{
    call::{Attempt, Call, Fault},
    deadline::Deadline,
};

/// Nobody is given up sooner: in less time a slow replica and a dead one cannot be told apart.
const SHORTEST: Duration = Duration::from_secs(1);

/// Share of the time left until the deadline, 0..1, that the first word of an attempt may take, so that somebody else can still
/// be asked; more where nobody else remains, which the choice of replicas decides for each attempt. Lies in the extensions of requests;
/// without it, only the deadline bounds attempts.
#[derive(Debug, Clone, Copy)]
pub struct FirstWordShare(pub f64);

/// Ends attempts that take too long.
#[derive(Debug, Clone)]
pub struct Bounded<S> {
    inner: S,
    alive: watch::Receiver<bool>,
}

/// Makes [`Bounded`]s; attempts end when `alive` says no, or is dropped.
pub fn layer<S>(alive: watch::Receiver<bool>) -> impl Layer<S, Service = Bounded<S>> + Clone {
    tower::layer::layer_fn(move |inner| Bounded {
        inner,
        alive: alive.clone(),
    })
}

impl<S, B> Service<Call> for Bounded<S>
where
    S: Service<Call, Response = Response<B>, Error = Fault, Future = Attempt<B>>,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response<Mortal<B>>;
    type Error = Fault;
    type Future = Attempt<Mortal<B>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Fault>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, call: Call) -> Self::Future {
        let share = call.extensions().get().map(|FirstWordShare(share)| *share);
        let left = Deadline::of(call.extensions()).map(Deadline::left);
        let within = share.zip(left).map(|(share, left)| left.mul_f64(share).max(SHORTEST));
        let mut alive = self.alive.clone();
        // Only a death from now on counts: who asks a replica that is thought dead wants to know.
        alive.mark_unchanged();
        let attempt = self.inner.call(call);
        Box::pin(async move {
            let silence = async {
                match within {
                    Some(within) => tokio::time::sleep(within).await,
                    None => std::future::pending().await,
                }
                within.unwrap_or_default()
            };
            let mut death = Box::pin(died(alive));
            tokio::select! {
                biased;
                result = attempt => Ok(result?.map(|inner| Mortal { inner, death: Some(death) })),
                within = silence => Err(Fault::Silent(within)),
                status = &mut death => Err(Fault::Failed(status)),
            }
        })
    }
}

/// The replica is no longer known to live.
#[derive(Debug, thiserror::Error)]
#[error("stopped answering health checks")]
struct Dead;

/// Waits for a death from now on.
async fn died(mut alive: watch::Receiver<bool>) -> Status {
    loop {
        let changed = alive.changed().await;
        if changed.is_err() || !*alive.borrow_and_update() {
            let mut status = Status::unavailable(Dead.to_string());
            status.set_source(Arc::new(Dead));
            return status;
        }
    }
}

pin_project! {
    /// A body that ends with the life of its sender, however long its connection still looks open.
    pub struct Mortal<B> {
        #[pin]
        inner: B,
        // None once it has come: an error is the last thing that a body says.
        death: Option<Pin<Box<dyn Future<Output = Status> + Send>>>,
    }
}

impl<B: Body<Data = Bytes>> Body for Mortal<B>
where
    B::Error: Into<BoxError>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = self.project();
        let Some(death) = this.death else {
            return Poll::Ready(None);
        };
        // What has come already counts.
        if let Poll::Ready(frame) = this.inner.poll_frame(cx) {
            return Poll::Ready(frame.map(|frame| frame.map_err(Into::into)));
        }
        let status = ready!(death.as_mut().poll(cx));
        *this.death = None;
        Poll::Ready(Some(Err(status.into())))
    }

    fn is_end_stream(&self) -> bool {
        self.death.is_none() || self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{StreamExt as _, stream};
    use http::Request;
    use http_body_util::{BodyExt as _, StreamBody};
    use tower::service_fn;

    use super::*;

    type Empty = http_body_util::Empty<Bytes>;

    fn never(
        alive: watch::Receiver<bool>,
    ) -> impl Service<Call, Response = Response<Mortal<Empty>>, Error = Fault, Future = Attempt<Mortal<Empty>>> {
        layer(alive).layer(service_fn(|_| -> Attempt<Empty> { Box::pin(std::future::pending()) }))
    }

    #[tokio::test(start_paused = true)]
    async fn silence_has_an_end() {
        let (_alive, watch) = watch::channel(true);
        let mut call = Request::new(Bytes::new());
        call.extensions_mut().insert(Deadline::after(Duration::from_secs(5)));
        call.extensions_mut().insert(FirstWordShare(0.6));
        let fault = never(watch).call(call).await.err().unwrap();
        assert!(matches!(fault, Fault::Silent(within) if within == Duration::from_secs(3)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_death_ends_what_is_under_way_and_not_what_begins_afterwards() {
        let (alive, watch) = watch::channel(true);
        let attempt = never(watch.clone()).call(Request::new(Bytes::new()));
        alive.send_replace(false);
        assert!(matches!(attempt.await.err(), Some(Fault::Failed(_))));
        let attempt = never(watch).call(Request::new(Bytes::new()));
        assert!(tokio::time::timeout(Duration::from_secs(9), attempt).await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn a_death_ends_a_body_after_what_has_come_of_it() {
        let (alive, watch) = watch::channel(true);
        let mut service = layer(watch).layer(service_fn(|_| -> Attempt<_> {
            let first = stream::iter([Ok::<_, Status>(Frame::data(Bytes::from("word")))]);
            let body = StreamBody::new(first.chain(stream::pending()));
            Box::pin(async { Ok(Response::new(body)) })
        }));
        let response = service.call(Request::new(Bytes::new())).await.unwrap();
        let mut body = Box::pin(response.into_body());
        alive.send_replace(false);
        let word = body.frame().await.unwrap().unwrap();
        assert_eq!(word.into_data().unwrap(), "word");
        let end = body.frame().await.unwrap().unwrap_err();
        assert_eq!(Status::from_error(end).code(), tonic::Code::Unavailable);
        assert!(body.frame().await.is_none());
    }
}
