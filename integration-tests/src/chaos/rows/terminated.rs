//! Row 11: a router is asked to end while a thousand calls are under way: all of them are finished, then it ends.

use std::time::Duration;

use plexus_proto::v1::Domain;
use tokio::time::{Instant, sleep};

use super::Setting;
use crate::{
    chaos::{Check, Checks, Limit, Load, Sample, Topology, doors, only},
    stub::{Manner, StubSpecialist},
};

/// Replicas: few calls each, below what a client lets one have that it does not know well yet.
const REPLICAS: u64 = 64;
/// How long each call takes: longer than it takes to begin all of them.
const TAKES: Duration = Duration::from_secs(6);
/// How long an end may take.
const EXIT: Duration = Duration::from_secs(30);

/// Runs it.
///
/// # Errors
/// None; what cannot be started panics.
pub async fn run(setting: Setting) -> anyhow::Result<Checks> {
    let slow = Manner {
        latency: TAKES,
        ..Manner::default()
    };
    let mut replicas = Vec::new();
    for index in 0..REPLICAS {
        replicas.push(StubSpecialist::start("a", Domain::Math, slow.clone(), setting.seed + index).await);
    }
    let addresses: Vec<_> = replicas.iter().map(|replica| replica.address).collect();
    let mut topology = Topology::of(Domain::Math, &addresses);
    topology.keys = vec![("SERVER__MAX_CONCURRENT_CALLS", "2000".to_owned())];
    let mut router = setting.rig.router(&topology).await;
    let wanted = setting.calls(1_000);
    let begins = Duration::from_secs(3);
    let load = Load {
        rate: wanted as f64 / begins.as_secs_f64(),
        deadline: Duration::from_secs(25),
        question: only(Domain::Math, setting.seed),
    };
    let running = load.start(&doors(&[&router], 20));
    sleep(begins).await;
    let stopped = tokio::spawn(running.stop());
    sleep(Duration::from_millis(500)).await;
    let terminated = Instant::now();
    router.process.signal("TERM");
    router.process.ended(EXIT * 2).await;
    let exit = terminated.elapsed();
    let log = stopped.await?;

    let in_flight = log.count(|one| one.done > terminated);
    let dropped = log.count(|one| one.done > terminated && !one.answered());
    let refused = log.count(Sample::refused);
    log.tell();
    Ok(vec![
        Check::at_most("dropped", dropped, 0),
        Check::new("exit after", exit.as_secs_f64(), "s", Limit::AtMost(EXIT.as_secs_f64())),
        // A few may be late or early: the row is about many, not about exactly so many.
        Check::new("in flight", in_flight as f64, "", Limit::AtLeast(0.98 * wanted as f64)),
        Check::shown("refused before", refused as f64, ""),
    ])
}
