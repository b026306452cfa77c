//! Row 5: a replica is gone, or fails, and comes back: it gets its share again, and while it fails it is tried by one call at
//! a time.

use std::time::Duration;

use plexus_proto::v1::Domain;
use plexus_testkit::fault::Proxy;
use tokio::time::{Instant, sleep};

use super::Setting;
use crate::{
    chaos::{Check, Checks, Limit, Topology, doors, only},
    stub::{Manner, StubSpecialist},
};

/// How long the return may take.
const WITHIN: Duration = Duration::from_secs(60);
/// Probes that must be seen before it may be said that they came one at a time.
const PROBES: u64 = 3;
/// Over so much time a share is counted.
const WINDOW: u32 = 5;

/// Runs it.
///
/// # Errors
/// The proxy's port is lost.
pub async fn run(setting: Setting) -> anyhow::Result<Checks> {
    let stays = StubSpecialist::start("a", Domain::Math, Manner::default(), setting.seed).await;
    let goes = StubSpecialist::start("b", Domain::Math, Manner::default(), setting.seed + 1).await;
    let proxy = Proxy::start(goes.address, setting.seed).await?;
    let router = setting
        .rig
        .router(&Topology::of(Domain::Math, &[stays.address, proxy.address()]))
        .await;
    let load = setting.load(only(Domain::Math, setting.seed), Duration::from_secs(5));
    let running = load.start(&doors(&[&router], 8));
    setting.warm_up().await;

    proxy.down().await;
    sleep(setting.phase).await;
    proxy.up().await?;
    let after_absence = until_shared(&stays, &goes).await;

    // Slowly enough that two probes at a time would be seen.
    goes.behave(Manner {
        errors: 1.0,
        error_latency: Duration::from_millis(20),
        ..Manner::default()
    });
    sleep(setting.phase / 3).await;
    goes.forget_peak();
    let before = goes.served().calls;
    // Rests get longer each time: as long as it takes to see some.
    let asked = Instant::now();
    while goes.served().calls - before < PROBES && asked.elapsed() < setting.phase.max(WITHIN) {
        sleep(Duration::from_millis(100)).await;
    }
    // The last one has to end too.
    sleep(Duration::from_millis(100)).await;
    let (probes, peak) = (goes.served().calls - before, goes.served().peak);
    goes.behave(Manner::default());
    let after_errors = until_shared(&stays, &goes).await;
    let log = running.stop().await;
    log.tell();
    let seconds = |took: Option<Duration>| took.map_or(f64::NAN, |took| took.as_secs_f64());
    Ok(vec![
        Check::at_most("failed", log.failed(), 0),
        Check::new(
            "share back after absence",
            seconds(after_absence),
            "s",
            Limit::AtMost(60.0),
        ),
        Check::new(
            "share back after errors",
            seconds(after_errors),
            "s",
            Limit::AtMost(60.0),
        ),
        Check::new("probes at a time", peak as f64, "", Limit::AtMost(1.0)),
        Check::new("probes", probes as f64, "", Limit::AtLeast(PROBES as f64)),
    ])
}

/// How long it takes until the second has 40 to 60% of the calls of a few seconds.
async fn until_shared(one: &StubSpecialist, two: &StubSpecialist) -> Option<Duration> {
    let begun = Instant::now();
    let mut looks = Vec::new();
    while begun.elapsed() < WITHIN + Duration::from_secs(u64::from(WINDOW)) {
        looks.push((one.served().calls, two.served().calls));
        let window = 2 * WINDOW as usize;
        if let [.., last] = looks[..]
            && looks.len() > window
        {
            let first = looks[looks.len() - 1 - window];
            let (ones, twos) = ((last.0 - first.0) as f64, (last.1 - first.1) as f64);
            if (0.4..=0.6).contains(&(twos / (ones + twos))) {
                // It held from the window's begin.
                return Some(begun.elapsed().saturating_sub(Duration::from_secs(u64::from(WINDOW))));
            }
        }
        sleep(Duration::from_millis(500)).await;
    }
    None
}
