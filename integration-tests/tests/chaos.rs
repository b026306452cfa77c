//! A few rows of the chaos suite in short: what they count, never what they time. `make chaos` measures all of them.

#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use std::time::Duration;

use plexus_integration_tests::chaos::{Check, Checks, ROWS, Rig, Setting};

/// Little enough for a machine that has other work, deadlines long enough for it to be late.
const SHORT: Setting = Setting {
    seed: 1,
    rate: 40.0,
    phase: Duration::from_secs(3),
    scale: 0.1,
    slack: 5.0,
    rig: Rig::unpinned(),
};

async fn row(number: u32) -> Checks {
    let row = ROWS.iter().find(|row| row.number == number).unwrap();
    (row.run)(SHORT).await.unwrap()
}

/// Asserts that what a row counts under these names was promised and kept.
fn hold(checks: &[Check], names: &[&str]) {
    for name in names {
        let check = checks.iter().find(|check| check.name == *name);
        let check = check.unwrap_or_else(|| panic!("the row does not measure `{name}`: {checks:#?}"));
        assert!(check.held(), "{check}; all: {checks:#?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_replicas_one_is_killed_and_nobody_notices() {
    hold(&row(1).await, &["failed"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_domain_that_is_down_is_stood_in_for_and_every_answer_says_so() {
    hold(&row(4).await, &["failed", "unmarked"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn retries_of_a_backend_that_always_fails_stay_within_their_budget() {
    hold(
        &row(7).await,
        &["attempts against the bound", "answered", "other codes"],
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_breaks_off_is_nobodys_but_one_replicas_and_ends_once() {
    let names = [
        "spliced or twice",
        "not exactly one end",
        "unmarked",
        "broken in mid-stream",
    ];
    hold(&row(13).await, &names);
}
