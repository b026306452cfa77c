//! Tokenizer, ONNX session and heads: the only crate that imports ort.
//!
//! A model is a folder with a `manifest.toml` ([`Manifest`]) that names its files and their sha256. [`Model::load`]
//! refuses a folder whose files are missing, changed, cut or do not fit together. [`Encoder`] runs models on threads of
//! their own, so that a pass never blocks the threads that serve calls.

mod error;
mod inputs;
mod library;
mod manifest;
mod model;
mod open;
mod tokens;
mod worker;

pub use error::{EncodeError, LoadError};
pub use library::find_library;
pub use manifest::{
    Activation, Embedding, File, Files, FirstStage, Head, Heads, Input, Manifest, Outputs, PerHead, Smoke, Thresholds,
};
pub use model::{Model, Reading};
pub use open::{ModelConfig, Opened};
pub use worker::Encoder;
