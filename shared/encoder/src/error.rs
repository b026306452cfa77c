//! Why a model cannot be loaded, and why a pass fails.

use std::path::PathBuf;

/// Why a model cannot be loaded; each names the file and what is wrong with it.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A file that cannot be read.
    #[error("{}: cannot be read", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A manifest that is no manifest.
    #[error("{}: is no valid manifest", .path.display())]
    Manifest {
        /// The file.
        path: PathBuf,
        /// Which line and key.
        #[source]
        source: toml::de::Error,
    },
    /// A manifest whose values make no sense.
    #[error("{}: {problem}", .path.display())]
    Inconsistent {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// A file that is not the one that the manifest means: changed, cut or of another version.
    #[error(
        "{}: sha256 is {found}, the manifest says {expected}: the file is corrupt, cut short or of another version ({size} bytes)",
        .path.display()
    )]
    Hash {
        /// The file.
        path: PathBuf,
        /// Its hash.
        found: String,
        /// The manifest's.
        expected: String,
        /// Its size, bytes.
        size: u64,
    },
    /// A tokenizer that cannot be used.
    #[error("{}: is no usable tokenizer: {problem}", .path.display())]
    Tokenizer {
        /// The file.
        path: PathBuf,
        /// Why.
        problem: String,
    },
    /// A model that ONNX Runtime refuses.
    #[error("{}: ONNX Runtime cannot load it", .path.display())]
    Session {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: ort::Error,
    },
    /// ONNX Runtime is not there.
    #[error("ONNX Runtime was not found: {looked}; run `make onnxruntime`, or set ORT_DYLIB_PATH to libonnxruntime.so")]
    NoLibrary {
        /// Where it was looked for.
        looked: String,
    },
    /// ONNX Runtime cannot be loaded.
    #[error("{}: is no usable ONNX Runtime library (1.24 or newer is needed)", .path.display())]
    Library {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The thread for passes cannot be started.
    #[error("cannot start a compute thread")]
    Thread(#[source] std::io::Error),
}

/// Why a pass failed.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// The tokenizer failed.
    #[error("the tokenizer failed: {0}")]
    Tokenizer(String),
    /// ONNX Runtime failed.
    #[error("ONNX Runtime failed")]
    Session(#[from] ort::Error),
    /// The model gave something else than its manifest promises.
    #[error("output `{output}` of the model {problem}")]
    Output {
        /// Name of the output.
        output: String,
        /// What is wrong with it.
        problem: String,
    },
    /// An embedding is asked for of a model that has none.
    #[error("the model has no embedding")]
    NoEmbedding,
    /// The compute threads have ended.
    #[error("the encoder has stopped")]
    Stopped,
}
