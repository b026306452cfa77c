//! Keeps the calls to one replica within its [`Limit`].

use std::{
    sync::Arc,
    task::{Context, Poll},
};

use http::Response;
use tokio::time::Instant;
use tower::{Layer, Service};

use super::{Limit, Slot};
use crate::{
    call::{Attempt, Blame, Call, Fault, Refused},
    guarded::{Guard, Guarded},
};

/// Refuses calls over the limit, and learns from those that the replica refuses.
#[derive(Debug, Clone)]
pub struct Limited<S> {
    inner: S,
    limit: Arc<Limit>,
}

/// Makes [`Limited`]s that share a limit.
pub fn layer<S>(limit: Arc<Limit>) -> impl Layer<S, Service = Limited<S>> + Clone {
    tower::layer::layer_fn(move |inner| Limited {
        inner,
        limit: limit.clone(),
    })
}

impl Guard for Slot {
    fn ended(self, _: bool) {}
}

impl<S, B> Service<Call> for Limited<S>
where
    S: Service<Call, Response = Response<B>, Error = Fault, Future = Attempt<B>>,
    B: Send + 'static,
{
    type Response = Response<Guarded<B, Slot>>;
    type Error = Fault;
    type Future = Attempt<Guarded<B, Slot>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Fault>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, call: Call) -> Self::Future {
        let Some(slot) = self.limit.take() else {
            return Box::pin(std::future::ready(Err(Fault::Refused(Refused::Full))));
        };
        let attempt = self.inner.call(call);
        Box::pin(async move {
            let result = attempt.await;
            match &result {
                Ok(_) => slot.taken(),
                Err(fault) if fault.blame() == Blame::Busy => slot.refused(Instant::now()),
                Err(_) => {}
            }
            Ok(result?.map(|body| Guarded::new(body, slot)))
        })
    }
}
