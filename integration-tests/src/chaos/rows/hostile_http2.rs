//! Row 14: clients without manners: every attack of [`hostile`], again and again, beside callers who want answers.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use plexus_proto::v1::{AskRequest, Domain};
use prost::Message as _;
use tokio::time::{Instant, sleep};

use super::Setting;
use crate::{
    chaos::{
        Check, Checks, Limit, Log, Topology, doors, only, scripted_engine,
        watch::{self, Peak},
    },
    hostile,
};

/// Calls of one attack. The attacker shares a core with the generator: more would measure that.
const STREAMS: usize = 2_000;
/// Frames of one attack.
const FRAMES: usize = 5_000;
/// Connections that say nothing.
const CONNECTIONS: usize = 100;
/// Between two attacks.
const PAUSE: Duration = Duration::from_millis(20);
/// What each half-open call claims will come, bytes.
const CLAIM: u32 = 4 * 1024 * 1024;
/// What is done, in turn.
const ATTACKS: [&str; 9] = [
    "cookie crumbs",
    "claimed messages",
    "rapid resets",
    "CONTINUATION",
    "empty DATA",
    "SETTINGS and PING",
    "slow readers",
    "idle connections",
    "nonsense",
];
/// The method whose answers are not read.
const STREAM_METHOD: &str = "/plexus.v1.RouterService/AskStream";

/// Runs it.
///
/// # Errors
/// None; what cannot be started panics.
pub async fn run(setting: Setting) -> anyhow::Result<Checks> {
    let engine = scripted_engine("42");
    let one = setting.rig.specialist(Domain::Math, &engine).await;
    let two = setting.rig.specialist(Domain::Math, &engine).await;
    let router = setting
        .rig
        .router(&Topology::of(Domain::Math, &[one.address, two.address]))
        .await;
    let load = setting.load(only(Domain::Math, setting.seed), Duration::from_secs(5));
    let running = load.start(&doors(&[&router], 8));
    setting.warm_up().await;
    let begun = Instant::now();
    sleep(setting.phase).await;
    let pid = router.process.pid();
    let before = watch::held(pid);
    let peak = Peak::of(pid);
    let attacked = Instant::now();
    let made = Arc::new(Mutex::new(Vec::new()));
    let attacker = tokio::spawn(attack(router.address, made.clone()));
    sleep(setting.phase).await;
    let ended = Instant::now();
    attacker.abort();
    let peak = peak.stop().await;
    let log = running.stop().await;

    let p99_before = log.between(begun, attacked).quantile(0.99);
    let p99_after = log.between(attacked, ended).quantile(0.99);
    log.tell();
    let made = made.lock().unwrap_or_else(PoisonError::into_inner);
    for (name, p99, asked) in by_kind(&log, &made) {
        eprintln!("  during {name}: p99 {p99:.1} ms of {asked} questions");
    }
    Ok(vec![
        Check::new(
            "RSS",
            watch::growth_mib(before.resident, peak),
            "MiB",
            Limit::Below(64.0),
        ),
        Check::new("p99 of others", p99_after / p99_before, "x", Limit::Below(2.0)),
        Check::at_most("others failed", log.failed(), 0),
        Check::shown("p99 before", p99_before, "ms"),
        Check::shown("p99 under attack", p99_after, "ms"),
        Check::shown("generator late by (p99)", log.between(attacked, ended).lag(), "ms"),
        Check::shown("attacks", made.len() as f64, ""),
    ])
}

/// An attack that was made: its name, from when, until when.
type Made = (&'static str, Instant, Instant);

/// Attacks until it is ended, one kind after the other, each on new connections.
async fn attack(address: SocketAddr, made: Arc<Mutex<Vec<Made>>>) {
    let question = AskRequest {
        query: "Write a long story.".to_owned(),
        ..AskRequest::default()
    };
    let question = question.encode_to_vec();
    loop {
        for name in ATTACKS {
            let begun = Instant::now();
            // Being thrown out is what is hoped for. What is held is let go before the next attack begins.
            let held = match name {
                "cookie crumbs" => Some(hostile::crumbs(address, STREAMS).await),
                "claimed messages" => Some(hostile::claims(address, STREAMS, CLAIM).await),
                "rapid resets" => Some(hostile::rapid_reset(address, STREAMS).await),
                "CONTINUATION" => Some(hostile::continuations(address, FRAMES).await),
                "empty DATA" => Some(hostile::empty_data(address, FRAMES).await),
                "SETTINGS and PING" => Some(hostile::settings_and_pings(address, FRAMES).await),
                "slow readers" => Some(hostile::slow_readers(address, STREAM_METHOD, &question, 4, 50).await),
                "idle connections" => {
                    drop(hostile::idle_connections(address, CONNECTIONS).await);
                    None
                }
                _ => {
                    hostile::nonsense(address).await;
                    None
                }
            };
            sleep(PAUSE).await;
            drop(held);
            let mut made = made.lock().unwrap_or_else(PoisonError::into_inner);
            made.push((name, begun, Instant::now()));
        }
    }
}

/// The 99th percentile of those who asked during each kind of attack, milliseconds, worst first.
fn by_kind(log: &Log, made: &[Made]) -> Vec<(&'static str, f64, usize)> {
    let mut kinds: Vec<_> = ATTACKS
        .iter()
        .map(|kind| {
            let during = made.iter().filter(|(name, ..)| name == kind);
            let samples: Vec<_> = during.flat_map(|(_, from, to)| log.between(*from, *to).0).collect();
            (*kind, Log(samples.clone()).quantile(0.99), samples.len())
        })
        .collect();
    kinds.sort_by(|one, two| two.1.total_cmp(&one.1));
    kinds
}
