//! The reasoning specialist's configuration.

use plexus_client::Endpoint;
use plexus_config::{Invalid, Validate};
use plexus_core::Domain;
use plexus_server::process::ServiceConfig;
use plexus_specialist::{
    SpecialistConfig,
    config::{EngineConfig, validate_engines},
};
use serde::Deserialize;

/// The reasoning specialist's configuration; keys and defaults are in `config/default.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    server: plexus_server::Config,
    #[serde(default)]
    telemetry: plexus_telemetry::Config,
    system_prompt: String,
    engines: Vec<EngineConfig>,
    peers: PeersConfig,
    #[serde(default)]
    pub(crate) client: plexus_client::Config,
}

/// Section `peers`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct PeersConfig {
    code: Vec<Endpoint>,
    math: Vec<Endpoint>,
    language: Vec<Endpoint>,
}

impl Config {
    /// Replicas of the other specialists.
    pub(crate) fn peers(&self) -> [(Domain, &[Endpoint]); 3] {
        let peers = &self.peers;
        [
            (Domain::Math, &peers.math),
            (Domain::Code, &peers.code),
            (Domain::Language, &peers.language),
        ]
    }
}

impl Validate for Config {
    fn validate(&self) -> Result<(), Invalid> {
        self.server.validate("server")?;
        self.telemetry.validate("telemetry")?;
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
        let config: super::Config = plexus_config::load("reasoning", crate::DEFAULTS, None, &environment).unwrap();
        assert!(config.peers().iter().all(|(_, endpoints)| endpoints.len() == 1));
    }
}
