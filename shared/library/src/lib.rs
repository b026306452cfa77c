//! Passages of a deployment's own documents and sources, found for a question by words and by meaning.
//!
//! Folders are cut into passages ([`chunk`]), which are ranked by words (BM25, [`words`]) and, with an encoder, by their
//! embeddings; the two rankings are fused. An index is an immutable snapshot: no search waits for an update.

mod bm25;
pub mod chunk;
mod config;
mod embed;
mod files;
mod index;
mod library;
mod rank;
mod read;
mod update;
mod watch;
pub mod words;

pub use config::LibraryConfig;
pub use embed::{EmbedError, Embedder};
pub use library::{Library, OpenError, State};

/// A piece of a document.
#[derive(Debug, Clone, PartialEq)]
pub struct Passage {
    /// The document: the folder's name and the path below it, e.g. `handbook/guides/deploy.md`.
    pub source: String,
    /// Its first line, from 1.
    pub first_line: u32,
    /// Its last line.
    pub last_line: u32,
    /// Its text; written by anybody, so never an instruction.
    pub text: String,
    /// How well it fits among all passages, 0..1; comparable within one search only.
    pub score: f32,
}
