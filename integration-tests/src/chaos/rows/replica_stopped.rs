//! Row 2: one of two replicas stops in the middle of everything, without a word: connections stay open.

use std::time::Duration;

use plexus_proto::v1::Domain;
use tokio::time::{Instant, sleep};

use super::Setting;
use crate::chaos::{Check, Checks, Topology, doors, only, scripted_engine};

/// A call is slow from this on, milliseconds, or from five times the baseline's p99 if that is less.
const SLOW_MS: f64 = 500.0;

/// Runs it.
///
/// # Errors
/// None; what cannot be started panics.
pub async fn run(setting: Setting) -> anyhow::Result<Checks> {
    let engine = scripted_engine("42");
    let one = setting.rig.specialist(Domain::Math, &engine).await;
    let two = setting.rig.specialist(Domain::Math, &engine).await;
    let router = setting
        .rig
        .router(&Topology::of(Domain::Math, &[one.address, two.address]))
        .await;
    let load = setting.load(only(Domain::Math, setting.seed), Duration::from_secs(5));
    let running = load.start(&doors(&[&router], 8));
    setting.warm_up().await;
    let begun = Instant::now();
    sleep(setting.phase).await;
    let stopped = Instant::now();
    one.process.signal("STOP");
    sleep(setting.phase).await;
    one.process.signal("CONT");
    setting.warm_up().await;
    let log = running.stop().await;

    let before = log.between(begun, stopped).quantile(0.99);
    let slow_from = SLOW_MS.min(before * 5.0);
    // Calls of a moment before may be caught by it too.
    let caught = log.between(stopped - Duration::from_secs(1), Instant::now());
    let slow = caught.count(|sample| sample.latency().as_secs_f64() * 1e3 > slow_from);
    log.tell();
    Ok(vec![
        Check::at_most("failed", log.failed(), 0),
        Check::at_most("slow", slow, 10),
        Check::shown("slow from", slow_from, "ms"),
        Check::shown("slowest", caught.quantile(1.0), "ms"),
        Check::shown("p99 before", before, "ms"),
    ])
}
