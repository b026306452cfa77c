//! When an engine is left, and how it comes back.

use proptest::prelude::*;

use super::*;

mod slow;

const MS: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);
const ANSWERED: Ended = Ended::Answered {
    expected: 1.0,
    actual: 1.0,
};

/// An engine and a clock.
struct Played {
    state: State,
    now: Instant,
}

impl Played {
    fn new(settings: Adaptation) -> Self {
        Self {
            state: State::new(settings),
            now: Instant::now(),
        }
    }

    /// A call, a second after the last one, whose first word takes this long; none comes if it fails.
    fn call(&mut self, first_word: Duration, ended: Ended) {
        self.now += SECOND;
        let mut ticket = self.state.begin(self.now);
        self.now += first_word;
        if ended == ANSWERED {
            self.state.spoke(&mut ticket, self.now);
        }
        self.state.end(ticket, ended, self.now);
    }

    fn calls(&mut self, count: usize, first_word: Duration, ended: Ended) {
        for _ in 0..count {
            self.call(first_word, ended);
        }
    }

    fn view(&mut self) -> View {
        self.state.look(self.now)
    }

    /// Whether one more question that passes it by would try it.
    fn passes_until_tried(&mut self) -> usize {
        for passed in 0..1000 {
            if self.state.claim(self.now) {
                return passed;
            }
            self.state.passed_over();
        }
        1000
    }
}

#[test]
fn it_is_left_when_too_many_of_enough_calls_failed() {
    let mut engine = Played::new(Adaptation::default());
    engine.calls(9, MS, Ended::Failed);
    assert_eq!(engine.view().trouble, None, "nine calls say nothing");
    engine.call(MS, Ended::Failed);
    let failing = Trouble::Failing {
        failures: 10,
        calls: 10,
    };
    assert_eq!(engine.view().trouble, Some(failing));

    let mut engine = Played::new(Adaptation::default());
    engine.calls(6, MS, ANSWERED);
    engine.calls(5, MS, Ended::Failed);
    let view = engine.view();
    assert_eq!((view.trouble, view.failed), (None, (5, 11)));
    assert!((view.price_factor - (1.0 + 5.0 / 11.0)).abs() < 1e-9);
    // What is older than a minute is forgotten.
    engine.now += 61 * SECOND;
    assert_eq!(engine.view().price_factor, 1.0);
}

#[test]
fn what_says_nothing_of_the_engine_is_not_counted() {
    let mut engine = Played::new(Adaptation::default());
    engine.calls(20, MS, Ended::Unasked);
    engine.calls(20, MS, Ended::Abandoned);
    assert_eq!(engine.view(), View::default());
    let figures = engine.state.figures(engine.now).unwrap();
    assert_eq!((figures.calls, figures.failures, figures.in_flight), (0, 0, 0));
    engine.calls(20, MS, Ended::Declined);
    assert_eq!(engine.view().trouble, None);
}

#[test]
fn it_is_tried_now_and_then_and_comes_back_after_three_good_answers() {
    let mut engine = Played::new(Adaptation::default());
    engine.calls(10, MS, ANSWERED);
    engine.calls(10, MS, Ended::Failed);
    assert!(engine.view().trouble.is_some());
    assert!(!engine.view().probe_due);
    for _ in 0..100 {
        engine.state.passed_over();
    }
    assert!(!engine.view().probe_due, "it must rest first");
    engine.now += 5 * SECOND;
    assert!(engine.view().probe_due && engine.state.claim(engine.now));
    assert!(!engine.state.claim(engine.now), "one at a time");
    engine.call(MS, Ended::Failed);
    engine.state.release();

    // One of twenty questions, after the rest.
    engine.now += 5 * SECOND;
    assert_eq!(engine.passes_until_tried(), 19);
    engine.call(MS, ANSWERED);
    engine.state.release();
    // It looks good: the next ones are tried at once, but one at a time.
    for _ in 0..2 {
        assert!(engine.view().trouble.is_some());
        assert!(engine.state.claim(engine.now) && !engine.state.claim(engine.now));
        engine.call(MS, ANSWERED);
        engine.state.release();
    }
    assert_eq!(
        engine.view(),
        View {
            first_word: Some(MS),
            ..View::default()
        },
        "all is forgotten"
    );
}

#[test]
fn a_slow_answer_is_no_good_one() {
    let mut engine = Played::new(Adaptation::default());
    engine.calls(10, 400 * MS, ANSWERED);
    engine.calls(5, 5 * SECOND, ANSWERED);
    engine.calls(10, 5 * SECOND, ANSWERED);
    assert!(engine.view().trouble.is_some());
    engine.calls(3, 400 * MS, ANSWERED);
    assert_eq!(engine.view().trouble, None);
}

#[test]
fn what_was_asked_before_it_was_left_does_not_bring_it_back() {
    let mut engine = Played::new(Adaptation::default());
    let early: Vec<Ticket> = (0..5).map(|_| engine.state.begin(engine.now)).collect();
    engine.calls(10, MS, Ended::Failed);
    for mut ticket in early {
        engine.state.spoke(&mut ticket, engine.now);
        engine.state.end(ticket, ANSWERED, engine.now);
    }
    assert!(engine.view().trouble.is_some());
}

#[test]
fn a_dear_engine_counts_as_dear_within_bounds() {
    let cost = |actual| Ended::Answered { expected: 1.0, actual };
    let mut engine = Played::new(Adaptation::default());
    engine.calls(9, MS, cost(3.0));
    assert_eq!(engine.view().price_factor, 1.0, "nine answers say nothing");
    engine.call(MS, cost(3.0));
    assert_eq!(engine.view().price_factor, 3.0);
    engine.calls(10, MS, cost(100.0));
    assert_eq!(engine.view().price_factor, 4.0);
    assert!(engine.view().dear().starts_with("its answers cost 51.5 times"));
    // An estimate is not so good that this would be dear.
    let mut near = Played::new(Adaptation::default());
    near.calls(20, MS, cost(1.04));
    assert_eq!(near.view().price_factor, 1.0);
    let mut cheap = Played::new(Adaptation::default());
    cheap.calls(20, MS, cost(0.1));
    assert_eq!(cheap.view().price_factor, 1.0);
}

#[derive(Debug, Clone)]
enum Act {
    Call(u64, u8),
    Look,
    Pass,
    Claim,
    Release,
}

fn acts() -> impl Strategy<Value = Vec<(u64, Act)>> {
    let act = prop_oneof![
        6 => (0_u64..30_000, 0_u8..6).prop_map(|(first_word, ended)| Act::Call(first_word, ended)),
        2 => Just(Act::Look),
        4 => Just(Act::Pass),
        2 => Just(Act::Claim),
        2 => Just(Act::Release),
    ];
    proptest::collection::vec((0_u64..10_000, act), 0..200)
}

proptest! {
    #[test]
    fn whatever_happens_views_are_bounded_and_off_means_off(acts in acts(), enabled in any::<bool>()) {
        let settings = Adaptation { enabled, min_calls: 3, ..Adaptation::default() };
        let mut engine = Played::new(settings);
        let mut held = false;
        for (pause, act) in acts {
            engine.now += Duration::from_millis(pause);
            match act {
                Act::Call(first_word, ended) => {
                    let ended = [
                        ANSWERED,
                        Ended::Failed,
                        Ended::Declined,
                        Ended::Unasked,
                        Ended::Abandoned,
                        Ended::Answered { expected: 1.0, actual: 9.0 },
                    ][usize::from(ended)];
                    engine.call(Duration::from_millis(first_word), ended);
                }
                Act::Look => {}
                Act::Pass => engine.state.passed_over(),
                Act::Claim => {
                    let claimed = engine.state.claim(engine.now);
                    prop_assert!(!(claimed && held), "two at a time");
                    held |= claimed;
                }
                Act::Release => {
                    engine.state.release();
                    held = false;
                }
            }
            let view = engine.view();
            // Whoever counts as dearer has a reason that can be told.
            prop_assert_eq!(view.price_factor > 1.0, !view.dear().is_empty());
            prop_assert!((1.0..=4.0).contains(&view.price_factor));
            if !enabled {
                prop_assert_eq!(view, View::default());
            }
            if let Some(figures) = engine.state.figures(engine.now) {
                prop_assert_eq!(figures.in_flight, 0);
                prop_assert!(figures.failures <= figures.calls);
            }
        }
    }
}
