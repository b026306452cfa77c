//! Asks a second replica where the first is slower than nearly all answers lately, and takes the answer that comes first.
//!
//! Dean and Barroso, "The Tail at Scale" (2013): the second request goes after the 95th percentile. Only for calls that are marked
//! as [`Idempotent`], only within the budget of second attempts; the loser is cancelled.

use std::{
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use http::Response;
use tokio::time::{Instant, sleep};
use tower::{Layer, Service};

use crate::{
    call::{Attempt, Call, Fault, Idempotent},
    retry::{self, Budget, Others},
    sync::{Mutex, MutexGuard, lock},
    trail::Trail,
};

/// Answers that are remembered.
const REMEMBERED: usize = 128;
/// Answers before there is a percentile to go by.
const ENOUGH: usize = 20;
/// The percentile (Dean and Barroso).
const PERCENTILE: f64 = 0.95;
/// A second call costs more than this saves.
const SHORTEST: Duration = Duration::from_millis(1);

/// Marks the copy of a call that is made to be quicker.
#[derive(Debug, Clone, Copy)]
pub struct IsHedge;

/// Asks a second replica where the first is slow.
#[derive(Clone)]
pub struct Hedged<S> {
    inner: S,
    shared: Arc<Shared>,
}

struct Shared {
    budget: Arc<Budget>,
    /// Whether anything is hedged at all.
    on: bool,
    others: Others,
    recent: Mutex<Recent>,
}

/// Makes [`Hedged`]s that share a budget and what they know of latencies.
pub fn layer<S>(
    budget: Arc<Budget>,
    config: &retry::Config,
    others: Others,
) -> impl Layer<S, Service = Hedged<S>> + Clone + use<S> {
    let shared = Arc::new(Shared {
        budget,
        on: config.hedge,
        others,
        recent: Mutex::default(),
    });
    tower::layer::layer_fn(move |inner| Hedged {
        inner,
        shared: shared.clone(),
    })
}

impl<S, B> Service<Call> for Hedged<S>
where
    S: Service<Call, Response = Response<B>, Error = Fault, Future = Attempt<B>> + Clone + Send + 'static,
    B: Send + 'static,
{
    type Response = Response<B>;
    type Error = Fault;
    type Future = Attempt<B>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Fault>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, call: Call) -> Self::Future {
        if !self.shared.on || call.extensions().get::<Idempotent>().is_none() {
            return self.inner.call(call);
        }
        let (mut inner, shared) = (self.inner.clone(), self.shared.clone());
        Box::pin(async move {
            let mut begin = Instant::now();
            let result = hedged(&mut inner, call, &shared, &mut begin).await;
            if result.is_ok() {
                shared.recent().note(begin.elapsed());
            }
            result
        })
    }
}

/// `begin` becomes when the one was asked who answered: what is slow must not grow by what was waited for the first in vain.
async fn hedged<S, B>(inner: &mut S, call: Call, shared: &Shared, begin: &mut Instant) -> Result<Response<B>, Fault>
where
    S: Service<Call, Response = Response<B>, Error = Fault, Future = Attempt<B>>,
{
    let slow = shared.recent().slow();
    let mut first = inner.call(call.clone());
    let Some(slow) = slow else { return first.await };
    tokio::select! {
        biased;
        result = &mut first => return result,
        () = sleep(slow) => {}
    }
    let others = call
        .extensions()
        .get::<Trail>()
        .is_some_and(|trail| (shared.others)(trail));
    if !others || !shared.budget.hedge() {
        return first.await;
    }
    let mut copy = call;
    copy.extensions_mut().insert(IsHedge);
    let asked = Instant::now();
    let mut second = inner.call(copy);
    // The first good answer counts; of two failures, the first call's.
    tokio::select! {
        biased;
        result = &mut first => match result {
            Ok(response) => {
                shared.budget.waste();
                Ok(response)
            }
            Err(fault) => {
                *begin = asked;
                second.await.map_err(|_| fault)
            }
        },
        result = &mut second => match result {
            Ok(response) => {
                *begin = asked;
                Ok(response)
            }
            Err(_) => {
                shared.budget.waste();
                first.await
            }
        },
    }
}

impl Shared {
    fn recent(&self) -> MutexGuard<'_, Recent> {
        lock(&self.recent)
    }
}

/// Times of the last answers.
#[derive(Default)]
struct Recent {
    times: Vec<Duration>,
    next: usize,
    slow: Option<Duration>,
}

impl Recent {
    fn note(&mut self, took: Duration) {
        match self.times.get_mut(self.next) {
            Some(old) => *old = took,
            None => self.times.push(took),
        }
        self.next = (self.next + 1) % REMEMBERED;
        // Choosing one of a few numbers now and then is cheaper than keeping them sorted.
        if self.times.len() >= ENOUGH && self.next.is_multiple_of(16) {
            let mut times = self.times.clone();
            let index = ((times.len() - 1) as f64 * PERCENTILE) as usize;
            let (_, slow, _) = times.select_nth_unstable(index);
            self.slow = Some((*slow).max(SHORTEST));
        }
    }

    /// From when on an answer is slow; none: too few are known.
    fn slow(&self) -> Option<Duration> {
        self.slow
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use bytes::Bytes;
    use http::Request;
    use tower::service_fn;

    use super::*;
    use crate::retry::Config;

    const MS: Duration = Duration::from_millis(1);

    fn call(idempotent: bool) -> Call {
        let mut call = Request::new(Bytes::new());
        call.extensions_mut().insert(Trail::default());
        if idempotent {
            call.extensions_mut().insert(Idempotent);
        }
        call
    }

    /// Answers after 10 ms; while `stuck`, only hedges do. Counts answers that were begun and never given.
    fn service(
        stuck: Arc<AtomicUsize>,
    ) -> impl Service<Call, Response = Response<&'static str>, Error = Fault, Future = Attempt<&'static str>> + Clone + Send
    {
        service_fn(move |call: Call| -> Attempt<&'static str> {
            let hedge = call.extensions().get::<IsHedge>().is_some();
            let stuck = stuck.load(Ordering::Relaxed) > 0 && !hedge;
            Box::pin(async move {
                sleep(if stuck { MS * 10_000 } else { MS * 10 }).await;
                Ok(Response::new(if hedge { "second" } else { "first" }))
            })
        })
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_slow_does_not_grow_by_what_hedges_waited() {
        let config = Config {
            per_second: 100,
            ..Config::default()
        };
        let (budget, stuck) = (Arc::new(Budget::new(&config)), Arc::new(AtomicUsize::new(0)));
        let mut hedged = layer(budget.clone(), &config, Arc::new(|_| true)).layer(service(stuck.clone()));
        for _ in 0..32 {
            hedged.call(call(true)).await.unwrap();
        }
        stuck.store(1, Ordering::Relaxed);
        for _ in 0..200 {
            let begin = Instant::now();
            hedged.call(call(true)).await.unwrap();
            assert!(begin.elapsed() <= MS * 25, "{:?}", begin.elapsed());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_first_is_overtaken_and_only_where_that_is_allowed() {
        let config = Config::default();
        let budget = Arc::new(Budget::new(&config));
        let stuck = Arc::new(AtomicUsize::new(0));
        let mut hedged = layer(budget.clone(), &config, Arc::new(|_| true)).layer(service(stuck.clone()));
        for _ in 0..32 {
            assert_eq!(hedged.call(call(true)).await.unwrap().into_body(), "first");
        }
        assert_eq!(budget.spent().hedges, 0, "nothing was slow");
        stuck.store(1, Ordering::Relaxed);
        let begin = Instant::now();
        assert_eq!(hedged.call(call(true)).await.unwrap().into_body(), "second");
        assert!(begin.elapsed() < MS * 50, "{:?}", begin.elapsed());
        let begin = Instant::now();
        assert_eq!(hedged.call(call(false)).await.unwrap().into_body(), "first");
        assert!(begin.elapsed() >= MS * 10_000);
        assert_eq!((budget.spent().hedges, budget.spent().wasted), (1, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn hedges_end_with_the_budget() {
        let config = Config {
            share: 0.0,
            per_second: 1,
            ..Config::default()
        };
        let budget = Arc::new(Budget::new(&config));
        let stuck = Arc::new(AtomicUsize::new(0));
        let mut hedged = layer(budget.clone(), &config, Arc::new(|_| true)).layer(service(stuck.clone()));
        for _ in 0..32 {
            hedged.call(call(true)).await.unwrap();
        }
        stuck.store(1, Ordering::Relaxed);
        let calls: Vec<_> = (0..50).map(|_| hedged.call(call(true))).collect();
        futures_util::future::join_all(calls).await;
        let spent = budget.spent();
        assert!(spent.hedges <= 11, "{spent:?}");
        assert_eq!(spent.hedges + spent.refused, 50);
    }

    #[tokio::test(start_paused = true)]
    async fn who_does_not_want_hedges_gets_none() {
        let config = Config {
            hedge: false,
            ..Config::default()
        };
        let (budget, stuck) = (Arc::new(Budget::new(&config)), Arc::new(AtomicUsize::new(0)));
        let mut hedged = layer(budget.clone(), &config, Arc::new(|_| true)).layer(service(stuck.clone()));
        for _ in 0..32 {
            hedged.call(call(true)).await.unwrap();
        }
        stuck.store(1, Ordering::Relaxed);
        assert_eq!(hedged.call(call(true)).await.unwrap().into_body(), "first");
        assert_eq!(budget.spent().hedges, 0);
    }
}
