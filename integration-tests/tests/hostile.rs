//! Hostile clients: whatever they send, the router's memory stays bounded and others are served.

#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use std::{net::SocketAddr, sync::LazyLock};

use plexus_integration_tests::{
    DEADLINE, Mesh, Router, Says as _, Service, Shared, answered, ask, connect,
    hostile::{self, ENHANCE_YOUR_CALM, Held},
    resident_bytes, timed, virtual_bytes,
};
use plexus_proto::v1::ClassifyRequest;
use plexus_testkit::eventually;
use prost::Message as _;
use tokio::{io::AsyncReadExt as _, sync::Mutex};
use tonic::Code;

/// What an attack may cost in memory, while it lasts.
const MAX_GROWTH: u64 = 64 * 1024 * 1024;

/// What it may reserve without touching it: the claims of all calls that may be under way (512, of 8 MiB each).
const MAX_RESERVED: u64 = 5 * 1024 * 1024 * 1024;

static MESH: Shared = LazyLock::new(Mesh::start);

/// One attack at a time: the growth of memory is that attack's.
static TURN: Mutex<()> = Mutex::const_new(());

fn router() -> SocketAddr {
    MESH.address("router")
}

/// Others are served as ever.
async fn others_are_served() {
    answered(&mut MESH.router().await, ask("12 * 12")).await.is_answered();
    MESH.has_not_panicked();
}

/// Runs an attack; while what it opened is open, memory is bounded and others are served, and afterwards too.
async fn harmless<T>(name: &str, attack: impl Future<Output = T>) -> T {
    let pid = MESH.pid("router");
    others_are_served().await;
    let (resident, reserved) = (resident_bytes(pid), virtual_bytes(pid));
    let held = attack.await;
    others_are_served().await;
    for (what, before, after, limit) in [
        ("resident", resident, resident_bytes(pid), MAX_GROWTH),
        ("reserved", reserved, virtual_bytes(pid), MAX_RESERVED),
    ] {
        if let (Some(before), Some(after)) = (before, after) {
            let growth = after.saturating_sub(before);
            println!("{name}: {what} +{} KiB", growth / 1024);
            assert!(growth < limit, "{name}: {what} memory grew by {} KiB", growth / 1024);
        }
    }
    held
}

/// The connection was ended for its manners, or a reset of it overtook the word about it.
async fn ended_for_its_manners(held: Held) {
    // To be asked why, it would end by itself.
    eventually!(held.all_closed(), DEADLINE);
    for code in held.goaways().await {
        assert!(code.is_none_or(|code| code == ENHANCE_YOUR_CALM), "{code:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rapid_resets() {
    let _turn = TURN.lock().await;
    let held = harmless("rapid resets", hostile::rapid_reset(router(), 20_000)).await;
    ended_for_its_manners(held).await;
    others_are_served().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_half_open_calls_with_crumbs() {
    let _turn = TURN.lock().await;
    let held = harmless("crumbs", hostile::crumbs(router(), 10_000)).await;
    ended_for_its_manners(held).await;
    others_are_served().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_claims_of_four_mebibytes() {
    let _turn = TURN.lock().await;
    let held = harmless("claims", hostile::claims(router(), 10_000, 4 * 1024 * 1024)).await;
    ended_for_its_manners(held).await;
    others_are_served().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn headers_that_never_end() {
    let _turn = TURN.lock().await;
    let held = harmless("continuations", hostile::continuations(router(), 50_000)).await;
    ended_for_its_manners(held).await;
    others_are_served().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn frames_without_data() {
    let _turn = TURN.lock().await;
    harmless("empty frames", hostile::empty_data(router(), 100_000)).await;
    others_are_served().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn questions_whose_replies_nobody_reads() {
    let _turn = TURN.lock().await;
    harmless("settings and pings", hostile::settings_and_pings(router(), 100_000)).await;
    others_are_served().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_on_which_nothing_is_asked() {
    let _turn = TURN.lock().await;
    let held = harmless("idle connections", hostile::idle_connections(router(), 300)).await;
    assert_eq!(held.len(), 300);
    drop(held);
    others_are_served().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nonsense_on_the_wire_is_the_nonsense_of_one() {
    let _turn = TURN.lock().await;
    // However it takes that, it hangs up.
    assert!(harmless("nonsense", hostile::nonsense(router())).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_that_are_too_large_or_packed() {
    let _turn = TURN.lock().await;
    // 0x1f 0x8b: gzip. A bomb would say more in fewer bytes, but nobody unpacks it.
    let packed = [&[0x1f, 0x8b][..], &[0; 1000]].concat();
    let five_mebibytes = vec![b'a'; 5 * 1024 * 1024];
    let ten_mebibytes = vec![b'a'; 10 * 1024 * 1024];
    for (name, compressed, message, codes) in [
        ("packed", true, &packed, [Code::Unimplemented, Code::Internal]),
        // Not protobuf: what a decoder says of it does not matter as long as it is said.
        (
            "five mebibytes",
            false,
            &five_mebibytes,
            [Code::InvalidArgument, Code::Internal],
        ),
        (
            "ten mebibytes",
            false,
            &ten_mebibytes,
            [Code::ResourceExhausted, Code::ResourceExhausted],
        ),
    ] {
        let code = harmless(name, hostile::message(router(), hostile::ASK, compressed, message)).await;
        assert!(codes.contains(&code), "{name}: {code:?}");
    }
}

/// A router alone, which can classify, with room for little.
fn small(keys: &[(&str, &str)]) -> Service {
    let keys: Vec<_> = [("SERVER__MAX_CONCURRENT_CALLS", "20")]
        .iter()
        .chain(keys)
        .copied()
        .collect();
    Service::start("router", &keys)
}

/// There is room for others, now or soon.
async fn has_room(service: &Service) {
    let router = Router::new(connect(&service.url()).await);
    eventually("there is room for others", DEADLINE, async || {
        let message = ClassifyRequest {
            query: "12 * 12".to_owned(),
            ..ClassifyRequest::default()
        };
        router.clone().classify(timed(message, DEADLINE)).await.ok()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callers_that_never_read_hold_no_room_for_long() {
    let service = small(&[("SERVER__SLOW_READER", "1s")]);
    let question = ask("12 * 12").encode_to_vec();
    let path = "/plexus.v1.RouterService/AskStream";
    let held = hostile::slow_readers(service.address, path, &question, 2, 90).await;
    has_room(&service).await;
    assert!(!held.all_closed(), "it was not by hanging up that there is room");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callers_that_never_send_their_message_hold_no_room_for_long() {
    let service = small(&[("SERVER__SLOW_WRITER", "1s")]);
    let held = hostile::claims(service.address, 90, 1024 * 1024).await;
    has_room(&service).await;
    assert!(!held.all_closed(), "it was not by hanging up that there is room");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_say_nothing_or_are_too_many_are_closed() {
    let service = small(&[("SERVER__FIRST_BYTES", "1s"), ("SERVER__MAX_CONNECTIONS", "10")]);
    for mut silent in hostile::idle_connections(service.address, 20)
        .await
        .into_iter()
        .skip(1)
        .step_by(2)
    {
        let mut answer = Vec::new();
        let ended = tokio::time::timeout(DEADLINE, silent.read_to_end(&mut answer)).await;
        assert!(ended.is_ok(), "a connection that says nothing is still open");
    }
    has_room(&service).await;
}
