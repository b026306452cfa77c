//! HTTP/2 as a hostile client writes it: frames by hand, limits of the other side ignored.
//!
//! Source: RFC 9113 (HTTP/2), section 4.1 (frames), and RFC 7541 (HPACK), section 6.2.2 (literals without indexing).

use std::{io, net::SocketAddr};

use plexus_integration_tests::DEADLINE;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    task::JoinHandle,
};

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;

const END_HEADERS: u8 = 4;
const CANCEL: [u8; 4] = [0, 0, 0, 8];

/// A connection without manners.
pub(crate) struct Raw {
    write: OwnedWriteHalf,
    /// Reads whatever comes; ends with the error code of a GOAWAY, if there was one.
    reader: JoinHandle<Option<u32>>,
    stream: u32,
    headers: Vec<u8>,
}

impl Raw {
    /// Connects and says hello.
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        let (read, mut write) = TcpStream::connect(address).await.unwrap().into_split();
        write.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await.unwrap();
        write.write_all(&frame(SETTINGS, 0, 0, &[])).await.unwrap();
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
                headers.push(u8::try_from(text.len()).unwrap());
                headers.extend(text.as_bytes());
            }
        }
        Self {
            write,
            reader: tokio::spawn(read_all(read)),
            stream: 1,
            headers,
        }
    }

    async fn open(&mut self) -> io::Result<u32> {
        let stream = self.stream;
        self.stream += 2;
        self.write
            .write_all(&frame(HEADERS, END_HEADERS, stream, &self.headers))
            .await?;
        Ok(stream)
    }

    /// Opens a call and takes it back.
    pub(crate) async fn open_and_reset(&mut self) -> io::Result<()> {
        let stream = self.open().await?;
        self.write.write_all(&frame(RST_STREAM, 0, stream, &CANCEL)).await
    }

    /// Opens a call whose message shall have `length` bytes, and sends none of them.
    pub(crate) async fn open_and_claim(&mut self, length: u32) -> io::Result<()> {
        let stream = self.open().await?;
        let mut prefix = vec![0];
        prefix.extend(length.to_be_bytes());
        self.write.write_all(&frame(DATA, 0, stream, &prefix)).await
    }

    /// Why the other side hung up; none where it did not say, or did not hang up although nothing more is sent.
    pub(crate) async fn goaway(self) -> Option<u32> {
        let mut write = self.write;
        let _ = write.shutdown().await;
        tokio::time::timeout(DEADLINE, self.reader).await.ok()?.ok()?
    }
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
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
