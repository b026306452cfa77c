//! A server of chat completions and of messages that plays a script, well or badly, and remembers what it was asked.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{
    net::{TcpListener, TcpStream},
    task::{AbortHandle, JoinSet},
};

use crate::{
    http::{self, Request},
    play::{Play, perform},
};

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
    let path = request.line.clone();
    state
        .requests
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(request);
    let play = state.play.lock().unwrap_or_else(PoisonError::into_inner).clone();
    // A caller that goes away ends the play with an error of a write, or here.
    let _ = perform(&mut stream, &path, play).await;
    drop(open);
}
