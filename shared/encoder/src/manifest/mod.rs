//! `manifest.toml` of a model folder: what belongs to the model, and how to read its outputs.

mod check;
mod files;
mod heads;

use std::{fs, path::Path};

pub use files::{File, Files};
pub use heads::{Activation, Head, Heads};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::LoadError;

/// Name of the manifest in a model folder.
pub(crate) const FILE: &str = "manifest.toml";

/// The layout of manifests that this program reads.
const SCHEMA: i64 = 2;

/// Contents of a manifest.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Layout of the manifest; 2.
    pub schema: u32,
    /// Name of the model.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Languages (ISO 639-1) in which the encoder is fit to decide; empty: in all.
    #[serde(default)]
    pub languages: Vec<String>,
    /// Its files.
    pub files: Files,
    /// What it reads.
    pub input: Input,
    /// Its outputs beside the heads.
    #[serde(default)]
    pub outputs: Outputs,
    /// Its heads.
    pub heads: Heads,
    /// How the first stage decides; there if and only if `files.first_stage` is.
    pub first_stage: Option<FirstStage>,
    /// Limits fitted on held-out data.
    pub thresholds: Thresholds,
    /// Texts that a sound folder routes to these domains.
    #[serde(default)]
    pub smoke: Vec<Smoke>,
    /// SHA-256 of the manifest itself: two folders with the same one are the same model.
    #[serde(skip)]
    pub digest: String,
}

/// What a model reads.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Most tokens of one text, special ones included. Of longer texts head and tail are read.
    pub max_tokens: usize,
    /// Name of the graph's input for token ids; `input_ids` where it is not set.
    pub ids: Option<String>,
    /// Name of its input for the attention mask; `attention_mask` where it is not set and the graph has that.
    pub mask: Option<String>,
    /// Name of its input for segments, given zeros; `token_type_ids` where it is not set and the graph has that.
    pub types: Option<String>,
}

/// Outputs beside the heads.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outputs {
    /// The sentence embedding, of length 1.
    pub embedding: Option<Embedding>,
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

/// How the first stage decides.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FirstStage {
    /// Its logits are divided by these.
    pub temperature: PerHead,
    /// Best score from which it decides alone ...
    pub sure: f32,
    /// ... if every other score is at or below this ...
    pub others: f32,
    /// ... and the probability of an attack at or below this.
    pub attack: f32,
    /// Its logits times these are added to the encoder's, before the encoder's temperatures.
    pub weight: PerHead,
}

impl FirstStage {
    /// Whether the first stage decides a text alone: one domain is plain, no other is likely, and it is no attack.
    /// `domains` and `guard` are probabilities, the latter of benign, injection and jailbreak.
    pub fn decides(&self, domains: &[f32; 4], guard: Option<[f32; 3]>) -> bool {
        let plain = domains.iter().filter(|score| **score >= self.sure).count();
        let likely = domains.iter().filter(|score| **score > self.others).count();
        let attack = guard.map_or(0.0, |guard| 1.0 - guard[0]);
        plain == 1 && likely == 1 && attack <= self.attack
    }
}

/// A number for each head.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PerHead {
    /// Of the domain head.
    pub domain: f32,
    /// Of the guard head.
    pub guard: f32,
    /// Of the complexity head.
    pub complexity: f32,
}

/// Limits fitted on held-out data.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Thresholds {
    /// A domain at or above is needed.
    pub multi_label: f32,
    /// Best score below it: the model is not sure.
    pub not_sure: f32,
    /// Best score below it: the query is outside all domains.
    pub outside: f32,
    /// Probability of an attack from which a query is flagged.
    pub guard_flag: f32,
    /// Probability of an attack from which a query is refused.
    pub guard_refuse: f32,
}

/// A text and the domain that a sound model gives it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Smoke {
    /// The text.
    pub text: String,
    /// The domain's name.
    pub domain: String,
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
        let invalid = |source| LoadError::Manifest {
            path: path.clone(),
            source,
        };
        // The layout first: of another one, every other message would mislead.
        let table: toml::Table = toml::from_str(&text).map_err(invalid)?;
        if let Some(schema) = table.get("schema").and_then(toml::Value::as_integer)
            && schema != SCHEMA
        {
            let problem = format!("`schema` is {schema}, this program reads {SCHEMA}");
            return Err(LoadError::Inconsistent { path, problem });
        }
        let mut manifest: Self = toml::from_str(&text).map_err(invalid)?;
        manifest.digest = hex(&Sha256::digest(&text));
        match check::problem(&manifest) {
            Some(problem) => Err(LoadError::Inconsistent { path, problem }),
            None => Ok(manifest),
        }
    }

    /// Whether a folder holds the files that are meant, without loading them.
    ///
    /// # Errors
    /// A file that is missing, changed or cut.
    pub fn verify(&self, folder: &Path) -> Result<(), LoadError> {
        let files = &self.files;
        let one = [&files.model, &files.tokenizer];
        let mut all = one.into_iter().chain(&files.data).chain(&files.first_stage);
        all.try_for_each(|file| file.check(folder))
    }

    /// Name and version, e.g. `plexus-router@2.1.0`.
    pub fn id(&self) -> String {
        format!("{}@{}", self.name, self.version)
    }
}

/// Bytes as hexadecimal digits.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;
