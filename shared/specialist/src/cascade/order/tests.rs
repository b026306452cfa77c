//! Who is asked, and in which order.

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

fn size(question: &Question) -> Size {
    Size {
        input: 100,
        ..Size::of(question)
    }
}

fn names<'a>(engines: &'a [EngineInfo], question: &Question, left: Option<Duration>) -> (Vec<&'a str>, usize) {
    let infos: Vec<&EngineInfo> = engines.iter().collect();
    let order = order(&infos, question, size(question), left);
    let names = order.sequence.iter().map(|index| engines[*index].name.as_str());
    (names.collect(), order.sequence.len() - order.in_need.len())
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

#[test]
fn ways_up_are_the_stronger_engines_that_the_question_is_not_too_complex_for() {
    let engines = [
        engine("exact", 0.0),
        engine("small", 0.1),
        engine("middle", 1.0),
        engine("large", 8.0),
    ];
    let infos: Vec<&EngineInfo> = engines.iter().collect();
    let ups = |question: &Question| {
        let order = order(&infos, question, size(question), None);
        let places = 0..order.sequence.len();
        places.map(|place| order.up(place).collect()).collect::<Vec<Vec<_>>>()
    };
    let none = Vec::new;
    assert_eq!(ups(&Question::default()), [vec![1, 2, 3], vec![2, 3], vec![3], none()]);
    assert_eq!(ups(&complex(0.6, 0.5)), [vec![3], none(), none(), none()]);
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
        let order = order(&infos, &question, size(&question), None);
        let mut all: Vec<Index> = order.sequence.clone();
        all.extend(order.skipped.iter().map(|(index, _)| *index));
        all.sort_unstable();
        all.dedup();
        prop_assert_eq!(all, (0..engines.len()).collect::<Vec<_>>());
        let capable = order.sequence.len() - order.in_need.len();
        prop_assert!(order.sequence.is_empty() || capable > 0);
        let cost = |index: &Index| engines[*index].price.output_per_mtok;
        prop_assert!(order.sequence[..capable].is_sorted_by(|a, b| cost(a) <= cost(b)));
    }
}
