//! What came of a load: every question, and figures of many.

use std::{collections::BTreeMap, time::Duration};

use plexus_proto::v1::{DegradationReason, Outcome};
use tokio::time::Instant;
use tonic::Code;

/// How a call ended.
#[derive(Debug, Clone)]
pub enum Ended {
    /// With an answer.
    Answered {
        /// As planned, or with less.
        outcome: Outcome,
        /// Why with less.
        reasons: Vec<DegradationReason>,
        /// Whether there is a text.
        text: bool,
    },
    /// With an error.
    Failed {
        /// Its code.
        code: Code,
        /// Its message.
        message: String,
        /// Whether nobody said so: the connection broke, or this side's clock ran out.
        unsaid: bool,
    },
}

/// One question.
#[derive(Debug, Clone)]
pub struct Sample {
    /// When it was meant to be asked.
    pub due: Instant,
    /// When it was.
    pub sent: Instant,
    /// When it was over.
    pub done: Instant,
    /// How it ended.
    pub ended: Ended,
}

impl Sample {
    /// From when it was meant to be asked to its end.
    pub fn latency(&self) -> Duration {
        self.done - self.due
    }

    /// Whether it has an answer, degraded or not.
    pub fn answered(&self) -> bool {
        matches!(&self.ended, Ended::Answered { text: true, .. })
    }

    /// Whether its answer is marked as less than planned.
    pub fn marked(&self) -> bool {
        matches!(&self.ended, Ended::Answered { outcome: Outcome::Degraded, reasons, .. } if !reasons.is_empty())
    }

    /// Whether the mesh itself refused it for overload: a connection that is cut for too much has that code too.
    pub fn refused(&self) -> bool {
        let refusal = Code::ResourceExhausted;
        matches!(&self.ended, Ended::Failed { code, unsaid: false, .. } if *code == refusal)
    }

    /// Its code, where it failed.
    pub fn code(&self) -> Option<Code> {
        match &self.ended {
            Ended::Failed { code, .. } => Some(*code),
            Ended::Answered { .. } => None,
        }
    }
}

/// All questions of a load, in the order in which they were meant to be asked.
#[derive(Debug, Clone, Default)]
pub struct Log(pub Vec<Sample>);

impl Log {
    /// Those that were meant to be asked from then until then.
    #[must_use]
    pub fn between(&self, from: Instant, to: Instant) -> Self {
        let within = self.0.iter().filter(|sample| (from..to).contains(&sample.due));
        Self(within.cloned().collect())
    }

    /// How many satisfy that.
    pub fn count(&self, what: impl Fn(&Sample) -> bool) -> usize {
        self.0.iter().filter(|sample| what(sample)).count()
    }

    /// Those without an answer.
    pub fn failed(&self) -> usize {
        self.count(|sample| !sample.answered())
    }

    /// A quantile of the latencies, milliseconds; not a number where there are none.
    pub fn quantile(&self, quantile: f64) -> f64 {
        quantile_ms(self.0.iter().map(Sample::latency), quantile)
    }

    /// How late the generator was, 99th percentile, milliseconds.
    pub fn lag(&self) -> f64 {
        quantile_ms(self.0.iter().map(|sample| sample.sent - sample.due), 0.99)
    }

    /// What failed and how often, for a person.
    pub fn failures(&self) -> String {
        let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
        for sample in &self.0 {
            let kind = match &sample.ended {
                Ended::Failed { code, message, unsaid } => {
                    let who = if *unsaid { " (nobody said so)" } else { "" };
                    format!("{code:?}{who}: {}", message.chars().take(160).collect::<String>())
                }
                Ended::Answered {
                    text: false, reasons, ..
                } => format!("no text: {reasons:?}"),
                Ended::Answered { .. } => continue,
            };
            *kinds.entry(kind).or_default() += 1;
        }
        counted(kinds)
    }

    /// Why answers are marked and how often, for a person.
    pub fn marks(&self) -> String {
        let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
        for sample in &self.0 {
            if let Ended::Answered { reasons, .. } = &sample.ended {
                for reason in reasons {
                    *kinds.entry(reason.as_str_name().to_owned()).or_default() += 1;
                }
            }
        }
        counted(kinds)
    }

    /// Tells on standard error what failed and what was marked.
    pub fn tell(&self) {
        eprintln!("  failures: [{}]; marks: [{}]", self.failures(), self.marks());
    }
}

fn counted(kinds: BTreeMap<String, usize>) -> String {
    let kinds = kinds.into_iter().map(|(kind, count)| format!("{count} x {kind}"));
    kinds.collect::<Vec<_>>().join("; ")
}

/// A quantile (nearest rank) in milliseconds; not a number where there is nothing.
pub(crate) fn quantile_ms(latencies: impl Iterator<Item = Duration>, quantile: f64) -> f64 {
    let mut sorted: Vec<Duration> = latencies.collect();
    sorted.sort_unstable();
    let rank = (sorted.len() as f64 * quantile).ceil() as usize;
    sorted
        .get(rank.saturating_sub(1))
        .map_or(f64::NAN, |latency| latency.as_secs_f64() * 1e3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_nearest_rank() {
        let ms = |count: u64| (1..=count).rev().map(Duration::from_millis);
        assert!((quantile_ms(ms(100), 0.99) - 99.0).abs() < 1e-9);
        assert!((quantile_ms(ms(100), 0.5) - 50.0).abs() < 1e-9);
        assert!((quantile_ms(ms(1), 0.99) - 1.0).abs() < 1e-9);
        assert!(quantile_ms(ms(0), 0.99).is_nan());
    }

    #[test]
    fn latency_counts_from_when_it_was_meant_to_be_asked() {
        let due = Instant::now();
        let ms = Duration::from_millis;
        let sample = Sample {
            due,
            sent: due + ms(40),
            done: due + ms(50),
            ended: Ended::Failed {
                code: Code::Unavailable,
                message: String::new(),
                unsaid: false,
            },
        };
        assert_eq!(sample.latency(), ms(50));
        let log = Log(vec![sample]);
        assert_eq!((log.failed(), log.between(due + ms(1), due + ms(60)).failed()), (1, 0));
    }
}
