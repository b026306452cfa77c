//! Who is let in, and what it is charged.

use plexus_config::Environment;

use super::*;
use crate::Config;

fn rates(limits: &[(&str, &str)]) -> Rates {
    let name = |(key, value): &(&str, &str)| (format!("PLEXUS_ROUTER__RATE_LIMITS__{key}"), (*value).to_owned());
    let environment: Environment = limits.iter().map(name).collect();
    let config: Config = plexus_config::load("router", crate::DEFAULTS, None, &environment).unwrap();
    Rates::new(&config.rate_limits)
}

fn of(caller: &'static str) -> Request<()> {
    let mut request = Request::new(());
    request
        .metadata_mut()
        .insert("x-plexus-caller", caller.parse().unwrap());
    request
}

#[test]
fn without_limits_nobody_is_counted() {
    let rates = rates(&[]);
    let bill = rates.admit(&of("a")).unwrap();
    assert!(bill.0.is_none());
    drop(bill.open(1_000_000));
    rates.admit(&of("a")).unwrap();
}

#[test]
fn a_step_that_is_dropped_is_charged_what_it_moved_and_one_that_ended_what_it_used() {
    let limits = [("TOKENS", r#"{limit = 1000, per = "1h"}"#)];
    let usage = |tokens| Usage {
        output_tokens: tokens,
        ..Usage::default()
    };
    for (moved, used, unsettled, refused) in [
        (0, Some(0), false, false),
        (1_000_000, Some(10), false, false),
        (0, Some(2_000), false, true),
        (2_000, None, false, false),
        (8_000, None, false, true),
        // Part of it was told, of the rest nobody was.
        (2_000, Some(0), true, false),
        (8_000, Some(0), true, true),
        (8_000, Some(990), true, true),
        (0, Some(10), true, false),
    ] {
        let rates = rates(&limits);
        let tab = rates.admit(&of("a")).unwrap().open(0);
        tab.bytes().fetch_add(moved, Ordering::Relaxed);
        match used {
            Some(used) => tab.settle(&usage(used), unsettled),
            None => drop(tab),
        }
        assert_eq!(
            rates.admit(&of("a")).is_err(),
            refused,
            "{moved} bytes, {used:?} tokens, unsettled: {unsettled}"
        );
        // Nobody else pays for it, and who gives no name is somebody else.
        rates.admit(&of("b")).unwrap();
        rates.admit(&Request::new(())).unwrap();
    }
}

#[test]
fn own_limits_stand_beside_those_of_everybody() {
    let rates = rates(&[
        ("REQUESTS", r#"{limit = 1, per = "1h"}"#),
        ("CALLERS__VIP__REQUESTS", r#"{limit = 2, per = "1h"}"#),
        ("CALLERS__VIP__DOLLARS", r#"{limit = 0.5, per = "1h"}"#),
    ]);
    rates.admit(&of("a")).unwrap();
    let error = rates.admit(&of("a")).unwrap_err();
    assert_eq!(error.code(), ErrorCode::ResourceExhausted);
    assert!(error.message().contains("1 requests"), "{error}");
    let tab = rates.admit(&of("vip")).unwrap().open(0);
    let usage = Usage {
        cost_usd: 0.75,
        ..Usage::default()
    };
    tab.settle(&usage, false);
    let error = rates.admit(&of("vip")).unwrap_err();
    assert!(error.message().contains("dollars"), "{error}");
    assert_eq!(rates.refused(), 2);
}
