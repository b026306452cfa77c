//! Row 10: a client hangs up in the middle of a stream: the engine's connection must close, or tokens are paid for nobody.

use std::{collections::HashMap, time::Duration};

use plexus_proto::v1::{Domain, ask_stream_response::Event};
use plexus_testkit::{FakeLlm, Play};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep, sleep_until, timeout},
};

use super::Setting;
use crate::{
    DEADLINE,
    ask::{Router, timed},
    chaos::{Check, Checks, Topology, doors, far_engine, log::quantile_ms, only},
};

/// The connection must be closed so long after.
const CLOSED: Duration = Duration::from_millis(100);

/// Runs it.
///
/// # Errors
/// None; what cannot be started panics.
pub async fn run(setting: Setting) -> anyhow::Result<Checks> {
    let engine = FakeLlm::start(Play::Words {
        text: "word ".repeat(3_000),
        pause: Duration::from_millis(10),
        usage: None,
    })
    .await;
    let math = setting.rig.specialist(Domain::Math, &far_engine(&engine.url())).await;
    let router = setting.rig.router(&Topology::of(Domain::Math, &[math.address])).await;
    let doors = doors(&[&router], 8);
    let question = only(Domain::Math, setting.seed);
    let begun = Instant::now();
    let mut cancels = JoinSet::new();
    for number in 0..setting.calls(1_000) {
        sleep_until(begun + Duration::from_secs_f64(number as f64 / setting.rate)).await;
        let mut request = question(number);
        request.query = format!("{} (number {number}.)", request.query);
        let router = doors.in_turn().swap_remove(0);
        cancels.spawn(async move { (number, cancel(router, request).await) });
    }
    let mut cancelled = HashMap::new();
    let mut never_began = 0;
    while let Some(done) = cancels.join_next().await {
        match done? {
            (number, Some(when)) => drop(cancelled.insert(format!("(number {number}.)"), when)),
            (_, None) => never_began += 1,
        }
    }
    sleep(Duration::from_secs(1)).await;

    let calls = engine.calls();
    let mut took = Vec::new();
    let mut open = 0;
    for call in &calls {
        // A body that has no number, or one of a call that never began, was counted already.
        let tag = call.body.find("(number ").and_then(|at| {
            let rest = &call.body[at..];
            rest.find(')').map(|end| &rest[..=end])
        });
        let Some(cancelled) = tag.and_then(|tag| cancelled.get(tag)) else {
            continue;
        };
        match call.ended {
            Some(ended) => took.push(ended.saturating_duration_since(*cancelled)),
            None => open += 1,
        }
    }
    Ok(vec![
        Check::at_most("closed late", took.iter().filter(|took| **took > CLOSED).count(), 0),
        Check::at_most("never closed", open, 0),
        Check::at_most("streams that never began", never_began, 0),
        Check::at_most(
            "engine calls not found",
            cancelled.len() - (took.len() + open).min(cancelled.len()),
            0,
        ),
        Check::shown("p99", quantile_ms(took.iter().copied(), 0.99), "ms"),
        Check::shown("slowest", quantile_ms(took.iter().copied(), 1.0), "ms"),
        Check::shown("cancelled", cancelled.len() as f64, ""),
    ])
}

/// Reads two pieces of text, hangs up, and says when; none where there was no text.
async fn cancel(mut router: Router, request: plexus_proto::v1::AskRequest) -> Option<Instant> {
    let reading = async {
        let mut stream = router.ask_stream(timed(request, DEADLINE)).await.ok()?.into_inner();
        let mut deltas = 0;
        while let Ok(Some(message)) = stream.message().await {
            deltas += usize::from(matches!(message.event, Some(Event::Delta(_))));
            if deltas == 2 {
                drop(stream);
                return Some(Instant::now());
            }
        }
        None
    };
    timeout(DEADLINE, reading).await.ok().flatten()
}
