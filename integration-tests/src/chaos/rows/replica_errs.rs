//! Row 3: one of two replicas fails every fifth call, at once: to a balancer that likes the quick, it looks quick.

use std::time::Duration;

use plexus_proto::v1::Domain;
use tokio::time::sleep;

use super::Setting;
use crate::{
    chaos::{Check, Checks, Limit, Topology, doors, only},
    stub::{Manner, StubSpecialist},
};

/// How long the share is measured.
const WINDOW: Duration = Duration::from_secs(5);

/// Runs it.
///
/// # Errors
/// None; what cannot be started panics.
pub async fn run(setting: Setting) -> anyhow::Result<Checks> {
    let good = StubSpecialist::start("a", Domain::Math, Manner::default(), setting.seed).await;
    let bad = StubSpecialist::start("b", Domain::Math, Manner::default(), setting.seed + 1).await;
    let router = setting
        .rig
        .router(&Topology::of(Domain::Math, &[good.address, bad.address]))
        .await;
    let load = setting.load(only(Domain::Math, setting.seed), Duration::from_secs(5));
    let running = load.start(&doors(&[&router], 8));
    setting.warm_up().await;
    bad.behave(Manner {
        errors: 0.2,
        ..Manner::default()
    });
    sleep(setting.phase).await;
    let (good_before, bad_before) = (good.served().calls, bad.served().calls);
    sleep(WINDOW.min(setting.phase)).await;
    let (to_good, to_bad) = (good.served().calls - good_before, bad.served().calls - bad_before);
    let log = running.stop().await;
    log.tell();
    Ok(vec![
        Check::at_most("failed", log.failed(), 0),
        Check::new(
            "its share",
            100.0 * to_bad as f64 / (to_good + to_bad) as f64,
            "%",
            Limit::Below(5.0),
        ),
        Check::shown("its errors", bad.served().failed as f64, ""),
        Check::shown("p99", log.quantile(0.99), "ms"),
    ])
}
