//! The language specialist's configuration.

use plexus_config::{Invalid, Validate};
use plexus_encoder::ModelConfig;
use plexus_server::process::ServiceConfig;
use plexus_specialist::{
    SpecialistConfig,
    config::{EngineConfig, validate_engines},
};
use serde::Deserialize;

/// The language specialist's configuration; keys and defaults are in `config/default.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    server: plexus_server::Config,
    #[serde(default)]
    telemetry: plexus_telemetry::Config,
    system_prompt: String,
    engines: Vec<EngineConfig>,
    pub(crate) model: ModelConfig,
}

impl Validate for Config {
    fn validate(&self) -> Result<(), Invalid> {
        self.server.validate("server")?;
        self.telemetry.validate("telemetry")?;
        self.model.validate("model")?;
        validate_engines(&self.engines)
    }
}

impl ServiceConfig for Config {
    fn server(&self) -> &plexus_server::Config {
        &self.server
    }

    fn telemetry(&self) -> &plexus_telemetry::Config {
        &self.telemetry
    }
}

impl SpecialistConfig for Config {
    fn engines(&self) -> &[EngineConfig] {
        &self.engines
    }

    fn system_prompt(&self) -> &str {
        &self.system_prompt
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_defaults_are_right() {
        let environment = plexus_config::Environment::default();
        let config: super::Config = plexus_config::load("language", crate::DEFAULTS, None, &environment).unwrap();
        assert_eq!(config.model.threads, 1);
    }
}
