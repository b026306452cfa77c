//! What simpler ways to choose an engine come to on the same questions.

use std::path::Path;

use plexus_classifier::{Classifier, ModelConfig};
use plexus_config::{Environment, locate};
use serde::Serialize;

use super::{
    curve::{Ends, Point, apgr, cheapest, cpt},
    decide::{Decision, Seen},
    rows::Row,
};
use crate::failure::{Failure, code};

/// Neighbours that vote: RouterBench (Hu et al., 2024) and later work use 40.
const NEIGHBOURS: usize = 40;
/// Parts of the data; a question's neighbours are looked for in the other parts.
const FOLDS: usize = 5;

/// One way.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Way {
    pub(super) name: &'static str,
    pub(super) saved_at_95: f64,
    pub(super) calls_saved_at_95: f64,
    pub(super) apgr: f64,
    pub(super) cpt: [f64; 3],
}

/// A way that asks the strong engine, alone, in the order of `ranks`: the greatest first.
pub(super) fn ranked(name: &'static str, seen: &[Seen], ranks: &[f64], kept: f64) -> Way {
    let ends = Ends::of(seen);
    let mut order: Vec<usize> = (0..seen.len()).collect();
    order.sort_by(|a, b| ranks[*b].total_cmp(&ranks[*a]).then(a.cmp(b)));
    let alone = |one: &Seen, strong: bool| {
        let served = if strong { one.strong } else { one.weak };
        Decision {
            given: None,
            correct: served.is_some_and(|one| one.correct),
            strong_asked: strong,
            cost: served.map_or(0.0, |one| one.cost),
        }
    };
    let mut is_strong = vec![false; seen.len()];
    let mut points: Vec<Point> = Vec::new();
    let step = seen.len().div_ceil(400).max(1);
    for place in 0..=order.len() {
        if place % step == 0 || place == order.len() {
            let decisions = seen.iter().zip(&is_strong).map(|(one, strong)| alone(one, *strong));
            points.push(ends.point(0.0, decisions));
        }
        if let Some(index) = order.get(place) {
            is_strong[*index] = true;
        }
    }
    let best = cheapest(&points, kept * ends.strong_accuracy);
    Way {
        name,
        saved_at_95: best.map_or(0.0, |best| best.saved),
        calls_saved_at_95: best.map_or(0.0, |best| 1.0 - best.strong_calls),
        apgr: apgr(&ends, &points),
        cpt: [0.5, 0.8, 0.95].map(|part| cpt(&ends, &points, part)),
    }
}

/// Who knows the answers: asks the strong engine where it helps, the cheapest first.
pub(super) fn oracle(seen: &[Seen]) -> Vec<f64> {
    let gain = |one: &Seen| {
        let right = |one: Option<super::ask::Try>| one.is_some_and(|one| one.correct);
        let cost = one.strong.map_or(1.0, |one| one.cost);
        match (right(one.weak), right(one.strong)) {
            (false, true) => 2.0 + 1.0 / (1.0 + cost),
            (true, false) => 0.0,
            _ => 1.0,
        }
    };
    seen.iter().map(gain).collect()
}

/// A coin: what is saved follows from the two ends alone.
pub(super) fn random(ends: &Ends, kept: f64) -> Way {
    let needed = ends.recovered(kept * ends.strong_accuracy).clamp(0.0, 1.0);
    let cost = ends.weak_cost_usd + needed * (ends.strong_cost_usd - ends.weak_cost_usd);
    Way {
        name: "random",
        saved_at_95: ends.saved(cost),
        calls_saved_at_95: 1.0 - needed,
        apgr: 0.5,
        cpt: [0.5, 0.8, 0.95],
    }
}

/// How probable it is that the weak engine is wrong, by the nearest questions of the other parts of the data.
///
/// # Errors
/// A model that is missing or broken.
pub(super) async fn nearest(rows: &[Row], weak: &str) -> Result<Vec<f64>, Failure> {
    let environment = Environment::process();
    let config = ModelConfig::of(locate(Path::new("models/router")));
    let broken = |error: String| Failure::new(code::INPUT, error);
    let opened = tokio::task::spawn_blocking(move || Classifier::open(&config, &environment)).await;
    let classifier = opened
        .map_err(|error| broken(error.to_string()))?
        .map_err(|error| broken(plexus_errors::chain(&error)))?;
    let loaded = classifier.loaded();
    let mut vectors: Vec<(Vec<f32>, f64)> = Vec::with_capacity(rows.len());
    for row in rows {
        let vector = loaded.embed(&row.prompt).await;
        let vector = vector.map_err(|error| broken(plexus_errors::chain(&error)))?;
        let wrong = row.engines.get(weak).is_some_and(|recorded| !recorded.correct);
        vectors.push((vector, f64::from(u8::from(wrong))));
    }
    Ok((0..vectors.len()).map(|index| vote(&vectors, index)).collect())
}

fn vote(vectors: &[(Vec<f32>, f64)], index: usize) -> f64 {
    let own = &vectors[index].0;
    let mut nearest: Vec<(f32, f64)> = Vec::with_capacity(NEIGHBOURS + 1);
    for (other, (vector, wrong)) in vectors.iter().enumerate() {
        if other % FOLDS == index % FOLDS {
            continue;
        }
        let cosine: f32 = own.iter().zip(vector).map(|(a, b)| a * b).sum();
        let place = nearest.partition_point(|(near, _)| *near >= cosine);
        if place < NEIGHBOURS {
            nearest.insert(place, (cosine, *wrong));
            nearest.truncate(NEIGHBOURS);
        }
    }
    nearest.iter().map(|(_, wrong)| wrong).sum::<f64>() / nearest.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replay::decide::tests::seen;

    #[test]
    fn the_oracle_asks_only_where_it_helps() {
        let all = [
            seen(0.5, None, false, true),
            seen(0.5, None, true, true),
            seen(0.5, None, true, false),
            seen(0.5, None, false, false),
        ];
        let way = ranked("oracle", &all, &oracle(&all), 1.0);
        // Right without it: two of four; as right as the strong engine already with one call less than that.
        assert!((way.calls_saved_at_95 - 1.0).abs() < 1e-12, "{way:?}");
        let helped = [all[0].clone(), all[1].clone(), all[1].clone(), all[1].clone()];
        let way = ranked("oracle", &helped, &oracle(&helped), 1.0);
        assert!((way.calls_saved_at_95 - 0.75).abs() < 1e-12, "{way:?}");
    }

    #[test]
    fn a_coin_saves_by_the_gap() {
        let ends = Ends {
            weak_accuracy: 0.6,
            strong_accuracy: 0.8,
            weak_cost_usd: 0.0,
            strong_cost_usd: 100.0,
        };
        let way = random(&ends, 0.95);
        assert!((way.saved_at_95 - 0.2).abs() < 1e-9, "{way:?}");
    }

    #[test]
    fn the_nearest_of_other_parts_vote() {
        let one = |x: f32, wrong: f64| (vec![x, (1.0 - x * x).sqrt()], wrong);
        let mut vectors = vec![one(1.0, 0.0)];
        vectors.extend((0..200).map(|index| one(if index % 2 == 0 { 0.99 } else { 0.0 }, f64::from(index % 2 == 0))));
        assert!((vote(&vectors, 0) - 1.0).abs() < 1e-9);
    }
}
