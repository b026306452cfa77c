//! Row 14: clients without manners: every attack of [`hostile`], again and again, beside callers who want answers.

use std::{net::SocketAddr, time::Duration};

use plexus_proto::v1::{AskRequest, Domain};
use prost::Message as _;
use tokio::time::{Instant, sleep};

use super::Setting;
use crate::{
    chaos::{
        Check, Checks, Limit, Topology, doors, only, scripted_engine,
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
    let attacker = tokio::spawn(attack(router.address));
    sleep(setting.phase).await;
    let ended = Instant::now();
    attacker.abort();
    let peak = peak.stop().await;
    let log = running.stop().await;

    let p99_before = log.between(begun, attacked).quantile(0.99);
    let p99_after = log.between(attacked, ended).quantile(0.99);
    log.tell();
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
    ])
}

/// Attacks until it is ended, one kind after the other, each on new connections.
async fn attack(address: SocketAddr) {
    let question = AskRequest {
        query: "Write a long story.".to_owned(),
        ..AskRequest::default()
    };
    let question = question.encode_to_vec();
    loop {
        // Being thrown out is what is hoped for. What is held is let go before the next attack begins.
        for held in [
            hostile::crumbs(address, STREAMS).await,
            hostile::claims(address, STREAMS, CLAIM).await,
            hostile::rapid_reset(address, STREAMS).await,
            hostile::continuations(address, FRAMES).await,
            hostile::empty_data(address, FRAMES).await,
            hostile::settings_and_pings(address, FRAMES).await,
            hostile::slow_readers(address, STREAM_METHOD, &question, 4, 50).await,
        ] {
            sleep(PAUSE).await;
            drop(held);
        }
        drop(hostile::idle_connections(address, CONNECTIONS).await);
        hostile::nonsense(address).await;
        sleep(PAUSE).await;
    }
}
