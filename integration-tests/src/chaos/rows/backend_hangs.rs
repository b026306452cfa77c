//! Row 6: the only backend takes every call and never answers; ten thousand calls later nothing of them is left.

use std::{sync::Arc, time::Duration};

use plexus_proto::v1::{Domain, GetStatusRequest};
use tokio::time::{Instant, sleep, timeout};

use super::Setting;
use crate::{
    DEADLINE, Service,
    ask::{Router, connect, timed},
    chaos::{
        Check, Checks, Doors, Limit, Load, Topology, doors, only,
        watch::{self, Held},
    },
    stub::{Manner, StubSpecialist},
};

/// Calls one after the other, at most, until the breaker is seen to be open.
const TRIES: u64 = 30;
/// Calls that a router serves at the same time where no replica's limit was learnt.
const CAP: u32 = 512;
/// How long the mesh may take to put everything away.
const TIDY: Duration = Duration::from_secs(10);

/// Runs it.
///
/// # Errors
/// None; what cannot be started panics.
pub async fn run(setting: Setting) -> anyhow::Result<Checks> {
    let stub = StubSpecialist::start("a", Domain::Math, Manner::default(), setting.seed).await;
    let router = setting.rig.router(&Topology::of(Domain::Math, &[stub.address])).await;
    let doors = doors(&[&router], 10);
    let question = only(Domain::Math, setting.seed);
    let warm = setting.load(question.clone(), Duration::from_secs(5));
    warm.run(&doors, setting.phase / 2).await;
    sleep(Duration::from_secs(1)).await;
    let before = watch::held(router.process.pid());

    stub.behave(Manner {
        hangs: true,
        ..Manner::default()
    });
    let opened_after = one_by_one(&stub, &doors, &question).await;

    let load = Load {
        rate: 1_000.0,
        deadline: Duration::from_millis(500),
        question,
    };
    stub.forget_peak();
    let calls = setting.calls(10_000);
    let log = load.run(&doors, Duration::from_millis(calls)).await;
    let peak = stub.served().peak;
    let cap = learnt_cap(&router).await;
    let after = tidied(&router, before).await;

    log.tell();
    Ok(vec![
        Check::new("attempts until open", opened_after, "", Limit::AtMost(5.0)),
        Check::new(
            "in flight at the backend",
            peak as f64,
            "",
            Limit::AtMost(f64::from(cap)),
        ),
        Check::shown("cap", f64::from(cap), ""),
        Check::at_most("fds off by", watch::difference(before.files, after.files), 2),
        Check::at_most("threads off by", watch::difference(before.threads, after.threads), 2),
        Check::new(
            "RSS",
            watch::growth_mib(before.resident, after.resident),
            "MiB",
            Limit::AtMost(10.0),
        ),
        Check::shown("calls", log.0.len() as f64, ""),
    ])
}

/// Attempts that reach the backend before a call does not any more; not a number where all do.
async fn one_by_one(
    stub: &StubSpecialist,
    doors: &Arc<Doors>,
    question: &Arc<dyn Fn(u64) -> plexus_proto::v1::AskRequest + Send + Sync>,
) -> f64 {
    let begun = stub.served().calls;
    for number in 0..TRIES {
        let before = stub.served().calls;
        let mut router = doors.in_turn().swap_remove(0);
        let ask = router.ask(timed(question(1_000_000 + number), Duration::from_millis(300)));
        // How it ends is not the matter here.
        let _ = timeout(DEADLINE, ask).await;
        if stub.served().calls == before {
            return (before - begun) as f64;
        }
    }
    f64::NAN
}

/// What a replica may have in flight, as the router has learnt; its own limit where it has not.
async fn learnt_cap(router: &Service) -> u32 {
    let mut client = Router::new(connect(&router.url()).await);
    let Ok(status) = client.get_status(timed(GetStatusRequest {}, DEADLINE)).await else {
        return CAP;
    };
    let upstreams = &status.get_ref().upstreams;
    let math = upstreams.iter().find(|upstream| upstream.name == "math");
    let limit = math
        .and_then(|math| math.replicas.first())
        .map_or(0, |replica| replica.limit);
    if limit == 0 { CAP } else { limit }
}

/// What the router holds once it has put everything away, or has had the time to.
async fn tidied(router: &Service, before: Held) -> Held {
    let begun = Instant::now();
    loop {
        let now = watch::held(router.process.pid());
        let tidy =
            watch::difference(before.files, now.files) <= 2 && watch::difference(before.threads, now.threads) <= 2;
        let lean = watch::growth_mib(before.resident, now.resident) <= 10.0;
        if (tidy && lean) || begun.elapsed() > TIDY {
            return now;
        }
        sleep(Duration::from_millis(200)).await;
    }
}
