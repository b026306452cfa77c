//! Just enough of HTTP/1.1 to misbehave on purpose: a proper server would not let a test cut a body or reset a
//! connection where it wants.

use std::{collections::BTreeMap, io};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// Largest request that is read.
const MAX_REQUEST: usize = 32 * 1024 * 1024;

/// A request as it came in.
#[derive(Debug, Clone)]
pub struct Request {
    /// Method and path, e.g. `POST /v1/chat/completions`.
    pub line: String,
    /// Headers, names in lower case.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: String,
}

/// Reads one request.
pub(crate) async fn read(stream: &mut TcpStream) -> io::Result<Request> {
    let mut bytes = Vec::new();
    let head = loop {
        if let Some(end) = find(&bytes, b"\r\n\r\n") {
            break end;
        }
        more(stream, &mut bytes).await?;
    };
    let text = String::from_utf8_lossy(&bytes[..head]).into_owned();
    let mut lines = text.lines();
    let line = lines.next().unwrap_or_default();
    let line = line.rsplit_once(' ').map_or(line, |(line, _)| line).to_owned();
    let headers: BTreeMap<String, String> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.trim().to_lowercase(), value.trim().to_owned()))
        .collect();
    let length: usize = headers
        .get("content-length")
        .and_then(|length| length.parse().ok())
        .unwrap_or(0);
    let begin = head + 4;
    while bytes.len() < begin + length {
        more(stream, &mut bytes).await?;
    }
    let body = String::from_utf8_lossy(&bytes[begin..begin + length]).into_owned();
    Ok(Request { line, headers, body })
}

async fn more(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> io::Result<()> {
    if stream.read_buf(bytes).await? == 0 || bytes.len() > MAX_REQUEST {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(())
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

/// Writes the head of a response whose body ends with the connection.
pub(crate) async fn head(stream: &mut TcpStream, status: u16, kind: &str, more: &str) -> io::Result<()> {
    let head = format!("HTTP/1.1 {status} Scripted\r\ncontent-type: {kind}\r\n{more}connection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).await
}

/// Writes a whole response.
pub(crate) async fn whole(
    stream: &mut TcpStream,
    status: u16,
    kind: &str,
    headers: &str,
    body: &[u8],
) -> io::Result<()> {
    let headers = format!("{headers}content-length: {}\r\n", body.len());
    head(stream, status, kind, &headers).await?;
    stream.write_all(body).await
}

/// Writes the head of a stream of events, chunked, so that a stream that is cut can be told from one that ends.
pub(crate) async fn events(stream: &mut TcpStream) -> io::Result<()> {
    head(
        stream,
        200,
        "text/event-stream; charset=utf-8",
        "transfer-encoding: chunked\r\n",
    )
    .await
}

/// Writes one chunk; an empty one ends the body.
pub(crate) async fn chunk(stream: &mut TcpStream, bytes: &[u8]) -> io::Result<()> {
    stream.write_all(format!("{:x}\r\n", bytes.len()).as_bytes()).await?;
    stream.write_all(bytes).await?;
    stream.write_all(b"\r\n").await
}

/// Waits until the other side is gone.
pub(crate) async fn gone(stream: &mut TcpStream) {
    let mut buffer = [0; 64];
    while matches!(stream.read(&mut buffer).await, Ok(1..)) {}
}
