//! What is tried again, how often, and after which pause.

use std::sync::atomic::AtomicUsize;

use bytes::Bytes;
use http::Request;
use tokio::time::Instant;
use tonic::Status;
use tower::{Layer as _, Service, ServiceExt as _, service_fn};

use super::*;
use crate::call::{Attempt, Refused};

/// A caller of something that always ends with `fault`; how often it was called, and how long that took.
async fn attempts(calls: usize, fault: Fault, others: bool) -> (usize, Duration, Spent) {
    attempts_within(None, calls, fault, others).await
}

/// The same, of calls that have so much time.
async fn attempts_within(time: Option<Duration>, calls: usize, fault: Fault, others: bool) -> (usize, Duration, Spent) {
    let config = Config::default();
    let budget = Arc::new(Budget::new(&config));
    let count = Arc::new(AtomicUsize::new(0));
    let inner = count.clone();
    let service = service_fn(move |_: Call| -> Attempt<()> {
        inner.fetch_add(1, Ordering::Relaxed);
        let fault = fault.clone();
        Box::pin(async move { Err(fault) })
    });
    let mut service = layer(budget.clone(), &config, Arc::new(move |_| others)).layer(service);
    let begin = Instant::now();
    for _ in 0..calls {
        let mut call = Request::new(Bytes::new());
        call.extensions_mut().insert(Trail::default());
        if let Some(time) = time {
            call.extensions_mut().insert(Deadline::after(time));
        }
        assert!(service.ready().await.unwrap().call(call).await.is_err());
    }
    (count.load(Ordering::Relaxed), begin.elapsed(), budget.spent())
}

fn gone() -> Fault {
    Fault::Failed(Status::unavailable("gone"))
}

#[tokio::test(start_paused = true)]
async fn one_more_attempt_where_somebody_else_can_be_asked() {
    assert_eq!(attempts(1, gone(), true).await.0, 2);
    assert_eq!(attempts(1, gone(), false).await.0, 1);
    assert_eq!(attempts(1, Fault::Silent(Duration::from_secs(1)), true).await.0, 2);
    assert_eq!(
        attempts(1, Fault::Failed(Status::invalid_argument("no")), true).await.0,
        1
    );
    assert_eq!(attempts(1, Fault::Refused(Refused::Nobody), true).await.0, 1);
}

#[tokio::test(start_paused = true)]
async fn when_everything_fails_the_budget_keeps_attempts_low() {
    let (attempts, took, spent) = attempts(10_000, gone(), true).await;
    // Calls that fail add nothing to the budget: what is left is three a second.
    let allowed = 10_000.0 + 3.0 * (took.as_secs_f64() + TTL.as_secs_f64());
    assert!(attempts as f64 <= allowed, "{attempts}");
    assert_eq!(spent.retries + spent.refused, 10_000);
    assert_eq!(attempts as u64, 10_000 + spent.retries);
}

#[tokio::test(start_paused = true)]
async fn a_server_says_when_and_whether() {
    let told = |value: &'static str| {
        let mut status = Status::unavailable("busy");
        status.metadata_mut().insert(PUSHBACK, value.parse().unwrap());
        attempts(1, Fault::Failed(status), true)
    };
    let (count, took, _) = told("700").await;
    assert_eq!((count, took), (2, Duration::from_millis(700)));
    assert_eq!(told("-1").await.0, 1);
    assert_eq!(told("soon").await.0, 1);
}

#[tokio::test(start_paused = true)]
async fn who_is_told_to_come_back_too_late_does_not_wait_and_spends_nothing() {
    let mut status = Status::unavailable("busy");
    status.metadata_mut().insert(PUSHBACK, "700".parse().unwrap());
    let within = |time| {
        attempts_within(
            Some(Duration::from_millis(time)),
            1,
            Fault::Failed(status.clone()),
            true,
        )
    };
    let (count, took, spent) = within(700).await;
    assert_eq!((count, took, spent), (1, Duration::ZERO, Spent::default()));
    assert_eq!(within(701).await.0, 2);
}
