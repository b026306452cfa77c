//! How an endpoint is treated after it refused or failed: pure, told the time.

use std::time::{Duration, SystemTime};

use tokio::time::Instant;

/// Rest without word of how long; doubles with each refusal in a row.
const SHORTEST: Duration = Duration::from_secs(1);
/// Longest rest, whatever the endpoint asks for.
pub(super) const LONGEST: Duration = Duration::from_secs(60);

/// The rest of one endpoint.
#[derive(Debug, Default)]
pub(super) struct Rest {
    until: Option<Instant>,
    /// It asked for it: it is not asked at all. Else it failed: it is asked last.
    asked_for: bool,
    /// Refusals and failures in a row.
    strikes: u32,
}

impl Rest {
    /// It said that it is asked too often.
    pub(super) fn refused(&mut self, now: Instant, retry_after: Option<Duration>) {
        self.strike(now);
        let until = now + retry_after.map_or_else(|| self.pause(), |asked| asked.min(LONGEST));
        self.until = Some(self.until.map_or(until, |before| before.max(until)));
        self.asked_for = true;
    }

    /// It answered, and said that it will not again before `reset` has passed.
    pub(super) fn exhausted(&mut self, now: Instant, reset: Duration) {
        let until = now + reset.min(LONGEST);
        self.until = Some(self.until.map_or(until, |before| before.max(until)));
        self.asked_for = true;
    }

    /// It could not be reached, or broke.
    pub(super) fn failed(&mut self, now: Instant) {
        if self.resting(now).is_none() {
            self.strike(now);
            self.until = Some(now + self.pause());
            self.asked_for = false;
        }
    }

    /// It answered.
    pub(super) fn well(&mut self, now: Instant) {
        if self.resting(now).is_none() {
            *self = Self::default();
        }
    }

    /// How much longer it must not be asked.
    pub(super) fn resting(&self, now: Instant) -> Option<Duration> {
        let left = self.left(now)?;
        self.asked_for.then_some(left)
    }

    /// Whether others are asked before it.
    pub(super) fn shunned(&self, now: Instant) -> bool {
        self.left(now).is_some()
    }

    fn left(&self, now: Instant) -> Option<Duration> {
        let left = self.until?.saturating_duration_since(now);
        (!left.is_zero()).then_some(left)
    }

    /// Refusals of questions that were under way together count once.
    fn strike(&mut self, now: Instant) {
        if self.left(now).is_none() {
            self.strikes = self.strikes.saturating_add(1);
        }
    }

    fn pause(&self) -> Duration {
        SHORTEST
            .saturating_mul(1 << self.strikes.saturating_sub(1).min(16))
            .min(LONGEST)
    }
}

/// Reads `retry-after`: seconds, or a date.
pub(super) fn retry_after(value: &str, now: SystemTime) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn what_was_asked_for_is_kept_up_to_a_minute() {
        let now = Instant::now();
        let mut rest = Rest::default();
        assert_eq!(rest.resting(now), None);
        rest.refused(now, Some(7 * SECOND));
        assert_eq!(rest.resting(now), Some(7 * SECOND));
        // An answer to an older question does not end it, nor does a shorter wish.
        rest.well(now + SECOND);
        rest.refused(now + SECOND, Some(SECOND));
        rest.failed(now + SECOND);
        assert_eq!(rest.resting(now + SECOND), Some(6 * SECOND));
        assert_eq!(rest.resting(now + 7 * SECOND), None);
        rest.refused(now, Some(Duration::from_secs(u64::MAX)));
        assert_eq!(rest.resting(now), Some(LONGEST));
    }

    #[test]
    fn without_a_word_rests_double_until_it_is_well() {
        let mut now = Instant::now();
        let mut rest = Rest::default();
        for seconds in [1, 2, 4, 8, 16, 32, 60, 60] {
            rest.refused(now, None);
            rest.refused(now, None);
            assert_eq!(rest.resting(now), Some(seconds * SECOND));
            now += seconds * SECOND;
        }
        rest.well(now);
        rest.refused(now, None);
        assert_eq!(rest.resting(now), Some(SECOND));
    }

    #[test]
    fn one_that_failed_is_asked_last_not_never() {
        let now = Instant::now();
        let mut rest = Rest::default();
        rest.failed(now);
        assert_eq!((rest.resting(now), rest.shunned(now)), (None, true));
        assert!(!rest.shunned(now + SECOND));
        rest.failed(now + SECOND);
        assert!(rest.shunned(now + 2 * SECOND));
        rest.well(now + 2 * SECOND);
        assert!(!rest.shunned(now + 2 * SECOND));
    }

    #[test]
    fn one_that_has_nothing_left_rests_without_having_refused() {
        let now = Instant::now();
        let mut rest = Rest::default();
        rest.well(now);
        rest.exhausted(now, 5 * SECOND);
        assert_eq!(rest.resting(now), Some(5 * SECOND));
        rest.exhausted(now, SECOND);
        assert_eq!(rest.resting(now), Some(5 * SECOND));
        assert_eq!(rest.resting(now + 5 * SECOND), None);
        // It was no refusal: the first one is as short as ever.
        rest.refused(now + 5 * SECOND, None);
        assert_eq!(rest.resting(now + 5 * SECOND), Some(SECOND));
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        assert_eq!(retry_after(" 7 ", now), Some(7 * SECOND));
        assert_eq!(retry_after("Sun, 06 Nov 1994 08:49:40 GMT", now), Some(3 * SECOND));
        assert_eq!(retry_after("Sun, 06 Nov 1994 08:49:30 GMT", now), Some(Duration::ZERO));
        for bad in ["", "-1", "soon", "99999999999999999999999"] {
            assert_eq!(retry_after(bad, now), None, "{bad}");
        }
    }
}
