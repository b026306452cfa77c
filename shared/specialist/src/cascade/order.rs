//! Which engines are asked for a question, and in which order. Pure.
//!
//! First come exact engines, then models in the order of what they are expected to cost for this question. A caller's tiers
//! and regions, a context window that is too small, too little time: engines that these rule out are never asked. Those
//! that the question is too complex for are passed over, but stay at hand in case all others fail, the strongest first.

use std::{cmp::Ordering, time::Duration};

use crate::engine::{EngineInfo, Question};

/// Tokens that an answer is expected to have where the caller sets no limit.
const EXPECTED_OUTPUT: u64 = 512;

/// How large a question is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) input: u64,
    pub(super) output: u64,
    /// The caller's own limit of the answer.
    pub(super) limit: Option<u32>,
}

impl Size {
    pub(super) fn of(question: &Question, input: u64) -> Self {
        let output = question.constraints.max_output_tokens;
        Self {
            input,
            output: output.map_or(EXPECTED_OUTPUT, u64::from),
            limit: output,
        }
    }

    /// What an engine is expected to cost, US dollars.
    pub(super) fn cost(&self, info: &EngineInfo) -> f64 {
        info.price.of(self.input, self.output)
    }
}

/// An engine's place among those of a specialist.
pub(super) type Index = usize;

/// Who is asked, and who is not.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Order {
    /// Those to ask, in this order.
    pub(super) sequence: Vec<Index>,
    /// How many of them, from the first on, the question is not too complex for.
    pub(super) capable: usize,
    /// Those that are not asked, or only in need, and why.
    pub(super) skipped: Vec<(Index, String)>,
}

/// Orders the engines for a question. `left` is the time that it may take, if that is limited.
pub(super) fn order(engines: &[&EngineInfo], question: &Question, size: Size, left: Option<Duration>) -> Order {
    let mut skipped = Vec::new();
    let mut allowed: Vec<Index> = Vec::new();
    for (index, info) in engines.iter().enumerate() {
        match ruled_out(info, question, size, left) {
            Some(why) => skipped.push((index, why)),
            None => allowed.push(index),
        }
    }
    // A stable sort: of engines that cost the same, the configuration says which comes first.
    allowed.sort_by(|a, b| by_cost(engines[*a], engines[*b], size));
    let strongest = allowed.last().copied();
    let too_complex = |index: &Index| {
        let info = engines[*index];
        let limit = question
            .max_complexity
            .unwrap_or(1.0)
            .min(f64::from(info.max_complexity));
        let complexity = question.complexity.filter(|complexity| *complexity > limit)?;
        let passed_over = Some(*index) != strongest && !info.is_exact();
        passed_over.then(|| match limit > 0.0 {
            true => format!("the query is too complex for it: {complexity:.2} is above {limit:.2}"),
            false => "the strongest engine is wanted".to_owned(),
        })
    };
    let (mut sequence, mut in_need) = (Vec::new(), Vec::new());
    for index in allowed {
        match too_complex(&index) {
            Some(why) => {
                skipped.push((index, why));
                in_need.push(index);
            }
            None => sequence.push(index),
        }
    }
    let capable = sequence.len();
    sequence.extend(in_need.into_iter().rev());
    Order {
        sequence,
        capable,
        skipped,
    }
}

fn by_cost(a: &EngineInfo, b: &EngineInfo, size: Size) -> Ordering {
    let exact_first = b.is_exact().cmp(&a.is_exact());
    exact_first.then(size.cost(a).total_cmp(&size.cost(b)))
}

fn ruled_out(info: &EngineInfo, question: &Question, size: Size, left: Option<Duration>) -> Option<String> {
    let constraints = &question.constraints;
    if !constraints.allows(info.tier) {
        return Some(format!(
            "runs in tier {}, which the caller does not allow",
            info.tier.name()
        ));
    }
    if !info.is_exact() && !constraints.allows_region(&info.region) {
        return Some(match info.region.as_str() {
            "" => "states no region, and the caller allows only some".to_owned(),
            region => format!("runs in region {region}, which the caller does not allow"),
        });
    }
    let window = info.context_window.map(u64::from);
    if window.is_some_and(|window| size.input >= window) {
        return Some(format!(
            "about {} tokens do not fit its context window of {}",
            size.input,
            window.unwrap_or_default()
        ));
    }
    if left.is_some_and(|left| left < info.expected_latency) {
        return Some(format!(
            "takes about {:?}, and less time is left",
            info.expected_latency
        ));
    }
    None
}

#[cfg(test)]
mod tests {
    use plexus_core::{Constraints, Price};
    use proptest::prelude::*;

    use super::*;

    fn engine(name: &str, output_per_mtok: f64) -> EngineInfo {
        EngineInfo {
            model: if name == "exact" {
                String::new()
            } else {
                name.to_owned()
            },
            price: Price {
                input_per_mtok: 0.0,
                output_per_mtok,
            },
            ..EngineInfo::new(name, "scripted")
        }
    }

    fn names<'a>(engines: &'a [EngineInfo], question: &Question, left: Option<Duration>) -> (Vec<&'a str>, usize) {
        let infos: Vec<&EngineInfo> = engines.iter().collect();
        let order = order(&infos, question, Size::of(question, 100), left);
        let names = order.sequence.iter().map(|index| engines[*index].name.as_str());
        (names.collect(), order.capable)
    }

    fn complex(complexity: f64, limit: f64) -> Question {
        Question {
            complexity: Some(complexity),
            max_complexity: Some(limit),
            ..Question::default()
        }
    }

    #[test]
    fn the_exact_and_the_cheap_come_first() {
        let engines = [
            engine("large", 8.0),
            engine("small", 0.1),
            engine("free", 0.0),
            engine("exact", 0.0),
        ];
        let (order, capable) = names(&engines, &Question::default(), None);
        assert_eq!(order, ["exact", "free", "small", "large"]);
        assert_eq!(capable, 4);
    }

    #[test]
    fn complexity_decides_where_to_enter_and_the_strongest_is_always_asked() {
        let engines = [
            engine("exact", 0.0),
            engine("small", 0.1),
            engine("middle", 1.0),
            engine("large", 8.0),
        ];
        assert_eq!(names(&engines, &complex(0.4, 0.5), None).1, 4);
        let (order, capable) = names(&engines, &complex(0.6, 0.5), None);
        assert_eq!((order, capable), (vec!["exact", "large", "middle", "small"], 2));
        // An engine may state its own limit.
        let own = [
            EngineInfo {
                max_complexity: 0.3,
                ..engine("small", 0.1)
            },
            engine("large", 8.0),
        ];
        assert_eq!(names(&own, &complex(0.4, 0.5), None), (vec!["large", "small"], 1));
        assert_eq!(names(&own[..1], &complex(0.9, 0.5), None), (vec!["small"], 1));
    }

    #[test]
    fn what_is_ruled_out_is_never_asked() {
        let eu = EngineInfo {
            region: "eu".to_owned(),
            ..engine("eu", 1.0)
        };
        let narrow = EngineInfo {
            context_window: Some(100),
            ..engine("narrow", 0.1)
        };
        let slow = EngineInfo {
            expected_latency: Duration::from_secs(2),
            ..engine("slow", 0.2)
        };
        let engines = [engine("exact", 0.0), eu, narrow, slow, engine("far", 0.3)];
        let only_eu = Question {
            constraints: Constraints {
                regions: vec!["eu".to_owned()],
                ..Constraints::default()
            },
            ..Question::default()
        };
        assert_eq!(names(&engines, &only_eu, None).0, ["exact", "eu"]);
        let hasty = names(&engines, &Question::default(), Some(Duration::from_secs(1))).0;
        assert_eq!(hasty, ["exact", "far", "eu"]);
    }

    proptest! {
        #[test]
        fn everybody_is_either_asked_or_told_why_not(
            prices in proptest::collection::vec((0.0_f64..10.0, any::<bool>(), 0.0_f32..=1.0), 0..6),
            complexity in proptest::option::of(0.0_f64..=1.0),
            limit in proptest::option::of(0.0_f64..=1.0),
        ) {
            let engines: Vec<EngineInfo> = prices
                .iter()
                .enumerate()
                .map(|(index, (price, narrow, max_complexity))| EngineInfo {
                    context_window: narrow.then_some(10),
                    max_complexity: *max_complexity,
                    ..engine(&index.to_string(), *price)
                })
                .collect();
            let infos: Vec<&EngineInfo> = engines.iter().collect();
            let question = Question { complexity, max_complexity: limit, ..Question::default() };
            let order = order(&infos, &question, Size::of(&question, 100), None);
            let mut all: Vec<Index> = order.sequence.clone();
            all.extend(order.skipped.iter().map(|(index, _)| *index));
            all.sort_unstable();
            all.dedup();
            prop_assert_eq!(all, (0..engines.len()).collect::<Vec<_>>());
            prop_assert!(order.capable <= order.sequence.len());
            prop_assert!(order.sequence.is_empty() || order.capable > 0);
            let cost = |index: &Index| engines[*index].price.output_per_mtok;
            prop_assert!(order.sequence[..order.capable].is_sorted_by(|a, b| cost(a) <= cost(b)));
        }
    }
}
