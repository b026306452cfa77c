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
    guarded::{End, Guard, Guarded},
    priority::Priority,
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
    fn ended(self, _: End) {}
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
        // Servers refuse batch first: that says nothing of how many others they take.
        let batch = call.extensions().get() == Some(&Priority::Batch);
        let attempt = self.inner.call(call);
        Box::pin(async move {
            let result = attempt.await;
            match &result {
                Ok(_) => slot.taken(),
                Err(fault) if fault.blame() == Blame::Busy && !batch => slot.refused(Instant::now()),
                Err(_) => {}
            }
            Ok(result?.map(|body| Guarded::new(body, slot)))
        })
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::Request;
    use tonic::Status;
    use tower::service_fn;

    use super::*;
    use crate::limit::Config;

    #[tokio::test]
    async fn what_batch_is_refused_leaves_room_for_the_others() {
        let limit = Arc::new(Limit::new(Config { min: 1, max: 10 }));
        let busy = service_fn(|_| -> Attempt<()> {
            Box::pin(async { Err(Fault::Failed(Status::resource_exhausted("not now"))) })
        });
        let mut service = layer(limit.clone()).layer(busy);
        for (priority, left) in [(Priority::Batch, 10), (Priority::Interactive, 1)] {
            let mut call = Request::new(Bytes::new());
            call.extensions_mut().insert(priority);
            assert!(service.call(call).await.is_err());
            assert_eq!(limit.limit(), left, "{priority:?}");
        }
    }
}
