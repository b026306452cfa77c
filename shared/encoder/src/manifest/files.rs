//! Files of a model, and whether they are the ones that the manifest means.

use std::{
    fs,
    io::{self, BufReader, Read as _},
    path::{Path, PathBuf},
};

use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::hex;
use crate::LoadError;

/// Files of a model.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Files {
    /// The ONNX graph with its weights.
    pub model: File,
    /// Weights of a graph that keeps them outside (those above 2 GB must).
    #[serde(default)]
    pub data: Vec<File>,
    /// The tokenizer, in the format of the `tokenizers` library.
    pub tokenizer: File,
    /// Weights of the first stage.
    pub first_stage: Option<File>,
}

/// One file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// Its name in the folder.
    pub path: String,
    /// Its SHA-256, 64 hexadecimal digits.
    pub sha256: String,
}

impl File {
    /// The file's path and bytes, if they are the ones that the manifest means.
    ///
    /// # Errors
    /// A file that cannot be read, or is another one.
    pub fn load(&self, folder: &Path) -> Result<(PathBuf, Vec<u8>), LoadError> {
        let path = folder.join(&self.path);
        let bytes = fs::read(&path).map_err(|source| LoadError::Read {
            path: path.clone(),
            source,
        })?;
        self.expect(&path, hex(&Sha256::digest(&bytes)), bytes.len() as u64)?;
        Ok((path, bytes))
    }

    /// Checks a file that may be too large for memory.
    pub(crate) fn check(&self, folder: &Path) -> Result<(), LoadError> {
        let path = folder.join(&self.path);
        let digest = || -> io::Result<(String, u64)> {
            let mut reader = BufReader::new(fs::File::open(&path)?);
            let (mut hash, mut size, mut buffer) = (Sha256::new(), 0, vec![0; 1 << 20]);
            loop {
                match reader.read(&mut buffer)? {
                    0 => return Ok((hex(&hash.finalize()), size)),
                    count => {
                        hash.update(&buffer[..count]);
                        size += count as u64;
                    }
                }
            }
        };
        let (found, size) = digest().map_err(|source| LoadError::Read {
            path: path.clone(),
            source,
        })?;
        self.expect(&path, found, size)
    }

    fn expect(&self, path: &Path, found: String, size: u64) -> Result<(), LoadError> {
        if found.eq_ignore_ascii_case(&self.sha256) {
            return Ok(());
        }
        Err(LoadError::Hash {
            path: path.to_owned(),
            found,
            expected: self.sha256.clone(),
            size,
        })
    }
}
