//! Something made of files, and made again when they change.

use std::{path::PathBuf, sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use tokio::{
    task::JoinHandle,
    time::{MissedTickBehavior, interval},
};
use tracing::{info, warn};

use crate::{TlsError, files::read};

/// What was made last. The watch ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Watched<T> {
    current: Arc<ArcSwap<T>>,
    watch: JoinHandle<()>,
}

impl<T: Send + Sync + 'static> Watched<T> {
    /// Makes it once, and again whenever the bytes of a file are others; what cannot be made leaves the old one in its place.
    /// Must be called inside a Tokio runtime.
    pub(crate) fn new(
        files: Vec<PathBuf>,
        every: Duration,
        make: impl Fn() -> Result<T, TlsError> + Send + Sync + 'static,
    ) -> Result<Self, TlsError> {
        // Before it is made: a change in between is then seen as one.
        let mut seen = bytes(&files);
        let current = Arc::new(ArcSwap::from_pointee(make()?));
        let place = current.clone();
        let make = Arc::new(make);
        let watch = tokio::spawn(async move {
            let mut ticks = interval(every);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                ticks.tick().await;
                // Files may lie on a slow disk, and must hold up no call.
                let (looked, make) = (files.clone(), make.clone());
                let before = seen.clone();
                let look = tokio::task::spawn_blocking(move || {
                    let now = bytes(&looked);
                    let made = (now != before).then(|| make());
                    (now, made)
                });
                let Ok((now, made)) = look.await else { return };
                match made {
                    None => continue,
                    Some(Ok(made)) => {
                        place.store(Arc::new(made));
                        info!(?files, "new certificates are used");
                    }
                    Some(Err(error)) => {
                        let cause = std::error::Error::source(&error).map(ToString::to_string);
                        warn!(%error, cause, "new certificates are not used; the old ones stay");
                    }
                }
                seen = now;
            }
        });
        Ok(Self { current, watch })
    }

    /// The newest.
    pub(crate) fn get(&self) -> Arc<T> {
        self.current.load_full()
    }
}

impl<T> Drop for Watched<T> {
    fn drop(&mut self) {
        self.watch.abort();
    }
}

/// The bytes of files; none where one cannot be read.
fn bytes(files: &[PathBuf]) -> Vec<Option<Vec<u8>>> {
    files.iter().map(|file| read(file).ok()).collect()
}
