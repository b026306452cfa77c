//! Asks one replica's [`Breaker`] before each call, and tells it what came of it.

use std::{
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use http::Response;
use tokio::time::Instant;
use tower::{Layer, Service};

use super::{Admission, Breaker};
use crate::{
    call::{Attempt, Blame, Call, Fault, Refused},
    guarded::{End, Guard, Guarded},
    load::Load,
};

/// Silence below this is never a replica's fault: callers may be in any hurry.
const PATIENCE: Duration = Duration::from_millis(250);
/// Silence is a fault where it is longer than this many times the usual time to the first word.
const UNUSUAL: u32 = 3;

/// Refuses calls while the breaker is open.
#[derive(Debug, Clone)]
pub struct Broken<S> {
    inner: S,
    breaker: Arc<Breaker>,
    load: Arc<Load>,
}

/// Makes [`Broken`]s of one replica; `load` says what is usual there.
pub fn layer<S>(breaker: Arc<Breaker>, load: Arc<Load>) -> impl Layer<S, Service = Broken<S>> + Clone {
    tower::layer::layer_fn(move |inner| Broken {
        inner,
        breaker: breaker.clone(),
        load: load.clone(),
    })
}

impl<S, B> Service<Call> for Broken<S>
where
    S: Service<Call, Response = Response<B>, Error = Fault, Future = Attempt<B>>,
    B: Send + 'static,
{
    type Response = Response<Guarded<B, Streaming>>;
    type Error = Fault;
    type Future = Attempt<Guarded<B, Streaming>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Fault>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, call: Call) -> Self::Future {
        let begin = Instant::now();
        let Some(admission) = self.breaker.admit(begin) else {
            return Box::pin(std::future::ready(Err(Fault::Refused(Refused::Open))));
        };
        let usual = self.load.pace(begin).usual.unwrap_or_default();
        let mut trial = Trial {
            admission: Some(admission),
            begin,
            patience: PATIENCE.max(usual * UNUSUAL),
        };
        let attempt = self.inner.call(call);
        Box::pin(async move {
            let result = attempt.await;
            match result {
                Ok(response) => {
                    let admission = trial.admission.take().map(|mut admission| {
                        admission.began(Instant::now());
                        admission
                    });
                    Ok(response.map(|body| Guarded::new(body, Streaming(admission))))
                }
                // Nothing was sent, so nobody knows more than before: a probe is given back.
                Err(fault @ Fault::Refused(_)) => {
                    drop(trial.admission.take());
                    Err(fault)
                }
                Err(fault) => {
                    match trial.admission.take_if(|_| fault.is_loss()) {
                        Some(admission) => admission.lost(Instant::now()),
                        None => trial.ended(fault.blame()),
                    }
                    Err(fault)
                }
            }
        })
    }
}

/// A call that has heard nothing yet. Dropped, because nobody waits any more, it counts as silence.
struct Trial {
    admission: Option<Admission>,
    begin: Instant,
    patience: Duration,
}

impl Trial {
    fn ended(&mut self, blame: Blame) {
        let Some(admission) = self.admission.take() else {
            return;
        };
        let now = Instant::now();
        match blame {
            Blame::Failed => admission.failed(now),
            Blame::Slow if now.saturating_duration_since(self.begin) >= self.patience => admission.failed(now),
            // It answers, if only to say no.
            Blame::None | Blame::Busy => admission.succeeded(now),
            Blame::Slow => {}
        }
    }
}

impl Drop for Trial {
    fn drop(&mut self) {
        self.ended(Blame::Slow);
    }
}

/// A call that has begun to answer; it counts once, when its body ends or nobody waits for it any more.
pub struct Streaming(Option<Admission>);

impl Guard for Streaming {
    fn ended(mut self, end: End) {
        match (end, self.0.take_if(|_| end != End::Well)) {
            (End::Lost, Some(admission)) => admission.lost(Instant::now()),
            (_, Some(admission)) => admission.failed(Instant::now()),
            (_, None) => {}
        }
    }
}

impl Drop for Streaming {
    fn drop(&mut self) {
        if let Some(admission) = self.0.take() {
            admission.succeeded(Instant::now());
        }
    }
}

#[cfg(test)]
#[cfg(not(feature = "shuttle"))]
mod tests;
