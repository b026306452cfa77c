//! The reasoning specialist's configuration.

use plexus_client::Endpoint;
use plexus_config::{Invalid, Validate};
use plexus_core::Domain;
use serde::Deserialize;

/// The reasoning specialist's configuration; keys and defaults are in `config/default.toml`.
pub type Config = plexus_specialist::Config<Own>;

/// Keys that the other specialists have not.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Own {
    peers: PeersConfig,
    pub(crate) plan_above: f64,
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

impl Own {
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

impl Validate for Own {
    fn validate(&self) -> Result<(), Invalid> {
        self.client.validate("client")?;
        match (0.0..=1.0).contains(&self.plan_above) {
            true => Ok(()),
            false => Err(Invalid::new("plan_above", "must be between 0 and 1")),
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_defaults_are_right() {
        let environment = plexus_config::Environment::default();
        let config: super::Config = plexus_config::load("reasoning", crate::DEFAULTS, None, &environment).unwrap();
        assert!(config.own.peers().iter().all(|(_, endpoints)| endpoints.len() == 1));
    }
}
