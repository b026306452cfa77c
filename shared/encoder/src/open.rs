//! From a configuration to a running encoder.

use std::path::{Path, PathBuf};

use plexus_config::{Environment, Invalid, locate};
use serde::Deserialize;

use crate::{Encoder, LoadError, Manifest, Model, find_library};

/// Section `model` of a configuration.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelConfig {
    /// Folder of the model; a relative one is searched below the working directory and above the program.
    pub folder: PathBuf,
    /// Path of ONNX Runtime's library; empty: `ORT_DYLIB_PATH`, `.plexus/lib`, the system's.
    #[serde(default)]
    pub onnxruntime: PathBuf,
    /// Passes at the same time.
    #[serde(default = "one")]
    pub threads: usize,
}

fn one() -> usize {
    1
}

/// A running encoder with what it was made of.
#[derive(Debug)]
pub struct Opened {
    /// The encoder.
    pub encoder: Encoder,
    /// The manifest of its model.
    pub manifest: Manifest,
    /// The folder of its model.
    pub folder: PathBuf,
}

impl ModelConfig {
    /// Refuses an encoder without threads.
    ///
    /// # Errors
    /// That.
    pub fn validate(&self, key: &str) -> Result<(), Invalid> {
        match self.threads {
            0 => Err(Invalid::new(format!("{key}.threads"), "must be more than 0")),
            _ => Ok(()),
        }
    }

    /// Loads the model, once for each thread. Blocks for as long as that takes.
    ///
    /// # Errors
    /// A model or a library that is missing or broken.
    pub fn open(&self, environment: &Environment) -> Result<Opened, LoadError> {
        let configured = Some(self.onnxruntime.as_path()).filter(|path| *path != Path::new(""));
        let library = find_library(configured, environment)?;
        let folder = locate(&self.folder);
        // A link that is turned to another folder meanwhile must not mix the two.
        let folder = folder.canonicalize().unwrap_or(folder);
        let manifest = Manifest::read(&folder)?;
        let models: Result<Vec<Model>, LoadError> = (0..self.threads)
            .map(|_| Model::of(manifest.clone(), &folder, &library))
            .collect();
        Ok(Opened {
            encoder: Encoder::start(models?)?,
            manifest,
            folder,
        })
    }
}
