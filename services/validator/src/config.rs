//! A validator's configuration.

use plexus_config::{Invalid, Validate};
use plexus_server::process::ServiceConfig;
use serde::Deserialize;

use crate::domain::Kind;

/// A validator's configuration; keys and defaults are in `config/default.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    server: plexus_server::Config,
    #[serde(default)]
    telemetry: plexus_telemetry::Config,
    pub(crate) kinds: Vec<Kind>,
}

impl Validate for Config {
    fn validate(&self) -> Result<(), Invalid> {
        self.server.validate("server")?;
        self.telemetry.validate("telemetry")?;
        if self.kinds.is_empty() {
            return Err(Invalid::new("kinds", "at least one kind is needed"));
        }
        Ok(())
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

#[cfg(test)]
mod tests {
    #[test]
    fn the_defaults_are_right_and_unknown_kinds_are_named() {
        let load = |value: &str| {
            let environment = [("PLEXUS_VALIDATOR__KINDS", value)].into_iter().collect();
            plexus_config::load::<super::Config>("validator", crate::DEFAULTS, None, &environment)
                .map_err(|error| error.to_string())
        };
        for kind in ["math", "code", "confidence"] {
            assert_eq!(load(&format!("[\"{kind}\"]")).unwrap().kinds.len(), 1, "{kind}");
        }
        let error = load("[\"poetry\"]").unwrap_err();
        assert!(error.contains("poetry") && error.contains("math"), "{error}");
    }
}
