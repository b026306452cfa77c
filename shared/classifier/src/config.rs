//! Section `model` of a configuration.

use std::{path::PathBuf, time::Duration};

use plexus_config::{Invalid, humantime_serde};
use serde::Deserialize;

/// The shortest pause between two looks at a model folder.
const MIN_WATCH: Duration = Duration::from_millis(50);

/// Section `model` of a configuration.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelConfig {
    /// Folder of the model; a relative one is searched below the working directory and above the program.
    pub folder: PathBuf,
    /// Path of ONNX Runtime's library; empty: `ORT_DYLIB_PATH`, `.plexus/lib`, the system's.
    #[serde(default)]
    pub onnxruntime: PathBuf,
    /// Passes of the encoder at the same time; each has a copy of the model.
    #[serde(default = "one")]
    pub threads: usize,
    /// How often the folder is looked at for a new model; zero: never.
    #[serde(default, with = "humantime_serde")]
    pub watch: Duration,
    /// Texts whose signals are kept; 0: none.
    #[serde(default)]
    pub cache: usize,
}

fn one() -> usize {
    1
}

impl ModelConfig {
    /// The model in a folder with one thread, not watched, without a cache.
    pub fn of(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            onnxruntime: PathBuf::new(),
            threads: one(),
            watch: Duration::ZERO,
            cache: 0,
        }
    }

    /// Refuses an encoder without threads, and a watch that would do nothing else.
    ///
    /// # Errors
    /// That.
    pub fn validate(&self, key: &str) -> Result<(), Invalid> {
        if !self.watch.is_zero() && self.watch < MIN_WATCH {
            let problem = format!("must be \"0s\" (never) or at least {MIN_WATCH:?}");
            return Err(Invalid::new(format!("{key}.watch"), problem));
        }
        self.encoder().validate(key)
    }

    /// What the encoder needs of it.
    pub(crate) fn encoder(&self) -> plexus_encoder::ModelConfig {
        plexus_encoder::ModelConfig {
            folder: self.folder.clone(),
            onnxruntime: self.onnxruntime.clone(),
            threads: self.threads,
        }
    }
}
