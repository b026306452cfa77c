//! An OpenAI-compatible server that plays a script, well or badly, and remembers what it was asked.

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use serde_json::json;
use tokio::{
    net::{TcpListener, TcpStream},
    task::{AbortHandle, JoinSet},
    time::sleep,
};

use crate::http::{self, Request};

/// Words that stand in every error body of the server: nobody but the engine may ever see them.
pub const BACKEND_WORDS: &str = "backend-internals-0x7f3a";

/// How the server answers.
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
    /// A whole completion as JSON, from a server that does not stream.
    Json(String),
    /// A page: somebody else listens there.
    Html,
    /// An error, with `retry-after` in seconds where there is one.
    Status(u16, Option<u64>),
    /// A stream that ends, properly closed, after this text but before the answer does.
    Truncated(String),
    /// A connection that is reset after this text.
    Reset(String),
    /// The request is read, and nothing ever comes.
    Silence,
    /// A whole completion of that many bytes.
    Huge(usize),
    /// Bytes that are no UTF-8.
    InvalidUtf8,
    /// JSON that is no completion, in a stream of events.
    Garbage,
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

/// The server; it ends when it is dropped.
#[derive(Debug)]
pub struct FakeLlm {
    address: SocketAddr,
    state: Arc<State>,
    accepting: AbortHandle,
}

#[derive(Debug)]
struct State {
    play: Mutex<Play>,
    requests: Mutex<Vec<Request>>,
    open: AtomicUsize,
}

impl FakeLlm {
    /// Listens on a free port and plays `play` for every request.
    ///
    /// # Panics
    /// Where no port is free.
    pub async fn start(play: Play) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("it is bound");
        let state = Arc::new(State {
            play: Mutex::new(play),
            requests: Mutex::default(),
            open: AtomicUsize::new(0),
        });
        let shared = state.clone();
        let accepting = tokio::spawn(async move {
            // Ends every connection when the server is dropped.
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(serve(stream, shared.clone()));
                while connections.try_join_next().is_some() {}
            }
        });
        Self {
            address,
            state,
            accepting: accepting.abort_handle(),
        }
    }

    /// What to set PLEXUS_LLM_URL to.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Plays something else from the next request on.
    pub fn play(&self, play: Play) {
        *self.state.play.lock().unwrap_or_else(PoisonError::into_inner) = play;
    }

    /// What it was asked since the last look.
    pub fn take_requests(&self) -> Vec<Request> {
        std::mem::take(&mut self.state.requests.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Connections that are open with a request under way.
    pub fn open(&self) -> usize {
        self.state.open.load(Ordering::SeqCst)
    }
}

impl Drop for FakeLlm {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// Counts a request while it is under way.
struct Open(Arc<State>);

impl Open {
    fn new(state: &Arc<State>) -> Self {
        state.open.fetch_add(1, Ordering::SeqCst);
        Self(state.clone())
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::SeqCst);
    }
}

async fn serve(mut stream: TcpStream, state: Arc<State>) {
    let Ok(request) = http::read(&mut stream).await else {
        return;
    };
    let open = Open::new(&state);
    state
        .requests
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(request);
    let play = state.play.lock().unwrap_or_else(PoisonError::into_inner).clone();
    // A caller that goes away ends the play with an error of a write, or here.
    let _ = perform(&mut stream, play).await;
    drop(open);
}

async fn perform(stream: &mut TcpStream, play: Play) -> io::Result<()> {
    let html = format!("<html><body>{BACKEND_WORDS}</body></html>");
    match play {
        Play::Words { text, pause, usage } => {
            http::events(stream).await?;
            for (index, word) in text.split_inclusive(' ').enumerate() {
                if index > 0 && !pause.is_zero() {
                    tokio::select! {
                        () = sleep(pause) => {}
                        () = http::gone(stream) => return Ok(()),
                    }
                }
                event(stream, &delta(word, None)).await?;
            }
            event(stream, &delta("", Some("stop"))).await?;
            if let Some((input, output)) = usage {
                let usage = json!({"prompt_tokens": input, "completion_tokens": output});
                event(stream, &json!({"choices": [], "usage": usage})).await?;
            }
            http::chunk(stream, b"data: [DONE]\n\n").await?;
            http::chunk(stream, b"").await
        }
        Play::Json(text) => http::whole(stream, 200, "application/json", "", &completion(&text)).await,
        Play::Html => http::whole(stream, 200, "text/html; charset=utf-8", "", html.as_bytes()).await,
        Play::Status(status, retry_after) => {
            let headers = retry_after.map_or_else(String::new, |seconds| format!("retry-after: {seconds}\r\n"));
            let body = json!({"error": {"message": BACKEND_WORDS}}).to_string();
            http::whole(stream, status, "application/json", &headers, body.as_bytes()).await
        }
        Play::Truncated(text) => {
            http::events(stream).await?;
            for word in text.split_inclusive(' ') {
                event(stream, &delta(word, None)).await?;
            }
            http::chunk(stream, b"").await
        }
        Play::Reset(text) => {
            http::events(stream).await?;
            for word in text.split_inclusive(' ') {
                event(stream, &delta(word, None)).await?;
            }
            // What was written must be read before the reset, or it would take the words with it.
            sleep(Duration::from_millis(50)).await;
            stream.set_zero_linger()
        }
        Play::Silence => {
            http::gone(stream).await;
            Ok(())
        }
        Play::Huge(bytes) => http::whole(stream, 200, "application/json", "", &completion(&"x".repeat(bytes))).await,
        Play::InvalidUtf8 => {
            http::events(stream).await?;
            http::chunk(stream, b"data: \xff\xfe\xfd\n\n").await?;
            http::chunk(stream, b"").await
        }
        Play::Garbage => {
            http::events(stream).await?;
            event(stream, &json!([{"trace": BACKEND_WORDS}])).await?;
            http::chunk(stream, b"").await
        }
    }
}

async fn event(stream: &mut TcpStream, data: &serde_json::Value) -> io::Result<()> {
    http::chunk(stream, format!("data: {data}\n\n").as_bytes()).await
}

fn delta(text: &str, finish: Option<&str>) -> serde_json::Value {
    json!({"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": finish}]})
}

fn completion(text: &str) -> Vec<u8> {
    let choice = json!({"message": {"role": "assistant", "content": text}, "finish_reason": "stop"});
    let usage = json!({"prompt_tokens": 11, "completion_tokens": 7});
    json!({"choices": [choice], "usage": usage}).to_string().into_bytes()
}
