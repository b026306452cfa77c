//! Whether the process's own loop is overloaded.
//!
//! Where calls cost CPU time, the queue that stands is not the one in front of the permits but the runtime's, of tasks that
//! are ready to run; nobody can look into it. What it does can be seen: a task that asks to be woken in a few milliseconds
//! is woken late, by as much as everybody waits in that queue. As in CoDel (RFC 8289), one late wake-up is a burst; late
//! wake-ups through a whole interval are a queue that stands.

use std::time::Duration;

use tokio::time::Instant;

use crate::priority::Priority;

/// How much is refused because of the loop.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pressure {
    /// Nothing.
    #[default]
    None,
    /// Whoever can wait: the loop is late now.
    Batch,
    /// Everybody new: the loop has been late for a whole interval.
    All,
}

impl Pressure {
    /// Whether calls of this class are refused.
    pub fn refuses(self, priority: Priority) -> bool {
        match self {
            Self::None => false,
            Self::Batch => priority == Priority::Batch,
            Self::All => true,
        }
    }
}

/// Judges how late a loop is. Pure.
#[derive(Debug, Clone)]
pub struct Lag {
    target: Duration,
    interval: Duration,
    late_since: Option<Instant>,
    wakes: u32,
}

impl Lag {
    /// Late wake-ups in a row that make a standing queue, however much time they span: one long turn of one task, which
    /// makes one wake-up very late, is none.
    const MIN_WAKES: u32 = 3;

    /// Wake-ups are late by more than `target`, or not; late ones for `interval` are a queue that stands.
    pub fn new(target: Duration, interval: Duration) -> Self {
        Self {
            target,
            interval,
            late_since: None,
            wakes: 0,
        }
    }

    /// A wake-up at `now` that came `late`.
    pub fn woken(&mut self, late: Duration, now: Instant) -> Pressure {
        if late <= self.target {
            (self.late_since, self.wakes) = (None, 0);
            return Pressure::None;
        }
        self.wakes = self.wakes.saturating_add(1);
        // It has been late since it should have been woken.
        let since = *self.late_since.get_or_insert(now.checked_sub(late).unwrap_or(now));
        let stands = self.wakes >= Self::MIN_WAKES && now.saturating_duration_since(since) >= self.interval;
        match stands {
            true => Pressure::All,
            false => Pressure::Batch,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TARGET: Duration = Duration::from_millis(20);
    const INTERVAL: Duration = Duration::from_millis(100);

    fn judged(late: &[u64]) -> Vec<Pressure> {
        let mut lag = Lag::new(TARGET, INTERVAL);
        let mut now = Instant::now();
        let judge = |late: &u64| {
            now += Duration::from_millis(5 + late);
            lag.woken(Duration::from_millis(*late), now)
        };
        late.iter().map(judge).collect()
    }

    #[test]
    fn one_long_turn_is_no_overload_and_late_turns_in_a_row_are() {
        use Pressure::{All, Batch, None};
        assert_eq!(judged(&[0, 5000, 0, 0]), [None, Batch, None, None]);
        assert_eq!(judged(&[25, 25, 25, 25, 0]), [Batch, Batch, Batch, All, None]);
        assert_eq!(judged(&[20, 20, 20, 20, 20, 20]), [None; 6]);
        assert_eq!(judged(&[60, 60, 60]), [Batch, Batch, All]);
    }

    proptest! {
        #[test]
        fn a_loop_in_time_refuses_nobody(late in proptest::collection::vec(0_u64..200, 0..50)) {
            for (late, pressure) in late.iter().zip(judged(&late)) {
                prop_assert_eq!(*late <= 20, pressure == Pressure::None);
            }
        }
    }
}
