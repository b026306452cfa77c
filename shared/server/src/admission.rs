//! What calls cost, and the watch over the process's own loop.

use std::time::Duration;

use plexus_resilience::{
    admission::{Doors, Entrance, Lag, Limits},
    mesh_calls,
};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};
use tracing::warn;

use crate::Config;

/// Units of cost of a call that asks engines or checks an answer. [`Config::max_concurrent_calls`] counts these.
const WHOLE: u32 = 4;

/// Units of cost of a classification: a few milliseconds at most, nobody else is asked.
const QUARTER: u32 = 1;

/// What orchestrators ask.
const HEALTH_CHECK: &str = "/grpc.health.v1.Health/Check";

/// How often the loop is looked at while calls are under way, and otherwise.
const LOOK: Duration = Duration::from_millis(10);
const REST: Duration = Duration::from_millis(100);

/// For how long a loop must be late until that is overload: the interval of CoDel (RFC 8289, section 4.3).
const LOOP_INTERVAL: Duration = Duration::from_millis(100);

/// How often refusals are logged at most.
const SAY: Duration = Duration::from_secs(10);

/// What a call is, by the last part of its path; methods that are not known yet count in full.
pub(crate) fn entrance(path: &str) -> Entrance {
    if path == HEALTH_CHECK {
        return Entrance::Probe;
    }
    if !mesh_calls(path) {
        return Entrance::Aside;
    }
    match path.rsplit('/').next() {
        Some("GetStatus" | "Describe") => Entrance::Look,
        Some("Classify") => Entrance::Work(QUARTER),
        _ => Entrance::Work(WHOLE),
    }
}

/// The doors of a process.
pub(crate) fn doors(config: &Config) -> Doors {
    let units = config.max_concurrent_calls.saturating_mul(WHOLE);
    // A share of 0..=1 of a number is not above it; what is less than one call is one call.
    let batch_units = ((f64::from(units) * config.batch_share) as u32).max(WHOLE);
    let limits = Limits {
        units,
        batch_units,
        waiting: config.max_waiting_calls as usize,
        target: config.queue_target,
        interval: config.queue_interval,
    };
    Doors::new(limits, config.max_concurrent_calls, config.max_deadline)
}

/// Watches the loop until it is dropped, and has calls refused while it is late.
pub(crate) async fn watch_loop(doors: Doors, target: Duration) {
    let mut lag = Lag::new(target, LOOP_INTERVAL);
    loop {
        let busy = doors.load().snapshot().in_flight > 0;
        let due = Instant::now() + if busy { LOOK } else { REST };
        sleep_until(due).await;
        let now = Instant::now();
        doors.press(lag.woken(now.saturating_duration_since(due), now));
    }
}

/// Says now and then that calls were refused.
pub(crate) async fn tell_refusals(doors: Doors) {
    let mut ticks = interval(SAY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut said = 0;
    loop {
        ticks.tick().await;
        let load = doors.load().snapshot();
        if load.refused > said {
            warn!(
                refused = load.refused - said,
                in_flight = load.in_flight,
                waiting = load.waiting,
                "overloaded: calls were refused"
            );
            said = load.refused;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_looks_does_not_stand_in_line_with_who_works() {
        for (path, expected) in [
            ("/plexus.v1.RouterService/Ask", Entrance::Work(4)),
            ("/plexus.v1.RouterService/Classify", Entrance::Work(1)),
            ("/plexus.v1.RouterService/GetStatus", Entrance::Look),
            ("/plexus.v1.SpecialistService/Describe", Entrance::Look),
            ("/plexus.v1.ValidatorService/Validate", Entrance::Work(4)),
            ("/plexus.v1.RouterService/Destroy", Entrance::Work(4)),
            ("/grpc.health.v1.Health/Watch", Entrance::Aside),
            ("/grpc.health.v1.Health/Check", Entrance::Probe),
            (
                "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
                Entrance::Aside,
            ),
        ] {
            assert_eq!(entrance(path), expected, "{path}");
        }
    }
}
