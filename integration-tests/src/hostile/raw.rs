//! A connection without manners: frames by hand, whatever the other side has said.
//!
//! Source: RFC 9113 (HTTP/2), section 4.1 (frames), and RFC 7541 (HPACK), section 6.2.2 (literals without indexing).

use std::{io, net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    task::JoinHandle,
    time::timeout,
};

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const CONTINUATION: u8 = 9;

const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
const CANCEL: [u8; 4] = [0, 0, 0, 8];

/// Error code of a GOAWAY that ends a flood (RFC 9113, section 7).
pub const ENHANCE_YOUR_CALM: u32 = 11;

/// The client's preface and an empty SETTINGS frame.
pub(super) const HELLO: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

/// How long the other side may refuse to read until that counts as hanging up.
const STUCK: Duration = Duration::from_secs(5);

/// How long the other side may take to hang up.
const PATIENCE: Duration = Duration::from_secs(30);

/// What is done with what the other side sends.
pub(super) enum Reading {
    /// It is read as it comes.
    All,
    /// It stays in the system's buffers, until they are full.
    Nothing,
}

/// A connection without manners.
#[derive(Debug)]
pub(super) struct Raw {
    write: OwnedWriteHalf,
    /// Reads whatever comes; ends with the error code of a GOAWAY, if there was one.
    reader: Option<JoinHandle<Option<u32>>>,
    _unread: Option<OwnedReadHalf>,
    stream: u32,
}

impl Raw {
    /// Connects and says hello.
    ///
    /// # Panics
    /// Where nobody listens.
    pub(super) async fn connect(address: SocketAddr, reading: Reading) -> Self {
        let stream = TcpStream::connect(address).await;
        let stream = stream.unwrap_or_else(|error| panic!("{address} cannot be reached: {error}"));
        let (read, write) = stream.into_split();
        let (reader, unread) = match reading {
            Reading::All => (Some(tokio::spawn(read_all(read))), None),
            Reading::Nothing => (None, Some(read)),
        };
        let mut raw = Self {
            write,
            reader,
            _unread: unread,
            stream: 1,
        };
        // A server that is full has hung up already; the first frame will say so.
        let _ = raw.send(HELLO).await;
        raw
    }

    /// Opens a call with these headers; its message may follow.
    pub(super) async fn open(&mut self, headers: &[u8]) -> io::Result<u32> {
        self.headers(END_HEADERS, headers).await
    }

    /// Opens a call whose headers are to be continued.
    pub(super) async fn open_unended(&mut self, headers: &[u8]) -> io::Result<u32> {
        self.headers(0, headers).await
    }

    async fn headers(&mut self, flags: u8, headers: &[u8]) -> io::Result<u32> {
        let stream = self.stream;
        self.stream += 2;
        self.send(&frame(HEADERS, flags, stream, headers)).await?;
        Ok(stream)
    }

    pub(super) async fn continuation(&mut self, stream: u32, headers: &[u8]) -> io::Result<()> {
        self.send(&frame(CONTINUATION, 0, stream, headers)).await
    }

    pub(super) async fn data(&mut self, stream: u32, data: &[u8], end: bool) -> io::Result<()> {
        let flags = if end { END_STREAM } else { 0 };
        self.send(&frame(DATA, flags, stream, data)).await
    }

    pub(super) async fn reset(&mut self, stream: u32) -> io::Result<()> {
        self.send(&frame(RST_STREAM, 0, stream, &CANCEL)).await
    }

    pub(super) async fn settings(&mut self, settings: &[u8]) -> io::Result<()> {
        self.send(&frame(SETTINGS, 0, 0, settings)).await
    }

    pub(super) async fn ping(&mut self) -> io::Result<()> {
        self.send(&frame(PING, 0, 0, b"are you?")).await
    }

    async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        timeout(STUCK, self.write.write_all(bytes))
            .await
            .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
    }

    /// Whether the other side has hung up.
    pub(super) fn closed(&self) -> bool {
        self.reader.as_ref().is_some_and(JoinHandle::is_finished)
    }

    /// Why the other side hung up; none where it did not say, or did not hang up although nothing more is sent.
    pub(super) async fn goaway(self) -> Option<u32> {
        let mut write = self.write;
        let _ = write.shutdown().await;
        timeout(PATIENCE, self.reader?).await.ok()?.ok()?
    }
}

/// Headers of a call to a method.
pub(super) fn call_to(path: &str) -> Vec<u8> {
    let mut headers = Vec::new();
    for (name, value) in [
        (":method", "POST"),
        (":scheme", "http"),
        (":path", path),
        (":authority", "mesh"),
        ("content-type", "application/grpc"),
        ("te", "trailers"),
    ] {
        headers.push(0);
        for text in [name, value] {
            // Names and values here are shorter than 127 bytes, so one byte holds the length.
            headers.push(text.len() as u8);
            headers.extend(text.as_bytes());
        }
    }
    headers
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    // Payloads here are shorter than the 16 KiB that every side accepts.
    let length = (payload.len() as u32).to_be_bytes();
    let mut frame = length[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

async fn read_all(mut read: OwnedReadHalf) -> Option<u32> {
    let mut goaway = None;
    loop {
        let mut head = [0; 9];
        if read.read_exact(&mut head).await.is_err() {
            return goaway;
        }
        let mut payload = vec![0; u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize];
        if read.read_exact(&mut payload).await.is_err() {
            return goaway;
        }
        if head[3] == GOAWAY && payload.len() >= 8 {
            goaway = Some(u32::from_be_bytes([payload[4], payload[5], payload[6], payload[7]]));
        }
    }
}
