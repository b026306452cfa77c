//! The rows of the scorecard, one experiment a file.

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use plexus_proto::v1::AskRequest;

use super::{Checks, Load, Rig};

pub mod backend_fails;
pub mod backend_hangs;
pub mod client_cancels;
pub mod deadline;
pub mod domain_down;
pub mod hostile_http2;
pub mod overload;
pub mod replica_errs;
pub mod replica_killed;
pub mod replica_returns;
pub mod replica_stopped;
pub mod rolling_restart;
pub mod stream_breaks;
pub mod terminated;
pub mod wrong_input;

/// What an experiment is given.
#[derive(Debug, Clone)]
pub struct Setting {
    /// Decides everything that is left to chance.
    pub seed: u64,
    /// Questions a second.
    pub rate: f64,
    /// How long each phase lasts: before a fault, and while there is one.
    pub phase: Duration,
    /// Share of the usual number of calls, 0 to 1, where a row has a fixed one.
    pub scale: f64,
    /// Deadlines are so many times longer: more than 1 where only counts matter and the machine has other work.
    pub slack: f64,
    /// Where the mesh runs.
    pub rig: Rig,
}

impl Setting {
    /// A deadline with this setting's slack.
    pub fn deadline(&self, deadline: Duration) -> Duration {
        deadline.mul_f64(self.slack)
    }

    /// A load of this setting's rate and slack.
    pub fn load(&self, question: Arc<dyn Fn(u64) -> AskRequest + Send + Sync>, deadline: Duration) -> Load {
        Load {
            rate: self.rate,
            deadline: self.deadline(deadline),
            question,
        }
    }

    /// So many calls of a row that has a fixed number, at least one.
    pub fn calls(&self, full: u64) -> u64 {
        ((full as f64 * self.scale) as u64).max(1)
    }

    /// Lets connections, caches and allocators warm up, which belongs to no baseline.
    pub async fn warm_up(&self) {
        tokio::time::sleep((self.phase / 5).min(Duration::from_secs(2))).await;
    }
}

/// An experiment that runs.
pub type Experiment = Pin<Box<dyn Future<Output = anyhow::Result<Checks>> + Send>>;

/// A row of the scorecard.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// Its number.
    pub number: u32,
    /// What is done to the mesh.
    pub fault: &'static str,
    /// What the mesh promises.
    pub promise: &'static str,
    /// Does it, and measures.
    pub run: fn(Setting) -> Experiment,
}

/// All rows, in order.
pub const ROWS: &[Row] = &[
    Row {
        number: 1,
        fault: "kill -9 of one of two code replicas",
        promise: "0 failed, p99 < 2x baseline",
        run: |setting| Box::pin(replica_killed::run(setting)),
    },
    Row {
        number: 2,
        fault: "SIGSTOP of one of two replicas",
        promise: "0 failed, <= 10 slow calls",
        run: |setting| Box::pin(replica_stopped::run(setting)),
    },
    Row {
        number: 3,
        fault: "20% errors on one of two replicas",
        promise: "its share < 5% within 10 s, 0 failed",
        run: |setting| Box::pin(replica_errs::run(setting)),
    },
    Row {
        number: 4,
        fault: "all math replicas killed",
        promise: "all answered before the deadline and marked, p99 < 1.2 s",
        run: |setting| Box::pin(domain_down::run(setting)),
    },
    Row {
        number: 5,
        fault: "a replica returns",
        promise: "share 40-60% within 60 s, one probe at a time",
        run: |setting| Box::pin(replica_returns::run(setting)),
    },
    Row {
        number: 6,
        fault: "the only backend hangs, 10,000 calls",
        promise: "breaker opens after 5 timeouts, in flight <= cap, fds and threads back within 2, RSS <= +10 MiB",
        run: |setting| Box::pin(backend_hangs::run(setting)),
    },
    Row {
        number: 7,
        fault: "every backend call fails",
        promise: "attempts <= 1.2 x calls + 3/s",
        run: |setting| Box::pin(backend_fails::run(setting)),
    },
    Row {
        number: 8,
        fault: "overload, 1x to 10x of what the backends can do",
        promise: "goodput at 10x >= 90% of peak, the rest RESOURCE_EXHAUSTED in < 50 ms",
        run: |setting| Box::pin(overload::run(setting)),
    },
    Row {
        number: 9,
        fault: "300 ms deadline over three hops",
        promise: "DEADLINE_EXCEEDED, no engine call begins > 50 ms after it",
        run: |setting| Box::pin(deadline::run(setting)),
    },
    Row {
        number: 10,
        fault: "client cancels in mid-stream, 1,000 times",
        promise: "the engine's connection closed within 100 ms",
        run: |setting| Box::pin(client_cancels::run(setting)),
    },
    Row {
        number: 11,
        fault: "SIGTERM with 1,000 calls in flight",
        promise: "0 dropped, exit within 30 s",
        run: |setting| Box::pin(terminated::run(setting)),
    },
    Row {
        number: 12,
        fault: "rolling restart of every service, routers too",
        promise: "0 failed",
        run: |setting| Box::pin(rolling_restart::run(setting)),
    },
    Row {
        number: 13,
        fault: "a backend breaks off after N words",
        promise: "no splice, no word twice, exactly one end that says so",
        run: |setting| Box::pin(stream_breaks::run(setting)),
    },
    Row {
        number: 14,
        fault: "hostile HTTP/2",
        promise: "RSS < +64 MiB, p99 of other clients < 2x",
        run: |setting| Box::pin(hostile_http2::run(setting)),
    },
    Row {
        number: 15,
        fault: "5 MiB message, gzip bomb, deep JSON schema, TLS garbage",
        promise: "typed errors, the process lives",
        run: |setting| Box::pin(wrong_input::run(setting)),
    },
];
