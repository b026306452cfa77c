//! What a process holds: memory, files and sockets, threads. Tasks are not among it: no service counts them for others.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{task::JoinHandle, time::sleep};

use crate::proc_fs;

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(20);

/// What a process holds at one moment; zeros where the system does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Held {
    /// Resident memory, bytes.
    pub resident: u64,
    /// Files and sockets.
    pub files: u64,
    /// Threads.
    pub threads: u64,
}

/// Looks at a process.
pub fn held(pid: u32) -> Held {
    Held {
        resident: proc_fs::resident_bytes(pid).unwrap_or_default(),
        files: proc_fs::open_files(pid).unwrap_or_default(),
        threads: proc_fs::threads(pid).unwrap_or_default(),
    }
}

/// How much more there is than before, MiB; negative where there is less.
pub fn growth_mib(before: u64, after: u64) -> f64 {
    (after as f64 - before as f64) / (1024.0 * 1024.0)
}

/// How far a count is from what it was.
pub fn difference(before: u64, after: u64) -> usize {
    usize::try_from(before.abs_diff(after)).unwrap_or(usize::MAX)
}

/// Watches the memory of a process.
#[derive(Debug)]
pub struct Peak {
    stop: Arc<AtomicBool>,
    most: Arc<AtomicU64>,
    watching: JoinHandle<()>,
}

impl Peak {
    /// Begins to watch.
    pub fn of(pid: u32) -> Self {
        let (stop, most) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let (seen, end) = (most.clone(), stop.clone());
        let watching = tokio::spawn(async move {
            while !end.load(Ordering::SeqCst) {
                seen.fetch_max(held(pid).resident, Ordering::SeqCst);
                sleep(PAUSE).await;
            }
        });
        Self { stop, most, watching }
    }

    /// The most resident memory that was seen, bytes.
    pub async fn stop(self) -> u64 {
        self.stop.store(true, Ordering::SeqCst);
        // It ends by itself; what it has seen stays.
        let _ = self.watching.await;
        self.most.load(Ordering::SeqCst)
    }
}
