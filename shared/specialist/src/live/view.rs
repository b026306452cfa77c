//! What is known of an engine at a moment, as data for those who decide.

use std::{fmt, time::Duration};

/// Why an engine is asked after the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// Too many calls failed.
    Failing {
        /// Failed calls.
        failures: u32,
        /// Of so many.
        calls: u32,
    },
    /// First words take too long.
    Slow {
        /// How long they take.
        first_word: Duration,
        /// How long they usually take.
        usual: Duration,
    },
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Failing { failures, calls } => {
                let percent = 100.0 * f64::from(failures) / f64::from(calls.max(1));
                write!(f, "{percent:.0}% of its last {calls} calls failed")
            }
            Self::Slow { first_word, usual } => write!(
                f,
                "its first words take about {} lately, usually {}",
                short(first_word),
                short(usual)
            ),
        }
    }
}

/// Answers that cost less than so many times what was expected are not dear: estimates are no better than that.
pub(super) const DEAR: f64 = 1.05;

/// A time for a person.
pub(crate) fn short(time: Duration) -> String {
    match time.as_secs_f64() {
        seconds if seconds >= 1.0 => format!("{seconds:.1}s"),
        seconds => format!("{:.0}ms", seconds * 1e3),
    }
}

/// What an order of engines takes into account. The default is an engine of which nothing is known.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct View {
    /// Why it is to be asked after the others.
    pub(crate) trouble: Option<Trouble>,
    /// It may be tried although it is in trouble.
    pub(crate) probe_due: bool,
    /// How long its first words take lately; none: nobody knows, or nobody has looked for a while.
    pub(crate) first_word: Option<Duration>,
    /// What its answers cost, as a multiple of what they were expected to; 1 or more.
    pub(crate) price_ratio: f64,
    /// Calls of the last minute that failed, and all of them; zeros: too few to say.
    pub(crate) failed: (u32, u32),
    /// How many times as dear as its price says it counts; 1 or more.
    pub(crate) price_factor: f64,
}

impl Default for View {
    fn default() -> Self {
        Self {
            trouble: None,
            probe_due: false,
            first_word: None,
            price_ratio: 1.0,
            failed: (0, 0),
            price_factor: 1.0,
        }
    }
}

impl View {
    /// Why it counts as dearer than its price says.
    pub(crate) fn dear(&self) -> String {
        let (failures, calls) = self.failed;
        let mut why = Vec::new();
        if self.price_ratio >= DEAR {
            why.push(format!(
                "its answers cost {:.1} times what was expected",
                self.price_ratio
            ));
        }
        if failures > 0 {
            why.push(Trouble::Failing { failures, calls }.to_string());
        }
        why.join(" and ")
    }
}

/// What is shown of an engine.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Figures {
    /// Calls in the window.
    pub(crate) calls: u32,
    /// Of these, failed ones.
    pub(crate) failures: u32,
    /// Average time to the first word.
    pub(crate) first_word: Option<Duration>,
    /// What is usual.
    pub(crate) usual: Option<Duration>,
    /// Questions under way.
    pub(crate) in_flight: u32,
}
