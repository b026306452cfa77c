//! A library that is open: a snapshot to search, and the task that keeps it.

use std::{fs, path::PathBuf, sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use plexus_config::{Environment, locate};
use plexus_encoder::LoadError;
use tokio::{sync::watch, task::spawn_blocking, time::timeout};

use crate::{
    EmbedError, Embedder, LibraryConfig, Passage, embed,
    files::{Globs, Wanted, folders},
    index::{Documents, Index},
    rank::{self, Limits},
    update::{self, Update},
    watch::Watch,
};

/// How long a search waits for the embedding of its question; then words alone serve.
const EMBED_TIME: Duration = Duration::from_millis(500);
/// How long the embedding of a passage may take: nobody waits for it.
const PASSAGE_TIME: Duration = Duration::from_secs(30);
/// How long a search waits for the first index.
const FIRST_TIME: Duration = Duration::from_millis(500);
/// Most bytes of a question that are embedded, from its beginning.
const MAX_EMBEDDED: usize = 16 * 1024;

/// Why there is no library.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A folder that is not there.
    #[error("key `library.folders.{index}`: {} is no folder that can be read", .path.display())]
    Folder {
        /// Its place in the list.
        index: usize,
        /// The folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A pattern that is none.
    #[error("key `library.include` or `library.exclude`: {0}")]
    Globs(String),
    /// The encoder cannot be loaded.
    #[error("key `library.model.folder`")]
    Model(#[source] LoadError),
}

/// How far a library is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Its folders are read for the first time: nothing is found.
    Reading,
    /// It is searched by words; passages without an embedding wait for theirs.
    Words,
    /// Nothing is left to do until a file changes.
    Settled,
}

/// Documents and sources that can be searched; clones share them.
#[derive(Clone)]
pub struct Library {
    shared: Arc<Shared>,
    limits: Limits,
}

/// What searches and updates share.
pub(crate) struct Shared {
    index: ArcSwap<Index>,
    state: watch::Sender<State>,
    embedder: Option<Box<dyn Embedder>>,
}

impl Library {
    /// Opens the folders of a configuration; none where it names none. They are read on a task of their own, which ends
    /// with the library. Needs a tokio runtime.
    ///
    /// # Errors
    /// A folder that is missing, or an encoder that cannot be loaded.
    pub fn open(config: &LibraryConfig, environment: &Environment) -> Result<Option<Self>, OpenError> {
        if config.folders.is_empty() {
            return Ok(None);
        }
        let embedder = match &config.model {
            Some(model) => embed::open(model, environment).map_err(OpenError::Model)?,
            None => None,
        };
        Self::with(config, embedder).map(Some)
    }

    /// The same with an embedder of the caller's; none: words alone.
    ///
    /// # Errors
    /// A folder that is missing.
    pub fn with(config: &LibraryConfig, embedder: Option<Box<dyn Embedder>>) -> Result<Self, OpenError> {
        let paths: Vec<PathBuf> = config.folders.iter().map(|folder| locate(folder)).collect();
        for (index, path) in paths.iter().enumerate() {
            if let Err(source) = fs::read_dir(path) {
                let path = path.clone();
                return Err(OpenError::Folder { index, path, source });
            }
        }
        let include = (!config.include.is_empty()).then(|| Globs::new(&config.include));
        let update = Update {
            folders: folders(&paths),
            wanted: Wanted {
                include: include.transpose().map_err(OpenError::Globs)?,
                exclude: Globs::new(&config.exclude).map_err(OpenError::Globs)?,
                max_file: config.max_file.as_u64(),
                max_files: config.max_files,
            },
            watch: Watch::default(),
            documents: Documents::new(),
        };
        let shared = Arc::new(Shared {
            index: ArcSwap::default(),
            state: watch::Sender::new(State::Reading),
            embedder,
        });
        tokio::spawn(update::run(Arc::downgrade(&shared), update, config.watch));
        Ok(Self {
            shared,
            limits: Limits {
                passages: config.passages,
                bytes: usize::try_from(config.max_context.as_u64()).unwrap_or(usize::MAX),
                min_score: config.min_score,
            },
        })
    }

    /// Waits until it is as far as that.
    pub async fn reached(&self, state: State) {
        let mut states = self.shared.state.subscribe();
        // It ends with `self` only.
        let _ = states.wait_for(|now| *now >= state).await;
    }

    /// The `count` best passages for a question, best first; fewer where fewer fit, or where they have no room in
    /// `max_context`.
    ///
    /// What is compared with `min_score` is how much a passage's embedding is like the question's, or the square of the
    /// share of the question's words that it has, rare ones counting more; whichever is greater.
    pub async fn search(&self, question: &str, count: usize) -> Vec<Passage> {
        if timeout(FIRST_TIME, self.reached(State::Words)).await.is_err() {
            tracing::warn!("the library is not read yet; the question is answered without it");
            return Vec::new();
        }
        let index = self.shared.index.load_full();
        if index.words.pieces.is_empty() {
            return Vec::new();
        }
        let embedding = self.shared.question(question).await;
        let question = question.to_owned();
        let limits = Limits {
            passages: count.min(self.limits.passages),
            ..self.limits
        };
        // A large index takes milliseconds; the threads that serve calls must not.
        let found = spawn_blocking(move || rank::search(&index, &question, embedding.as_deref(), limits));
        found.await.unwrap_or_default()
    }
}

impl Shared {
    pub(crate) fn index(&self) -> Arc<Index> {
        self.index.load_full()
    }

    pub(crate) fn publish(&self, index: Index, state: State) {
        self.index.store(Arc::new(index));
        self.state.send_replace(state);
    }

    pub(crate) fn embeds(&self) -> bool {
        self.embedder.is_some()
    }

    pub(crate) async fn embed(&self, text: String) -> Result<Vec<f32>, EmbedError> {
        let Some(embedder) = &self.embedder else {
            return Err(EmbedError("there is no encoder".to_owned()));
        };
        let embedded = timeout(PASSAGE_TIME, embedder.embed(text)).await;
        embedded.unwrap_or_else(|_| Err(EmbedError("the encoder took too long".to_owned())))
    }

    /// The embedding of a question, unless it fails or takes too long.
    async fn question(&self, question: &str) -> Option<Vec<f32>> {
        let embedder = self.embedder.as_ref()?;
        let question = &question[..question.floor_char_boundary(MAX_EMBEDDED)];
        match timeout(EMBED_TIME, embedder.embed(question.to_owned())).await {
            Ok(Ok(embedding)) => Some(embedding),
            Ok(Err(error)) => {
                tracing::warn!(%error, "the question has no embedding; words alone find passages");
                None
            }
            Err(_) => {
                tracing::warn!("the question's embedding took too long; words alone find passages");
                None
            }
        }
    }
}
