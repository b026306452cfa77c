//! Quality and cost over the threshold. Pure.
//!
//! Source of the measures: Ong et al., "RouteLLM: Learning to Route LLMs with Preference Data", 2024, section 2: the
//! performance gap recovered (PGR) of a share of calls to the strong engine, its average over all shares (APGR), and the
//! share that recovers a part of the gap (CPT).

use plexus_core::CascadePolicy;
use serde::Serialize;

use super::decide::{Decision, Seen, decide};

/// Thresholds that are tried.
const POINTS: usize = 400;

/// What a threshold, or another way to choose, comes to.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(super) struct Point {
    /// How sure answers of the weak engine must be.
    pub(super) threshold: f64,
    /// Share of questions that are answered right.
    pub(super) accuracy: f64,
    /// Share of questions that the strong engine is asked.
    pub(super) strong_calls: f64,
    /// What all of it costs, US dollars.
    pub(super) cost_usd: f64,
    /// Share of the cost of always asking the strong engine that is saved.
    pub(super) saved: f64,
}

/// The two ends: the strong engine alone, and the weak one alone.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(super) struct Ends {
    pub(super) weak_accuracy: f64,
    pub(super) strong_accuracy: f64,
    pub(super) weak_cost_usd: f64,
    pub(super) strong_cost_usd: f64,
}

impl Ends {
    pub(super) fn of(seen: &[Seen]) -> Self {
        let total = |pick: fn(&Seen) -> f64| seen.iter().map(pick).sum::<f64>();
        let count = seen.len().max(1) as f64;
        Self {
            weak_accuracy: total(|one| one.weak.map_or(0.0, |one| f64::from(u8::from(one.correct)))) / count,
            strong_accuracy: total(|one| one.strong.map_or(0.0, |one| f64::from(u8::from(one.correct)))) / count,
            weak_cost_usd: total(|one| one.weak.map_or(0.0, |one| one.cost)),
            strong_cost_usd: total(|one| one.strong.map_or(0.0, |one| one.cost)),
        }
    }

    /// What decisions come to.
    pub(super) fn point(&self, threshold: f64, decisions: impl Iterator<Item = Decision>) -> Point {
        let (mut count, mut right, mut strong, mut cost) = (0_usize, 0_usize, 0_usize, 0.0);
        for decision in decisions {
            count += 1;
            right += usize::from(decision.correct);
            strong += usize::from(decision.strong_asked);
            cost += decision.cost;
        }
        let share = |part: usize| part as f64 / count.max(1) as f64;
        Point {
            threshold,
            accuracy: share(right),
            strong_calls: share(strong),
            cost_usd: cost,
            saved: self.saved(cost),
        }
    }

    /// Share of the strong engine's cost that is saved.
    pub(super) fn saved(&self, cost: f64) -> f64 {
        1.0 - cost / self.strong_cost_usd.max(f64::MIN_POSITIVE)
    }

    /// Share of the gap between weak and strong that an accuracy recovers.
    pub(super) fn recovered(&self, accuracy: f64) -> f64 {
        let gap = self.strong_accuracy - self.weak_accuracy;
        match gap.abs() < 1e-12 {
            true => 1.0,
            false => (accuracy - self.weak_accuracy) / gap,
        }
    }
}

/// The curve over all thresholds.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Curve {
    pub(super) ends: Ends,
    /// From the lowest threshold to the highest.
    pub(super) points: Vec<Point>,
}

impl Curve {
    pub(super) fn of(seen: &[Seen], policy: &CascadePolicy) -> Self {
        let ends = Ends::of(seen);
        let points = thresholds(seen, policy)
            .into_iter()
            .map(|threshold| ends.point(threshold, seen.iter().map(|one| decide(one, policy, threshold))));
        let points = points.collect();
        Self { ends, points }
    }

    /// The threshold that costs least where `kept` of the strong engine's accuracy is kept; 1, always the strong one, where
    /// none does.
    pub(super) fn cheapest(&self, kept: f64) -> f64 {
        cheapest(&self.points, kept * self.ends.strong_accuracy).map_or(1.0, |point| point.threshold)
    }

    /// Share of calls to the strong engine that is saved where `kept` of its accuracy is kept.
    pub(super) fn calls_saved(&self, kept: f64) -> f64 {
        let enough = self
            .points
            .iter()
            .filter(|point| point.accuracy >= kept * self.ends.strong_accuracy - 1e-12);
        1.0 - enough.map(|point| point.strong_calls).fold(1.0, f64::min)
    }

    /// Average performance gap recovered: the area under PGR over the share of calls to the strong engine.
    pub(super) fn apgr(&self) -> f64 {
        apgr(&self.ends, &self.points)
    }

    /// The smallest share of calls to the strong engine that recovers `part` of the gap.
    pub(super) fn cpt(&self, part: f64) -> f64 {
        cpt(&self.ends, &self.points, part)
    }
}

/// The cheapest point of at least that accuracy.
pub(super) fn cheapest(points: &[Point], accuracy: f64) -> Option<&Point> {
    let enough = points.iter().filter(|point| point.accuracy >= accuracy - 1e-12);
    enough.min_by(|a, b| a.cost_usd.total_cmp(&b.cost_usd))
}

pub(super) fn apgr(ends: &Ends, points: &[Point]) -> f64 {
    let mut path: Vec<(f64, f64)> = points
        .iter()
        .map(|point| (point.strong_calls, ends.recovered(point.accuracy)))
        .collect();
    path.extend([(0.0, 0.0), (1.0, 1.0)]);
    path.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    path.windows(2)
        .map(|pair| (pair[1].0 - pair[0].0) * f64::midpoint(pair[0].1, pair[1].1))
        .sum()
}

pub(super) fn cpt(ends: &Ends, points: &[Point], part: f64) -> f64 {
    let enough = points
        .iter()
        .filter(|point| ends.recovered(point.accuracy) >= part - 1e-12);
    enough.map(|point| point.strong_calls).fold(1.0, f64::min)
}

/// Thresholds at which something changes, evenly chosen where there are many; 0 and 1 among them.
fn thresholds(seen: &[Seen], policy: &CascadePolicy) -> Vec<f64> {
    let mut changes: Vec<f64> = seen
        .iter()
        .map(|one| {
            let said = one.weak.and_then(|weak| weak.confidence);
            let said = said.unwrap_or(1.0 - one.complexity);
            let worth = one.sureness().worth(said, policy.price_weight);
            // Right above a value its question is no longer sure enough.
            (worth + 1e-9).min(1.0)
        })
        .collect();
    changes.sort_by(f64::total_cmp);
    changes.dedup();
    let step = changes.len().div_ceil(POINTS).max(1);
    let mut chosen: Vec<f64> = changes.into_iter().step_by(step).collect();
    chosen.extend([0.0, 1.0]);
    chosen.sort_by(f64::total_cmp);
    chosen.dedup();
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replay::decide::tests::{POLICY, seen};

    #[test]
    fn a_signal_that_knows_saves_and_one_that_does_not_saves_nothing() {
        // Ten questions, of which the weak engine gets the five doubtful ones wrong.
        let known: Vec<Seen> = (0..10)
            .map(|index| seen(0.5, Some(f64::from(index) / 10.0), index >= 5, true))
            .collect();
        let curve = Curve::of(&known, &POLICY);
        let ends = curve.ends;
        assert_eq!((ends.weak_accuracy, ends.strong_accuracy), (0.5, 1.0));
        let best = cheapest(&curve.points, 1.0).unwrap();
        assert!((best.cost_usd - 510.0).abs() < 1e-9, "{best:?}");
        assert!((best.saved - 0.49).abs() < 1e-9 && curve.cheapest(1.0) == best.threshold);
        assert!((curve.cpt(1.0) - 0.5).abs() < 1e-12 && (curve.cpt(0.2) - 0.1).abs() < 1e-12);
        // Recovered at 0.2, 0.4 … of the gap for each tenth of the calls, then all of it.
        assert!((curve.apgr() - 0.75).abs() < 1e-9, "{}", curve.apgr());
    }

    #[test]
    fn where_nothing_is_kept_only_the_strong_engine_is_asked() {
        let none = [seen(0.5, Some(0.9), false, true)];
        let curve = Curve::of(&none, &POLICY);
        assert_eq!(curve.cheapest(0.95), 1.0);
        let last = curve.points.last().unwrap();
        assert_eq!((last.threshold, last.saved, last.strong_calls), (1.0, 0.0, 1.0));
    }
}
