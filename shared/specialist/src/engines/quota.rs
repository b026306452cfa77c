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
    at: Instant,
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
        for (window, amount) in [(&mut self.requests, 1), (&mut self.tokens, tokens)] {
            if let Some(window) = window {
                window.spend(now, amount);
            }
        }
        Ok(Taken { at: now, tokens })
    }

    /// Corrects what was taken to what the server counted.
    pub(super) fn correct(&mut self, taken: &mut Taken, tokens: u64) {
        if let Some(window) = &mut self.tokens {
            window.correct(taken.at, taken.tokens, tokens);
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
    sum: u64,
}

impl Window {
    fn new(limit: u64) -> Self {
        Self {
            limit,
            spent: VecDeque::new(),
            sum: 0,
        }
    }

    /// How long until there is room for `amount`; zero: there is.
    fn free_in(&mut self, now: Instant, amount: u64) -> Duration {
        while let Some((begin, spent)) = self.spent.front().copied() {
            if until(begin) > now {
                break;
            }
            self.spent.pop_front();
            self.sum -= spent;
        }
        let room = self.limit.saturating_sub(amount);
        let mut left = self.sum;
        for (begin, spent) in &self.spent {
            if left <= room {
                break;
            }
            left -= spent;
            if left <= room {
                return until(*begin).saturating_duration_since(now);
            }
        }
        Duration::ZERO
    }

    fn spend(&mut self, now: Instant, amount: u64) {
        self.sum += amount;
        match self.spent.back_mut() {
            Some((begin, spent)) if now.saturating_duration_since(*begin) < SLOT => *spent += amount,
            _ => self.spent.push_back((now, amount)),
        }
    }

    fn correct(&mut self, at: Instant, was: u64, is: u64) {
        let slot = self.spent.iter_mut().rev().find(|(begin, _)| *begin <= at);
        // None: it was spent more than a minute ago.
        if let Some((_, spent)) = slot {
            let corrected = spent.saturating_sub(was) + is;
            self.sum = self.sum - *spent + corrected;
            *spent = corrected;
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
