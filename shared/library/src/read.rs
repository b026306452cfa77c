//! From a file to its passages.

use std::{fs::File, io::Read as _, path::Path, sync::Arc};

use sha2::{Digest as _, Sha256};

use crate::{bm25::Bag, chunk::chunks};

/// What of a text is hashed into, to tell whether it was embedded before.
pub(crate) type Hash = [u8; 16];

/// A passage with what an index needs of it.
#[derive(Debug)]
pub(crate) struct Piece {
    pub(crate) source: Arc<str>,
    pub(crate) first_line: u32,
    pub(crate) last_line: u32,
    pub(crate) text: Box<str>,
    pub(crate) bag: Bag,
    /// Of what is embedded: source and text.
    pub(crate) hash: Hash,
}

impl Piece {
    /// What its embedding is made of: where a text stands says much of what it is about.
    pub(crate) fn embedded(&self) -> String {
        format!("{}\n{}", self.source, self.text)
    }
}

/// Why a file has no passages.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unread {
    #[error("cannot be read")]
    Io(#[from] std::io::Error),
    #[error("is no text in UTF-8")]
    Binary,
    #[error("is too large")]
    Large,
}

/// The passages of a file.
pub(crate) fn read(source: &str, path: &Path, max_file: u64) -> Result<Vec<Arc<Piece>>, Unread> {
    let mut bytes = Vec::new();
    // It may have grown since it was looked at.
    File::open(path)?.take(max_file + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > max_file {
        return Err(Unread::Large);
    }
    if bytes.contains(&0) {
        return Err(Unread::Binary);
    }
    let text = String::from_utf8(bytes).map_err(|_| Unread::Binary)?;
    Ok(pieces(source, text.trim_start_matches('\u{feff}')))
}

/// The passages of a text.
pub(crate) fn pieces(source: &str, text: &str) -> Vec<Arc<Piece>> {
    let source: Arc<str> = source.into();
    let piece = |chunk: crate::chunk::Chunk| {
        let text = &text[chunk.range];
        let hash = Sha256::new()
            .chain_update(source.as_bytes())
            .chain_update([0])
            .chain_update(text);
        let mut short = Hash::default();
        short.copy_from_slice(&hash.finalize()[..16]);
        Arc::new(Piece {
            source: source.clone(),
            first_line: chunk.first_line,
            last_line: chunk.last_line,
            text: text.into(),
            bag: Bag::of(&[&source, text]),
            hash: short,
        })
    };
    chunks(text).into_iter().map(piece).collect()
}
