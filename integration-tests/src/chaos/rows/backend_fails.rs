//! Row 7: every call to every backend fails. Retries must not make it worse: attempts stay within the budget.

use std::time::Duration;

use plexus_proto::v1::Domain;
use tonic::Code;

use super::Setting;
use crate::{
    chaos::{Check, Checks, Limit, Topology, doors, only},
    stub::{Manner, StubSpecialist},
};

/// Retries for each call, and in each second beside.
const BUDGET: (f64, f64) = (0.2, 3.0);

/// Runs it.
///
/// # Errors
/// None; what cannot be started panics.
pub async fn run(setting: Setting) -> anyhow::Result<Checks> {
    let one = StubSpecialist::start("a", Domain::Math, Manner::default(), setting.seed).await;
    let two = StubSpecialist::start("b", Domain::Math, Manner::default(), setting.seed + 1).await;
    let router = setting
        .rig
        .router(&Topology::of(Domain::Math, &[one.address, two.address]))
        .await;
    let doors = doors(&[&router], 8);
    let load = setting.load(only(Domain::Math, setting.seed), Duration::from_secs(2));
    load.run(&doors, setting.phase / 5).await;
    let failing = Manner {
        errors: 1.0,
        ..Manner::default()
    };
    let attempts = || one.served().calls + two.served().calls;
    let before = attempts();
    one.behave(failing.clone());
    two.behave(failing);
    let log = load.run(&doors, setting.phase).await;
    let attempts = (attempts() - before) as f64;
    let calls = log.0.len() as f64;
    let (per_call, per_second) = BUDGET;
    let allowed = (1.0 + per_call) * calls + per_second * setting.phase.as_secs_f64();
    let typed = |code| matches!(code, Code::Unavailable | Code::ResourceExhausted);
    log.tell();
    Ok(vec![
        Check::new(
            "attempts against the bound",
            attempts / allowed,
            "x",
            Limit::AtMost(1.0),
        ),
        Check::shown("attempts", attempts, ""),
        Check::shown("calls", calls, ""),
        Check::at_most("answered", log.count(|one| one.answered()), 0),
        Check::at_most(
            "other codes",
            log.count(|one| one.code().is_some_and(|code| !typed(code))),
            0,
        ),
    ])
}
