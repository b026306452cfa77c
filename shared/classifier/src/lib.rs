//! From a text to its signals: which domains it needs, whether it is an attack, how complex it is.
//!
//! Read in the order of a text: [`Classifier`] (the model in use) -> `cache` -> `loaded` (first stage, language, encoder)
//! -> `heads` (logits to scores, fusion) -> `parts` (compound queries) -> [`Signals`]. If the encoder fails, `keywords`
//! route. `swap` puts a new model folder in the place of the old one while requests go on.

mod cache;
mod classifier;
mod config;
mod first_stage;
mod heads;
mod keywords;
mod language;
mod lexical;
mod loaded;
mod parts;
mod signals;
mod stage;
mod swap;

pub use classifier::Classifier;
pub use config::ModelConfig;
pub use keywords::keywords;
pub use loaded::Loaded;
pub use plexus_encoder::{EncodeError, LoadError, Thresholds};
pub use signals::{Guard, PartSignals, Signals, best_first};
pub use stage::{Stage, StageReading};
