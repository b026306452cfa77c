//! A bucket that may be overdrawn: what is taken is known only after it was used. Pure.
//!
//! The token bucket of every traffic shaper (RFC 2697 has one), with one difference: taking never fails. `governor` has no
//! such thing: it refuses what is not there, and what a model has written is already paid for.

use std::time::Duration;

use super::Rate;

/// How far below nothing a level may be by rounding, as a share of the whole.
const ROUNDING: f64 = 1e-9;

/// A level that fills up with time.
#[derive(Debug, Clone)]
pub struct Bucket {
    rate: Rate,
    level: f64,
    at: Duration,
}

impl Bucket {
    /// A full one; moments are counted from a beginning of the caller's choice.
    pub fn new(rate: Rate, now: Duration) -> Self {
        Self {
            rate,
            level: rate.amount,
            at: now,
        }
    }

    fn fill(&mut self, now: Duration) {
        let share = now.saturating_sub(self.at).as_secs_f64() / self.rate.per.as_secs_f64();
        self.level = (self.level + share * self.rate.amount).min(self.rate.amount);
        self.at = self.at.max(now);
    }

    /// Takes an amount, whether it is there or not.
    pub fn take(&mut self, amount: f64, now: Duration) {
        self.fill(now);
        // Neither nonsense nor a present.
        if amount.is_finite() && amount > 0.0 {
            self.level -= amount;
        }
    }

    /// How long until there is no debt; none: there is none.
    pub fn wait(&mut self, now: Duration) -> Option<Duration> {
        self.fill(now);
        if self.level >= -ROUNDING * self.rate.amount {
            return None;
        }
        let seconds = -self.level / self.rate.amount * self.rate.per.as_secs_f64();
        // A debt of centuries is a debt for ever.
        let wait = Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX);
        Some(wait.saturating_add(Duration::from_nanos(1)))
    }

    /// Whether nothing is missing.
    pub fn is_full(&mut self, now: Duration) -> bool {
        self.fill(now);
        self.level >= self.rate.amount * (1.0 - ROUNDING)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const RATE: Rate = Rate {
        amount: 100.0,
        per: Duration::from_secs(60),
    };

    #[test]
    fn debts_are_paid_by_waiting_exactly() {
        let mut bucket = Bucket::new(RATE, Duration::ZERO);
        bucket.take(100.0, Duration::ZERO);
        // Nothing left, nothing owed.
        assert_eq!(bucket.wait(Duration::ZERO), None);
        bucket.take(50.0, Duration::ZERO);
        assert_eq!(bucket.wait(Duration::ZERO).unwrap().as_secs(), 30);
        assert!(bucket.wait(Duration::from_secs(29)).is_some());
        assert_eq!(bucket.wait(Duration::from_secs(30)), None);
        assert!(!bucket.is_full(Duration::from_secs(89)));
        assert!(bucket.is_full(Duration::from_secs(90)));
    }

    proptest! {
        #[test]
        fn whoever_waits_as_told_is_let_in_and_not_much_earlier(
            amount in 1.0_f64..1e9,
            per in 1_u64..100_000,
            taken in proptest::collection::vec(0.0_f64..1e9, 1..10),
        ) {
            let per = Duration::from_millis(per);
            let mut bucket = Bucket::new(Rate { amount, per }, Duration::ZERO);
            for amount in &taken {
                bucket.take(*amount, Duration::ZERO);
            }
            match bucket.wait(Duration::ZERO) {
                Some(wait) => {
                    prop_assert!(bucket.clone().wait(wait.mul_f64(0.99)).is_some_and(|left| left <= wait));
                    prop_assert_eq!(bucket.wait(wait), None);
                }
                None => prop_assert!(taken.iter().sum::<f64>() <= amount * 1.000_001),
            }
        }

        #[test]
        fn nonsense_is_not_taken(amount in prop_oneof![Just(f64::NAN), Just(f64::INFINITY), Just(-1.0)]) {
            let mut bucket = Bucket::new(RATE, Duration::ZERO);
            bucket.take(amount, Duration::ZERO);
            prop_assert!(bucket.is_full(Duration::ZERO));
        }
    }
}
