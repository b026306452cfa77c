//! The proxy itself: a listener, and what is done to it and to its connections.

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    net::TcpListener,
    sync::watch,
    task::JoinHandle,
    time::{Instant, sleep, timeout},
};

use super::{
    connection::{CONNECT, Shared, serve},
    shape::{Mode, State},
    toxic::{Entry, Spoil},
};

/// Tries to listen on the same port again, and the pause between them.
const REBIND: (u32, Duration) = (100, Duration::from_millis(20));

/// Why the proxy cannot do that.
#[derive(Debug)]
pub enum FaultError {
    /// There is a toxic of that name already: remove it first, or change it.
    Exists(String),
    /// There is no toxic of that name.
    Unknown(String),
    /// The port is taken by somebody else meanwhile.
    Listen(io::Error),
}

impl std::fmt::Display for FaultError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Exists(name) => write!(f, "there is a toxic `{name}` already: remove it first, or change it"),
            Self::Unknown(name) => write!(f, "there is no toxic `{name}`: add it first"),
            Self::Listen(_) => write!(f, "the proxy's port was taken by somebody else meanwhile"),
        }
    }
}

impl std::error::Error for FaultError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Listen(error) => Some(error),
            Self::Exists(_) | Self::Unknown(_) => None,
        }
    }
}

/// A proxy in front of one server; when it is dropped, its connections are reset.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    state: watch::Sender<State>,
    accepting: Mutex<Option<JoinHandle<()>>>,
    shared: Arc<Shared>,
    /// The id of the next toxic.
    next: AtomicU64,
}

impl Proxy {
    /// Listens on a free port of the loopback and passes on to `server`; `seed` decides which connections toxics
    /// concern, and jitter.
    ///
    /// # Errors
    /// No port is free.
    pub async fn start(server: SocketAddr, seed: u64) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let proxy = Self {
            address: listener.local_addr()?,
            state: watch::Sender::new(State {
                mode: Mode::Open,
                toxics: Vec::new(),
            }),
            accepting: Mutex::default(),
            shared: Arc::new(Shared::new(server, seed)),
            next: AtomicU64::new(0),
        };
        proxy.accept(listener);
        Ok(proxy)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Connections that live.
    pub fn connections(&self) -> usize {
        self.shared.open.load(Ordering::SeqCst)
    }

    /// Connections that were ever accepted.
    pub fn accepted(&self) -> u64 {
        self.shared.accepted.load(Ordering::SeqCst)
    }

    /// Adds a toxic; connections that live are concerned too.
    ///
    /// # Errors
    /// There is one of that name.
    pub fn add(&self, name: &str, spoil: Spoil) -> Result<(), FaultError> {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let mut exists = false;
        self.state.send_if_modified(|state| {
            exists = state.toxics.iter().any(|entry| entry.name == name);
            if !exists {
                state.toxics.push(Entry {
                    name: name.to_owned(),
                    id,
                    spoil,
                    since: Instant::now(),
                });
            }
            !exists
        });
        match exists {
            true => Err(FaultError::Exists(name.to_owned())),
            false => Ok(()),
        }
    }

    /// Changes a toxic; the connections that it concerns stay the same ones.
    ///
    /// # Errors
    /// There is none of that name.
    pub fn change(&self, name: &str, spoil: Spoil) -> Result<(), FaultError> {
        let change = |state: &mut State| match state.toxics.iter_mut().find(|entry| entry.name == name) {
            Some(entry) => {
                entry.spoil = spoil;
                entry.since = Instant::now();
                true
            }
            None => false,
        };
        self.known(name, change)
    }

    /// Removes a toxic; what it held back goes on.
    ///
    /// # Errors
    /// There is none of that name.
    pub fn remove(&self, name: &str) -> Result<(), FaultError> {
        let remove = |state: &mut State| {
            let before = state.toxics.len();
            state.toxics.retain(|entry| entry.name != name);
            state.toxics.len() < before
        };
        self.known(name, remove)
    }

    /// Removes all toxics.
    pub fn clear(&self) {
        self.state.send_modify(|state| state.toxics.clear());
    }

    /// Refuses connections and resets those that live, as if the server had been killed.
    pub async fn down(&self) {
        let accepting = self.accepting.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(accepting) = accepting {
            accepting.abort();
            // The listener is gone with the task; an abort is no failure.
            let _ = accepting.await;
        }
        self.mode(Mode::Down);
        // One that is still being made to the server ends by itself a moment later.
        let ended = async {
            while self.connections() > 0 {
                sleep(Duration::from_millis(1)).await;
            }
        };
        let _ = timeout(CONNECT, ended).await;
    }

    /// Accepts connections, and lets nothing through on these and on those that live.
    ///
    /// # Errors
    /// It was down, and its port was taken meanwhile.
    pub async fn black_hole(&self) -> Result<(), FaultError> {
        self.mode(Mode::BlackHole);
        self.listen().await
    }

    /// Ends [`Proxy::down`] and [`Proxy::black_hole`]; toxics stay.
    ///
    /// # Errors
    /// It was down, and its port was taken meanwhile.
    pub async fn up(&self) -> Result<(), FaultError> {
        self.mode(Mode::Open);
        self.listen().await
    }

    fn mode(&self, mode: Mode) {
        self.state.send_modify(|state| state.mode = mode);
    }

    fn known(&self, name: &str, change: impl FnOnce(&mut State) -> bool) -> Result<(), FaultError> {
        match self.state.send_if_modified(change) {
            true => Ok(()),
            false => Err(FaultError::Unknown(name.to_owned())),
        }
    }

    async fn listen(&self) -> Result<(), FaultError> {
        let listening = self.accepting.lock().unwrap_or_else(PoisonError::into_inner).is_some();
        if listening {
            return Ok(());
        }
        let (tries, pause) = REBIND;
        let mut problem = io::Error::from(io::ErrorKind::AddrInUse);
        for _ in 0..tries {
            match TcpListener::bind(self.address).await {
                Ok(listener) => {
                    self.accept(listener);
                    return Ok(());
                }
                Err(error) => problem = error,
            }
            sleep(pause).await;
        }
        Err(FaultError::Listen(problem))
    }

    fn accept(&self, listener: TcpListener) {
        let (shared, state) = (self.shared.clone(), self.state.subscribe());
        let accepting = tokio::spawn(async move {
            loop {
                // A connection that is gone again before it was accepted is nobody's matter.
                let Ok((client, _)) = listener.accept().await else {
                    continue;
                };
                let number = shared.accepted.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve(client, number, shared.clone(), state.clone()));
            }
        });
        *self.accepting.lock().unwrap_or_else(PoisonError::into_inner) = Some(accepting);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.mode(Mode::Down);
        let mut accepting = self.accepting.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(accepting) = accepting.take() {
            accepting.abort();
        }
    }
}

#[cfg(test)]
#[path = "proxy_tests.rs"]
mod tests;
