//! What simpler ways would do on the same rows.

mod knn;
mod logistic;
mod tfidf;

use std::{collections::HashSet, time::Instant};

use plexus_classifier::{EncodeError, Loaded, keywords};
use plexus_core::Domain;
use serde::Serialize;

use self::{
    knn::Neighbours,
    logistic::{Logistic, Sparse},
    tfidf::Vectorizer,
};
use super::{
    measures::{Judged, confusion, ece, macro_f1, mean, share},
    rows::Row,
    seen::Seen,
};

/// Rows that nearest neighbours are looked for among: a pass of the encoder each.
const MAX_NEIGHBOURS: usize = 4000;
/// Seed of their choice.
const SEED: u64 = 4000;
/// How much errors count against large weights.
const C: f64 = 4.0;

/// One way to tell domains, over the rows that need one.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Way {
    /// What it is.
    pub(super) name: String,
    /// Strict accuracy.
    pub(super) strict: f64,
    /// Lenient accuracy.
    pub(super) lenient: f64,
    /// Mean of the domains' F1.
    pub(super) macro_f1: Option<f64>,
    /// Expected calibration error of its best score; none where its scores are no probabilities.
    pub(super) ece: Option<f64>,
    /// Mean time of a row, microseconds; none where that means nothing.
    pub(super) mean_us: Option<f64>,
}

impl Way {
    fn of(name: &str, rows: impl Iterator<Item = (Option<Judged>, f64)>) -> Option<Self> {
        let rows = rows.filter_map(|(judged, time)| Some((judged?, time)));
        let (judged, times): (Vec<Judged>, Vec<f64>) = rows.unzip();
        Some(Self {
            name: name.to_owned(),
            strict: share(judged.iter().map(|one| one.strict))?,
            lenient: share(judged.iter().map(|one| one.lenient))?,
            macro_f1: macro_f1(&confusion(&judged)),
            ece: ece(&judged),
            mean_us: mean(&times),
        })
    }

    /// The same for a function of the text.
    fn by(name: &str, seen: &[Seen<'_>], scores: impl Fn(&str) -> [f32; 4]) -> Option<Self> {
        let judge = |one: &Seen<'_>| {
            let begin = Instant::now();
            let scores = scores(&one.row.text);
            (Judged::of(one.row, scores), begin.elapsed().as_secs_f64() * 1e6)
        };
        Self::of(name, seen.iter().map(judge))
    }
}

/// The classifier's own ways: both stages, the encoder for every row, the first stage for every row.
pub(super) fn own(seen: &[Seen<'_>]) -> Vec<Way> {
    let both = seen
        .iter()
        .map(|one| (Judged::of(one.row, one.both.domains), one.times.both));
    let encoder = seen
        .iter()
        .map(|one| (Judged::of(one.row, one.encoder.domains), one.times.encoder));
    let first = seen
        .iter()
        .filter_map(|one| Some((Judged::of(one.row, one.first?.domains), one.times.first?)));
    let ways = [
        Way::of("both stages", both),
        Way::of("encoder alone", encoder),
        Way::of("first stage alone", first),
    ];
    ways.into_iter().flatten().collect()
}

/// Ways that need nothing but the rows: the most frequent domain of `train`, or of the rows themselves; keyword rules.
pub(super) fn untrained(seen: &[Seen<'_>], train: &[(&str, usize)]) -> Vec<Way> {
    let mut counts = [0_usize; 4];
    let labels: Vec<usize> = match train.is_empty() {
        true => seen
            .iter()
            .filter_map(|one| Some(Judged::of(one.row, [0.0; 4])?.truth))
            .collect(),
        false => train.iter().map(|(_, label)| *label).collect(),
    };
    for label in &labels {
        counts[*label] += 1;
    }
    let all = labels.len().max(1) as f32;
    let shares = counts.map(|count| count as f32 / all);
    let majority = Way::by("majority class", seen, |_| shares).map(|way| Way { mean_us: None, ..way });
    // Their scores count hits; they are no probabilities.
    let rules = Way::by("keyword rules", seen, keywords).map(|way| Way { ece: None, ..way });
    majority.into_iter().chain(rules).collect()
}

/// Ways that are trained: TF-IDF with logistic regression, and nearest neighbours where the model has an embedding.
///
/// # Errors
/// A pass that fails.
pub(super) async fn trained(
    seen: &[Seen<'_>],
    train: &[(&str, usize)],
    loaded: &Loaded,
) -> Result<Vec<Way>, EncodeError> {
    let texts: Vec<&str> = train.iter().map(|(text, _)| *text).collect();
    let vectorizer = Vectorizer::fit(&texts);
    let rows: Vec<Sparse> = texts.iter().map(|text| vectorizer.row(text)).collect();
    let model = |label: usize| {
        let truth: Vec<bool> = train.iter().map(|(_, own)| *own == label).collect();
        Logistic::train(&rows, &truth, vectorizer.places(), C)
    };
    let models: [Logistic; 4] = std::array::from_fn(model);
    let regression = Way::by("TF-IDF, logistic regression", seen, |text| {
        let row = vectorizer.row(text);
        std::array::from_fn(|label| models[label].probability(&row))
    });
    let mut ways: Vec<Way> = regression.into_iter().collect();
    match nearest(seen, train, loaded).await {
        Ok(way) => ways.extend(way),
        Err(EncodeError::NoEmbedding) => {}
        Err(error) => return Err(error),
    }
    Ok(ways)
}

async fn nearest(seen: &[Seen<'_>], train: &[(&str, usize)], loaded: &Loaded) -> Result<Option<Way>, EncodeError> {
    let mut chosen: Vec<usize> = (0..train.len()).collect();
    fastrand::Rng::with_seed(SEED).shuffle(&mut chosen);
    chosen.truncate(MAX_NEIGHBOURS);
    // The data's order decides between equally near ones.
    chosen.sort_unstable();
    let mut neighbours = Neighbours::default();
    for index in chosen {
        let (text, label) = train[index];
        neighbours.add(loaded.embed(text).await?, label);
    }
    let mut judged = Vec::new();
    for one in seen.iter().filter(|one| one.row.single().is_some()) {
        let begin = Instant::now();
        let scores = neighbours.scores(loaded.embed(&one.row.text).await?);
        judged.push((Judged::of(one.row, scores), begin.elapsed().as_secs_f64() * 1e6));
    }
    Ok(Way::of("10 nearest neighbours", judged.into_iter()))
}

/// Texts to train on with their one domain. Texts that are measured, but for case and blanks, are left out.
pub(super) fn lessons<'a>(train: &'a [Row], measured: &[Row]) -> Vec<(&'a str, usize)> {
    let plain = |text: &str| text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
    let measured: HashSet<String> = measured.iter().map(|row| plain(&row.text)).collect();
    let rows = train.iter().filter(|row| !measured.contains(&plain(&row.text)));
    rows.filter_map(|row| {
        let domain = row.single()?;
        let label = Domain::ALL.iter().position(|one| *one == domain)?;
        Some((row.text.as_str(), label))
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::seen::tests::seen;

    fn row(text: &str, domain: Domain) -> Row {
        Row {
            text: text.into(),
            domains: vec![domain],
            ..Row::default()
        }
    }

    #[test]
    fn untrained_ways_are_judged() {
        let rows = [
            row("write a python script", Domain::Code),
            row("15% of 240 is", Domain::Math),
            row("2 + 2", Domain::Math),
            row("hello", Domain::Reasoning),
        ];
        let all: Vec<Seen<'_>> = rows.iter().map(|row| seen(row, [0.1, 0.9, 0.2, 0.2], 0.0)).collect();
        let ways = untrained(&all, &[]);
        assert_eq!(
            (ways[0].name.as_str(), ways[0].strict, ways[0].mean_us),
            ("majority class", 0.5, None)
        );
        assert_eq!(ways[0].ece, Some(0.0), "it answers with its own frequency");
        assert_eq!((ways[1].strict, ways[1].ece), (0.75, None));
        let ways = untrained(&all, &[("x", 0)]);
        assert_eq!(ways[0].strict, 0.25);
        let own = own(&all);
        let names: Vec<&str> = own.iter().map(|way| way.name.as_str()).collect();
        assert_eq!(names, ["both stages", "encoder alone", "first stage alone"]);
        assert_eq!((own[0].strict, own[2].mean_us), (0.5, Some(20.0)));
        assert!(untrained(&[], &[]).is_empty());
    }

    #[test]
    fn what_is_measured_is_not_learnt() {
        let train = [
            row(" What  IS it", Domain::Math),
            row("other", Domain::Language),
            Row::default(),
        ];
        let measured = [row("what is it", Domain::Math)];
        assert_eq!(lessons(&train, &measured), [("other", 3)]);
    }
}
