//! Puts a new model folder in the place of the old one, without a restart and without a lost request.
//!
//! A folder is tried once it has stayed as it is from one look to the next: a copy that is under way is not, and one
//! that stopped halfway is tried again when it goes on. What cannot be used is refused, and the old model stays.

use std::{
    fs,
    path::Path,
    sync::{Arc, Weak},
    time::SystemTime,
};

use plexus_config::locate;
use plexus_encoder::{LoadError, Manifest};
use tokio::time::{MissedTickBehavior, interval};

use crate::{Classifier, Loaded};

impl Classifier {
    /// Begins to watch the model folder, if the configuration says so. Needs a tokio runtime; ends with the classifier.
    pub fn watch(self: &Arc<Self>) {
        let pause = self.config.watch;
        if pause.is_zero() {
            return;
        }
        let classifier = Arc::downgrade(self);
        tokio::spawn(async move {
            let mut watch = Watch::default();
            let mut ticks = interval(pause);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                ticks.tick().await;
                match look(&classifier, watch).await {
                    Some(after) => watch = after,
                    None => return,
                }
            }
        });
    }
}

/// One look, on a thread that may block; none where the classifier has gone.
async fn look(classifier: &Weak<Classifier>, mut watch: Watch) -> Option<Watch> {
    let classifier = classifier.upgrade()?;
    let looked = tokio::task::spawn_blocking(move || {
        let folder = locate(&classifier.config.folder);
        if watch.settled(stamps(&folder)) {
            consider(&classifier, &folder);
        }
        watch
    });
    match looked.await {
        Ok(watch) => Some(watch),
        Err(error) => {
            tracing::error!(error = %error, "looking at the model folder failed; it is not watched any more");
            None
        }
    }
}

/// What is known of the folder's files.
#[derive(Debug, Default)]
struct Watch {
    seen: Option<Vec<Stamp>>,
    tried: Option<Vec<Stamp>>,
}

/// A file: its name, size, time and number. Another link target is another number.
type Stamp = (String, u64, Option<SystemTime>, u64);

impl Watch {
    /// Whether the folder has stayed as it is since the last look, and was not tried like this before.
    fn settled(&mut self, now: Vec<Stamp>) -> bool {
        if self.seen.as_ref() != Some(&now) {
            self.seen = Some(now);
            return false;
        }
        if self.tried.as_ref() == Some(&now) {
            return false;
        }
        self.tried = Some(now);
        true
    }
}

/// Stamps of a folder's files, links followed; empty where it cannot be read.
fn stamps(folder: &Path) -> Vec<Stamp> {
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    let stamp = |file: fs::DirEntry| {
        let name = file.file_name().to_string_lossy().into_owned();
        match fs::metadata(file.path()) {
            Ok(about) => (name, about.len(), about.modified().ok(), number(&about)),
            // A link that leads nowhere.
            Err(_) => (name, 0, None, 0),
        }
    };
    let mut stamps: Vec<Stamp> = files.map(stamp).collect();
    stamps.sort();
    stamps
}

#[cfg(unix)]
fn number(about: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(about)
}

#[cfg(not(unix))]
fn number(_: &fs::Metadata) -> u64 {
    0
}

/// Takes the folder's model into use, if it is a new one and sound.
fn consider(classifier: &Classifier, folder: &Path) {
    match newest(classifier, folder) {
        Ok(None) => classifier.refuse(String::new()),
        Ok(Some(loaded)) => {
            let (old, new) = (classifier.loaded(), loaded.id().to_owned());
            classifier.swap(loaded);
            classifier.refuse(String::new());
            tracing::info!(old = old.id(), new, "a new model is in use");
        }
        Err(error) => {
            let why = plexus_errors::chain(&error);
            tracing::error!(
                error = why,
                in_use = classifier.loaded().id(),
                "the new model is refused; the old one stays"
            );
            classifier.refuse(why);
        }
    }
}

/// The folder's model; none where it is the one in use.
fn newest(classifier: &Classifier, folder: &Path) -> Result<Option<Loaded>, LoadError> {
    let manifest = Manifest::read(folder)?;
    if manifest.digest == classifier.loaded().digest() {
        // Nothing new to load, but a restart would: better told now.
        manifest.verify(folder)?;
        return Ok(None);
    }
    Loaded::open(&classifier.config, &classifier.environment).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(size: u64) -> Vec<Stamp> {
        vec![("manifest.toml".to_owned(), size, None, 1)]
    }

    #[test]
    fn a_folder_is_tried_once_it_has_settled_and_once_only() {
        let mut watch = Watch::default();
        let tried = [1, 1, 1, 2, 3, 3, 3, 4, 3, 3].map(|size| watch.settled(stamp(size)));
        assert_eq!(
            tried,
            [false, true, false, false, false, true, false, false, false, false]
        );
    }

    #[test]
    fn stamps_tell_changes_and_turned_links() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        assert_eq!(stamps(&path.join("nowhere")), []);
        for (name, text) in [("a", "one"), ("b", "two")] {
            fs::create_dir(path.join(name)).unwrap();
            fs::write(path.join(name).join("manifest.toml"), text).unwrap();
        }
        let before = stamps(&path.join("a"));
        assert_eq!(before, stamps(&path.join("a")));
        fs::write(path.join("a/manifest.toml"), "longer").unwrap();
        assert_ne!(before, stamps(&path.join("a")));
        #[cfg(unix)]
        {
            let link = path.join("current");
            std::os::unix::fs::symlink(path.join("a"), &link).unwrap();
            let before = stamps(&link);
            fs::remove_file(&link).unwrap();
            std::os::unix::fs::symlink(path.join("b"), &link).unwrap();
            assert_ne!(before, stamps(&link));
        }
    }
}
