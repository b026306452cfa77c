//! An open loop: so many questions a second, whether the ones before are answered or not.
//!
//! Latency counts from when a question was *meant* to be asked: a generator that waits for a slow answer before it asks
//! the next question would leave out exactly those that had to wait (coordinated omission).

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use plexus_proto::v1::{AskRequest, AskResponse, DegradationReason, Outcome};
use tokio::{
    task::{JoinHandle, JoinSet},
    time::{Instant, sleep_until, timeout},
};
use tonic::{Code, Status};

use super::doors::{Doors, never_begun};
use crate::ask::timed;

/// How long after its deadline a call is still waited for: one that hangs is a failure too.
const PATIENCE: Duration = Duration::from_secs(2);

/// What is asked, how often, and how long each may take.
#[derive(Clone)]
pub struct Load {
    /// Questions a second.
    pub rate: f64,
    /// Deadline of each.
    pub deadline: Duration,
    /// The question of that number.
    pub question: Arc<dyn Fn(u64) -> AskRequest + Send + Sync>,
}

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

/// A load that runs.
#[derive(Debug)]
pub struct Running {
    stop: Arc<AtomicBool>,
    driver: JoinHandle<Vec<Sample>>,
}

impl Load {
    /// Asks until it is stopped.
    pub fn start(&self, doors: &Arc<Doors>) -> Running {
        let stop = Arc::new(AtomicBool::new(false));
        let driver = tokio::spawn(drive(self.clone(), doors.clone(), stop.clone()));
        Running { stop, driver }
    }

    /// Asks for so long; the log has every question of that time.
    pub async fn run(&self, doors: &Arc<Doors>, lasts: Duration) -> Log {
        let running = self.start(doors);
        tokio::time::sleep(lasts).await;
        running.stop().await
    }
}

impl Running {
    /// Asks no more, and waits for what is under way.
    ///
    /// # Panics
    /// Where the generator has.
    pub async fn stop(self) -> Log {
        self.stop.store(true, Ordering::SeqCst);
        Log(self.driver.await.expect("the generator does not panic"))
    }
}

async fn drive(load: Load, doors: Arc<Doors>, stop: Arc<AtomicBool>) -> Vec<Sample> {
    let begin = Instant::now();
    let mut calls = JoinSet::new();
    let mut samples = Vec::new();
    for number in 0u64.. {
        let due = begin + Duration::from_secs_f64(number as f64 / load.rate);
        sleep_until(due).await;
        if stop.load(Ordering::SeqCst) {
            break;
        }
        let request = (load.question)(number);
        calls.spawn(call(doors.clone(), request, load.deadline, due));
        while let Some(sample) = calls.try_join_next() {
            samples.extend(sample);
        }
    }
    while let Some(sample) = calls.join_next().await {
        samples.extend(sample);
    }
    samples.sort_by_key(|sample| sample.due);
    samples
}

async fn call(doors: Arc<Doors>, request: AskRequest, deadline: Duration, due: Instant) -> Sample {
    let sent = Instant::now();
    let mut result = Err(Status::unknown("there is no router"));
    for mut router in doors.in_turn() {
        let ask = router.ask(timed(request.clone(), deadline));
        result = timeout(deadline + PATIENCE, ask)
            .await
            .unwrap_or_else(|_| Err(Status::unknown("it hangs beyond its deadline")));
        match &result {
            Err(status) if never_begun(status) => {}
            _ => break,
        }
    }
    Sample {
        due,
        sent,
        done: Instant::now(),
        ended: match result {
            Ok(response) => answered(response.get_ref()),
            Err(status) => Ended::Failed {
                code: status.code(),
                message: status.message().to_owned(),
                // A status that came over the wire has no cause on this side.
                unsaid: std::error::Error::source(&status).is_some(),
            },
        },
    }
}

fn answered(response: &AskResponse) -> Ended {
    Ended::Answered {
        outcome: response.outcome(),
        reasons: response.degradations.iter().map(|one| one.reason()).collect(),
        text: !response.answer.is_empty(),
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
