//! How many calls one replica may have at the same time, learnt from what it refuses.
//!
//! Additive increase, multiplicative decrease, as TCP's (Chiu and Jain, 1989). The signal is a refusal (RESOURCE_EXHAUSTED), not
//! latency: an exact answer takes a millisecond and a model's a minute, so that a gradient of latencies (Netflix's Gradient2) would
//! see a change of questions as a queue.

mod layer;

use std::{sync::Arc, time::Duration};

use serde::Deserialize;
use tokio::time::Instant;

use crate::sync::{Mutex, MutexGuard, lock};
pub use layer::{Limited, layer};

/// Bounds of a [`Limit`].
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// It never falls below this.
    pub min: u32,
    /// It begins here, and never rises above.
    pub max: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self { min: 2, max: 400 }
    }
}

/// What remains of the limit after a refusal (Netflix's AIMDLimit: 0.9).
const BACKOFF: f64 = 0.9;
/// Refusals that come together count once: they are of one moment.
const MOMENT: Duration = Duration::from_millis(100);

/// Calls under way and how many there may be. Shared by all of them.
#[derive(Debug)]
pub struct Limit {
    config: Config,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    limit: f64,
    in_flight: u32,
    /// When it was lowered last.
    lowered: Option<Instant>,
}

/// The place of one call; given back when it is dropped.
#[derive(Debug)]
pub struct Slot(Arc<Limit>);

impl Limit {
    /// A limit at its maximum.
    pub fn new(config: Config) -> Self {
        Self {
            config,
            inner: Mutex::new(Inner {
                limit: f64::from(config.max),
                in_flight: 0,
                lowered: None,
            }),
        }
    }

    /// A place, if there is one.
    pub fn take(self: &Arc<Self>) -> Option<Slot> {
        let mut inner = self.lock();
        if !inner.room() {
            return None;
        }
        inner.in_flight += 1;
        Some(Slot(self.clone()))
    }

    /// Whether there is a place.
    pub fn room(&self) -> bool {
        self.lock().room()
    }

    /// How many calls there may be.
    pub fn limit(&self) -> u32 {
        self.lock().limit as u32
    }

    /// Calls under way.
    pub fn in_flight(&self) -> u32 {
        self.lock().in_flight
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        lock(&self.inner)
    }
}

impl Inner {
    fn room(&self) -> bool {
        f64::from(self.in_flight) + 1.0 <= self.limit
    }
}

impl Slot {
    /// The replica took the call. Raises the limit by one for each limit's worth of calls, where it is what holds calls back.
    pub fn taken(&self) {
        let mut inner = self.0.lock();
        if f64::from(inner.in_flight) * 2.0 >= inner.limit {
            inner.limit = (inner.limit + 1.0 / inner.limit).min(f64::from(self.0.config.max));
        }
    }

    /// The replica refused the call: it has too many.
    pub fn refused(&self, now: Instant) {
        let mut inner = self.0.lock();
        let together = |at| now.saturating_duration_since(at) < MOMENT;
        if inner.lowered.is_none_or(|at| !together(at)) {
            // What it could hold is what it has now, or less.
            let held = f64::from(inner.in_flight).min(inner.limit);
            inner.limit = (held * BACKOFF).max(f64::from(self.0.config.min));
            inner.lowered = Some(now);
        }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.0.lock().in_flight -= 1;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_refusal_lowers_it_once_and_calls_that_are_taken_raise_it_again() {
        let limit = Arc::new(Limit::new(Config { min: 2, max: 100 }));
        let now = Instant::now();
        let mut slots: Vec<Slot> = (0..50).filter_map(|_| limit.take()).collect();
        slots[0].refused(now);
        slots[1].refused(now);
        assert_eq!((limit.limit(), limit.in_flight()), (45, 50));
        assert!(limit.take().is_none());
        slots.truncate(44);
        for _ in 0..50 {
            slots[0].taken();
        }
        assert_eq!(limit.limit(), 46);
        slots.truncate(1);
        slots[0].taken();
        assert_eq!(limit.limit(), 46, "a limit that holds nobody back is not raised");
    }

    proptest! {
        #[test]
        fn never_more_than_the_limit_and_always_within_its_bounds(steps in proptest::collection::vec(0_u8..4, 1..500)) {
            let config = Config { min: 2, max: 20 };
            let limit = Arc::new(Limit::new(config));
            let (mut slots, mut now): (Vec<Slot>, _) = (Vec::new(), Instant::now());
            for step in steps {
                match step {
                    0 => {
                        let room = limit.room();
                        let slot = limit.take();
                        prop_assert_eq!(room, slot.is_some());
                        slots.extend(slot);
                        if room {
                            prop_assert!(limit.in_flight() <= limit.limit());
                        }
                    }
                    1 => drop(slots.pop()),
                    2 => slots.iter().for_each(Slot::taken),
                    _ => {
                        now += MOMENT;
                        if let Some(slot) = slots.last() {
                            slot.refused(now);
                        }
                    }
                }
                prop_assert_eq!(limit.in_flight() as usize, slots.len());
                prop_assert!((config.min..=config.max).contains(&limit.limit()));
            }
        }
    }
}
