//! The router's configuration.

use std::{collections::BTreeMap, time::Duration};

use plexus_classifier::ModelConfig;
use plexus_client::Endpoint;
use plexus_config::{Invalid, Validate, humantime_serde};
use plexus_core::{CascadePolicy, Domain};
use plexus_server::process::ServiceConfig;
use serde::Deserialize;

use crate::{
    domain::{GuardMode, OnDown, Policy, ValidatorPolicy},
    keys::KeysConfig,
    rates::RatesConfig,
};

/// The router's configuration; keys and defaults are in `config/default.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub(crate) server: plexus_server::Config,
    #[serde(default)]
    pub(crate) telemetry: plexus_telemetry::Config,
    pub(crate) model: ModelConfig,
    policy: PolicyConfig,
    cascade: CascadeConfig,
    tasks: BTreeMap<String, DomainName>,
    pub(crate) rate_limits: RatesConfig,
    #[serde(default)]
    pub(crate) keys: KeysConfig,
    #[serde(default)]
    pub(crate) client: plexus_client::Config,
    specialists: PerDomain<Vec<Endpoint>>,
    pub(crate) validators: BTreeMap<String, ValidatorConfig>,
}

/// Section `policy`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct PolicyConfig {
    guard: GuardMode,
    fallback: PerDomain<Vec<DomainName>>,
}

/// Section `cascade`.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct CascadeConfig {
    min_confidence: f64,
    enter_below: f64,
    enter_unchecked: f64,
    price_weight: f64,
    max_escalations: usize,
}

/// Section `validators.KIND`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ValidatorConfig {
    pub(crate) endpoints: Vec<Endpoint>,
    domains: Vec<DomainName>,
    on_down: OnDown,
    #[serde(with = "humantime_serde")]
    pub(crate) timeout: Duration,
    #[serde(default)]
    confidence: bool,
}

/// A value for each domain.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct PerDomain<T> {
    code: T,
    math: T,
    reasoning: T,
    language: T,
}

impl<T> PerDomain<T> {
    fn get(&self, domain: Domain) -> &T {
        match domain {
            Domain::Code => &self.code,
            Domain::Math => &self.math,
            Domain::Reasoning => &self.reasoning,
            Domain::Language => &self.language,
        }
    }
}

/// A domain by its name.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
struct DomainName(Domain);

impl TryFrom<String> for DomainName {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        Domain::from_name(&name)
            .map(Self)
            .ok_or_else(|| format!("unknown domain `{name}`, expected code, math, reasoning or language"))
    }
}

impl Validate for Config {
    fn validate(&self) -> Result<(), Invalid> {
        self.server.validate("server")?;
        self.telemetry.validate("telemetry")?;
        self.model.validate("model")?;
        self.client.validate("client")?;
        self.rate_limits.validate("rate_limits")?;
        self.keys.validate("keys")?;
        for domain in Domain::ALL {
            if self.specialists.get(domain).is_empty() {
                return Err(Invalid::new(
                    format!("specialists.{domain}"),
                    "at least one host:port is needed",
                ));
            }
            if self
                .policy
                .fallback
                .get(domain)
                .iter()
                .any(|fallback| fallback.0 == domain)
            {
                return Err(Invalid::new(
                    format!("policy.fallback.{domain}"),
                    "a domain cannot stand in for itself",
                ));
            }
        }
        for (key, value) in [
            ("min_confidence", self.cascade.min_confidence),
            ("enter_below", self.cascade.enter_below),
            ("enter_unchecked", self.cascade.enter_unchecked),
            ("price_weight", self.cascade.price_weight),
        ] {
            if !(0.0..=1.0).contains(&value) {
                return Err(Invalid::new(format!("cascade.{key}"), "must be between 0 and 1"));
            }
        }
        for (kind, validator) in &self.validators {
            if validator.endpoints.is_empty() {
                return Err(Invalid::new(
                    format!("validators.{kind}.endpoints"),
                    "at least one host:port is needed",
                ));
            }
            if validator.timeout.is_zero() {
                return Err(Invalid::new(
                    format!("validators.{kind}.timeout"),
                    "must be longer than 0s",
                ));
            }
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

impl Config {
    /// Replicas of a domain's specialist.
    pub(crate) fn specialist(&self, domain: Domain) -> &[Endpoint] {
        self.specialists.get(domain)
    }

    /// What planning needs to know.
    pub(crate) fn policy(&self) -> Policy {
        let names = |list: &[DomainName]| list.iter().map(|name| name.0).collect::<Vec<_>>();
        Policy {
            guard: self.policy.guard,
            fallback: Domain::ALL.map(|domain| names(self.policy.fallback.get(domain))).into(),
            validators: self
                .validators
                .iter()
                .map(|(kind, validator)| ValidatorPolicy {
                    kind: kind.clone(),
                    domains: names(&validator.domains),
                    on_down: validator.on_down,
                    confidence: validator.confidence,
                })
                .collect(),
            cascade: CascadePolicy {
                min_confidence: self.cascade.min_confidence,
                enter_below: self.cascade.enter_below,
                enter_unchecked: self.cascade.enter_unchecked,
                price_weight: self.cascade.price_weight,
                max_escalations: self.cascade.max_escalations,
            },
            tasks: self
                .tasks
                .iter()
                .map(|(task, domain)| (task.clone(), domain.0))
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use plexus_config::Environment;

    use super::*;

    fn load(environment: &[(&str, &str)]) -> Result<Config, String> {
        let environment: Environment = environment.iter().copied().collect();
        plexus_config::load("router", crate::DEFAULTS, None, &environment).map_err(|error| error.to_string())
    }

    #[test]
    fn the_defaults_are_right() {
        let config = load(&[]).unwrap();
        assert_eq!(config.specialist(Domain::Math)[0].port, 50062);
        assert_eq!((config.model.cache, config.model.watch), (4096, Duration::from_secs(2)));
    }

    #[test]
    fn wrong_values_are_named() {
        for (variable, value, part) in [
            ("PLEXUS_ROUTER__SPECIALISTS__MATH", "[\"nowhere\"]", "host:port"),
            (
                "PLEXUS_ROUTER__POLICY__FALLBACK__MATH",
                "[\"math\"]",
                "policy.fallback.math",
            ),
            (
                "PLEXUS_ROUTER__POLICY__FALLBACK__MATH",
                "[\"maths\"]",
                "unknown domain `maths`",
            ),
            ("PLEXUS_ROUTER__MODEL__THREADS", "0", "model.threads"),
            ("PLEXUS_ROUTER__MODEL__WATCH", "1ms", "model.watch"),
            ("PLEXUS_ROUTER__POLICY__GUARD", "maybe", "policy.guard"),
            (
                "PLEXUS_ROUTER__CASCADE__MIN_CONFIDENCE",
                "1.1",
                "cascade.min_confidence",
            ),
            ("PLEXUS_ROUTER__TASKS__SUMMARISE", "poetry", "unknown domain `poetry`"),
            ("PLEXUS_ROUTER__RATE_LIMITS__CALLER", "X Caller", "rate_limits.caller"),
            (
                "PLEXUS_ROUTER__RATE_LIMITS__REQUESTS",
                "{limit = 1.5, per = \"1m\"}",
                "rate_limits.requests.limit",
            ),
            (
                "PLEXUS_ROUTER__RATE_LIMITS__CALLERS__BATCH__TOKENS",
                "{limit = 10, per = \"0s\"}",
                "rate_limits.callers.batch.tokens.per",
            ),
            ("PLEXUS_ROUTER__SERVER__BATCH_SHARE", "2", "server.batch_share"),
            ("PLEXUS_ROUTER__SERVER__MAX_ARRIVING", "1 MiB", "server.max_arriving"),
        ] {
            let error = load(&[(variable, value)]).unwrap_err();
            assert!(error.contains(part) && error.contains(variable), "{error}");
        }
    }

    #[test]
    fn no_caller_is_named_by_a_secret_and_no_error_tells_it() {
        let caller = ("PLEXUS_ROUTER__RATE_LIMITS__CALLER", "authorization");
        load(&[caller]).unwrap();
        for limit in ["{limit = 10, per = \"1m\"}", "{limit = 0, per = \"1m\"}"] {
            let named = ("PLEXUS_ROUTER__RATE_LIMITS__CALLERS__SESAME__REQUESTS", limit);
            let error = load(&[caller, named]).unwrap_err();
            assert!(error.contains("rate_limits.caller` in"), "{error}");
            assert!(!error.to_lowercase().contains("sesame"), "{error}");
        }
    }
}
