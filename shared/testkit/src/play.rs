//! What a server does with a question: plays, good ones and bad ones.

use std::{io, time::Duration};

use serde_json::json;
use tokio::{net::TcpStream, time::sleep};

use crate::{
    dialect::{Dialect, event},
    http,
};

/// Words that stand in every error body of the server: nobody but the engine may ever see them.
pub const BACKEND_WORDS: &str = "backend-internals-0x7f3a";

/// How the server answers, in the dialect of the path that it is asked at.
#[derive(Debug, Clone)]
pub enum Play {
    /// A stream of the words of a text, with the tokens that it counts at the end.
    Words {
        /// The answer.
        text: String,
        /// Before each word but the first.
        pause: Duration,
        /// Tokens read and written, if it says so.
        usage: Option<(u64, u64)>,
    },
    /// The words of a text at once, but only after so long.
    Late(Duration, String),
    /// A stream of this text that ends for this reason, as the dialect names it.
    Ends(String, String),
    /// A whole answer as JSON, from a server that does not stream.
    Json(String),
    /// A page: somebody else listens there.
    Html,
    /// An error, with `retry-after` in seconds where there is one.
    Status(u16, Option<u64>),
    /// A stream that ends, properly closed, after this text but before the answer does.
    Truncated(String),
    /// A stream with an error in it after this text.
    Error(String),
    /// A connection that is reset after this text.
    Reset(String),
    /// The request is read, and nothing ever comes.
    Silence,
    /// Comments for ever after this text, and never another word.
    Pings(String),
    /// A whole answer of that many bytes.
    Huge(usize),
    /// A stream with one line of that many bytes.
    Line(usize),
    /// Bytes that are no UTF-8.
    InvalidUtf8,
    /// JSON that is no answer, in a stream of events.
    Garbage,
    /// A compressed answer that nobody asked for.
    Gzip,
}

impl Play {
    /// The words of a text at once, without tokens.
    pub fn words(text: &str) -> Self {
        Self::Words {
            text: text.to_owned(),
            pause: Duration::ZERO,
            usage: None,
        }
    }
}

/// Plays `play` for a request like `POST /v1/messages`.
pub(crate) async fn perform(stream: &mut TcpStream, request: &str, play: Play) -> io::Result<()> {
    let dialect = Dialect::of(request);
    match play {
        Play::Words { text, pause, usage } => {
            begin(stream, dialect, usage.map(|(input, _)| input)).await?;
            for (index, word) in text.split_inclusive(' ').enumerate() {
                if index > 0 && !pause.is_zero() {
                    tokio::select! {
                        () = sleep(pause) => {}
                        () = http::gone(stream) => return Ok(()),
                    }
                }
                http::chunk(stream, &dialect.delta(word)).await?;
            }
            http::chunk(stream, &dialect.end(dialect.natural(), usage)).await?;
            http::chunk(stream, b"").await
        }
        Play::Late(after, text) => {
            tokio::select! {
                () = sleep(after) => {}
                () = http::gone(stream) => return Ok(()),
            }
            words(stream, dialect, &text).await?;
            http::chunk(stream, &dialect.end(dialect.natural(), None)).await?;
            http::chunk(stream, b"").await
        }
        Play::Ends(text, reason) => {
            words(stream, dialect, &text).await?;
            http::chunk(stream, &dialect.end(&reason, None)).await?;
            http::chunk(stream, b"").await
        }
        Play::Json(text) => whole(stream, "", &dialect.whole(&text)).await,
        Play::Html => {
            let html = format!("<html><body>{BACKEND_WORDS}</body></html>");
            http::whole(stream, 200, "text/html; charset=utf-8", "", html.as_bytes()).await
        }
        Play::Status(status, retry_after) => {
            let headers = retry_after.map_or_else(String::new, |seconds| format!("retry-after: {seconds}\r\n"));
            let body = json!({"error": {"message": BACKEND_WORDS}}).to_string();
            http::whole(stream, status, "application/json", &headers, body.as_bytes()).await
        }
        Play::Truncated(text) => {
            words(stream, dialect, &text).await?;
            http::chunk(stream, b"").await
        }
        Play::Error(text) => {
            words(stream, dialect, &text).await?;
            http::chunk(stream, &dialect.error(BACKEND_WORDS)).await?;
            http::chunk(stream, b"").await
        }
        Play::Reset(text) => {
            words(stream, dialect, &text).await?;
            // What was written must be read before the reset, or it would take the words with it.
            sleep(Duration::from_millis(50)).await;
            stream.set_zero_linger()
        }
        Play::Silence => {
            http::gone(stream).await;
            Ok(())
        }
        Play::Pings(text) => {
            words(stream, dialect, &text).await?;
            loop {
                http::chunk(stream, b": ping\n\n").await?;
                sleep(Duration::from_millis(10)).await;
            }
        }
        Play::Huge(bytes) => whole(stream, "", &dialect.whole(&"x".repeat(bytes))).await,
        Play::Line(bytes) => {
            begin(stream, dialect, None).await?;
            let piece = vec![b'x'; 64 * 1024];
            for _ in 0..bytes.div_ceil(piece.len()) {
                http::chunk(stream, &piece).await?;
            }
            http::chunk(stream, b"").await
        }
        Play::InvalidUtf8 => {
            begin(stream, dialect, None).await?;
            http::chunk(stream, b"data: \xff\xfe\xfd\n\n").await?;
            http::chunk(stream, b"").await
        }
        Play::Garbage => {
            begin(stream, dialect, None).await?;
            http::chunk(stream, &event(dialect, &json!([{"trace": BACKEND_WORDS}]))).await?;
            http::chunk(stream, b"").await
        }
        Play::Gzip => whole(stream, "content-encoding: gzip\r\n", b"\x1f\x8b\x08\0\0\0\0\0").await,
    }
}

async fn begin(stream: &mut TcpStream, dialect: Dialect, input: Option<u64>) -> io::Result<()> {
    http::events(stream).await?;
    http::chunk(stream, &dialect.begin(input)).await
}

async fn words(stream: &mut TcpStream, dialect: Dialect, text: &str) -> io::Result<()> {
    begin(stream, dialect, None).await?;
    for word in text.split_inclusive(' ') {
        http::chunk(stream, &dialect.delta(word)).await?;
    }
    Ok(())
}

async fn whole(stream: &mut TcpStream, headers: &str, body: &[u8]) -> io::Result<()> {
    http::whole(stream, 200, "application/json", headers, body).await
}
