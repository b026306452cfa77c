//! Sections `server.tls` and `client.tls` of configurations.

use std::{path::PathBuf, time::Duration};

use plexus_config::{Invalid, humantime_serde};
use serde::Deserialize;

use crate::Identity;

/// How a server shows who it is, and whom it lets in. Without a certificate it speaks without TLS.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServerConfig {
    /// PEM file with its certificate, then those between it and the authority; empty: no TLS.
    pub certificate: PathBuf,
    /// PEM file with the key of the certificate.
    pub key: PathBuf,
    /// PEM file with the authorities of callers; empty: callers need no certificate.
    pub client_ca: PathBuf,
    /// Identities that may call, e.g. `spiffe://plexus/router`; none: all that the authorities vouch for.
    pub allow: Vec<String>,
    /// How often the files are looked at.
    #[serde(with = "humantime_serde")]
    pub reload_every: Duration,
}

/// How a client shows who it is, and how it knows whom it reached. Without an authority it speaks without TLS.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ClientConfig {
    /// PEM file with its certificate; empty: it shows none.
    pub certificate: PathBuf,
    /// PEM file with the key of the certificate.
    pub key: PathBuf,
    /// PEM file with the authorities of servers; empty: no TLS.
    pub ca: PathBuf,
    /// First part of the identities of upstreams: `math` is `spiffe://TRUST_DOMAIN/math`.
    pub trust_domain: String,
    /// How often the files are looked at.
    #[serde(with = "humantime_serde")]
    pub reload_every: Duration,
}

/// How often files are looked at: often enough for certificates that live for an hour.
const RELOAD_EVERY: Duration = Duration::from_secs(5);

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            certificate: PathBuf::new(),
            key: PathBuf::new(),
            client_ca: PathBuf::new(),
            allow: Vec::new(),
            reload_every: RELOAD_EVERY,
        }
    }
}

impl Default for ClientConfig {
    fn default() -> Self {
        Self {
            certificate: PathBuf::new(),
            key: PathBuf::new(),
            ca: PathBuf::new(),
            trust_domain: "plexus".to_owned(),
            reload_every: RELOAD_EVERY,
        }
    }
}

/// A key of a section, whether it is wrong, and what is wrong then.
type Rule = (&'static str, bool, &'static str);

impl ServerConfig {
    /// Whether there is TLS at all.
    pub fn is_on(&self) -> bool {
        !self.certificate.as_os_str().is_empty()
    }

    /// Refuses what could not work or would protect nothing; `key` is the section's name.
    ///
    /// # Errors
    /// The first key that is wrong.
    pub fn validate(&self, key: &str) -> Result<(), Invalid> {
        let empty = |path: &PathBuf| path.as_os_str().is_empty();
        let off = !self.is_on();
        check(
            key,
            &[
                ("certificate", off && !empty(&self.key), "is missing: there is a key"),
                (
                    "certificate",
                    off && !empty(&self.client_ca),
                    "is missing: without one there is no TLS, and client_ca would protect nothing",
                ),
                ("key", !off && empty(&self.key), "is missing: there is a certificate"),
                (
                    "client_ca",
                    empty(&self.client_ca) && !self.allow.is_empty(),
                    "is missing: without it nobody is asked for an identity, and allow would protect nothing",
                ),
                ("reload_every", self.reload_every.is_zero(), "must be longer than 0s"),
            ],
        )?;
        for allowed in &self.allow {
            if let Err(error) = allowed.parse::<Identity>() {
                return Err(Invalid::new(format!("{key}.allow"), format!("{allowed:?} {error}")));
            }
        }
        Ok(())
    }
}

impl ClientConfig {
    /// Whether there is TLS at all.
    pub fn is_on(&self) -> bool {
        !self.ca.as_os_str().is_empty()
    }

    /// Refuses what could not work or would protect nothing; `key` is the section's name.
    ///
    /// # Errors
    /// The first key that is wrong.
    pub fn validate(&self, key: &str) -> Result<(), Invalid> {
        let empty = |path: &PathBuf| path.as_os_str().is_empty();
        check(
            key,
            &[
                (
                    "ca",
                    !self.is_on() && !empty(&self.certificate),
                    "is missing: without one there is no TLS, and the certificate is never shown",
                ),
                (
                    "key",
                    empty(&self.key) != empty(&self.certificate),
                    "and certificate must be given together",
                ),
                ("reload_every", self.reload_every.is_zero(), "must be longer than 0s"),
            ],
        )?;
        match Identity::of(&self.trust_domain, "service") {
            Ok(_) => Ok(()),
            Err(error) => Err(Invalid::new(
                format!("{key}.trust_domain"),
                format!("{:?} {error}", self.trust_domain),
            )),
        }
    }
}

fn check(key: &str, rules: &[Rule]) -> Result<(), Invalid> {
    match rules.iter().find(|(_, wrong, _)| *wrong) {
        Some((name, _, problem)) => Err(Invalid::new(format!("{key}.{name}"), *problem)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_protects_nothing_is_refused() {
        assert!(ServerConfig::default().validate("server.tls").is_ok());
        assert!(ClientConfig::default().validate("client.tls").is_ok());
        let server = |change: fn(&mut ServerConfig)| {
            let mut config = ServerConfig {
                certificate: "a.pem".into(),
                key: "a.key".into(),
                client_ca: "ca.pem".into(),
                ..ServerConfig::default()
            };
            change(&mut config);
            config.validate("server.tls")
        };
        assert!(server(|_| {}).is_ok());
        for (change, key) in [
            ((|config| config.key.clear()) as fn(&mut ServerConfig), "server.tls.key"),
            (|config| config.certificate.clear(), "server.tls.certificate"),
            (
                |config| {
                    config.client_ca.clear();
                    config.allow.push("spiffe://plexus/router".to_owned());
                },
                "server.tls.client_ca",
            ),
            (|config| config.allow.push("router".to_owned()), "server.tls.allow"),
        ] {
            let error = server(change).unwrap_err();
            assert!(format!("{error:?}").contains(key), "{key}: {error:?}");
        }
        let client = ClientConfig {
            certificate: "a.pem".into(),
            key: "a.key".into(),
            ..ClientConfig::default()
        };
        assert!(format!("{:?}", client.validate("client.tls").unwrap_err()).contains("client.tls.ca"));
    }
}
