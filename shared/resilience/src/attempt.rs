//! Bounds one attempt: how long its first word may take, and no longer than its replica is known to live.

use std::{
    task::{Context, Poll},
    time::Duration,
};

use http::Response;
use tokio::sync::watch;
use tonic::Status;
use tower::{Layer, Service};

use crate::{
    call::{Attempt, Call, Fault},
    deadline::Deadline,
};

/// Nobody is given up sooner: in less time a slow replica and a dead one cannot be told apart.
const SHORTEST: Duration = Duration::from_secs(1);

/// Share of the time left until the deadline, 0..1, that the first word of an attempt may take, so that somebody else can still
/// be asked. Lies in the extensions of requests; without it, only the deadline bounds attempts.
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
    B: Send + 'static,
{
    type Response = Response<B>;
    type Error = Fault;
    type Future = Attempt<B>;

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
            tokio::select! {
                biased;
                result = attempt => result,
                within = silence => Err(Fault::Silent(within)),
                () = died(&mut alive) => Err(Fault::Failed(Status::unavailable("stopped answering health checks"))),
            }
        })
    }
}

async fn died(alive: &mut watch::Receiver<bool>) {
    loop {
        let changed = alive.changed().await;
        if changed.is_err() || !*alive.borrow_and_update() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::Request;
    use tower::service_fn;

    use super::*;

    fn never(
        alive: watch::Receiver<bool>,
    ) -> impl Service<Call, Response = Response<()>, Error = Fault, Future = Attempt<()>> {
        layer(alive).layer(service_fn(|_| -> Attempt<()> { Box::pin(std::future::pending()) }))
    }

    #[tokio::test(start_paused = true)]
    async fn silence_has_an_end() {
        let (_alive, watch) = watch::channel(true);
        let mut call = Request::new(Bytes::new());
        call.extensions_mut().insert(Deadline::after(Duration::from_secs(5)));
        call.extensions_mut().insert(FirstWordShare(0.6));
        let fault = never(watch).call(call).await.unwrap_err();
        assert!(matches!(fault, Fault::Silent(within) if within == Duration::from_secs(3)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_death_ends_what_is_under_way_and_not_what_begins_afterwards() {
        let (alive, watch) = watch::channel(true);
        let attempt = never(watch.clone()).call(Request::new(Bytes::new()));
        alive.send_replace(false);
        assert!(matches!(attempt.await.unwrap_err(), Fault::Failed(_)));
        let attempt = never(watch).call(Request::new(Bytes::new()));
        assert!(tokio::time::timeout(Duration::from_secs(9), attempt).await.is_err());
    }
}
