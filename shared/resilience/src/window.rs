//! How often something went well lately: exact counts in ten buckets, so that what is old is forgotten tenth by tenth.

use std::time::Duration;

use tokio::time::Instant;

const BUCKETS: u32 = 10;

/// Counts of the last `span`.
#[derive(Debug, Clone)]
pub(crate) struct Window {
    bucket: Duration,
    counts: [(u32, u32); BUCKETS as usize],
    /// Bucket that is written to.
    current: usize,
    /// When it began.
    since: Instant,
}

impl Window {
    /// An empty window of `span`, from `now` on.
    pub(crate) fn new(span: Duration, now: Instant) -> Self {
        Self {
            bucket: (span / BUCKETS).max(Duration::from_millis(1)),
            counts: Default::default(),
            current: 0,
            since: now,
        }
    }

    /// Counts one.
    pub(crate) fn record(&mut self, good: bool, now: Instant) {
        self.forget(now);
        let (goods, bads) = &mut self.counts[self.current];
        match good {
            true => *goods += 1,
            false => *bads += 1,
        }
    }

    /// How many went well, and how many not.
    pub(crate) fn counts(&mut self, now: Instant) -> (u32, u32) {
        self.forget(now);
        let add = |sum: (u32, u32), one: &(u32, u32)| (sum.0 + one.0, sum.1 + one.1);
        self.counts.iter().fold((0, 0), add)
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self, now: Instant) {
        *self = Self::new(self.bucket * BUCKETS, now);
    }

    fn forget(&mut self, now: Instant) {
        let passed = now.saturating_duration_since(self.since).as_nanos() / self.bucket.as_nanos();
        if passed >= u128::from(BUCKETS) {
            self.clear(now);
            return;
        }
        for _ in 0..passed {
            self.current = (self.current + 1) % self.counts.len();
            self.counts[self.current] = (0, 0);
            self.since += self.bucket;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SPAN: Duration = Duration::from_secs(10);

    proptest! {
        #[test]
        fn counts_what_is_younger_than_nine_tenths_and_nothing_older_than_the_span(
            steps in proptest::collection::vec((0_u64..3_000, any::<bool>()), 1..100),
        ) {
            let begin = Instant::now();
            let mut window = Window::new(SPAN, begin);
            let (mut now, mut all) = (begin, Vec::new());
            for (pause, good) in steps {
                now += Duration::from_millis(pause);
                window.record(good, now);
                all.push((now, good));
                let within = |span: Duration| all.iter().filter(|(at, _)| now - *at < span).count();
                let (goods, bads) = window.counts(now);
                let counted = (goods + bads) as usize;
                prop_assert!(counted >= within(SPAN.mul_f64(0.9)), "{} of {}", counted, within(SPAN));
                prop_assert!(counted <= within(SPAN + Duration::from_millis(1)));
                let most = all.iter().filter(|(at, good)| *good && now - *at <= SPAN).count();
                prop_assert!(goods as usize <= most);
            }
        }
    }
}
