//! A second model on the same rows.

use plexus_classifier::{Classifier, EncodeError, Stage};
use serde::Serialize;

use super::{
    measures::{Judged, best, share},
    seen::Seen,
};

/// Two models over the rows that need one domain. Shares lie between 0 and 1.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Against {
    /// The other model, name and version.
    pub(super) model: String,
    /// Strict accuracy of the model that is measured.
    pub(super) strict: f64,
    /// Strict accuracy of the other.
    pub(super) other_strict: f64,
    /// The difference in points of a hundred; above 0: the measured one is better.
    pub(super) points: f64,
    /// Share of all rows for which both name the same best domain.
    pub(super) agreement: f64,
    /// Rows that only the measured one gets right.
    pub(super) only_this: usize,
    /// Rows that only the other gets right.
    pub(super) only_other: usize,
}

/// Compares; none where no row needs one domain.
///
/// # Errors
/// A pass that fails.
pub(super) async fn compare(seen: &[Seen<'_>], other: &Classifier) -> Result<Option<Against>, EncodeError> {
    let loaded = other.loaded();
    let mut scores = Vec::with_capacity(seen.len());
    for one in seen {
        let reading = loaded.single(&one.row.text).await;
        if reading.stage == Stage::Keywords {
            // Keywords mean that a pass failed; another one says why.
            loaded.encoder(&one.row.text).await?;
        }
        scores.push(reading.domains);
    }
    Ok(Against::of(loaded.id(), seen, &scores))
}

impl Against {
    fn of(model: &str, seen: &[Seen<'_>], scores: &[[f32; 4]]) -> Option<Self> {
        let pairs = seen.iter().zip(scores);
        let same = |(one, other): (&Seen<'_>, &[f32; 4])| best(one.both.domains).0 == best(*other).0;
        let agreement = share(pairs.clone().map(same))?;
        let right: Vec<(bool, bool)> = pairs
            .filter_map(|(one, other)| {
                let this = Judged::of(one.row, one.both.domains)?;
                Some((this.strict, Judged::of(one.row, *other)?.strict))
            })
            .collect();
        let only = |wanted| right.iter().filter(|pair| **pair == wanted).count();
        let strict = share(right.iter().map(|pair| pair.0))?;
        let other_strict = share(right.iter().map(|pair| pair.1))?;
        Some(Self {
            model: model.to_owned(),
            strict,
            other_strict,
            points: (strict - other_strict) * 100.0,
            agreement,
            only_this: only((true, false)),
            only_other: only((false, true)),
        })
    }
}

#[cfg(test)]
mod tests {
    use plexus_core::Domain;

    use super::*;
    use crate::eval::{rows::Row, seen::tests::seen};

    #[test]
    fn models_are_compared_row_by_row() {
        let row = Row {
            domains: vec![Domain::Math],
            ..Row::default()
        };
        let (math, code) = ([0.1, 0.9, 0.1, 0.1], [0.9, 0.1, 0.1, 0.1]);
        let this: Vec<Seen<'_>> = [math, math, code, math].map(|scores| seen(&row, scores, 0.0)).to_vec();
        let against = Against::of("m@1", &this, &[math, code, math, code]).unwrap();
        let expected = Against {
            model: "m@1".into(),
            strict: 0.75,
            other_strict: 0.5,
            points: 25.0,
            agreement: 0.25,
            only_this: 2,
            only_other: 1,
        };
        assert_eq!(against, expected);
        assert_eq!(Against::of("m@1", &[], &[]), None);
    }
}
