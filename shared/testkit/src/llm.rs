//! A server of chat completions and of messages that plays a script, well or badly, and remembers what it was asked.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{
    net::{TcpListener, TcpStream},
    task::{AbortHandle, JoinSet},
    time::Instant,
};

use crate::{
    http::{self, Request},
    play::{Play, perform},
};

/// One request and when it was under way.
#[derive(Debug, Clone)]
pub struct Call {
    /// Its body.
    pub body: String,
    /// When it had been read.
    pub begun: Instant,
    /// When it was answered, or the other side was seen to be gone; none while it is under way.
    pub ended: Option<Instant>,
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
    calls: Mutex<Vec<Call>>,
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
            calls: Mutex::default(),
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
        *lock(&self.state.play) = play;
    }

    /// What it was asked since the last look.
    pub fn take_requests(&self) -> Vec<Request> {
        std::mem::take(&mut lock(&self.state.requests))
    }

    /// Every request since the server began, and when it was under way.
    pub fn calls(&self) -> Vec<Call> {
        lock(&self.state.calls).clone()
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
    let path = request.line.clone();
    let call = Logged::new(&state, &request);
    lock(&state.requests).push(request);
    let play = lock(&state.play).clone();
    // A caller that goes away ends the play with an error of a write, or here.
    let _ = perform(&mut stream, &path, play).await;
    drop((open, call));
}

/// Notes when a request ends, however it does.
struct Logged {
    state: Arc<State>,
    index: usize,
}

impl Logged {
    fn new(state: &Arc<State>, request: &Request) -> Self {
        let mut calls = lock(&state.calls);
        calls.push(Call {
            body: request.body.clone(),
            begun: Instant::now(),
            ended: None,
        });
        Self {
            state: state.clone(),
            index: calls.len() - 1,
        }
    }
}

impl Drop for Logged {
    fn drop(&mut self) {
        lock(&self.state.calls)[self.index].ended = Some(Instant::now());
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
