//! Configuration: defaults compiled in, then a TOML file, then the environment, later ones winning.
//!
//! An environment variable is the service's name and the key, joined by two underscores:
//! `PLEXUS_ROUTER__SERVER__LISTEN=0.0.0.0:50051` sets `server.listen` of the router. Unknown keys are refused; every
//! error names the key and where it was set.

mod environment;
mod error;
mod locate;
mod watched;

use std::path::Path;

pub use bytesize::ByteSize;
pub use environment::Environment;
pub use error::ConfigError;
use figment::{
    Figment,
    providers::{Format, Toml},
};
pub use humantime_serde;
pub use locate::locate;
use serde::de::DeserializeOwned;
pub use watched::{Watched, read_small};

/// A configuration that can say what is wrong with its values.
pub trait Validate {
    /// Refuses values that parse but make no sense together. The key comes as a dotted path.
    fn validate(&self) -> Result<(), Invalid>;
}

/// A value that makes no sense.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    /// Dotted path of the key.
    pub key: String,
    /// What is wrong with it and what is allowed.
    pub problem: String,
}

impl Invalid {
    /// Names a key and its problem.
    pub fn new(key: impl Into<String>, problem: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            problem: problem.into(),
        }
    }
}

/// Loads the configuration of `service` (lower case, e.g. `router`).
///
/// # Errors
/// A file that cannot be read, a key that is unknown, a value of the wrong type, or one that [`Validate`] refuses.
pub fn load<T: DeserializeOwned + Validate>(
    service: &str,
    defaults: &str,
    file: Option<&Path>,
    environment: &Environment,
) -> Result<T, ConfigError> {
    let mut figment = Figment::from(Toml::string(defaults));
    if let Some(path) = file {
        if !path.is_file() {
            return Err(ConfigError::no_file(path));
        }
        figment = figment.merge(Toml::file_exact(path));
    }
    for provider in environment.providers(service) {
        figment = figment.merge(provider);
    }
    let config: T = figment
        .extract()
        .map_err(|error| ConfigError::from_figment(file, error))?;
    config
        .validate()
        .map_err(|invalid| ConfigError::invalid(&figment, file, invalid))?;
    Ok(config)
}

#[cfg(test)]
mod tests {
    use std::{net::SocketAddr, time::Duration};

    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Config {
        server: Server,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Server {
        listen: SocketAddr,
        #[serde(with = "humantime_serde")]
        grace: Duration,
        limit: ByteSize,
    }

    impl Validate for Config {
        fn validate(&self) -> Result<(), Invalid> {
            if self.server.grace.is_zero() {
                return Err(Invalid::new("server.grace", "must be longer than 0s"));
            }
            Ok(())
        }
    }

    const DEFAULTS: &str = "[server]\nlisten = \"127.0.0.1:50051\"\ngrace = \"30s\"\nlimit = \"4 MiB\"\n";

    fn check(file: Option<&str>, environment: &[(&str, &str)]) -> Result<Config, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = file.map(|text| {
            let path = folder.path().join("router.toml");
            std::fs::write(&path, text).unwrap();
            path
        });
        let environment = environment.iter().copied().collect();
        load("router", DEFAULTS, path.as_deref(), &environment)
            .map_err(|error: ConfigError| error.to_string().replace(&folder.path().display().to_string(), "DIR"))
    }

    #[test]
    fn later_sources_win() {
        let config = check(
            Some("[server]\ngrace = \"5s\""),
            &[("PLEXUS_ROUTER__SERVER__LISTEN", "0.0.0.0:1")],
        )
        .unwrap();
        assert_eq!(config.server.listen, "0.0.0.0:1".parse().unwrap());
        assert_eq!(config.server.grace, Duration::from_secs(5));
        assert_eq!(config.server.limit, ByteSize::mib(4));
    }

    #[test]
    fn an_unknown_key_is_named_with_its_file() {
        let error = check(Some("[server]\nlistn = 1"), &[]).unwrap_err();
        assert!(
            error.contains("`server.listn`") && error.contains("DIR/router.toml"),
            "{error}"
        );
    }

    #[test]
    fn an_unknown_variable_is_named() {
        let error = check(None, &[("PLEXUS_ROUTER__SERVER__LISTN", "x")]).unwrap_err();
        assert!(
            error.contains("PLEXUS_ROUTER__SERVER__LISTN") && error.contains("server.listn"),
            "{error}"
        );
    }

    #[test]
    fn a_list_that_is_no_toml_is_named_with_what_is_wrong() {
        for broken in ["[{a = 1,\n b = 2}]", "[{a = 1", "{a = "] {
            let error = check(None, &[("PLEXUS_ROUTER__SERVER", broken)]).unwrap_err();
            assert!(
                error.contains("PLEXUS_ROUTER__SERVER") && error.contains("as TOML writes it"),
                "{error}"
            );
        }
        let config = check(None, &[("PLEXUS_ROUTER__SERVER__LISTEN", "[::1]:80")]).unwrap();
        assert_eq!(config.server.listen, "[::1]:80".parse().unwrap());
    }

    #[test]
    fn a_wrong_value_is_named() {
        let error = check(None, &[("PLEXUS_ROUTER__SERVER__GRACE", "soon")]).unwrap_err();
        assert!(
            error.contains("`server.grace` in environment variable PLEXUS_ROUTER__SERVER__GRACE"),
            "{error}"
        );
        let error = check(Some("[server]\ngrace = \"0s\""), &[]).unwrap_err();
        assert!(
            error.contains("`server.grace` in DIR/router.toml: must be longer"),
            "{error}"
        );
    }

    #[test]
    fn broken_toml_and_missing_files_are_named() {
        let error = check(Some("[server"), &[]).unwrap_err();
        assert!(error.contains("DIR/router.toml"), "{error}");
        let missing = Path::new("/nowhere/router.toml");
        let error = load::<Config>("router", DEFAULTS, Some(missing), &Environment::default()).unwrap_err();
        assert!(error.to_string().contains("/nowhere/router.toml"), "{error}");
    }
}
