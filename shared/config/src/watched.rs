//! Something made of files, and made again when they change.

use std::{
    error::Error,
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use arc_swap::ArcSwap;
use tokio::{
    task::JoinHandle,
    time::{MissedTickBehavior, interval},
};
use tracing::{info, warn};

/// What was made last. The watch ends when this is dropped.
#[derive(Debug)]
pub struct Watched<T> {
    current: Arc<ArcSwap<T>>,
    watch: JoinHandle<()>,
}

impl<T: Send + Sync + 'static> Watched<T> {
    /// Makes it once, and again whenever the bytes of a file are others; what cannot be made leaves the old one in its place.
    /// Must be called inside a Tokio runtime.
    ///
    /// # Errors
    /// What `make` says.
    pub fn new<E: Error + Send + 'static>(
        files: Vec<PathBuf>,
        every: Duration,
        make: impl Fn() -> Result<T, E> + Send + Sync + 'static,
    ) -> Result<Self, E> {
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
                        info!(?files, "files have changed: what is in them now holds");
                    }
                    Some(Err(error)) => {
                        let cause = error.source().map(ToString::to_string);
                        warn!(%error, cause, "files have changed and cannot be used: what was in them before still holds");
                    }
                }
                seen = now;
            }
        });
        Ok(Self { current, watch })
    }

    /// The newest.
    pub fn get(&self) -> Arc<T> {
        self.current.load_full()
    }
}

impl<T> Drop for Watched<T> {
    fn drop(&mut self) {
        self.watch.abort();
    }
}

/// No file that is watched is larger, bytes.
const LARGEST: u64 = 1024 * 1024;

/// Bytes of a small file.
///
/// # Errors
/// It cannot be read, or it is larger than 1 MiB, which is no file of ours.
pub fn read_small(path: &Path) -> io::Result<Vec<u8>> {
    if std::fs::metadata(path)?.len() > LARGEST {
        return Err(io::Error::other("it is larger than 1 MiB: it holds something else"));
    }
    std::fs::read(path)
}

/// The bytes of files; none where one cannot be read.
fn bytes(files: &[PathBuf]) -> Vec<Option<Vec<u8>>> {
    files.iter().map(|file| read_small(file).ok()).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[tokio::test]
    async fn what_has_changed_holds_and_what_is_broken_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("number");
        fs::write(&file, "1").unwrap();
        let make = {
            let file = file.clone();
            move || {
                let text = fs::read_to_string(&file).map_err(io::Error::other)?;
                text.parse::<u32>().map_err(io::Error::other)
            }
        };
        let watched = Watched::new(vec![file.clone()], Duration::from_millis(5), make).unwrap();
        assert_eq!(*watched.get(), 1);
        fs::write(&file, "many").unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!(*watched.get(), 1);
        fs::write(&file, "2").unwrap();
        let changed = async {
            while *watched.get() != 2 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), changed).await.unwrap();
    }
}
