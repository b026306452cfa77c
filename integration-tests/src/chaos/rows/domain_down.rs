//! Row 4: a whole domain is down. Somebody else answers, in time, and every answer says so.

use std::time::Duration;

use plexus_proto::v1::Domain;
use plexus_testkit::eventually;
use tokio::time::{Instant, sleep};

use super::Setting;
use crate::{
    DEADLINE, alive,
    chaos::{Check, Checks, Limit, Topology, anybody, doors, scripted_engine},
};

/// Deadline of each question.
const IN_TIME: Duration = Duration::from_secs(2);

/// Runs it.
///
/// # Errors
/// None; what cannot be started panics.
pub async fn run(setting: Setting) -> anyhow::Result<Checks> {
    let engine = scripted_engine("42");
    let one = setting.rig.specialist(Domain::Math, &engine).await;
    let two = setting.rig.specialist(Domain::Math, &engine).await;
    let reasoning = setting.rig.specialist(Domain::Reasoning, &engine).await;
    let language = setting.rig.specialist(Domain::Language, &engine).await;
    let topology = Topology::of(Domain::Math, &[one.address, two.address])
        .and(Domain::Reasoning, &[reasoning.address])
        .and(Domain::Language, &[language.address]);
    let router = setting.rig.router(&topology).await;
    let load = setting.load(anybody(setting.seed), IN_TIME);
    let running = load.start(&doors(&[&router], 8));
    setting.warm_up().await;
    sleep(setting.phase).await;
    let killing = Instant::now();
    for service in [&one, &two] {
        service.process.signal("KILL");
        eventually!(!alive(service.process.pid()), DEADLINE);
    }
    let killed = Instant::now();
    sleep(setting.phase).await;
    let log = running.stop().await;

    let before = log.between(killing - setting.phase, killing);
    let after = log.between(killed, Instant::now());
    log.tell();
    Ok(vec![
        Check::at_most("failed", log.failed(), 0),
        Check::at_most("unmarked", after.count(|one| one.answered() && !one.marked()), 0),
        Check::shown("marked before", before.count(|one| one.marked()) as f64, ""),
        Check::at_most("late", after.count(|one| one.latency() > setting.deadline(IN_TIME)), 0),
        Check::new("p99", after.quantile(0.99), "ms", Limit::Below(1_200.0)),
        Check::shown("calls after", after.0.len() as f64, ""),
    ])
}
