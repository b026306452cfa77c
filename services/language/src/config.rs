//! The language specialist's configuration.

use plexus_config::{Invalid, Validate};
use plexus_encoder::ModelConfig;
use serde::Deserialize;

/// The language specialist's configuration; keys and defaults are in `config/default.toml`.
pub type Config = plexus_specialist::Config<Own>;

/// Keys that the other specialists have not.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Own {
    pub(crate) model: ModelConfig,
}

impl Validate for Own {
    fn validate(&self) -> Result<(), Invalid> {
        self.model.validate("model")
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_defaults_are_right() {
        let environment = plexus_config::Environment::default();
        let config: super::Config = plexus_config::load("language", crate::DEFAULTS, None, &environment).unwrap();
        assert_eq!(config.own.model.threads, 1);
        let tasks: Vec<&str> = config.prompts.tasks.keys().map(String::as_str).collect();
        assert_eq!(tasks, ["classify", "extract", "rewrite", "summarise", "translate"]);
    }
}
