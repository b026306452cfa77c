//! Row 1: one of two replicas is killed. The other one must carry on, and nobody may notice.

use std::time::Duration;

use plexus_proto::v1::Domain;
use tokio::time::{Instant, sleep};

use super::Setting;
use crate::chaos::{Check, Checks, Limit, Topology, doors, only, scripted_engine};

/// Runs it.
///
/// # Errors
/// None; what cannot be started panics.
pub async fn run(setting: Setting) -> anyhow::Result<Checks> {
    let engine = scripted_engine("looks right");
    let one = setting.rig.specialist(Domain::Code, &engine).await;
    let two = setting.rig.specialist(Domain::Code, &engine).await;
    let router = setting
        .rig
        .router(&Topology::of(Domain::Code, &[one.address, two.address]))
        .await;
    let load = setting.load(only(Domain::Code, setting.seed), Duration::from_secs(5));
    let running = load.start(&doors(&[&router], 8));
    setting.warm_up().await;
    let begun = Instant::now();
    sleep(setting.phase).await;
    let killed = Instant::now();
    one.process.signal("KILL");
    sleep(setting.phase).await;
    let ended = Instant::now();
    let log = running.stop().await;

    let before = log.between(begun, killed).quantile(0.99);
    let after = log.between(killed, ended).quantile(0.99);
    log.tell();
    Ok(vec![
        Check::at_most("failed", log.failed(), 0),
        Check::new("p99 against before", after / before, "x", Limit::Below(2.0)),
        Check::shown("p99 before", before, "ms"),
        Check::shown("p99 after", after, "ms"),
        Check::shown("calls", log.0.len() as f64, ""),
    ])
}
