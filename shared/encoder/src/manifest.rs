//! `manifest.toml` of a model folder: what belongs to the model, and how to read its outputs.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::LoadError;

/// Name of the manifest in a model folder.
pub(crate) const FILE: &str = "manifest.toml";

/// The layout of manifests that this program reads.
const SCHEMA: u32 = 1;

/// Contents of a manifest.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Layout of the manifest; 1.
    pub schema: u32,
    /// Name of the model.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its files.
    pub files: Files,
    /// What it reads.
    pub input: Input,
    /// Its outputs beside the heads.
    pub outputs: Outputs,
    /// Its heads.
    pub heads: Heads,
    /// Limits fitted on held-out data.
    pub thresholds: Thresholds,
}

/// Files of a model.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Files {
    /// The ONNX graph with its weights.
    pub model: File,
    /// The tokenizer, in the format of the `tokenizers` library.
    pub tokenizer: File,
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

/// What a model reads.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Most tokens of one text, `[CLS]` and `[SEP]` included. Of longer texts head and tail are read.
    pub max_tokens: usize,
}

/// Outputs beside the heads.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outputs {
    /// The sentence embedding, of length 1.
    pub embedding: Embedding,
}

/// The embedding.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Embedding {
    /// Name of the output.
    pub name: String,
    /// Number of values.
    pub dim: usize,
}

/// Heads of a model; only `domain` must be there.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Heads {
    /// Which domains a query needs: each by itself (sigmoid).
    pub domain: Head,
    /// Whether a query is an attack: one of the labels (softmax).
    pub guard: Option<Head>,
    /// How complex a query is: one value (sigmoid).
    pub complexity: Option<Head>,
}

/// One head.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// Name of the output; it gives logits.
    pub output: String,
    /// What its values mean, in order.
    pub labels: Vec<String>,
    /// Logits are divided by it before they become probabilities (Guo et al., "On Calibration of Modern Neural
    /// Networks", 2017).
    pub temperature: f32,
}

/// Limits fitted on held-out data.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Thresholds {
    /// A domain at or above is needed.
    pub multi_label: f32,
    /// Best score below it: the model is not sure.
    pub not_sure: f32,
    /// Probability of an attack from which a query is flagged.
    pub guard_flag: f32,
    /// Probability of an attack from which a query is refused.
    pub guard_refuse: f32,
}

impl Manifest {
    /// Reads the manifest of a folder.
    ///
    /// # Errors
    /// A file that is missing, no TOML, of another layout, or inconsistent.
    pub fn read(folder: &Path) -> Result<Self, LoadError> {
        let path = folder.join(FILE);
        let text = fs::read_to_string(&path).map_err(|source| LoadError::Read {
            path: path.clone(),
            source,
        })?;
        let manifest: Self = toml::from_str(&text).map_err(|source| LoadError::Manifest {
            path: path.clone(),
            source,
        })?;
        match manifest.problem() {
            Some(problem) => Err(LoadError::Inconsistent { path, problem }),
            None => Ok(manifest),
        }
    }

    /// Name and version, e.g. `plexus-router-minilm@1.0.0`.
    pub fn id(&self) -> String {
        format!("{}@{}", self.name, self.version)
    }

    fn problem(&self) -> Option<String> {
        if self.schema != SCHEMA {
            return Some(format!("`schema` is {}, this program reads {SCHEMA}", self.schema));
        }
        if self.input.max_tokens < 8 {
            return Some(format!(
                "`input.max_tokens` is {}, at least 8 are needed",
                self.input.max_tokens
            ));
        }
        let heads = [
            ("domain", Some(&self.heads.domain)),
            ("guard", self.heads.guard.as_ref()),
            ("complexity", self.heads.complexity.as_ref()),
        ];
        for (name, head) in heads.into_iter().filter_map(|(name, head)| Some((name, head?))) {
            if head.labels.is_empty() {
                return Some(format!("`heads.{name}.labels` is empty"));
            }
            if !(head.temperature > 0.0 && head.temperature.is_finite()) {
                return Some(format!(
                    "`heads.{name}.temperature` is {}, it must be above 0",
                    head.temperature
                ));
            }
        }
        let limits = &self.thresholds;
        let limits = [
            limits.multi_label,
            limits.not_sure,
            limits.guard_flag,
            limits.guard_refuse,
        ];
        (!limits.iter().all(|limit| (0.0..=1.0).contains(limit)))
            .then(|| "`thresholds` must lie between 0 and 1".to_owned())
    }
}

impl File {
    /// The file's path and bytes, if they are the ones that the manifest means.
    pub(crate) fn load(&self, folder: &Path) -> Result<(PathBuf, Vec<u8>), LoadError> {
        let path = folder.join(&self.path);
        let bytes = fs::read(&path).map_err(|source| LoadError::Read {
            path: path.clone(),
            source,
        })?;
        let found: String = Sha256::digest(&bytes)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        if found.eq_ignore_ascii_case(&self.sha256) {
            Ok((path, bytes))
        } else {
            Err(LoadError::Hash {
                path,
                found,
                expected: self.sha256.clone(),
                size: bytes.len(),
            })
        }
    }
}
