//! Section `adaptation` of a configuration: how far what is seen of engines may change who is asked first.

use std::time::Duration;

use plexus_config::{Invalid, humantime_serde};
use serde::Deserialize;

/// Section `adaptation`. The defaults are judgement, after what breakers of proxies use: see `docs/cascade.md`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Adaptation {
    /// Whether engines are asked in another order than their prices say because of how they do.
    pub enabled: bool,
    /// Calls in the last minute before their failures and costs say anything of an engine.
    pub min_calls: u32,
    /// An engine of whose calls this share failed is asked after the others, 0..1.
    pub failing_share: f64,
    /// An engine whose first words take this many times as long as usual is asked after the others.
    pub slow_factor: f64,
    /// First words that come faster than this are never slow.
    #[serde(with = "humantime_serde")]
    pub slow_above: Duration,
    /// An engine counts as this many times as dear as its price says, at most; 1: its price alone decides.
    pub max_price_factor: f64,
    /// How long an engine that is asked after the others is left alone before it is tried again.
    #[serde(with = "humantime_serde")]
    pub probe_after: Duration,
    /// It is tried with this share of the questions that would be its own, at most, 0..1.
    pub probe_share: f64,
}

impl Default for Adaptation {
    fn default() -> Self {
        Self {
            enabled: true,
            min_calls: 10,
            failing_share: 0.5,
            slow_factor: 3.0,
            slow_above: Duration::from_secs(1),
            max_price_factor: 4.0,
            probe_after: Duration::from_secs(5),
            probe_share: 0.05,
        }
    }
}

impl Adaptation {
    /// Nothing is adapted.
    pub fn off() -> Self {
        Self {
            enabled: false,
            ..Self::default()
        }
    }

    /// Refuses values that make no sense; `section` is where they stand.
    ///
    /// # Errors
    /// The first key that is wrong.
    pub fn validate(&self, section: &str) -> Result<(), Invalid> {
        let wrong = |key: &str, problem: String| Err(Invalid::new(format!("{section}.{key}"), problem));
        let part = |share: f64| share > 0.0 && share <= 1.0;
        if self.min_calls == 0 {
            return wrong("min_calls", "must be at least 1".to_owned());
        }
        if !part(self.failing_share) {
            return wrong(
                "failing_share",
                format!("{} is not above 0 and at most 1", self.failing_share),
            );
        }
        for (key, factor) in [
            ("slow_factor", self.slow_factor),
            ("max_price_factor", self.max_price_factor),
        ] {
            if !(1.0..=1000.0).contains(&factor) {
                return wrong(key, format!("{factor} is not between 1 and 1000"));
            }
        }
        if self.probe_after.is_zero() {
            return wrong("probe_after", "must be longer than 0s".to_owned());
        }
        if !part(self.probe_share) {
            return wrong(
                "probe_share",
                format!(
                    "{} is not above 0 and at most 1: an engine that is never tried never comes back",
                    self.probe_share
                ),
            );
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_that_makes_no_sense_is_named() {
        assert_eq!(Adaptation::default().validate("adaptation"), Ok(()));
        let good = Adaptation::default;
        let cases = [
            ("min_calls", Adaptation { min_calls: 0, ..good() }),
            (
                "failing_share",
                Adaptation {
                    failing_share: 0.0,
                    ..good()
                },
            ),
            (
                "failing_share",
                Adaptation {
                    failing_share: f64::NAN,
                    ..good()
                },
            ),
            (
                "slow_factor",
                Adaptation {
                    slow_factor: 0.9,
                    ..good()
                },
            ),
            (
                "max_price_factor",
                Adaptation {
                    max_price_factor: f64::INFINITY,
                    ..good()
                },
            ),
            (
                "probe_after",
                Adaptation {
                    probe_after: Duration::ZERO,
                    ..good()
                },
            ),
            (
                "probe_share",
                Adaptation {
                    probe_share: 1.1,
                    ..good()
                },
            ),
        ];
        for (key, bad) in cases {
            assert_eq!(bad.validate("adaptation").unwrap_err().key, format!("adaptation.{key}"));
        }
    }
}
