//! What a replica's pace is, and how silence is told from work.

use proptest::prelude::*;

use super::*;

const MS: Duration = Duration::from_millis(1);

fn answer(load: &Arc<Load>, now: &mut Instant, took: Duration) {
    let mut pending = load.begin(*now);
    *now += took;
    pending.first_word(*now);
}

#[tokio::test(start_paused = true)]
async fn callers_who_give_up_hide_no_silence_and_look_not_quick() {
    let load = Arc::new(Load::new(Instant::now()));
    answer(&load, &mut Instant::now(), MS * 10);
    for _ in 0..5 {
        let call = load.begin(Instant::now());
        tokio::time::sleep(MS * 300).await;
        drop(call);
    }
    let pace = load.pace(Instant::now());
    assert_eq!(
        (pace.pending, pace.silence, pace.unheard),
        (0, Duration::ZERO, MS * 1_500)
    );
    assert_eq!(pace.first_word, Some(MS * 300));
    load.begin(Instant::now()).silent(Instant::now());
    assert_eq!(
        load.pace(Instant::now()).unheard,
        MS * 1_500,
        "a timeout is no sign of life"
    );
    load.heard(Instant::now());
    assert_eq!(load.pace(Instant::now()).unheard, Duration::ZERO);
}

#[test]
fn a_slow_answer_counts_at_once_and_is_forgotten_little_by_little() {
    let mut now = Instant::now();
    let load = Arc::new(Load::new(now));
    answer(&load, &mut now, MS * 10);
    answer(&load, &mut now, MS * 500);
    assert_eq!(load.pace(now).first_word, Some(MS * 500));
    for _ in 0..2_000 {
        now += MS * 10;
        answer(&load, &mut now, MS * 10);
    }
    assert!(load.pace(now).first_word.unwrap() < MS * 12);
}

#[test]
fn silence_makes_a_replica_dear_before_any_timeout() {
    let mut now = Instant::now();
    let (stopped, well) = (Arc::new(Load::new(now)), Arc::new(Load::new(now)));
    answer(&stopped, &mut now, MS * 20);
    answer(&well, &mut now, MS * 20);
    let _calls: Vec<_> = (0..3).map(|_| stopped.begin(now)).collect();
    now += MS * 400;
    let _busy: Vec<_> = (0..20).map(|_| well.begin(now)).collect();
    assert!(stopped.pace(now).cost(MS * 20) > well.pace(now).cost(MS * 20));
}

#[test]
fn what_goes_wrong_is_slow_but_not_usual() {
    let mut now = Instant::now();
    let load = Arc::new(Load::new(now));
    answer(&load, &mut now, MS * 20);
    for _ in 0..9 {
        load.begin(now).silent(now + MS * 900);
    }
    let pace = load.pace(now);
    assert!(pace.first_word.unwrap() >= MS * 900);
    assert_eq!(pace.usual, Some(MS * 20));
}

#[test]
fn quick_failures_do_not_look_quick() {
    let mut now = Instant::now();
    let load = Arc::new(Load::new(now));
    answer(&load, &mut now, MS * 20);
    for _ in 0..3 {
        load.begin(now).failed(now + MS);
    }
    assert!(load.pace(now).first_word.unwrap() >= MS * 100);
}

proptest! {
    #[test]
    fn costs_are_bounded_and_calls_are_never_lost(
        steps in proptest::collection::vec((0_u8..4, 0_u64..20_000), 1..300),
        usual in 0_u64..10_000,
    ) {
        let mut now = Instant::now();
        let load = Arc::new(Load::new(now));
        let mut calls = Vec::new();
        for (step, pause) in steps {
            now += MS * u32::try_from(pause).unwrap();
            match step {
                0 | 1 => calls.push(load.begin(now)),
                2 => drop(calls.pop().map(|mut call| call.first_word(now))),
                _ => drop(calls.pop().map(|mut call| call.failed(now))),
            }
            let pace = load.pace(now);
            prop_assert_eq!(pace.pending as usize, calls.len());
            let cost = pace.cost(MS * u32::try_from(usual).unwrap());
            let one = f64::from(pace.pending + 1);
            prop_assert!(cost >= one / MOST - 1e-9 && cost <= one * MOST + 1e-9);
        }
    }
}

#[test]
fn a_long_answer_is_no_silence() {
    let mut now = Instant::now();
    let (streams, well) = (Arc::new(Load::new(now)), Arc::new(Load::new(now)));
    answer(&streams, &mut now, MS * 20);
    answer(&well, &mut now, MS * 20);
    let mut stream = streams.begin(now);
    now += MS * 20;
    stream.first_word(now);
    now += MS * 30_000;
    let pace = streams.pace(now);
    assert_eq!((pace.pending, pace.silence), (1, Duration::ZERO));
    assert_eq!(pace.unheard, MS * 30_000, "whether it still lives is to be asked");
    assert!(pace.cost(MS * 20) < 2.5, "one call under way, and no more");
    // The next one waits from now on, not since the last first word.
    let mut next = streams.begin(now);
    assert_eq!(streams.pace(now + MS * 10).silence, MS * 10);
    next.first_word(now + MS * 10);
    assert_eq!(streams.pace(now + MS * 900).silence, Duration::ZERO);
}

#[test]
fn a_first_answer_that_is_a_failure_does_not_look_quick() {
    let now = Instant::now();
    let load = Arc::new(Load::new(now));
    load.begin(now).failed(now + MS);
    assert_eq!(load.pace(now).first_word, Some(MS * 1_000));
}

#[test]
fn what_was_long_ago_is_forgotten_however_slow_it_was() {
    let now = Instant::now();
    let load = Arc::new(Load::new(now));
    load.begin(now).failed(now + MS * 60_000);
    let later = load.pace(now + MS * 90_000);
    assert!(later.cost(MS) < 2.0, "{}", later.cost(MS));
}

#[test]
fn an_answer_that_says_no_is_heard_and_neither_quick_nor_slow() {
    let mut now = Instant::now();
    let load = Arc::new(Load::new(now));
    answer(&load, &mut now, MS * 20);
    let mut refused = load.begin(now);
    let _waits = load.begin(now);
    now += MS * 400;
    refused.answered(now);
    let pace = load.pace(now);
    assert_eq!((pace.silence, pace.unheard), (Duration::ZERO, Duration::ZERO));
    assert_eq!((pace.first_word, pace.usual), (Some(MS * 20), Some(MS * 20)));
}

#[test]
fn what_was_never_sent_is_owed_no_answer() {
    let now = Instant::now();
    let load = Arc::new(Load::new(now));
    load.begin(now).withdrawn();
    let pace = load.pace(now + MS * 900);
    assert_eq!((pace.pending, pace.unheard), (0, Duration::ZERO));
    drop(load.begin(now));
    load.begin(now + MS * 100).withdrawn();
    assert_eq!(
        load.pace(now + MS * 900).unheard,
        MS * 900,
        "the one before is still owed one"
    );
}

#[test]
fn who_comes_back_begins_with_what_is_usual() {
    let mut now = Instant::now();
    let load = Arc::new(Load::new(now));
    answer(&load, &mut now, MS * 20);
    load.begin(now).silent(now + MS * 9_000);
    load.awake();
    assert_eq!(load.pace(now).first_word, Some(MS * 20));
}
