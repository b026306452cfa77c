//! Row 8: more and more is asked of backends that can do only so much.
//!
//! The backends set the limit, not the processor: two replicas take a few calls at a time each and refuse the rest. So
//! the figures tell how well load is shed, not how fast the machine is.

use std::time::Duration;

use plexus_proto::v1::Domain;
use tokio::time::sleep;

use super::Setting;
use crate::{
    chaos::{Check, Checks, Limit, Load, Log, Sample, Topology, doors, log::quantile_ms, only},
    stub::{Manner, StubSpecialist},
};

/// Calls that each of the two replicas takes at a time.
const CAPACITY: u64 = 4;
/// How long each takes, on average the middle of both: twice as long as elsewhere, so that a few calls at a time are 200 a
/// second and ten times that is no test of the generator.
const TAKES: (Duration, Duration) = (Duration::from_millis(30), Duration::from_millis(50));
/// What they can do, calls a second.
const BASE: f64 = 200.0;
/// Multiples of what the backends can do.
const MULTIPLES: [f64; 6] = [0.8, 1.0, 2.0, 4.0, 7.0, 10.0];
/// Connections of the generator.
const CONNECTIONS: usize = 32;

/// Runs it.
///
/// # Errors
/// None; what cannot be started panics.
pub async fn run(setting: Setting) -> anyhow::Result<Checks> {
    let manner = Manner {
        latency: TAKES.0,
        jitter: TAKES.1 - TAKES.0,
        capacity: Some(CAPACITY),
        ..Manner::default()
    };
    let one = StubSpecialist::start("a", Domain::Math, manner.clone(), setting.seed).await;
    let two = StubSpecialist::start("b", Domain::Math, manner, setting.seed + 1).await;
    let router = setting
        .rig
        .router(&Topology::of(Domain::Math, &[one.address, two.address]))
        .await;
    let doors = doors(&[&router], CONNECTIONS);
    let mut peak = 0.0f64;
    let mut last = (0.0, Log::default());
    for multiple in MULTIPLES {
        let load = Load {
            rate: BASE * multiple,
            deadline: Duration::from_secs(1),
            question: only(Domain::Math, setting.seed),
        };
        let lasts = setting.phase / 2;
        let log = load.run(&doors, lasts).await;
        let goodput = log.count(Sample::answered) as f64 / lasts.as_secs_f64();
        eprintln!(
            "  {multiple}x: {goodput:.0}/s of {:.0}/s, p99 {:.0} ms, generator late by {:.1} ms; [{}]",
            BASE * multiple,
            log.quantile(0.99),
            log.lag(),
            log.failures()
        );
        peak = peak.max(goodput);
        last = (goodput, log);
        sleep(Duration::from_millis(500)).await;
    }
    let (goodput, log) = last;
    let refused = log.0.iter().filter(|one| one.refused());
    let refusal = quantile_ms(refused.map(Sample::latency), 0.99);
    let others = log.count(|one| !one.answered() && !one.refused());
    Ok(vec![
        Check::new("goodput at 10x against peak", goodput / peak, "x", Limit::AtLeast(0.9)),
        Check::new("refusal p99", refusal, "ms", Limit::Below(50.0)),
        Check::at_most("neither answered nor refused", others, 0),
        Check::shown("peak", peak, "/s"),
        Check::shown("generator late by (p99)", log.lag(), "ms"),
    ])
}
