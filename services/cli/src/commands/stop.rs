//! When a command that stays is asked to stop: SIGINT (Ctrl-C), SIGTERM, or, where wanted, the end of standard input.

use std::time::{Duration, Instant};

use tokio::{
    io::AsyncReadExt as _,
    signal::unix::{Signal, SignalKind, signal},
    sync::oneshot,
};

use crate::failure::{Failure, code};

/// How long after a request to stop another one is taken for its echo.
const ECHO: Duration = Duration::from_millis(500);

/// Asks to stop; may be asked again.
#[derive(Debug)]
pub(super) struct Stop {
    interrupt: Signal,
    terminate: Signal,
    stdin_closed: Option<oneshot::Receiver<()>>,
}

impl Stop {
    /// From now on, signals no longer end the process by themselves.
    pub(super) fn new(until_stdin_closes: bool) -> Result<Self, Failure> {
        let refused = |error| Failure::new(code::SOFTWARE, format!("cannot listen for signals: {error}"));
        Ok(Self {
            interrupt: signal(SignalKind::interrupt()).map_err(refused)?,
            terminate: signal(SignalKind::terminate()).map_err(refused)?,
            stdin_closed: until_stdin_closes.then(watch_stdin),
        })
    }

    /// Done at the next request to stop. Loses nothing where it is dropped.
    pub(super) async fn asked(&mut self) {
        let Self {
            interrupt,
            terminate,
            stdin_closed,
        } = self;
        let closed = async {
            match stdin_closed {
                Some(closed) => _ = closed.await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            () = closed => self.stdin_closed = None,
        }
    }

    /// Done when somebody insists: one Ctrl-C can arrive twice, from the terminal and from a program in between.
    pub(super) async fn asked_again(&mut self) {
        let begin = Instant::now();
        loop {
            self.asked().await;
            if begin.elapsed() > ECHO {
                return;
            }
        }
    }
}

fn watch_stdin() -> oneshot::Receiver<()> {
    let (close, closed) = oneshot::channel();
    tokio::spawn(async move {
        let mut stdin = tokio::io::stdin();
        let mut buffer = [0; 64];
        while matches!(stdin.read(&mut buffer).await, Ok(1..)) {}
        let _ = close.send(());
    });
    closed
}
