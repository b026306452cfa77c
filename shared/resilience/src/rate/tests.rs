//! Rates of callers: what passes, what waits, what is owed.

use governor::clock::FakeRelativeClock;
use proptest::prelude::*;

use super::*;

const MINUTE: Duration = Duration::from_secs(60);

fn rate(amount: f64) -> Option<Rate> {
    Some(Rate { amount, per: MINUTE })
}

fn limiter(default: CallerLimits, clock: &FakeRelativeClock) -> Arc<Limiter<FakeRelativeClock>> {
    Arc::new(Limiter::with_clock(default, Vec::new(), 100, clock.clone()))
}

#[test]
fn requests_are_refused_with_the_exact_wait() {
    let clock = FakeRelativeClock::default();
    let limits = CallerLimits {
        requests: rate(3.0),
        ..CallerLimits::default()
    };
    let limiter = limiter(limits, &clock);
    let caller = Caller::named(b"a");
    for _ in 0..3 {
        limiter.admit(caller).unwrap();
    }
    let exceeded = limiter.admit(caller).unwrap_err();
    assert_eq!((exceeded.kind, exceeded.wait), (Kind::Requests, MINUTE / 3));
    assert_eq!(exceeded.to_string(), "the limit of 3 requests in 60s is used up");
    // Others are not held by it.
    limiter.admit(Caller::named(b"b")).unwrap();
    clock.advance(exceeded.wait - Duration::from_nanos(1));
    assert!(limiter.admit(caller).is_err());
    clock.advance(Duration::from_nanos(1));
    limiter.admit(caller).unwrap();
    assert_eq!(limiter.refused(), 2);
}

#[test]
fn what_was_spent_is_charged_afterwards_and_refused_requests_cost_nothing() {
    let clock = FakeRelativeClock::default();
    let limits = CallerLimits {
        requests: rate(2.0),
        tokens: rate(1000.0),
        dollars: rate(1.0),
    };
    let limiter = limiter(limits, &clock);
    let caller = Caller::named(b"a");
    let charge = limiter.admit(caller).unwrap();
    charge.spend(1500, 1.25);
    // Both are overdrawn; the longer wait is told. No request is taken by being refused.
    for _ in 0..5 {
        let exceeded = limiter.admit(caller).unwrap_err();
        assert_eq!((exceeded.kind, exceeded.wait.as_secs()), (Kind::Tokens, 30));
    }
    clock.advance(Duration::from_secs(30));
    limiter.admit(caller).unwrap();
}

#[test]
fn what_nobody_counted_costs_what_tokens_cost_on_average() {
    let clock = FakeRelativeClock::default();
    let limits = CallerLimits {
        dollars: rate(1.0),
        ..CallerLimits::default()
    };
    let limiter = limiter(limits, &clock);
    limiter.admit(Caller::named(b"a")).unwrap().spend(1000, 0.5);
    let b = Caller::named(b"b");
    limiter.admit(b).unwrap().spend_about(3000);
    assert_eq!(limiter.admit(b).unwrap_err().wait.as_secs(), 30);
}

#[test]
fn callers_have_limits_of_their_own_or_none() {
    let clock = FakeRelativeClock::default();
    let named = (Caller::named(b"vip"), CallerLimits::default());
    let default = CallerLimits {
        requests: rate(1.0),
        ..CallerLimits::default()
    };
    let limiter = Arc::new(Limiter::with_clock(default, vec![named], 100, clock));
    for _ in 0..10 {
        limiter.admit(Caller::named(b"vip")).unwrap();
    }
    limiter.admit(Caller::named(b"other")).unwrap();
    limiter.admit(Caller::named(b"other")).unwrap_err();
    assert!(!limiter.is_off());
}

#[test]
fn who_owes_is_not_forgotten() {
    let clock = FakeRelativeClock::default();
    let limits = CallerLimits {
        tokens: rate(10.0),
        ..CallerLimits::default()
    };
    let limiter = Arc::new(Limiter::with_clock(limits, Vec::new(), 2, clock.clone()));
    let name = |index: u32| Caller::named(&index.to_be_bytes());
    limiter.admit(name(0)).unwrap().spend(1_000_000, 0.0);
    for index in 1..1000 {
        clock.advance(MINUTE);
        limiter.admit(name(index)).unwrap();
    }
    limiter.admit(name(0)).unwrap_err();
    assert!(lock(&limiter.callers).len() <= 2);
}

#[test]
fn who_has_limits_of_its_own_has_them_however_many_strangers_come() {
    let clock = FakeRelativeClock::default();
    let requests = |amount| CallerLimits {
        requests: rate(amount),
        ..CallerLimits::default()
    };
    let (vip, poor) = (Caller::named(b"vip"), Caller::named(b"poor"));
    let named = vec![(vip, CallerLimits::default()), (poor, requests(1.0))];
    let limiter = Arc::new(Limiter::with_clock(requests(3.0), named, 1, clock));
    limiter.admit(Caller::named(b"stranger")).unwrap();
    limiter.admit(poor).unwrap();
    limiter.admit(poor).unwrap_err();
    for _ in 0..10 {
        limiter.admit(vip).unwrap();
    }
    // All further strangers share one account, which has the limits of a stranger.
    for name in [b"a", b"b", b"c"] {
        limiter.admit(Caller::named(name)).unwrap();
    }
    let exceeded = limiter.admit(Caller::named(b"d")).unwrap_err();
    assert_eq!(exceeded.rate.amount, 3.0);
}

#[test]
fn costs_that_make_no_sense_spoil_no_average() {
    let clock = FakeRelativeClock::default();
    let limits = CallerLimits {
        dollars: rate(1.0),
        ..CallerLimits::default()
    };
    let limiter = limiter(limits, &clock);
    let charge = limiter.admit(Caller::named(b"a")).unwrap();
    for nonsense in [f64::NAN, f64::INFINITY, -7.0] {
        charge.spend(1000, nonsense);
    }
    charge.spend(1000, 0.5);
    let b = Caller::named(b"b");
    limiter.admit(b).unwrap().spend_about(3000);
    assert_eq!(limiter.admit(b).unwrap_err().wait.as_secs(), 30);
}

proptest! {
    /// Over any time, no caller gets more requests than the limit and what came back meanwhile.
    #[test]
    fn no_more_requests_than_allowed(amount in 1_u32..50, pauses in proptest::collection::vec(0_u64..20_000, 1..200)) {
        let clock = FakeRelativeClock::default();
        let limits = CallerLimits { requests: rate(f64::from(amount)), ..CallerLimits::default() };
        let limiter = limiter(limits, &clock);
        let (mut admitted, mut elapsed) = (0_u32, Duration::ZERO);
        for pause in pauses {
            let pause = Duration::from_millis(pause);
            clock.advance(pause);
            elapsed += pause;
            match limiter.admit(Caller::named(b"a")) {
                Ok(_) => admitted += 1,
                Err(exceeded) => prop_assert!(exceeded.wait > Duration::ZERO && exceeded.wait <= MINUTE / amount),
            }
            let back = elapsed.as_secs_f64() / MINUTE.as_secs_f64() * f64::from(amount);
            prop_assert!(f64::from(admitted) <= f64::from(amount) + back + 1e-6);
        }
    }
}
