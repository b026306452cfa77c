//! How long a call may wait in a queue: CoDel for queues of requests. Pure.
//!
//! Sources: K. Nichols, V. Jacobson, "Controlling Queue Delay" (RFC 8289): a queue that empties now and then absorbs a burst,
//! one that stands only adds delay. B. Maurer, "Fail at Scale" (ACM Queue 13/8, 2015): the form for servers, where each
//! request is given its time when it comes, and where a standing queue is served newest first, because the newest has most
//! of its time left while the oldest is about to be refused anyway.
//!
//! RFC 8289 drops at the head by a control law with a square root; that law paces drops for senders that slow down on each
//! one. Callers here are told to go away, so the simpler rule suffices, and it bounds every single wait.

use std::time::Duration;

use tokio::time::Instant;

/// Watches one queue.
#[derive(Debug, Clone)]
pub struct Patience {
    target: Duration,
    interval: Duration,
    filled: Option<Instant>,
}

impl Patience {
    /// A queue that has not been empty for `interval` stands; who joins it then may wait for `target`, who joins before for
    /// `interval`.
    pub fn new(target: Duration, interval: Duration) -> Self {
        Self {
            target,
            interval,
            filled: None,
        }
    }

    /// The time of somebody who joins now; `empty`: nobody else waits.
    pub fn join(&mut self, empty: bool, now: Instant) -> Duration {
        if empty || self.filled.is_none() {
            self.filled = Some(now);
        }
        match self.stands(now) {
            true => self.target,
            false => self.interval,
        }
    }

    /// Whether the queue, which must not be empty, stands: its newest is to be served first.
    pub fn stands(&self, now: Instant) -> bool {
        self.filled
            .is_some_and(|filled| now.saturating_duration_since(filled) >= self.interval)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TARGET: Duration = Duration::from_millis(5);
    const INTERVAL: Duration = Duration::from_millis(40);

    #[test]
    fn a_burst_may_wait_and_a_standing_queue_may_not() {
        let begin = Instant::now();
        let at = |millis| begin + Duration::from_millis(millis);
        let mut patience = Patience::new(TARGET, INTERVAL);
        assert_eq!(patience.join(true, at(0)), INTERVAL);
        assert_eq!(patience.join(false, at(39)), INTERVAL);
        assert!(!patience.stands(at(39)));
        assert_eq!(patience.join(false, at(40)), TARGET);
        assert!(patience.stands(at(40)));
        // It was empty for a moment: a new burst.
        assert_eq!(patience.join(true, at(41)), INTERVAL);
        assert!(!patience.stands(at(80)));
        assert!(patience.stands(at(81)));
    }
}
