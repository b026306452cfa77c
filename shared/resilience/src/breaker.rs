//! A circuit breaker: keeps calls away from one replica while most of them would fail.
//!
//! After Linkerd's failure accrual: a run of failures or a low rate of success opens it; after a rest, one probe at a time
//! decides whether it closes. The words are the textbook's (Nygard, "Release It!"): *closed* lets calls through.

mod layer;

use std::{sync::Arc, time::Duration};

use serde::Deserialize;
use tokio::time::Instant;

use crate::{
    sync::{Mutex, MutexGuard, lock},
    window::Window,
};
pub use layer::{Broken, layer};

/// Bounds of a [`Breaker`].
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Failures in a row that open it (Finagle, Envoy: 5).
    pub failures: u32,
    /// Share of successes, 0..1, below which it opens; 0: never for that.
    pub success_rate: f64,
    /// Calls that the window must hold before their share counts.
    pub min_calls: u32,
    /// How long calls count.
    #[serde(with = "humantime_serde")]
    pub window: Duration,
    /// How long it stays open at first; doubled each time that it opens again.
    #[serde(with = "humantime_serde")]
    pub min_rest: Duration,
    /// The longest that it stays open; a random half is added, so that callers do not come back together.
    #[serde(with = "humantime_serde")]
    pub max_rest: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            failures: 5,
            success_rate: 0.85,
            min_calls: 20,
            window: Duration::from_secs(10),
            min_rest: Duration::from_secs(1),
            max_rest: Duration::from_secs(60),
        }
    }
}

/// Calls that are lost within so much time were lost for the same reason.
const MOMENT: Duration = Duration::from_millis(100);

/// Share of a rest that is added at random (Linkerd's jitter).
const JITTER: f64 = 0.5;

/// Whether calls are let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// They are.
    Closed,
    /// They are not.
    Open,
    /// One at a time.
    HalfOpen,
}

/// What keeps calls away from one replica. Shared by all of them.
#[derive(Debug)]
pub struct Breaker {
    /// Whose it is, for the log.
    label: Arc<str>,
    config: Config,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    stage: Stage,
    /// Failures since the last success.
    in_a_row: u32,
    window: Window,
    /// When the loss of a connection was counted last.
    loss: Option<Instant>,
    /// How often it has opened without staying closed for long.
    trips: u32,
    /// Counts openings: what began before one says nothing afterwards.
    epoch: u64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Stage {
    /// Since when.
    Closed(Instant),
    /// Until when; then one probe may go.
    Open(Instant),
    /// A probe is on its way.
    Probing,
}

/// The right to make one call. Dropped without a word, it says nothing of the replica.
#[derive(Debug)]
pub struct Admission {
    breaker: Arc<Breaker>,
    epoch: u64,
    probe: bool,
}

impl Breaker {
    /// A closed one; `label` names its replica in the log.
    pub fn new(label: impl Into<Arc<str>>, config: Config, now: Instant) -> Self {
        Self {
            label: label.into(),
            config,
            inner: Mutex::new(Inner {
                stage: Stage::Closed(now),
                in_a_row: 0,
                window: Window::new(config.window, now),
                loss: None,
                trips: 0,
                epoch: 0,
            }),
        }
    }

    /// Lets a call through, or not. Half-open, exactly one is under way.
    pub fn admit(self: &Arc<Self>, now: Instant) -> Option<Admission> {
        let mut inner = self.lock();
        let probe = match inner.stage {
            Stage::Closed(_) => false,
            Stage::Open(until) if now >= until => {
                inner.stage = Stage::Probing;
                true
            }
            Stage::Open(_) | Stage::Probing => return None,
        };
        Some(Admission {
            breaker: self.clone(),
            epoch: inner.epoch,
            probe,
        })
    }

    /// Whether [`Breaker::admit`] would let a call through.
    pub fn would_admit(&self, now: Instant) -> bool {
        match self.lock().stage {
            Stage::Closed(_) => true,
            Stage::Open(until) => now >= until,
            Stage::Probing => false,
        }
    }

    /// Whether calls are let through.
    pub fn state(&self, now: Instant) -> State {
        match self.lock().stage {
            Stage::Closed(_) => State::Closed,
            Stage::Open(until) if now < until => State::Open,
            Stage::Open(_) | Stage::Probing => State::HalfOpen,
        }
    }

    /// Ends a rest early: the replica was away and is back. One probe may go at once.
    pub fn awake(&self, now: Instant) {
        let mut inner = self.lock();
        if let Stage::Open(until) = inner.stage {
            inner.stage = Stage::Open(until.min(now));
        }
        inner.in_a_row = 0;
    }

    /// Whether a loss is more than what was counted a moment ago.
    fn is_new_loss(&self, now: Instant) -> bool {
        let mut inner = self.lock();
        let new = inner.loss.is_none_or(|at| now.saturating_duration_since(at) >= MOMENT);
        if new {
            inner.loss = Some(now);
        }
        new
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        lock(&self.inner)
    }

    /// What came of a call that was let through in `epoch`.
    fn record(&self, epoch: u64, probe: bool, good: bool, now: Instant) {
        let mut inner = self.lock();
        if inner.epoch != epoch {
            return;
        }
        let before = inner.stage;
        match (inner.stage, good) {
            (Stage::Probing, true) if probe => {
                inner.stage = Stage::Closed(now);
                inner.in_a_row = 0;
                inner.window.clear(now);
            }
            (Stage::Probing, false) if probe => inner.open(&self.config, now),
            (Stage::Closed(since), good) => {
                inner.window.record(good, now);
                if good {
                    inner.in_a_row = 0;
                    // It has stayed closed for as long as it may rest: what was before is forgotten.
                    if now.saturating_duration_since(since) >= self.config.max_rest {
                        inner.trips = 0;
                    }
                    return;
                }
                inner.in_a_row += 1;
                let (goods, bads) = inner.window.counts(now);
                let calls = goods + bads;
                let seldom =
                    calls >= self.config.min_calls && f64::from(goods) < self.config.success_rate * f64::from(calls);
                if inner.in_a_row >= self.config.failures || seldom {
                    inner.open(&self.config, now);
                }
            }
            _ => {}
        }
        let after = inner.stage;
        drop(inner);
        self.tell(before, after, now);
    }

    /// Logs that calls are kept away, or no longer.
    fn tell(&self, before: Stage, after: Stage, now: Instant) {
        match (before, after) {
            (Stage::Closed(_) | Stage::Probing, Stage::Open(until)) => {
                let rest = until.saturating_duration_since(now);
                tracing::warn!(replica = %self.label, ?rest, "its breaker opens: too many calls fail");
            }
            (Stage::Probing, Stage::Closed(_)) => tracing::info!(replica = %self.label, "its breaker closes"),
            _ => {}
        }
    }
}

impl Inner {
    fn open(&mut self, config: &Config, now: Instant) {
        let rest = config
            .min_rest
            .saturating_mul(1 << self.trips.min(16))
            .min(config.max_rest);
        self.stage = Stage::Open(now + rest.mul_f64(1.0 + JITTER * fastrand::f64()));
        self.trips = self.trips.saturating_add(1);
        self.epoch += 1;
        self.in_a_row = 0;
        self.window.clear(now);
    }
}

impl Admission {
    /// The replica has begun to answer. That is what a probe is to find out; of other calls only the end counts, for an answer may
    /// still break off.
    pub fn began(&mut self, now: Instant) {
        if self.probe {
            self.breaker.record(self.epoch, true, true, now);
            self.probe = false;
        }
    }

    /// The replica answered.
    pub fn succeeded(mut self, now: Instant) {
        self.breaker.record(self.epoch, self.probe, true, now);
        self.probe = false;
    }

    /// The replica failed, or broke off.
    pub fn failed(mut self, now: Instant) {
        self.breaker.record(self.epoch, self.probe, false, now);
        self.probe = false;
    }

    /// The call's connection was lost, or the replica with it. All calls that this ends together are one failure: a replica with a
    /// hundred calls on a connection has not failed a hundred times.
    pub fn lost(self, now: Instant) {
        if self.probe || self.breaker.is_new_loss(now) {
            self.failed(now);
        }
    }
}

impl Drop for Admission {
    fn drop(&mut self) {
        if self.probe {
            let mut inner = self.breaker.lock();
            // Nobody knows more than before: the next one may try.
            if inner.epoch == self.epoch && inner.stage == Stage::Probing {
                inner.stage = Stage::Open(Instant::now());
            }
        }
    }
}

#[cfg(test)]
#[cfg(not(feature = "shuttle"))]
mod tests;
