//! Gate, breaker and limit under many interleavings of threads: `cargo test -p plexus-resilience --features shuttle --test shuttle`.

#![cfg(feature = "shuttle")]
#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use std::{future::poll_fn, time::Duration};

use plexus_resilience::{
    admission::{
        Demand, Gate, Limits,
        gate::{Entry, Snapshot},
    },
    breaker::{self, Breaker},
    limit::{self, Limit},
    priority::Priority,
    sync::atomic::{AtomicU32, Ordering},
};
use shuttle::{future, thread};
use std::sync::Arc;
use tokio::time::Instant;

/// Interleavings that are tried.
const TRIES: usize = 5_000;

fn gate() -> Gate {
    Gate::new(Limits {
        units: 2,
        batch_units: 1,
        waiting: 8,
        target: Duration::from_secs(3600),
        interval: Duration::from_secs(3600),
    })
}

/// Every call begins in the end (a lost wake-up would be a deadlock, which shuttle reports), never more than two units at
/// a time, and all of them come back.
#[test]
fn no_wake_up_is_lost() {
    shuttle::check_random(
        || {
            let (gate, out) = (gate(), Arc::new(AtomicU32::new(0)));
            let threads: Vec<_> = [
                (2, Priority::Interactive),
                (1, Priority::Interactive),
                (1, Priority::Batch),
                (1, Priority::Batch),
            ]
            .into_iter()
            .map(|(cost, priority)| {
                let (gate, out) = (gate.clone(), out.clone());
                thread::spawn(move || {
                    let permit = match gate.enter(Demand { cost, priority }, None) {
                        Entry::Admitted(permit) => permit,
                        Entry::Waits(mut waiting) => future::block_on(poll_fn(|cx| waiting.poll_decided(cx))).unwrap(),
                        Entry::Refused(refusal) => panic!("{refusal:?}"),
                    };
                    assert!(out.fetch_add(cost, Ordering::SeqCst) + cost <= 2);
                    thread::yield_now();
                    out.fetch_sub(cost, Ordering::SeqCst);
                    drop(permit);
                })
            })
            .collect();
            threads.into_iter().for_each(|thread| thread.join().unwrap());
            future::block_on(gate.idle());
            assert_eq!(gate.snapshot(), Snapshot::default());
        },
        TRIES,
    );
}

/// Whoever goes away or gives up while it is being let in leaves no permit behind.
#[test]
fn who_goes_away_leaves_nothing_behind() {
    shuttle::check_random(
        || {
            let gate = gate();
            let demand = Demand {
                cost: 2,
                priority: Priority::Interactive,
            };
            let Entry::Admitted(permit) = gate.enter(demand, None) else {
                panic!("it is empty");
            };
            let (Entry::Waits(leaves), Entry::Waits(mut gives_up)) =
                (gate.enter(demand, None), gate.enter(demand, None))
            else {
                panic!("it is full");
            };
            let threads = [
                thread::spawn(move || drop(permit)),
                thread::spawn(move || drop(leaves)),
                thread::spawn(move || drop(gives_up.give_up())),
            ];
            threads.into_iter().for_each(|thread| thread.join().unwrap());
            let snapshot = gate.snapshot();
            assert_eq!((snapshot.in_flight, snapshot.waiting), (0, 0));
        },
        TRIES,
    );
}

/// Whoever comes first is the probe, and nobody else; a probe that is lost frees its place.
#[test]
fn a_half_open_breaker_admits_one() {
    shuttle::check_random(
        || {
            let begin = Instant::now();
            let config = breaker::Config {
                failures: 1,
                ..breaker::Config::default()
            };
            let breaker = Arc::new(Breaker::new("a", config, begin));
            breaker.admit(begin).unwrap().failed(begin);
            let later = begin + Duration::from_secs(2);
            let threads: Vec<_> = (0..3)
                .map(|_| {
                    let breaker = breaker.clone();
                    thread::spawn(move || breaker.admit(later))
                })
                .collect();
            let admitted: Vec<_> = threads.into_iter().filter_map(|one| one.join().unwrap()).collect();
            assert_eq!(admitted.len(), 1);
            drop(admitted);
            assert!(breaker.admit(later).is_some());
        },
        TRIES,
    );
}

/// Never more places than the limit, and all of them come back.
#[test]
fn places_are_never_given_twice_nor_lost() {
    shuttle::check_random(
        || {
            let limit = Arc::new(Limit::new(limit::Config { min: 1, max: 2 }));
            let threads: Vec<_> = (0..3)
                .map(|_| {
                    let limit = limit.clone();
                    thread::spawn(move || {
                        let _slot = limit.take();
                        assert!(limit.in_flight() <= 2);
                    })
                })
                .collect();
            for thread in threads {
                thread.join().unwrap();
            }
            assert_eq!(limit.in_flight(), 0);
            assert!(limit.room());
        },
        TRIES,
    );
}
