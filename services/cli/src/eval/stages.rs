//! What the first stage decides, whether the encoder would have agreed, and what other thresholds would cost.

use plexus_classifier::StageReading;
use plexus_encoder::FirstStage;
use serde::Serialize;

use super::{
    measures::{Judged, mean, quantile, share},
    seen::Seen,
};

/// Values of `first_stage.sure` that are tried beside the configured one.
const SWEEP: [f32; 11] = [0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.93, 0.95, 0.97, 0.98, 0.99];

/// The first stage beside the encoder. Shares lie between 0 and 1; none: there is nothing to count.
#[derive(Debug, Serialize)]
pub(super) struct Stages {
    /// Share of all rows that the first stage answers.
    pub(super) share: Option<f64>,
    /// Share of all rows that it answers because the encoder does not know their language.
    pub(super) foreign: Option<f64>,
    /// Share of all rows for which it names the domain that the encoder names.
    pub(super) agreement: Option<f64>,
    /// The same among the rows of which it is sure.
    pub(super) agreement_sure: Option<f64>,
    /// Its strict accuracy on rows that need one domain.
    pub(super) strict: Option<f64>,
    /// The same among those of which it is sure.
    pub(super) strict_sure: Option<f64>,
    /// Strict accuracy of the encoder, asked for each of them.
    pub(super) encoder_strict: Option<f64>,
    /// What accuracy costs, over rows that need one domain.
    pub(super) curve: Vec<Point>,
}

/// One setting of `first_stage.sure`.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Point {
    /// The setting; none: every row goes to the encoder.
    pub(super) sure: Option<f32>,
    /// Whether the manifest has it.
    pub(super) configured: bool,
    /// Share that goes to the encoder.
    pub(super) escalated: f64,
    /// Strict accuracy.
    pub(super) strict: f64,
    /// Mean time of a row, milliseconds.
    pub(super) mean_ms: f64,
    /// Half of the rows take no longer, milliseconds.
    pub(super) p50_ms: f64,
    /// Of a hundred rows, 99 take no longer, milliseconds.
    pub(super) p99_ms: f64,
}

impl Stages {
    /// None where the model has no first stage, or there are no rows.
    pub(super) fn of(seen: &[Seen<'_>], rule: Option<FirstStage>) -> Option<Self> {
        let rule = rule?;
        let first: Vec<(&Seen<'_>, StageReading)> = seen.iter().filter_map(|one| Some((one, one.first?))).collect();
        if first.is_empty() {
            return None;
        }
        let sure = || first.iter().filter(|(_, first)| first.sure);
        let strict = |one: &Seen<'_>, reading: &StageReading| Some(Judged::of(one.row, reading.domains)?.strict);
        let mut settings: Vec<Option<f32>> = SWEEP.into_iter().map(Some).collect();
        if !SWEEP.contains(&rule.sure) {
            settings.push(Some(rule.sure));
        }
        settings.sort_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
        settings.push(None);
        Some(Self {
            share: share(seen.iter().map(Seen::by_first)),
            foreign: share(seen.iter().map(|one| one.both.foreign)),
            agreement: share(first.iter().filter_map(|(one, _)| one.agree())),
            agreement_sure: share(sure().filter_map(|(one, _)| one.agree())),
            strict: share(first.iter().filter_map(|(one, first)| strict(one, first))),
            strict_sure: share(sure().filter_map(|(one, first)| strict(one, first))),
            encoder_strict: share(seen.iter().filter_map(|one| strict(one, &one.encoder))),
            curve: settings
                .into_iter()
                .filter_map(|sure| Point::of(&first, rule, sure))
                .collect(),
        })
    }
}

impl Point {
    fn of(first: &[(&Seen<'_>, StageReading)], rule: FirstStage, sure: Option<f32>) -> Option<Self> {
        let (mut escalated, mut strict, mut times) = (Vec::new(), Vec::new(), Vec::new());
        for (one, reading) in first {
            // What a language has decided stays so, whatever the threshold.
            let stays = sure.is_some_and(|sure| {
                one.both.foreign || FirstStage { sure, ..rule }.decides(&reading.domains, reading.guard)
            });
            let scores = if stays { reading.domains } else { one.encoder.domains };
            let Some(judged) = Judged::of(one.row, scores) else {
                continue;
            };
            escalated.push(!stays);
            strict.push(judged.strict);
            // The time of a pass holds that of the first stage, which stands beside it.
            let time = if stays {
                one.times.first.unwrap_or_default()
            } else {
                one.times.encoder
            };
            times.push(time / 1e3);
        }
        Some(Self {
            sure,
            configured: sure == Some(rule.sure),
            escalated: share(escalated)?,
            strict: share(strict)?,
            mean_ms: mean(&times)?,
            p50_ms: quantile(&times, 0.5)?,
            p99_ms: quantile(&times, 0.99)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use plexus_classifier::Stage;
    use plexus_core::Domain;
    use plexus_encoder::PerHead;

    use super::*;
    use crate::eval::{
        rows::Row,
        seen::{Times, tests::reading},
    };

    fn rule() -> FirstStage {
        let one = PerHead {
            domain: 1.0,
            guard: 1.0,
            complexity: 1.0,
        };
        FirstStage {
            temperature: one,
            sure: 0.92,
            others: 0.2,
            attack: 0.05,
            weight: one,
        }
    }

    /// A row for math: the first stage's scores, whether the encoder says math, and their times.
    fn seen(row: &Row, first: [f32; 4], math: bool, times: (f64, f64)) -> Seen<'_> {
        let encoder = match math {
            true => [0.0, 0.9, 0.0, 0.0],
            false => [0.9, 0.0, 0.0, 0.0],
        };
        let mut first = reading(Stage::First, first, 0.0);
        first.sure = rule().decides(&first.domains, first.guard);
        let encoder = reading(Stage::Encoder, encoder, 0.0);
        Seen {
            row,
            first: Some(first),
            encoder,
            both: if first.sure { first } else { encoder },
            needed: vec![],
            times: Times {
                first: Some(times.0),
                encoder: times.1,
                both: 0.0,
                bare: 0.0,
            },
        }
    }

    #[test]
    fn thresholds_trade_time_for_accuracy() {
        let row = Row {
            domains: vec![Domain::Math],
            ..Row::default()
        };
        let rows = [
            seen(&row, [0.1, 0.95, 0.1, 0.1], true, (10.0, 1000.0)),
            seen(&row, [0.85, 0.1, 0.1, 0.1], true, (20.0, 2000.0)),
            seen(&row, [0.1, 0.4, 0.4, 0.1], false, (30.0, 3000.0)),
        ];
        let stages = Stages::of(&rows, Some(rule())).unwrap();
        assert_eq!((stages.share, stages.foreign), (Some(1.0 / 3.0), Some(0.0)));
        assert_eq!((stages.agreement, stages.agreement_sure), (Some(1.0 / 3.0), Some(1.0)));
        assert_eq!(
            (stages.strict, stages.strict_sure, stages.encoder_strict),
            (Some(2.0 / 3.0), Some(1.0), Some(2.0 / 3.0))
        );
        let settings: Vec<Option<f32>> = stages.curve.iter().map(|point| point.sure).collect();
        assert_eq!(settings.len(), SWEEP.len() + 2);
        assert!(
            settings.windows(2).all(|pair| pair[1].is_none() || pair[0] < pair[1]),
            "{settings:?}"
        );
        let point = |sure, configured, escalated, strict, mean_ms: f64, p50_ms, p99_ms| Point {
            sure,
            configured,
            escalated,
            strict,
            mean_ms,
            p50_ms,
            p99_ms,
        };
        let third = 1.0 / 3.0;
        assert_eq!(
            stages.curve[0],
            point(Some(0.5), false, third, third, (0.01 + 0.02 + 3.0) / 3.0, 0.02, 3.0)
        );
        let configured = stages.curve.iter().find(|point| point.configured).unwrap();
        let expected = point(
            Some(0.92),
            true,
            2.0 * third,
            2.0 * third,
            (0.01 + 2.0 + 3.0) / 3.0,
            2.0,
            3.0,
        );
        assert_eq!(*configured, expected);
        assert_eq!(
            *stages.curve.last().unwrap(),
            point(None, false, 1.0, 2.0 * third, 2.0, 2.0, 3.0)
        );
        assert!(Stages::of(&rows, None).is_none());
    }

    #[test]
    fn a_foreign_row_stays_with_the_first_stage() {
        let row = Row {
            domains: vec![Domain::Math],
            ..Row::default()
        };
        let mut one = seen(&row, [0.1, 0.4, 0.1, 0.1], false, (10.0, 1000.0));
        one.both.foreign = true;
        let stages = Stages::of(&[one], Some(rule())).unwrap();
        let shares: Vec<f64> = stages.curve.iter().map(|point| point.escalated).collect();
        assert!(
            shares[..SWEEP.len() + 1].iter().all(|share| *share == 0.0),
            "{shares:?}"
        );
        assert_eq!(stages.curve.last().unwrap().escalated, 1.0);
    }
}
