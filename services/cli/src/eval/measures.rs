//! Measures of single-domain answers. Shares lie between 0 and 1; a share of nothing is none, not 0.

use plexus_core::Domain;
use serde::Serialize;

use super::rows::Row;

/// Bins of the calibration error.
const BINS: usize = 10;

/// How one row that needs one domain was answered.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Judged {
    /// The right domain, as its place in [`Domain::ALL`].
    pub(super) truth: usize,
    /// The best domain by the scores.
    pub(super) got: usize,
    /// Its score, 0 to 1.
    pub(super) score: f64,
    /// Whether they are the same.
    pub(super) strict: bool,
    /// Whether they are the same or the row accepts the other too.
    pub(super) lenient: bool,
}

impl Judged {
    /// Judges scores (order of [`Domain::ALL`]) of a row; none where the row needs several domains or says nothing of them.
    pub(super) fn of(row: &Row, scores: [f32; 4]) -> Option<Self> {
        let truth = row.single()?;
        let (got, score) = best(scores);
        let domain = Domain::ALL[got];
        Some(Self {
            truth: Domain::ALL.iter().position(|one| *one == truth)?,
            got,
            score: f64::from(score),
            strict: domain == truth,
            lenient: domain == truth || row.also_ok.contains(&domain),
        })
    }
}

/// Place and value of the best score; the first of equal ones.
pub(super) fn best(scores: [f32; 4]) -> (usize, f32) {
    let places = scores.into_iter().enumerate();
    places.fold((0, scores[0]), |best, one| if one.1 > best.1 { one } else { best })
}

/// The share of true ones.
pub(super) fn share(values: impl IntoIterator<Item = bool>) -> Option<f64> {
    let (mut hits, mut all) = (0_usize, 0_usize);
    for value in values {
        hits += usize::from(value);
        all += 1;
    }
    (all > 0).then(|| hits as f64 / all as f64)
}

/// The mean.
pub(super) fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// The smallest value that at least this share of the values do not exceed (nearest rank).
pub(super) fn quantile(values: &[f64], share: f64) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.clamp(1, sorted.len().max(1)) - 1).copied()
}

/// How often each domain (row) was taken for each (column), in the order of [`Domain::ALL`].
pub(super) fn confusion(judged: &[Judged]) -> [[usize; 4]; 4] {
    let mut counts = [[0; 4]; 4];
    for one in judged {
        counts[one.truth][one.got] += 1;
    }
    counts
}

/// F1 of each domain, 2 TP / (2 TP + FP + FN); none where it neither is right nor was answered.
pub(super) fn f1(confusion: &[[usize; 4]; 4]) -> [Option<f64>; 4] {
    std::array::from_fn(|domain| {
        let right = confusion[domain][domain];
        let truth: usize = confusion[domain].iter().sum();
        let got: usize = confusion.iter().map(|row| row[domain]).sum();
        (truth + got > 0).then(|| 2.0 * right as f64 / (truth + got) as f64)
    })
}

/// The mean of the F1 that there are.
pub(super) fn macro_f1(confusion: &[[usize; 4]; 4]) -> Option<f64> {
    let known: Vec<f64> = f1(confusion).into_iter().flatten().collect();
    mean(&known)
}

/// Expected calibration error of the best score (Naeini, Cooper, Hauskrecht: AAAI 2015; Guo et al.: ICML 2017): ten bins
/// of equal width, each open at its lower end; the sum over bins of |sum of scores - number right| / rows.
pub(super) fn ece(judged: &[Judged]) -> Option<f64> {
    let mut bins = [0.0; BINS];
    for one in judged {
        let bin = ((one.score * BINS as f64).ceil() as usize).clamp(1, BINS) - 1;
        bins[bin] += one.score - f64::from(u8::from(one.strict));
    }
    let off: f64 = bins.iter().map(|bin| bin.abs()).sum();
    (!judged.is_empty()).then(|| off / judged.len() as f64)
}

/// Accuracy where only the surest are counted.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Coverage {
    /// Share of the rows that are counted, the surest first.
    pub(super) share: f64,
    /// The lowest score among them.
    pub(super) score: f64,
    /// Their strict accuracy.
    pub(super) strict: f64,
}

/// Accuracy of the surest half, 70, 80, 90 and 100 of a hundred (rounded up; rows of equal score in the data's order).
pub(super) fn coverage(judged: &[Judged]) -> Vec<Coverage> {
    let mut sorted: Vec<&Judged> = judged.iter().collect();
    sorted.sort_by(|a, b| b.score.total_cmp(&a.score));
    let cut = |percent: usize| {
        let surest = &sorted[..(sorted.len() * percent).div_ceil(100)];
        Some(Coverage {
            share: percent as f64 / 100.0,
            score: surest.last()?.score,
            strict: share(surest.iter().map(|one| one.strict))?,
        })
    };
    [50, 70, 80, 90, 100].into_iter().filter_map(cut).collect()
}

/// Area under the ROC curve: the chance that a true one scores above a false one, a tie counting half (Mann and Whitney
/// 1947). None where there are none of a kind.
pub(super) fn auc(scores: &[(f64, bool)]) -> Option<f64> {
    let mut sorted = scores.to_vec();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut below, mut wins, mut hits) = (0_usize, 0.0, 0_usize);
    for tied in sorted.chunk_by(|a, b| a.0 == b.0) {
        let here = tied.iter().filter(|one| one.1).count();
        let others = tied.len() - here;
        wins += here as f64 * (below as f64 + others as f64 / 2.0);
        hits += here;
        below += others;
    }
    (hits > 0 && below > 0).then(|| wins / (hits as f64 * below as f64))
}

#[cfg(test)]
#[path = "measures_tests.rs"]
mod tests;
