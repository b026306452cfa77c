//! When a breaker opens, rests, probes and closes.

use proptest::prelude::*;

use super::*;

fn breaker(config: Config) -> (Arc<Breaker>, Instant) {
    let now = Instant::now();
    (Arc::new(Breaker::new("a", config, now)), now)
}

fn call(breaker: &Arc<Breaker>, good: bool, now: Instant) -> bool {
    match breaker.admit(now) {
        None => false,
        Some(admission) => {
            match good {
                true => admission.succeeded(now),
                false => admission.failed(now),
            }
            true
        }
    }
}

#[test]
fn five_failures_in_a_row_open_it_and_one_probe_closes_it() {
    let (breaker, mut now) = breaker(Config::default());
    for _ in 0..4 {
        assert!(call(&breaker, false, now));
    }
    assert!(call(&breaker, true, now), "one success, and the count begins anew");
    for _ in 0..5 {
        assert_eq!(breaker.state(now), State::Closed);
        assert!(call(&breaker, false, now));
    }
    assert_eq!(breaker.state(now), State::Open);
    assert!(breaker.admit(now).is_none());
    now += Duration::from_millis(1_500);
    assert_eq!(breaker.state(now), State::HalfOpen);
    let probe = breaker.admit(now).unwrap();
    assert!(breaker.admit(now).is_none(), "exactly one");
    assert!(!breaker.would_admit(now));
    probe.succeeded(now);
    assert_eq!(breaker.state(now), State::Closed);
}

#[test]
fn a_hundred_calls_on_a_lost_connection_are_one_failure_and_losses_that_go_on_are_many() {
    let (breaker, mut now) = breaker(Config::default());
    let lose = |now| {
        breaker.admit(now).is_some_and(|admission| {
            admission.lost(now);
            true
        })
    };
    let calls: Vec<_> = (0..100).filter_map(|_| breaker.admit(now)).collect();
    calls.into_iter().for_each(|admission| admission.lost(now));
    assert_eq!(breaker.state(now), State::Closed);
    // Every call is lost, one after the other: the fifth moment is the last.
    let mut moments = 0;
    while lose(now) {
        now += MOMENT / 10;
        moments += 1;
    }
    assert_eq!((breaker.state(now), moments), (State::Open, 41));
    // A probe that is lost says that nothing is better, however soon it is.
    now += Duration::from_millis(1_500);
    assert!(lose(now));
    assert_eq!(breaker.state(now), State::Open);
}

#[test]
fn a_failed_probe_doubles_the_rest_up_to_its_bound() {
    let (breaker, mut now) = breaker(Config::default());
    for _ in 0..5 {
        call(&breaker, false, now);
    }
    for seconds in [1, 2, 4, 8, 16, 32, 60, 60] {
        let rest = Duration::from_secs(seconds);
        assert!(!breaker.would_admit(now + rest - Duration::from_millis(1)), "{seconds}");
        now += rest.mul_f64(1.5);
        assert!(call(&breaker, false, now), "{seconds}");
        assert_eq!(breaker.state(now), State::Open);
    }
}

#[test]
fn one_failure_in_five_opens_it_although_five_never_come_in_a_row() {
    let (breaker, now) = breaker(Config::default());
    let mut calls = 0;
    while call(&breaker, calls % 5 != 4, now) {
        calls += 1;
        assert!(calls < 100, "20% of failures keep it closed");
    }
    assert!(calls >= 20, "too few to know: {calls}");
    let (healthy, now) = self::breaker(Config::default());
    for count in 0..1_000 {
        assert!(call(&healthy, count % 20 != 19, now), "one in twenty is no reason");
    }
}

#[test]
fn what_began_before_it_opened_says_nothing_and_a_lost_probe_frees_its_place() {
    let (breaker, mut now) = breaker(Config::default());
    let mut old: Vec<Admission> = (0..10).filter_map(|_| breaker.admit(now)).collect();
    for admission in old.drain(..6) {
        admission.failed(now);
    }
    assert_eq!(breaker.state(now), State::Open);
    for admission in old {
        admission.succeeded(now);
    }
    assert_eq!(breaker.state(now), State::Open);
    now += Duration::from_millis(1_500);
    drop(breaker.admit(now).unwrap());
    assert!(breaker.would_admit(now.max(Instant::now())));
    breaker.awake(now);
}

#[test]
fn who_is_back_need_not_wait_for_the_rest_to_end() {
    let (breaker, now) = breaker(Config::default());
    for _ in 0..5 {
        call(&breaker, false, now);
    }
    assert!(!breaker.would_admit(now));
    breaker.awake(now);
    assert_eq!(breaker.state(now), State::HalfOpen);
}

proptest! {
    /// Whatever happens, half-open lets one call through, and nothing is let through while it is open.
    #[test]
    fn one_probe_at_a_time(steps in proptest::collection::vec((0_u8..5, 0_u64..2_000), 1..400)) {
        let (breaker, mut now) = breaker(Config::default());
        let mut under_way: Vec<(Admission, State)> = Vec::new();
        for (step, pause) in steps {
            match step {
                0 | 1 => {
                    let before = breaker.state(now);
                    let would = breaker.would_admit(now);
                    let admission = breaker.admit(now);
                    prop_assert_eq!(would, admission.is_some());
                    if before == State::Open {
                        prop_assert!(admission.is_none());
                    }
                    under_way.extend(admission.map(|admission| (admission, before)));
                }
                2 => {
                    if let Some((admission, _)) = under_way.pop() {
                        admission.failed(now);
                    }
                }
                3 => {
                    if let Some((admission, _)) = under_way.pop() {
                        admission.succeeded(now);
                    }
                }
                _ => now += Duration::from_millis(pause),
            }
            let probes = under_way.iter().filter(|(admission, _)| {
                admission.probe && admission.epoch == breaker.lock().epoch
            });
            prop_assert!(probes.count() <= 1);
        }
    }
}
