//! Sums over the last minute, in buckets. Pure, told the time.

use std::{collections::VecDeque, ops::AddAssign, time::Duration};

use tokio::time::Instant;

/// How far back is looked.
const MINUTE: Duration = Duration::from_secs(60);
/// What one bucket holds; a window is shorter than a minute by at most this.
const BUCKET: Duration = Duration::from_secs(5);

/// What happened in a while.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Sums {
    /// Calls that ended.
    pub(super) calls: u32,
    /// Of these, failed ones.
    pub(super) failures: u32,
    /// Of these, whole answers.
    pub(super) answers: u32,
    /// What the answers were expected to cost, US dollars.
    pub(super) expected: f64,
    /// What they cost.
    pub(super) actual: f64,
}

impl Sums {
    /// Share of calls that failed, 0..1; 0 without any.
    pub(super) fn failing_share(&self) -> f64 {
        f64::from(self.failures) / f64::from(self.calls.max(1))
    }

    /// What answers cost, as a multiple of what they were expected to; none: they cost nothing.
    pub(super) fn price_ratio(&self) -> Option<f64> {
        (self.expected > 0.0).then(|| self.actual / self.expected)
    }
}

impl AddAssign for Sums {
    fn add_assign(&mut self, other: Self) {
        self.calls = self.calls.saturating_add(other.calls);
        self.failures = self.failures.saturating_add(other.failures);
        self.answers = self.answers.saturating_add(other.answers);
        self.expected += other.expected;
        self.actual += other.actual;
    }
}

/// The last minute.
#[derive(Debug, Default)]
pub(super) struct Window {
    /// Beginnings of buckets and what is in them, oldest first.
    buckets: VecDeque<(Instant, Sums)>,
}

impl Window {
    pub(super) fn add(&mut self, now: Instant, sums: Sums) {
        while self.buckets.front().is_some_and(|(begin, _)| old(*begin, now)) {
            self.buckets.pop_front();
        }
        match self.buckets.back_mut() {
            Some((begin, last)) if now.saturating_duration_since(*begin) < BUCKET => *last += sums,
            _ => self.buckets.push_back((now, sums)),
        }
    }

    pub(super) fn sums(&self, now: Instant) -> Sums {
        let mut all = Sums::default();
        for (begin, sums) in &self.buckets {
            if !old(*begin, now) {
                all += *sums;
            }
        }
        all
    }

    pub(super) fn clear(&mut self) {
        self.buckets.clear();
    }
}

fn old(begin: Instant, now: Instant) -> bool {
    now.saturating_duration_since(begin) >= MINUTE
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ONE: Sums = Sums {
        calls: 1,
        failures: 0,
        answers: 1,
        expected: 0.0,
        actual: 0.0,
    };

    proptest! {
        #[test]
        fn it_holds_the_last_minute_to_within_a_bucket(pauses in proptest::collection::vec(0_u64..30_000, 1..100)) {
            let mut now = Instant::now();
            let (mut window, mut times) = (Window::default(), Vec::new());
            for pause in pauses {
                now += Duration::from_millis(pause);
                window.add(now, ONE);
                times.push(now);
                let within = |long: Duration| times.iter().filter(|time| now - **time < long).count();
                let calls = window.sums(now).calls as usize;
                prop_assert!(calls >= within(MINUTE - BUCKET), "{} calls", calls);
                prop_assert!(calls <= within(MINUTE), "{} calls", calls);
                prop_assert!(window.buckets.len() <= 13);
            }
            prop_assert_eq!(window.sums(now + MINUTE), Sums::default());
        }
    }

    #[test]
    fn nothing_is_no_share_and_no_ratio() {
        let none = Sums::default();
        assert_eq!((none.failing_share(), none.price_ratio()), (0.0, None));
    }
}
