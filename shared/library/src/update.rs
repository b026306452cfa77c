//! Keeps an index as its folders are: looks, reads what changed, embeds what is new; on a task of its own.

use std::{
    collections::{HashSet, VecDeque},
    sync::{Arc, Weak},
    time::Duration,
};

use tokio::{task::spawn_blocking, time::Instant};

use crate::{
    files::{Folder, Wanted, look},
    index::{Documents, Index, MAX_PIECES, Vectors, Words},
    library::{Shared, State},
    read::{Piece, read},
    watch::{Changes, Watch},
};

/// New embeddings are put into use in portions of this many.
const PORTION: usize = 256;
/// So many failures one after the other, and the rest waits for the next change.
const MAX_FAILURES: usize = 3;

/// What an index is made of, and from.
pub(crate) struct Update {
    pub(crate) folders: Vec<Folder>,
    pub(crate) wanted: Wanted,
    pub(crate) watch: Watch,
    pub(crate) documents: Documents,
}

/// Runs until the library has gone, or nothing is left to do.
pub(crate) async fn run(library: Weak<Shared>, mut update: Update, pause: Duration) {
    let mut first = true;
    let mut vectors = Vectors::new();
    let mut pending = VecDeque::new();
    let mut next_look = Instant::now();
    loop {
        if first || (!pause.is_zero() && Instant::now() >= next_look) {
            let looked = spawn_blocking(move || {
                let words = update.look(first);
                (update, words)
            });
            let Ok((after, words)) = looked.await else {
                tracing::error!("looking at the library's folders failed; they are not watched any more");
                return;
            };
            update = after;
            let Some(library) = library.upgrade() else { return };
            if let Some(words) = words {
                pending = library.take_words(words, &mut vectors);
            }
            first = false;
            next_look = Instant::now() + pause;
        }
        if pending.is_empty() {
            if pause.is_zero() {
                return;
            }
            tokio::time::sleep_until(next_look).await;
        } else {
            // Until then only, so that a change does not wait for all of a large library.
            let until = (!pause.is_zero()).then_some(next_look);
            if embed(&library, &mut pending, &mut vectors, until).await.is_none() {
                return;
            }
        }
    }
}

/// Embeds passages until the next look is due; none where the library has gone.
async fn embed(
    library: &Weak<Shared>,
    pending: &mut VecDeque<Arc<Piece>>,
    vectors: &mut Vectors,
    until: Option<Instant>,
) -> Option<()> {
    let mut failures = 0;
    let mut fresh = 0;
    loop {
        let library = library.upgrade()?;
        let Some(piece) = pending.pop_front() else {
            library.take_vectors(vectors, State::Settled);
            if failures == 0 {
                tracing::info!(passages = vectors.len(), "the library is searched by meaning too");
            }
            return Some(());
        };
        match library.embed(piece.embedded()).await {
            Ok(vector) => {
                vectors.insert(piece.hash, vector.into());
                (fresh, failures) = (fresh + 1, 0);
            }
            Err(error) => {
                failures += 1;
                tracing::warn!(source = &*piece.source, %error, "a passage has no embedding: words alone find it");
                if failures == MAX_FAILURES {
                    pending.clear();
                }
            }
        }
        if fresh == PORTION {
            fresh = 0;
            library.take_vectors(vectors, State::Words);
        }
        if until.is_some_and(|until| Instant::now() >= until) && !pending.is_empty() {
            return Some(());
        }
    }
}

impl Update {
    /// One look; the new words where something has changed. Blocks.
    fn look(&mut self, first: bool) -> Option<Words> {
        let (now, more) = match look(&self.folders, &self.wanted) {
            Ok(found) => found,
            Err(error) => {
                tracing::warn!(%error, "a folder of the library cannot be read; what was read of it before stays");
                return first.then(Words::default);
            }
        };
        let changes = match first {
            true => self.watch.first(now),
            false => self.watch.next(now),
        };
        if changes.is_empty() && !first {
            return None;
        }
        if more {
            tracing::warn!(
                max_files = self.wanted.max_files,
                "the library's folders have more files than it may read; the rest is left out"
            );
        }
        self.apply(changes);
        let words = Words::new(&self.documents);
        if words.pieces.len() == MAX_PIECES {
            tracing::warn!(passages = MAX_PIECES, "the library is full; the rest is left out");
        }
        tracing::info!(
            files = self.documents.len(),
            passages = words.pieces.len(),
            "the library is searched by words"
        );
        Some(words)
    }

    fn apply(&mut self, changes: Changes) {
        for source in &changes.gone {
            self.documents.remove(source);
        }
        for (source, found) in changes.read {
            match read(&source, &found.path, self.wanted.max_file) {
                Ok(pieces) => {
                    self.documents.insert(source, pieces);
                }
                Err(error) => {
                    let error = plexus_errors::chain(&error);
                    tracing::warn!(source, error, "a file of the library is left out");
                    self.documents.remove(&source);
                }
            }
        }
    }
}

impl Shared {
    /// Puts new words into use, with the embeddings that there are; gives the passages that have none yet.
    fn take_words(&self, words: Words, vectors: &mut Vectors) -> VecDeque<Arc<Piece>> {
        let present: HashSet<_> = words.pieces.iter().map(|piece| piece.hash).collect();
        vectors.retain(|hash, _| present.contains(hash));
        let mut pending: VecDeque<Arc<Piece>> = VecDeque::new();
        if self.embeds() {
            let missing = words.pieces.iter().filter(|piece| !vectors.contains_key(&piece.hash));
            pending.extend(missing.cloned());
        }
        let state = match pending.is_empty() {
            true => State::Settled,
            false => State::Words,
        };
        self.publish(Index::new(Arc::new(words), vectors), state);
        pending
    }

    fn take_vectors(&self, vectors: &Vectors, state: State) {
        let words = self.index().words.clone();
        self.publish(Index::new(words, vectors), state);
    }
}
