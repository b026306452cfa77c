//! An immutable index over passages; a change makes another one, which shares what stayed the same.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use crate::{
    bm25::Bm25,
    read::{Hash, Piece},
};

/// Most passages of an index; those of later files are left out.
pub(crate) const MAX_PIECES: usize = 100_000;

/// Passages by the files that they are of.
pub(crate) type Documents = BTreeMap<String, Vec<Arc<Piece>>>;
/// Embeddings by the hashes of what was embedded.
pub(crate) type Vectors = HashMap<Hash, Arc<[f32]>>;

/// Passages with what finds them.
#[derive(Debug, Default)]
pub(crate) struct Index {
    pub(crate) words: Arc<Words>,
    /// Embeddings of the passages, in their order; none: not embedded (yet).
    pub(crate) vectors: Vec<Option<Arc<[f32]>>>,
}

/// Passages with the words that they have.
#[derive(Debug, Default)]
pub(crate) struct Words {
    pub(crate) pieces: Vec<Arc<Piece>>,
    pub(crate) bm25: Bm25,
}

impl Words {
    pub(crate) fn new(documents: &Documents) -> Self {
        let pieces: Vec<Arc<Piece>> = documents.values().flatten().take(MAX_PIECES).cloned().collect();
        let bm25 = Bm25::new(pieces.iter().map(|piece| &piece.bag));
        Self { pieces, bm25 }
    }
}

impl Index {
    pub(crate) fn new(words: Arc<Words>, vectors: &Vectors) -> Self {
        let of = |piece: &Arc<Piece>| vectors.get(&piece.hash).cloned();
        let vectors = words.pieces.iter().map(of).collect();
        Self { words, vectors }
    }
}
