//! Configuration of a specialist: its engines, in the order in which they are asked.

mod engine;
mod environment;
mod read;

pub use engine::{EngineConfig, Kind, PriceConfig, Rule};
pub use environment::engine_of_environment;
use plexus_config::{Invalid, Validate};
pub use read::{ApiKey, Definition, Network, Script, Source, read, validate_engines};
use serde::Deserialize;

/// Configuration of a specialist that needs nothing else.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where to listen and how much to accept.
    pub server: plexus_server::Config,
    /// Logs and traces.
    #[serde(default)]
    pub telemetry: plexus_telemetry::Config,
    /// What models are told before the question.
    pub system_prompt: String,
    /// Engines, cheapest first.
    pub engines: Vec<EngineConfig>,
}

impl Validate for Config {
    fn validate(&self) -> Result<(), Invalid> {
        self.server.validate("server")?;
        self.telemetry.validate("telemetry")?;
        validate_engines(&self.engines)
    }
}
