//! One more attempt, on another replica, where the first gave no word: within a budget, after a short random pause.
//!
//! The loop is tower's; this is its policy. One layer of the mesh tries again and no other, or attempts multiply (Google's SRE book,
//! "Addressing Cascading Failures"). The budget is Finagle's, 20% of the calls that succeed and 3 a second, and it is shared with hedges.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use http::Response;
use serde::Deserialize;
use tokio::time::{Sleep, sleep};
use tower::retry::{
    Policy, RetryLayer,
    budget::{Budget as _, TpsBudget},
};

use crate::{
    call::{Blame, Call, Fault},
    deadline::Deadline,
    trail::Trail,
};

/// Metadata by which a server says when to try again, or not at all (gRPC proposal A6).
pub const PUSHBACK: &str = "grpc-retry-pushback-ms";
/// How long deposits count (Finagle).
const TTL: Duration = Duration::from_secs(10);

/// Bounds of second attempts.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Second attempts as a share of calls that succeed, 0..1; 0: only `per_second`.
    pub share: f32,
    /// Second attempts that are always allowed, in a second.
    pub per_second: u32,
    /// Longest pause before a second attempt; it is random below that.
    #[serde(with = "humantime_serde")]
    pub backoff: Duration,
    /// Whether short questions to micro-models are asked a second time when the first answer is slow.
    pub hedge: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            share: 0.2,
            per_second: 3,
            backoff: Duration::from_millis(25),
            hedge: true,
        }
    }
}

/// What second attempts may be made to one upstream, and how many were. Shared by retries and hedges.
pub struct Budget {
    tokens: TpsBudget,
    retries: AtomicU64,
    hedges: AtomicU64,
    wasted: AtomicU64,
    refused: AtomicU64,
}

/// How many second attempts there were.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spent {
    /// Because the first one failed.
    pub retries: u64,
    /// Because the first one was slow.
    pub hedges: u64,
    /// Of these, the ones whose answer was not needed.
    pub wasted: u64,
    /// Those that the budget did not allow.
    pub refused: u64,
}

impl fmt::Debug for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.spent().fmt(f)
    }
}

impl Budget {
    /// A budget that nothing was taken of.
    pub fn new(config: &Config) -> Self {
        Self {
            tokens: TpsBudget::new(TTL, config.per_second, config.share),
            retries: AtomicU64::new(0),
            hedges: AtomicU64::new(0),
            wasted: AtomicU64::new(0),
            refused: AtomicU64::new(0),
        }
    }

    /// How much of it was spent.
    pub fn spent(&self) -> Spent {
        Spent {
            retries: self.retries.load(Ordering::Relaxed),
            hedges: self.hedges.load(Ordering::Relaxed),
            wasted: self.wasted.load(Ordering::Relaxed),
            refused: self.refused.load(Ordering::Relaxed),
        }
    }

    /// Whether a call may be hedged.
    pub(crate) fn hedge(&self) -> bool {
        self.withdraw(&self.hedges)
    }

    /// A hedge was not needed.
    pub(crate) fn waste(&self) {
        self.wasted.fetch_add(1, Ordering::Relaxed);
    }

    fn retry(&self) -> bool {
        self.withdraw(&self.retries)
    }

    fn withdraw(&self, spent: &AtomicU64) -> bool {
        let allowed = self.tokens.withdraw();
        let counter = if allowed { spent } else { &self.refused };
        counter.fetch_add(1, Ordering::Relaxed);
        allowed
    }
}

/// Whether anybody is left who was not asked for this call.
pub type Others = Arc<dyn Fn(&Trail) -> bool + Send + Sync>;

/// When a call is tried again.
#[derive(Clone)]
pub struct Again {
    budget: Arc<Budget>,
    backoff: Duration,
    others: Others,
    tried_again: bool,
}

/// Makes tower's [`tower::retry::Retry`] with this policy.
pub fn layer(budget: Arc<Budget>, config: &Config, others: Others) -> RetryLayer<Again> {
    RetryLayer::new(Again {
        budget,
        backoff: config.backoff,
        others,
        tried_again: false,
    })
}

impl<B> Policy<Call, Response<B>, Fault> for Again {
    type Future = Sleep;

    fn retry(&mut self, call: &mut Call, result: &mut Result<Response<B>, Fault>) -> Option<Sleep> {
        let fault = match result {
            Ok(_) => {
                self.budget.tokens.deposit();
                return None;
            }
            Err(fault) => fault,
        };
        if self.tried_again || !fault.retryable() {
            return None;
        }
        let pause = match pushback(fault) {
            Some(Pushback::Never) => return None,
            Some(Pushback::After(pause)) => pause,
            // Somebody else is asked who may have room: there is nothing to wait for.
            None if fault.blame() == Blame::Busy => Duration::ZERO,
            None => self.backoff.mul_f64(fastrand::f64()),
        };
        // No attempt begins after the deadline: there is nothing to wait for.
        if Deadline::of(call.extensions()).is_some_and(|deadline| deadline.left() <= pause) {
            return None;
        }
        let others = call
            .extensions()
            .get::<Trail>()
            .is_some_and(|trail| (self.others)(trail));
        if !others || !self.budget.retry() {
            return None;
        }
        self.tried_again = true;
        Some(sleep(pause))
    }

    fn clone_request(&mut self, call: &Call) -> Option<Call> {
        Some(call.clone())
    }
}

enum Pushback {
    Never,
    After(Duration),
}

/// What the server says of another try: a negative number, or none at all, forbids it.
fn pushback(fault: &Fault) -> Option<Pushback> {
    let Fault::Failed(status) = fault else { return None };
    let value = status.metadata().get(PUSHBACK)?;
    let millis = value.to_str().ok().and_then(|text| text.parse::<u32>().ok());
    Some(millis.map_or(Pushback::Never, |millis| {
        Pushback::After(Duration::from_millis(millis.into()))
    }))
}

#[cfg(test)]
#[path = "retry/tests.rs"]
mod tests;
