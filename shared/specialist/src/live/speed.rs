//! How long first words take lately, and how long they usually do. Pure, told the time.

use std::time::Duration;

use tokio::time::Instant;

/// First words until it is known how long they usually take. Their median: the first of all often waits for a model to load.
const LEARNING: usize = 10;
/// First words until an average says anything.
const FEW: u64 = 3;
/// Weight of a first word in the average.
const WEIGHT: f64 = 0.2;
/// What is older than this counts little in the average, however few came since (linkerd2-proxy's PeakEWMA decays alike).
const FORGET: Duration = Duration::from_secs(10);
/// What is usual changes this slowly: a model that stays slow is the usual one within the hour, not within the minute.
const USUAL: Duration = Duration::from_secs(15 * 60);
/// The average of an engine that said nothing for so long speaks for nobody: it may have changed since.
const STALE: Duration = Duration::from_secs(60);

/// What is slow.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// This many times as long as usual.
    pub(super) factor: f64,
    /// Never what is faster than this.
    pub(super) above: Duration,
}

/// Times to the first word, seconds.
#[derive(Debug)]
pub(super) struct Speed {
    bounds: Bounds,
    /// Seen so far.
    seen: u64,
    /// Average, and when it was changed.
    lately: Option<(f64, Instant)>,
    /// The first ones, until what is usual is known.
    learning: Vec<f64>,
    /// What is usual, and when it was changed.
    usual: Option<(f64, Instant)>,
    /// Average that no single one, however slow, can lift above what is slow.
    steady: f64,
}

impl Speed {
    pub(super) fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            seen: 0,
            lately: None,
            learning: Vec::new(),
            usual: None,
            steady: 0.0,
        }
    }

    /// A first word came after so long.
    pub(super) fn observe(&mut self, first_word: Duration, now: Instant) {
        let seconds = first_word.as_secs_f64();
        self.seen += 1;
        self.average(seconds, now);
        match self.usual {
            None => self.learn(seconds, now),
            Some((usual, at)) => {
                let limit = self.limit_of(usual);
                self.steady = lifted(self.steady, seconds, limit);
                // Bad times teach little: none counts for more than what is just not slow.
                let changed = usual + faded(at, now, USUAL) * (seconds.min(limit) - usual);
                self.usual = Some((changed, now));
            }
        }
    }

    /// No first word came for so long, and it can only be longer. That is no time that could be usual.
    pub(super) fn endured(&mut self, silence: Duration, now: Instant) {
        let seconds = silence.as_secs_f64();
        self.average(seconds, now);
        if let Some((usual, _)) = self.usual {
            self.steady = lifted(self.steady, seconds, self.limit_of(usual));
        }
    }

    fn average(&mut self, seconds: f64, now: Instant) {
        let average = self.lately.map_or(seconds, |(average, at)| {
            let weight = faded(at, now, FORGET).max(WEIGHT);
            average + weight * (seconds - average)
        });
        self.lately = Some((average, now));
    }

    fn learn(&mut self, seconds: f64, now: Instant) {
        self.learning.push(seconds);
        if self.learning.len() < LEARNING {
            return;
        }
        self.learning.sort_by(f64::total_cmp);
        let median = self.learning[LEARNING / 2];
        self.learning = Vec::new();
        self.steady = median;
        self.usual = Some((median, now));
    }

    /// The average; none: too few were seen.
    pub(super) fn lately(&self) -> Option<Duration> {
        let (average, _) = self.lately.filter(|_| self.seen >= FEW)?;
        Some(Duration::from_secs_f64(average))
    }

    /// The average, unless the last one was seen too long ago to say anything.
    pub(super) fn lately_at(&self, now: Instant) -> Option<Duration> {
        let (_, at) = self.lately?;
        self.lately().filter(|_| now.saturating_duration_since(at) < STALE)
    }

    /// What is usual; none: too few were seen.
    pub(super) fn usual(&self) -> Option<Duration> {
        self.usual.map(|(usual, _)| Duration::from_secs_f64(usual))
    }

    /// First words that take longer are slow; none: nobody knows yet.
    pub(super) fn limit(&self) -> Option<Duration> {
        self.usual
            .map(|(usual, _)| Duration::from_secs_f64(self.limit_of(usual)))
    }

    /// Whether the last few were slow, those that are waited for and late included.
    pub(super) fn is_slow(&self, waiting: impl Iterator<Item = Duration>) -> bool {
        let Some((usual, _)) = self.usual else { return false };
        let limit = self.limit_of(usual);
        let late = waiting.map(|long| long.as_secs_f64()).filter(|long| *long > limit);
        late.fold(self.steady, |steady, seconds| lifted(steady, seconds, limit)) > limit
    }

    /// It is as fast as ever: what was slow is over.
    pub(super) fn settle(&mut self) {
        if let Some((usual, _)) = self.usual {
            self.steady = usual;
        }
    }

    fn limit_of(&self, usual: f64) -> f64 {
        (usual * self.bounds.factor).max(self.bounds.above.as_secs_f64())
    }
}

/// An average with one more in it that counts as twice the limit at most: it takes three of them to get above.
fn lifted(average: f64, seconds: f64, limit: f64) -> f64 {
    average + WEIGHT * (seconds.min(2.0 * limit) - average)
}

/// How much of what was known at `at` is forgotten `now`, 0..1.
fn faded(at: Instant, now: Instant, memory: Duration) -> f64 {
    let passed = now.saturating_duration_since(at).as_secs_f64();
    1.0 - (-passed / memory.as_secs_f64()).exp()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MS: Duration = Duration::from_millis(1);
    const SECOND: Duration = Duration::from_secs(1);
    const BOUNDS: Bounds = Bounds {
        factor: 3.0,
        above: Duration::from_millis(500),
    };

    /// One that has said its first word after 200 ms, every second.
    fn usual(now: &mut Instant) -> Speed {
        let mut speed = Speed::new(BOUNDS);
        for _ in 0..LEARNING {
            *now += SECOND;
            speed.observe(200 * MS, *now);
        }
        speed
    }

    fn slow(speed: &Speed) -> bool {
        speed.is_slow(std::iter::empty())
    }

    #[test]
    fn one_slow_word_is_an_accident_and_some_in_a_row_are_not() {
        let mut now = Instant::now();
        let mut speed = usual(&mut now);
        assert_eq!((speed.usual(), speed.limit()), (Some(200 * MS), Some(600 * MS)));
        speed.observe(60 * SECOND, now);
        assert!(!slow(&speed));
        speed.observe(200 * MS, now);
        for _ in 0..4 {
            now += SECOND;
            speed.observe(5 * SECOND, now);
        }
        assert!(slow(&speed));
        assert!(speed.lately().unwrap() > SECOND);
        assert!(speed.usual().unwrap() < 210 * MS, "{:?}", speed.usual());
        speed.settle();
        assert!(!slow(&speed));
    }

    #[test]
    fn what_is_waited_for_counts_before_it_is_over() {
        let mut now = Instant::now();
        let speed = usual(&mut now);
        assert!(!speed.is_slow([SECOND; 2].into_iter()));
        assert!(!speed.is_slow([600 * MS; 100].into_iter()));
        assert!(speed.is_slow([20 * SECOND; 4].into_iter()));
    }

    #[test]
    fn fast_is_never_slow_and_a_slow_start_is_not_usual() {
        let mut now = Instant::now();
        let mut speed = Speed::new(BOUNDS);
        speed.observe(30 * SECOND, now);
        assert!((speed.lately(), speed.limit(), slow(&speed)) == (None, None, false));
        for _ in 1..LEARNING {
            speed.observe(2 * MS, now);
        }
        assert_eq!(speed.usual(), Some(2 * MS));
        for _ in 0..100 {
            now += SECOND;
            speed.observe(400 * MS, now);
        }
        assert!(!slow(&speed), "400 ms are below slow_above");
    }

    #[test]
    fn what_stays_slow_is_usual_in_the_end() {
        let mut now = Instant::now();
        let mut speed = usual(&mut now);
        let mut minutes = 0;
        while speed.limit().unwrap() < 4 * SECOND {
            now += 60 * SECOND;
            speed.observe(2 * SECOND, now);
            minutes += 1;
            assert!(minutes < 60, "{:?}", speed.usual());
        }
        assert!(minutes > 10, "after {minutes} minutes");
    }

    proptest! {
        #[test]
        fn averages_stay_within_what_was_seen(
            words in proptest::collection::vec((0_u64..60_000, 0_u64..120_000), 1..200),
        ) {
            let mut now = Instant::now();
            let mut speed = Speed::new(BOUNDS);
            let (mut least, mut most) = (Duration::MAX, Duration::ZERO);
            for (took, pause) in words {
                let took = Duration::from_millis(took);
                now += Duration::from_millis(pause);
                (least, most) = (least.min(took), most.max(took));
                speed.observe(took, now);
                for average in [speed.lately(), speed.usual()].into_iter().flatten() {
                    prop_assert!(average + MS >= least && average <= most + MS);
                }
            }
        }
    }
}
