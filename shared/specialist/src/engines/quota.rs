//! How much one server is asked for in a minute: our own limits, so that its provider's are never reached. Pure, told the time.
//!
//! A sliding window, not a bucket that refills: a bucket lets its whole burst and what refills meanwhile through, up to
//! twice the limit within one minute. And what a question really took is known only afterwards: it can be corrected here.

use std::{collections::VecDeque, time::Duration};

use tokio::time::Instant;

use crate::config::PerMinute;

/// What limits are counted over.
const MINUTE: Duration = Duration::from_secs(60);
/// What is spent within a slot counts until a minute after the slot's end: a little long, never too short.
const SLOT: Duration = Duration::from_millis(100);

/// A limit that is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reached {
    /// What is limited.
    pub(super) what: What,
    /// The limit.
    pub(super) limit: u64,
    /// When there is room again.
    pub(super) free_in: Duration,
}

/// What is limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Requests,
    Tokens,
}

impl What {
    /// As in a sentence.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::Tokens => "tokens",
        }
    }
}

/// The limits of one server.
#[derive(Debug)]
pub(super) struct Quota {
    requests: Option<Window>,
    tokens: Option<Window>,
}

/// What was taken for one question, so that it can be corrected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Taken {
    /// The beginning of the slot that tokens were counted in; none: nobody counts them.
    slot: Option<Instant>,
    tokens: u64,
}

impl Quota {
    pub(super) fn new(limits: PerMinute) -> Self {
        Self {
            requests: limits.requests.map(|limit| Window::new(limit.into())),
            tokens: limits.tokens.map(Window::new),
        }
    }

    /// Takes a request of that many tokens, if there is room for it. One that is larger than the limit needs an empty minute.
    pub(super) fn take(&mut self, now: Instant, tokens: u64) -> Result<Taken, Reached> {
        let mut full: Option<Reached> = None;
        for (what, window, amount) in [
            (What::Requests, &mut self.requests, 1),
            (What::Tokens, &mut self.tokens, tokens),
        ] {
            let Some(window) = window else { continue };
            let free_in = window.free_in(now, amount);
            if !free_in.is_zero() && full.is_none_or(|other| other.free_in < free_in) {
                let limit = window.limit;
                full = Some(Reached { what, limit, free_in });
            }
        }
        if let Some(full) = full {
            return Err(full);
        }
        if let Some(requests) = &mut self.requests {
            requests.spend(now, 1);
        }
        let slot = self.tokens.as_mut().map(|window| window.spend(now, tokens));
        Ok(Taken { slot, tokens })
    }

    /// Corrects what was taken to what the server counted.
    pub(super) fn correct(&mut self, taken: &mut Taken, tokens: u64) {
        if let (Some(window), Some(slot)) = (&mut self.tokens, taken.slot) {
            window.correct(slot, taken.tokens, tokens);
            taken.tokens = tokens;
        }
    }
}

/// What was spent in the last minute.
#[derive(Debug)]
struct Window {
    limit: u64,
    /// Beginnings of slots and what was spent in each, oldest first.
    spent: VecDeque<(Instant, u64)>,
}

impl Window {
    fn new(limit: u64) -> Self {
        Self {
            limit,
            spent: VecDeque::new(),
        }
    }

    /// How long until there is room for `amount`; zero: there is.
    fn free_in(&mut self, now: Instant, amount: u64) -> Duration {
        while self.spent.front().is_some_and(|(begin, _)| until(*begin) <= now) {
            self.spent.pop_front();
        }
        let room = self.limit.saturating_sub(amount);
        // From the newest slot back: the first one that there is no room beside has to go, with all before it.
        let mut sum: u64 = 0;
        for (begin, spent) in self.spent.iter().rev() {
            sum = sum.saturating_add(*spent);
            if sum > room {
                return until(*begin).saturating_duration_since(now);
            }
        }
        Duration::ZERO
    }

    /// Spends it; the beginning of the slot that it counts in. Whoever looked at the clock first need not come first, so that
    /// may be later than `now`.
    fn spend(&mut self, now: Instant, amount: u64) -> Instant {
        match self.spent.back_mut() {
            Some((begin, spent)) if now.saturating_duration_since(*begin) < SLOT => {
                *spent = spent.saturating_add(amount);
                *begin
            }
            _ => {
                self.spent.push_back((now, amount));
                now
            }
        }
    }

    fn correct(&mut self, slot: Instant, was: u64, is: u64) {
        // None: it was spent more than a minute ago.
        if let Some((_, spent)) = self.spent.iter_mut().find(|(begin, _)| *begin == slot) {
            *spent = spent.saturating_sub(was).saturating_add(is);
        }
    }
}

/// When what was spent in a slot counts no more.
fn until(begin: Instant) -> Instant {
    begin + SLOT + MINUTE
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn quota(requests: Option<u32>, tokens: Option<u64>) -> Quota {
        Quota::new(PerMinute { requests, tokens })
    }

    #[test]
    fn room_comes_back_a_minute_after_it_was_taken() {
        let now = Instant::now();
        let mut quota = quota(Some(2), None);
        assert!(quota.take(now, 0).is_ok());
        assert!(quota.take(now + 10 * SECOND, 0).is_ok());
        let full = quota.take(now + 20 * SECOND, 0).unwrap_err();
        assert_eq!((full.what, full.limit), (What::Requests, 2));
        assert_eq!(full.free_in, 40 * SECOND + SLOT);
        assert!(quota.take(now + 20 * SECOND + full.free_in, 0).is_ok());
        assert!(quota.take(now + 20 * SECOND + full.free_in, 0).is_err());
    }

    #[test]
    fn tokens_are_corrected_when_the_server_has_counted() {
        let now = Instant::now();
        let mut quota = quota(None, Some(1000));
        let mut taken = quota.take(now, 900).unwrap();
        assert_eq!(quota.take(now, 200).unwrap_err().what, What::Tokens);
        quota.correct(&mut taken, 100);
        assert!(quota.take(now, 900).is_ok());
        // More than was thought: the next one waits.
        quota.correct(&mut taken, 5000);
        let full = quota.take(now + SECOND, 1).unwrap_err();
        assert_eq!(full.free_in, 59 * SECOND + SLOT);
        // Too late to matter.
        quota.correct(&mut taken, 1);
        assert!(quota.take(now + 70 * SECOND, 1).is_ok());
        quota.correct(&mut taken, 999);
        assert!(quota.take(now + 70 * SECOND, 999).is_ok());
    }

    #[test]
    fn what_is_corrected_is_what_was_taken_whoever_came_first() {
        let now = Instant::now();
        let mut quota = quota(None, Some(1000));
        assert!(quota.take(now, 100).is_ok());
        // This one looked at the clock later, and came first.
        assert!(quota.take(now + 2 * SLOT, 100).is_ok());
        let mut taken = quota.take(now + SLOT, 800).unwrap();
        quota.correct(&mut taken, 0);
        assert!(quota.take(now + 3 * SLOT, 800).is_ok());
    }

    #[test]
    fn no_count_of_a_server_is_too_much_to_be_added_up() {
        let now = Instant::now();
        let mut quota = quota(None, Some(1000));
        for second in 0..3 {
            let mut taken = quota.take(now + second * SLOT, 0).unwrap();
            quota.correct(&mut taken, u64::MAX);
            quota.correct(&mut taken, if second == 2 { 1000 } else { 0 });
        }
        assert!(quota.take(now + SECOND, 1).is_err());
        assert!(quota.take(now + 62 * SECOND, 1000).is_ok());
    }

    #[test]
    fn one_that_is_larger_than_the_limit_needs_an_empty_minute() {
        let now = Instant::now();
        let mut quota = quota(None, Some(10));
        assert!(quota.take(now, 50).is_ok());
        assert!(quota.take(now + SECOND, 1).is_err());
        assert!(quota.take(now + 61 * SECOND, 50).is_ok());
    }

    proptest! {
        #[test]
        fn no_minute_ever_sees_more_than_the_limit(
            limit in 1_u64..50,
            steps in proptest::collection::vec((0_u64..20_000, 1_u64..20), 1..200),
        ) {
            let mut now = Instant::now();
            let mut quota = quota(None, Some(limit));
            let mut taken: Vec<(Instant, u64)> = Vec::new();
            for (pause, amount) in steps {
                now += Duration::from_millis(pause);
                let amount = amount.min(limit);
                match quota.take(now, amount) {
                    Ok(_) => taken.push((now, amount)),
                    // What is promised is kept.
                    Err(full) => {
                        prop_assert!(full.free_in > Duration::ZERO && full.free_in <= MINUTE + SLOT);
                        now += full.free_in;
                        prop_assert!(quota.take(now, amount).is_ok());
                        taken.push((now, amount));
                    }
                }
                let lately = taken.iter().filter(|(at, _)| now - *at <= MINUTE);
                let sum: u64 = lately.map(|(_, amount)| amount).sum();
                prop_assert!(sum <= limit, "{} of {}", sum, limit);
            }
        }
    }
}
