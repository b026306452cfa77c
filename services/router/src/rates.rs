//! Rate limits of callers: who a caller is, what it is told, and what its requests are charged.
//!
//! The limits hold for this process: two routers let through twice as much.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use plexus_config::{Invalid, humantime_serde};
use plexus_core::Usage;
use plexus_errors::{ErrorCode, ServiceError};
use plexus_resilience::rate::{CallerLimits, Charge, Exceeded, Limiter, Rate, callers::Caller};
use serde::Deserialize;
use tonic::{Request, metadata::AsciiMetadataKey};

/// Reason of a refusal, in `google.rpc.ErrorInfo`.
const RATE_LIMITED: &str = "RATE_LIMITED";

/// Bytes of a token, where nobody has counted.
const BYTES_PER_TOKEN: usize = 4;

/// Section `rate_limits`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RatesConfig {
    caller: String,
    max_callers: usize,
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
        for (name, config) in &self.callers {
            check(&format!("{key}.callers.{name}"), config)?;
        }
        Ok(())
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

/// The limits of all callers.
pub(crate) struct Rates {
    limiter: Arc<Limiter>,
    caller: String,
}

impl Rates {
    pub(crate) fn new(config: &RatesConfig) -> Self {
        let named = config.callers.iter();
        let named = named.map(|(name, own)| (Caller::named(name.as_bytes()), config.limits(Some(own))));
        let limiter = Limiter::new(config.limits(None), named.collect(), config.max_callers);
        Self {
            limiter: Arc::new(limiter),
            caller: config.caller.clone(),
        }
    }

    /// Lets a request in, and says where to charge what it spends.
    ///
    /// # Errors
    /// RESOURCE_EXHAUSTED with RATE_LIMITED and the wait.
    pub(crate) fn admit<T>(&self, request: &Request<T>) -> Result<Bill, ServiceError> {
        if self.limiter.is_off() {
            return Ok(Bill(None));
        }
        let caller = match request.metadata().get(&self.caller) {
            Some(name) => Caller::named(name.as_encoded_bytes()),
            None => Caller::at(request.remote_addr().map(|address| address.ip())),
        };
        match self.limiter.admit(caller) {
            Ok(charge) => Ok(Bill(Some(charge))),
            Err(exceeded) => Err(refusal(exceeded)),
        }
    }

    /// Requests refused so far.
    pub(crate) fn refused(&self) -> u64 {
        self.limiter.refused()
    }
}

fn refusal(exceeded: Exceeded) -> ServiceError {
    let Exceeded { kind, rate, wait } = exceeded;
    let facts = vec![
        ("limit".to_owned(), kind.name().to_owned()),
        ("allowed".to_owned(), rate.amount.to_string()),
        ("per".to_owned(), format!("{:?}", rate.per)),
    ];
    ServiceError::new(
        ErrorCode::ResourceExhausted,
        format!("{exceeded}; try again in {wait:.1?}"),
    )
    .retry_after(wait)
    .info(RATE_LIMITED, facts)
}

/// Where a request's spending goes; none: nowhere.
#[derive(Debug, Clone)]
pub(crate) struct Bill(Option<Charge>);

impl Bill {
    /// A step begins that reads `read` bytes.
    pub(crate) fn open(&self, read: usize) -> Tab {
        Tab {
            charge: self.0.clone(),
            bytes: Arc::new(AtomicUsize::new(read)),
        }
    }
}

/// What one step spends. A step that is dropped before it was [settled](Tab::settle), as when its caller goes away, is
/// charged an estimate of what it has read and written so far: the engine bills it all the same.
#[derive(Debug)]
pub(crate) struct Tab {
    charge: Option<Charge>,
    bytes: Arc<AtomicUsize>,
}

impl Tab {
    /// Counts what the step reads and writes.
    pub(crate) fn bytes(&self) -> Arc<AtomicUsize> {
        self.bytes.clone()
    }

    /// The step has ended, well or not.
    pub(crate) fn settle(mut self, usage: &Usage) {
        if let Some(charge) = self.charge.take() {
            charge.spend(usage.input_tokens.saturating_add(usage.output_tokens), usage.cost_usd);
        }
    }
}

impl Drop for Tab {
    fn drop(&mut self) {
        if let Some(charge) = &self.charge {
            let tokens = self.bytes.load(Ordering::Relaxed).div_ceil(BYTES_PER_TOKEN);
            charge.spend_about(tokens as u64);
        }
    }
}

#[cfg(test)]
mod tests {
    use plexus_config::Environment;

    use super::*;
    use crate::Config;

    fn rates(limits: &[(&str, &str)]) -> Rates {
        let name = |(key, value): &(&str, &str)| (format!("PLEXUS_ROUTER__RATE_LIMITS__{key}"), (*value).to_owned());
        let environment: Environment = limits.iter().map(name).collect();
        let config: Config = plexus_config::load("router", crate::DEFAULTS, None, &environment).unwrap();
        Rates::new(&config.rate_limits)
    }

    fn of(caller: &'static str) -> Request<()> {
        let mut request = Request::new(());
        request
            .metadata_mut()
            .insert("x-plexus-caller", caller.parse().unwrap());
        request
    }

    #[test]
    fn without_limits_nobody_is_counted() {
        let rates = rates(&[]);
        let bill = rates.admit(&of("a")).unwrap();
        assert!(bill.0.is_none());
        drop(bill.open(1_000_000));
        rates.admit(&of("a")).unwrap();
    }

    #[test]
    fn a_step_that_is_dropped_is_charged_what_it_moved_and_one_that_ended_what_it_used() {
        let limits = [("TOKENS", r#"{limit = 1000, per = "1h"}"#)];
        let usage = |tokens| Usage {
            output_tokens: tokens,
            ..Usage::default()
        };
        for (moved, used, refused) in [
            (0, Some(0), false),
            (1_000_000, Some(10), false),
            (0, Some(2_000), true),
            (2_000, None, false),
            (8_000, None, true),
        ] {
            let rates = rates(&limits);
            let tab = rates.admit(&of("a")).unwrap().open(0);
            tab.bytes().fetch_add(moved, Ordering::Relaxed);
            match used {
                Some(used) => tab.settle(&usage(used)),
                None => drop(tab),
            }
            assert_eq!(
                rates.admit(&of("a")).is_err(),
                refused,
                "{moved} bytes, {used:?} tokens"
            );
            // Nobody else pays for it, and who gives no name is somebody else.
            rates.admit(&of("b")).unwrap();
            rates.admit(&Request::new(())).unwrap();
        }
    }

    #[test]
    fn own_limits_stand_beside_those_of_everybody() {
        let rates = rates(&[
            ("REQUESTS", r#"{limit = 1, per = "1h"}"#),
            ("CALLERS__VIP__REQUESTS", r#"{limit = 2, per = "1h"}"#),
            ("CALLERS__VIP__DOLLARS", r#"{limit = 0.5, per = "1h"}"#),
        ]);
        rates.admit(&of("a")).unwrap();
        let error = rates.admit(&of("a")).unwrap_err();
        assert_eq!(error.code(), ErrorCode::ResourceExhausted);
        assert!(error.message().contains("1 requests"), "{error}");
        let tab = rates.admit(&of("vip")).unwrap().open(0);
        tab.settle(&Usage {
            cost_usd: 0.75,
            ..Usage::default()
        });
        let error = rates.admit(&of("vip")).unwrap_err();
        assert!(error.message().contains("dollars"), "{error}");
        assert_eq!(rates.refused(), 2);
    }
}
