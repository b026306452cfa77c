//! Section `rate_limits` of the router's configuration.

use std::{collections::BTreeMap, time::Duration};

use plexus_config::{Invalid, humantime_serde};
use plexus_resilience::rate::{CallerLimits, Rate, callers::Caller};
use serde::Deserialize;
use tonic::metadata::AsciiMetadataKey;

/// Metadata that are secrets: a caller's name is then its key, which belongs into no configuration and no error.
const SECRETS: [&str; 5] = ["authorization", "proxy-authorization", "cookie", "x-api-key", "api-key"];

/// Section `rate_limits`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RatesConfig {
    pub(super) caller: String,
    pub(super) max_callers: usize,
    requests: Option<RateConfig>,
    tokens: Option<RateConfig>,
    dollars: Option<RateConfig>,
    #[serde(default)]
    callers: BTreeMap<String, CallerConfig>,
}

/// Section `rate_limits.callers.NAME`.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct CallerConfig {
    requests: Option<RateConfig>,
    tokens: Option<RateConfig>,
    dollars: Option<RateConfig>,
}

/// So much per so much time.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct RateConfig {
    limit: f64,
    #[serde(with = "humantime_serde")]
    per: Duration,
}

impl From<RateConfig> for Rate {
    fn from(config: RateConfig) -> Self {
        Self {
            amount: config.limit,
            per: config.per,
        }
    }
}

impl RatesConfig {
    /// The metadata that names a caller where there are no keys.
    pub(crate) fn caller(&self) -> &str {
        &self.caller
    }

    pub(crate) fn validate(&self, key: &str) -> Result<(), Invalid> {
        if self.metadata_key().is_none() {
            return Err(Invalid::new(
                format!("{key}.caller"),
                "must be the lower-case name of a metadata key, e.g. \"x-plexus-caller\"",
            ));
        }
        if self.max_callers == 0 {
            return Err(Invalid::new(format!("{key}.max_callers"), "must be more than 0"));
        }
        check(key, &self.everybody())?;
        if !self.callers.is_empty() && SECRETS.contains(&self.caller.as_str()) {
            return Err(Invalid::new(
                format!("{key}.caller"),
                format!(
                    "is a secret, so no caller can be named under `{key}.callers`: remove them, or have a proxy that checks \
                     callers set a key that is none, e.g. \"x-plexus-caller\""
                ),
            ));
        }
        for (name, config) in &self.callers {
            check(&format!("{key}.callers.{name}"), config)?;
        }
        Ok(())
    }

    /// Limits of callers who have none of their own.
    pub(super) fn limits_of_all(&self) -> CallerLimits {
        self.limits(None)
    }

    /// Callers who have.
    pub(super) fn named(&self) -> Vec<(Caller, CallerLimits)> {
        let named = self.callers.iter();
        named
            .map(|(name, own)| (Caller::named(name.as_bytes()), self.limits(Some(own))))
            .collect()
    }

    fn metadata_key(&self) -> Option<AsciiMetadataKey> {
        let ours = self.caller.starts_with("grpc-") || self.caller.bytes().any(|byte| byte.is_ascii_uppercase());
        self.caller.parse().ok().filter(|_| !ours)
    }

    fn everybody(&self) -> CallerConfig {
        CallerConfig {
            requests: self.requests,
            tokens: self.tokens,
            dollars: self.dollars,
        }
    }

    /// Limits of a caller: its own, and those of everybody where it has none.
    fn limits(&self, own: Option<&CallerConfig>) -> CallerLimits {
        let pick = |of: fn(&CallerConfig) -> Option<RateConfig>| {
            own.and_then(of).or_else(|| of(&self.everybody())).map(Rate::from)
        };
        CallerLimits {
            requests: pick(|config| config.requests),
            tokens: pick(|config| config.tokens),
            dollars: pick(|config| config.dollars),
        }
    }
}

fn check(key: &str, config: &CallerConfig) -> Result<(), Invalid> {
    for (kind, rate) in [
        ("requests", config.requests),
        ("tokens", config.tokens),
        ("dollars", config.dollars),
    ] {
        let Some(rate) = rate else { continue };
        if rate.per.is_zero() {
            return Err(Invalid::new(format!("{key}.{kind}.per"), "must be longer than 0s"));
        }
        if !(rate.limit.is_finite() && rate.limit > 0.0) {
            return Err(Invalid::new(format!("{key}.{kind}.limit"), "must be more than 0"));
        }
        if kind == "requests" && (rate.limit.fract() != 0.0 || rate.limit > f64::from(u32::MAX)) {
            return Err(Invalid::new(format!("{key}.requests.limit"), "must be a whole number"));
        }
    }
    Ok(())
}
