//! How long the stages take, on one thread, without a cache.

use serde::Serialize;

use super::{
    measures::{mean, quantile},
    seen::Seen,
};

/// Tokens of a text of usual length.
const USUAL: std::ops::RangeInclusive<usize> = 28..=36;

/// Times over all rows; rows go through the stages in small blocks.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Latency {
    /// The first stage alone; none where the model has none.
    pub(super) first: Option<FirstTimes>,
    /// A pass of the encoder, with the first stage beside it.
    pub(super) encoder: Spread,
    /// Both stages as configured.
    pub(super) both: Spread,
    /// Tokenizer and graph with nothing around them.
    pub(super) bare: Spread,
    /// Median of the encoder's pass over that of the bare run.
    pub(super) encoder_to_bare: f64,
}

/// Times of the first stage, microseconds.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct FirstTimes {
    /// Half of the rows take no longer.
    pub(super) p50_us: f64,
    /// Of a hundred rows, 99 take no longer.
    pub(super) p99_us: f64,
    /// As `p50_us`, over the rows of 28 to 36 tokens; none where there are none.
    pub(super) p50_us_at_32: Option<f64>,
}

/// Times, milliseconds.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Spread {
    /// Half of the rows take no longer.
    pub(super) p50_ms: f64,
    /// Mean.
    pub(super) mean_ms: f64,
    /// Of a hundred rows, 99 take no longer.
    pub(super) p99_ms: f64,
}

impl Latency {
    /// None where there are no rows.
    pub(super) fn of(seen: &[Seen<'_>]) -> Option<Self> {
        let encoder = Spread::of(seen.iter().map(|one| one.times.encoder))?;
        let bare = Spread::of(seen.iter().map(|one| one.times.bare))?;
        let first: Vec<f64> = seen.iter().filter_map(|one| one.times.first).collect();
        let usual = seen.iter().filter(|one| USUAL.contains(&one.encoder.tokens));
        let usual: Vec<f64> = usual.filter_map(|one| one.times.first).collect();
        Some(Self {
            first: quantile(&first, 0.5)
                .zip(quantile(&first, 0.99))
                .map(|(p50_us, p99_us)| FirstTimes {
                    p50_us,
                    p99_us,
                    p50_us_at_32: quantile(&usual, 0.5),
                }),
            both: Spread::of(seen.iter().map(|one| one.times.both))?,
            encoder_to_bare: encoder.p50_ms / bare.p50_ms.max(f64::MIN_POSITIVE),
            encoder,
            bare,
        })
    }
}

impl Spread {
    fn of(micros: impl Iterator<Item = f64>) -> Option<Self> {
        let times: Vec<f64> = micros.map(|time| time / 1e3).collect();
        Some(Self {
            p50_ms: quantile(&times, 0.5)?,
            mean_ms: mean(&times)?,
            p99_ms: quantile(&times, 0.99)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::{
        rows::Row,
        seen::{Times, tests::seen},
    };

    #[test]
    fn times_are_summed_up() {
        let row = Row::default();
        let one = |first, encoder: f64, tokens| {
            let mut one = seen(&row, [0.5; 4], 0.0);
            one.encoder.tokens = tokens;
            one.times = Times {
                first,
                encoder,
                both: encoder / 2.0,
                bare: 1000.0,
            };
            one
        };
        let rows = [
            one(Some(10.0), 1000.0, 5),
            one(Some(30.0), 2000.0, 36),
            one(Some(20.0), 6000.0, 37),
        ];
        let latency = Latency::of(&rows).unwrap();
        let spread = |p50_ms, mean_ms, p99_ms| Spread {
            p50_ms,
            mean_ms,
            p99_ms,
        };
        let first = FirstTimes {
            p50_us: 20.0,
            p99_us: 30.0,
            p50_us_at_32: Some(30.0),
        };
        assert_eq!(latency.first, Some(first));
        assert_eq!(
            (latency.encoder, latency.both),
            (spread(2.0, 3.0, 6.0), spread(1.0, 1.5, 3.0))
        );
        assert_eq!(latency.encoder_to_bare, 2.0);
        assert_eq!(Latency::of(&[one(None, 1.0, 5)]).unwrap().first, None);
        assert_eq!(Latency::of(&[]), None);
    }
}
