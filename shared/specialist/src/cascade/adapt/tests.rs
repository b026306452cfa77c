//! What may change in an order, and what may not.

use std::iter;

use plexus_core::Price;
use proptest::prelude::*;

use super::*;
use crate::{cascade::order::order, engine::Question};

const SIZE: Size = Size {
    input: 100,
    output: 100,
};
const FAILING: Trouble = Trouble::Failing {
    failures: 15,
    calls: 25,
};
const SLOW: Trouble = Trouble::Slow {
    first_word: Duration::from_millis(4230),
    usual: Duration::from_millis(400),
};

fn engine(name: &str, price: f64) -> EngineInfo {
    EngineInfo {
        model: name.replace("exact", ""),
        price: Price {
            input_per_mtok: 0.0,
            output_per_mtok: price,
        },
        ..EngineInfo::new(name, "scripted")
    }
}

fn in_trouble(trouble: Trouble) -> View {
    View {
        trouble: Some(trouble),
        ..View::default()
    }
}

fn engines() -> [EngineInfo; 4] {
    [
        engine("exact", 0.0),
        engine("small", 0.5),
        engine("middle", 1.0),
        engine("large", 8.0),
    ]
}

fn sentences(adapted: &Adapted) -> Vec<String> {
    let engines = engines();
    let infos: Vec<&EngineInfo> = engines.iter().collect();
    adapted.moved.iter().map(|moved| moved.sentence(&infos)).collect()
}

/// Those that are left for now.
fn left_out(adapted: &Adapted) -> Vec<Index> {
    let left = adapted.moved.iter().filter(|moved| moved.left);
    left.map(|moved| moved.index).collect()
}

/// [`engines`], where these are known of the last three.
fn adapted(views: [View; 3], question: &Question, left: Option<Duration>) -> (String, Adapted) {
    let engines = engines();
    let infos: Vec<&EngineInfo> = engines.iter().collect();
    let views: Vec<View> = iter::once(View::default()).chain(views).collect();
    let order = order(&infos, question, SIZE, None);
    let adapted = adapt(&order, &infos, &views, SIZE, left);
    let names = adapted.order.sequence.iter().map(|index| engines[*index].name.as_str());
    (names.collect::<Vec<_>>().join(" "), adapted)
}

fn complex() -> Question {
    Question {
        complexity: Some(0.9),
        max_complexity: Some(0.5),
        ..Question::default()
    }
}

fn well() -> View {
    View::default()
}

#[test]
fn one_in_trouble_is_asked_after_the_others_and_it_is_said_why() {
    let (names, adapted) = adapted([in_trouble(FAILING), well(), well()], &Question::default(), None);
    assert_eq!(names, "exact middle large small");
    let what = "asked after middle and large: 60% of its last 25 calls failed";
    assert_eq!(sentences(&adapted), [format!("engine small is {what}")]);
    assert_eq!(left_out(&adapted), [1]);
}

#[test]
fn nothing_is_said_where_nothing_changes() {
    for views in [
        [well(), well(), well()],
        [well(), well(), in_trouble(FAILING)],
        [in_trouble(FAILING), in_trouble(SLOW), in_trouble(FAILING)],
    ] {
        let (names, adapted) = adapted(views, &Question::default(), None);
        assert_eq!(names, "exact small middle large");
        assert!(adapted.moved.is_empty());
    }
}

#[test]
fn the_strongest_is_left_for_weaker_ones_only_where_it_fails_or_cannot_be_in_time() {
    let (names, _) = adapted([well(), well(), in_trouble(SLOW)], &complex(), None);
    assert_eq!(names, "exact large middle small");
    let (names, failing) = adapted([well(), well(), in_trouble(FAILING)], &complex(), None);
    assert_eq!(names, "exact middle small large");
    // What it said could not replace a weaker one's answer, as long as another weaker one would be asked first.
    assert_eq!(failing.order.up(1).count(), 0);
    let late = View {
        first_word: Some(Duration::from_secs(3)),
        ..well()
    };
    let (names, late) = adapted([well(), well(), late], &complex(), Some(Duration::from_secs(2)));
    assert_eq!(names, "exact middle small large");
    assert_eq!(
        sentences(&late),
        ["engine large is asked after middle and small: its first words take about 3.0s lately, and 2.0s are left"]
    );
}

#[test]
fn one_question_tries_one_engine() {
    let due = |trouble| View {
        probe_due: true,
        ..in_trouble(trouble)
    };
    let (names, adapted) = adapted([due(SLOW), due(FAILING), well()], &Question::default(), None);
    assert_eq!(names, "exact small large middle");
    assert_eq!(adapted.probe, Some(1));
    assert_eq!(adapted.moved.len(), 1, "{:?}", adapted.moved);
    // What the question is too complex for is not tried with it.
    let (_, adapted) = super::tests::adapted([due(SLOW), due(FAILING), well()], &complex(), None);
    assert_eq!(adapted.probe, None);
}

#[test]
fn a_question_in_a_hurry_tries_nobody() {
    let slow = |trouble| View {
        trouble,
        probe_due: true,
        first_word: Some(Duration::from_secs(3)),
        ..well()
    };
    let hurry = Some(Duration::from_secs(2));
    for trouble in [None, Some(FAILING), Some(SLOW)] {
        let (names, adapted) = adapted([slow(trouble), well(), well()], &Question::default(), hurry);
        assert_eq!((names.as_str(), adapted.probe), ("exact middle large small", None));
    }
    // With time enough it is tried.
    let (_, adapted) = adapted([slow(Some(FAILING)), well(), well()], &Question::default(), None);
    assert_eq!(adapted.probe, Some(1));
}

#[test]
fn a_dear_engine_counts_as_dear() {
    let dear = View {
        price_ratio: 2.4,
        price_factor: 2.4,
        ..well()
    };
    let (names, adapted) = adapted([dear, well(), well()], &Question::default(), None);
    assert_eq!(names, "exact middle small large");
    let said = "engine small is asked after middle: its answers cost 2.4 times what was expected";
    assert_eq!(sentences(&adapted), [said]);
    assert_eq!(left_out(&adapted), [0; 0]);
}

fn any_view() -> impl Strategy<Value = View> {
    let trouble = prop_oneof![3 => Just(None), 1 => Just(Some(FAILING)), 1 => Just(Some(SLOW))];
    let first_word = proptest::option::of((0_u64..5000).prop_map(Duration::from_millis));
    (trouble, any::<bool>(), first_word, 1.0_f64..4.0).prop_map(|(trouble, probe_due, first_word, factor)| View {
        trouble,
        probe_due,
        first_word,
        price_ratio: factor,
        failed: (0, 0),
        price_factor: factor,
    })
}

proptest! {
    #[test]
    fn nobody_is_lost_and_nobody_moves_further_than_allowed(
        engines in proptest::collection::vec((0.0_f64..10.0, any_view(), any::<bool>()), 1..7),
        complexity in proptest::option::of(0.0_f64..=1.0),
        left in proptest::option::of((0_u64..5000).prop_map(Duration::from_millis)),
    ) {
        let infos: Vec<EngineInfo> = engines
            .iter()
            .enumerate()
            .map(|(index, (price, _, exact))| {
                let name = if *exact { format!("exact-{index}") } else { format!("m{index}") };
                let model = if *exact { String::new() } else { name.clone() };
                EngineInfo { model, ..engine(&name, *price) }
            })
            .collect();
        let infos: Vec<&EngineInfo> = infos.iter().collect();
        let views: Vec<View> = engines.into_iter().map(|(_, view, _)| view).collect();
        let question = Question { complexity, max_complexity: Some(0.5), ..Question::default() };
        let plain = order(&infos, &question, SIZE, left);
        let adapted = adapt(&plain, &infos, &views, SIZE, left);
        let (before, after) = (&plain.sequence, &adapted.order.sequence);

        // Everybody is still asked, exact engines first and as ever.
        let mut sorted = [before.clone(), after.clone()];
        sorted.iter_mut().for_each(|all| all.sort_unstable());
        prop_assert_eq!(&sorted[0], &sorted[1]);
        let exact = |all: &[Index]| all.iter().copied().take_while(|index| infos[*index].is_exact()).collect::<Vec<_>>();
        prop_assert_eq!(exact(before), exact(after));
        prop_assert!(after[exact(after).len()..].iter().all(|index| !infos[*index].is_exact()));

        // Whoever is overtaken has a reason, and without trouble only by who is dearer by no more than the factor.
        let place = |all: &[Index], index: Index| all.iter().position(|one| *one == index);
        for (a, view) in views.iter().enumerate() {
            let late = view.trouble.is_some()
                || left.is_some_and(|left| view.first_word.is_some_and(|first_word| first_word > left));
            for b in 0..views.len() {
                let overtaken = place(before, a) < place(before, b) && place(after, b) < place(after, a);
                if !overtaken {
                    continue;
                }
                prop_assert!(adapted.moved.iter().any(|moved| moved.index == a), "{:?}", adapted);
                if !late {
                    prop_assert!(SIZE.cost(infos[b]) <= SIZE.cost(infos[a]) * view.price_factor);
                }
            }
        }
        prop_assert!(adapted.probe.is_none_or(|probe| views[probe].probe_due));
        // Who is asked last is never told that it is not asked at all: it is the last resort.
        prop_assert!(adapted.moved.iter().all(|moved| after.contains(&moved.index)));
    }

    #[test]
    fn without_anything_known_the_order_is_the_same(
        prices in proptest::collection::vec(0.0_f64..10.0, 0..7),
        complexity in proptest::option::of(0.0_f64..=1.0),
        left in proptest::option::of((0_u64..5000).prop_map(Duration::from_millis)),
    ) {
        let infos: Vec<EngineInfo> = prices.iter().map(|price| engine("m", *price)).collect();
        let infos: Vec<&EngineInfo> = infos.iter().collect();
        let question = Question { complexity, max_complexity: Some(0.5), ..Question::default() };
        let plain = order(&infos, &question, SIZE, left);
        let adapted = adapt(&plain, &infos, &vec![View::default(); infos.len()], SIZE, left);
        let same = Adapted { order: plain, moved: Vec::new(), probe: None };
        prop_assert_eq!(adapted, same);
    }
}
