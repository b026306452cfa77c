//! A library follows its folders, embeds only what is new, and gets along without an encoder; with a paused clock.

#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use std::{
    fs,
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use plexus_library::{EmbedError, Embedder, Library, LibraryConfig, OpenError, State};
use tempfile::TempDir;

/// Finds by the letters of a text, and remembers what it was asked.
#[derive(Clone, Default)]
struct Letters(Arc<Mutex<Vec<String>>>);

#[async_trait]
impl Embedder for Letters {
    async fn embed(&self, text: String) -> Result<Vec<f32>, EmbedError> {
        let mut vector = vec![0.0; 26];
        for letter in text.bytes().filter(u8::is_ascii_lowercase) {
            vector[usize::from(letter - b'a')] += 1.0;
        }
        let length = vector.iter().map(|value| value * value).sum::<f32>().sqrt().max(1.0);
        self.0.lock().unwrap().push(text);
        Ok(vector.into_iter().map(|value| value / length).collect())
    }
}

impl Letters {
    /// The sources that were embedded since the last time, in order.
    fn embedded(&self) -> Vec<String> {
        let texts = std::mem::take(&mut *self.0.lock().unwrap());
        let sources = texts.iter().filter_map(|text| text.split_once('\n'));
        sources.map(|(source, _)| source.to_owned()).collect()
    }
}

/// Works never, or never ends.
struct Broken {
    hangs: bool,
}

#[async_trait]
impl Embedder for Broken {
    async fn embed(&self, _: String) -> Result<Vec<f32>, EmbedError> {
        if self.hangs {
            std::future::pending::<()>().await;
        }
        Err(EmbedError("broken".to_owned()))
    }
}

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("docs");
    fs::create_dir(&root).unwrap();
    for (name, text) in files {
        fs::write(root.join(name), text).unwrap();
    }
    folder
}

fn config(folder: &Path) -> LibraryConfig {
    LibraryConfig {
        folders: vec![folder.join("docs")],
        min_score: 0.0,
        ..LibraryConfig::default()
    }
}

async fn found(library: &Library, question: &str) -> Vec<String> {
    let passages = library.search(question, 4).await;
    passages.into_iter().map(|passage| passage.source).collect()
}

/// Longer than two looks take.
async fn looks() {
    tokio::time::sleep(Duration::from_secs(7)).await;
}

#[tokio::test(start_paused = true)]
async fn changes_are_followed_and_only_they_are_embedded() {
    let folder = folder(&[("a.md", "alpha"), ("b.md", "beta")]);
    let docs = folder.path().join("docs");
    let letters = Letters::default();
    let library = Library::with(&config(folder.path()), Some(Box::new(letters.clone()))).unwrap();
    library.reached(State::Settled).await;
    assert_eq!(letters.embedded(), ["docs/a.md", "docs/b.md"]);
    assert_eq!(found(&library, "alpha").await[0], "docs/a.md");
    letters.embedded();

    fs::write(docs.join("c.md"), "gamma").unwrap();
    fs::write(docs.join("b.md"), "beta and delta").unwrap();
    fs::remove_file(docs.join("a.md")).unwrap();
    looks().await;
    assert_eq!(letters.embedded(), ["docs/b.md", "docs/c.md"]);
    assert_eq!(found(&library, "gamma").await[0], "docs/c.md");
    assert_eq!(found(&library, "delta").await[0], "docs/b.md");
    assert!(!found(&library, "alpha").await.contains(&"docs/a.md".to_owned()));
    letters.embedded();

    looks().await;
    assert!(letters.embedded().is_empty());
}

#[tokio::test(start_paused = true)]
async fn nothing_changes_where_nobody_watches() {
    let folder = folder(&[("a.md", "alpha")]);
    let unwatched = LibraryConfig {
        watch: Duration::ZERO,
        ..config(folder.path())
    };
    let library = Library::with(&unwatched, None).unwrap();
    library.reached(State::Settled).await;
    fs::write(folder.path().join("docs/b.md"), "beta").unwrap();
    looks().await;
    assert_eq!(found(&library, "beta").await, [""; 0]);
    assert_eq!(found(&library, "alpha").await, ["docs/a.md"]);
}

#[tokio::test(start_paused = true)]
async fn words_serve_where_the_encoder_fails_or_hangs() {
    for hangs in [false, true] {
        let folder = folder(&[("a.md", "alpha"), ("b.md", "beta")]);
        let library = Library::with(&config(folder.path()), Some(Box::new(Broken { hangs }))).unwrap();
        assert_eq!(found(&library, "beta").await, ["docs/b.md"]);
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_no_text_is_left_out() {
    let folder = folder(&[("a.md", "alpha")]);
    let docs = folder.path().join("docs");
    fs::write(docs.join("binary.md"), b"alpha\0beta").unwrap();
    fs::write(docs.join("latin.md"), b"alpha caf\xe9").unwrap();
    fs::write(docs.join("marked.md"), b"\xef\xbb\xbfalpha of bytes").unwrap();
    let library = Library::with(&config(folder.path()), None).unwrap();
    let mut sources = found(&library, "alpha").await;
    sources.sort();
    assert_eq!(sources, ["docs/a.md", "docs/marked.md"]);
}

#[tokio::test(start_paused = true)]
async fn a_folder_that_goes_leaves_what_was_read() {
    let folder = folder(&[("a.md", "alpha")]);
    let library = Library::with(&config(folder.path()), None).unwrap();
    library.reached(State::Settled).await;
    fs::rename(folder.path().join("docs"), folder.path().join("away")).unwrap();
    looks().await;
    assert_eq!(found(&library, "alpha").await, ["docs/a.md"]);
    fs::rename(folder.path().join("away"), folder.path().join("docs")).unwrap();
    fs::write(folder.path().join("docs/b.md"), "beta").unwrap();
    looks().await;
    assert_eq!(found(&library, "beta").await, ["docs/b.md"]);
}

#[tokio::test]
async fn a_missing_folder_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let error = Library::with(&config(folder.path()), None).err().unwrap();
    assert!(matches!(error, OpenError::Folder { index: 0, .. }));
    let text = error.to_string();
    assert!(
        text.contains("`library.folders.0`") && text.contains("docs is no folder"),
        "{text}"
    );
}
