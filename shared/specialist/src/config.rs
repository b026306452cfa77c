//! Configuration of a specialist: its engines, in the order in which they are asked.

mod adaptation;
mod definition;
mod engine;
mod environment;
mod keys;
mod read;
#[cfg(test)]
mod tests;

pub use adaptation::Adaptation;
pub use definition::{ApiKey, Definition, Network, PerMinute, Script, Source};
pub use engine::{EngineConfig, Kind, PriceConfig, Rule};
pub use environment::engine_of_environment;
use plexus_config::{Invalid, Validate};
use plexus_library::LibraryConfig;
use plexus_server::process::ServiceConfig;
pub use read::{read, validate_engines};
use serde::{Deserialize, de::DeserializeOwned};

use crate::prompt::PromptsConfig;

/// Configuration of a specialist: what all have, and keys of its own beside them.
#[derive(Debug, Clone)]
pub struct Config<Own = NoKeys> {
    /// Where to listen and how much to accept.
    pub server: plexus_server::Config,
    /// Logs and traces.
    pub telemetry: plexus_telemetry::Config,
    /// What models are told.
    pub prompts: PromptsConfig,
    /// Documents and sources that models are given passages of.
    pub library: LibraryConfig,
    /// Engines; of those that cost the same, the first is asked first.
    pub engines: Vec<EngineConfig>,
    /// How what is seen of engines changes who is asked first.
    pub adaptation: Adaptation,
    /// Keys of its own.
    pub own: Own,
}

/// No keys beside those that all specialists have.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoKeys {}

impl Validate for NoKeys {
    fn validate(&self) -> Result<(), Invalid> {
        Ok(())
    }
}

impl<Own: Validate> Validate for Config<Own> {
    fn validate(&self) -> Result<(), Invalid> {
        self.server.validate("server")?;
        self.telemetry.validate("telemetry")?;
        self.prompts.validate()?;
        self.library.validate("library")?;
        self.adaptation.validate("adaptation")?;
        self.own.validate()?;
        validate_engines(&self.engines)
    }
}

impl<Own: DeserializeOwned + Validate> ServiceConfig for Config<Own> {
    fn server(&self) -> &plexus_server::Config {
        &self.server
    }

    fn telemetry(&self) -> &plexus_telemetry::Config {
        &self.telemetry
    }
}
