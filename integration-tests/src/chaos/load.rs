//! An open loop: so many questions a second, whether the ones before are answered or not.
//!
//! Latency counts from when a question was *meant* to be asked: a generator that waits for a slow answer before it asks
//! the next question would leave out exactly those that had to wait (coordinated omission).

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use plexus_proto::v1::{AskRequest, AskResponse};
use tokio::{
    task::{JoinHandle, JoinSet},
    time::{Instant, sleep_until, timeout},
};
use tonic::Status;

use super::{
    doors::{Doors, never_begun},
    log::{Ended, Log, Sample},
};
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
