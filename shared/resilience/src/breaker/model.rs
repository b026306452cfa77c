//! All threads at once, in every order that shuttle comes up with.

use shuttle::thread;

use super::*;

#[test]
fn half_open_admits_one_whoever_comes_first() {
    shuttle::check_random(
        || {
            let begin = Instant::now();
            let breaker = Arc::new(Breaker::new(
                Config {
                    failures: 1,
                    ..Config::default()
                },
                begin,
            ));
            breaker.admit(begin).unwrap().failed(begin);
            let later = begin + Duration::from_secs(2);
            let threads: Vec<_> = (0..3)
                .map(|_| {
                    let breaker = breaker.clone();
                    thread::spawn(move || breaker.admit(later))
                })
                .collect();
            let admitted: Vec<_> = threads
                .into_iter()
                .filter_map(|thread| thread.join().unwrap())
                .collect();
            assert_eq!(admitted.len(), 1);
            drop(admitted);
            // The probe was lost: its place is free again.
            assert!(breaker.admit(later).is_some());
        },
        1_000,
    );
}
