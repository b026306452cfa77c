//! Watches how one replica does: time to the first word, calls under way.

use std::{
    sync::Arc,
    task::{Context, Poll},
};

use http::Response;
use tokio::time::Instant;
use tower::{Layer, Service};

use super::{Load, Pending};
use crate::{
    call::{Attempt, Blame, Call, Fault},
    guarded::{End, Guard, Guarded},
};

/// Counts calls from their begin to the end of their bodies.
#[derive(Debug, Clone)]
pub struct Observed<S> {
    inner: S,
    load: Arc<Load>,
}

/// Makes [`Observed`]s of one replica.
pub fn layer<S>(load: Arc<Load>) -> impl Layer<S, Service = Observed<S>> + Clone {
    tower::layer::layer_fn(move |inner| Observed {
        inner,
        load: load.clone(),
    })
}

impl Guard for Pending {
    fn ended(self, _: End) {}
}

impl<S, B> Service<Call> for Observed<S>
where
    S: Service<Call, Response = Response<B>, Error = Fault, Future = Attempt<B>>,
    B: Send + 'static,
{
    type Response = Response<Guarded<B, Pending>>;
    type Error = Fault;
    type Future = Attempt<Guarded<B, Pending>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Fault>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, call: Call) -> Self::Future {
        let mut pending = self.load.begin(Instant::now());
        let attempt = self.inner.call(call);
        Box::pin(async move {
            let fault = match attempt.await {
                Ok(response) => {
                    pending.first_word(Instant::now());
                    return Ok(response.map(|body| Guarded::new(body, pending)));
                }
                Err(fault) => fault,
            };
            match (&fault, fault.blame()) {
                (Fault::Refused(_), _) => pending.withdrawn(),
                (_, Blame::Failed | Blame::Busy) => pending.failed(Instant::now()),
                (_, Blame::Slow) => pending.silent(Instant::now()),
                (_, Blame::None) => pending.answered(Instant::now()),
            }
            Err(fault)
        })
    }
}
