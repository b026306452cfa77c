//! What is seen of an engine while it is asked: failures, times to the first word, costs. The cascade orders engines by it.

mod observed;
mod shown;
mod speed;
mod state;
mod view;
mod window;

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::time::Instant;

use self::state::{Ended, State, Ticket};
pub(crate) use self::{
    observed::ObservedEngine,
    shown::Shown,
    view::{Figures, Trouble, View, short},
};
use crate::config::Adaptation;

/// What is seen of one engine. Shared by everybody who asks it; locked for moments only, never across an await.
pub struct Live {
    engine: String,
    state: Mutex<State>,
}

impl fmt::Debug for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Live")
            .field("engine", &self.engine)
            .finish_non_exhaustive()
    }
}

impl Live {
    /// Of an engine that was never asked.
    pub(crate) fn new(engine: &str, settings: Adaptation) -> Arc<Self> {
        Arc::new(Self {
            engine: engine.to_owned(),
            state: Mutex::new(State::new(settings)),
        })
    }

    /// What an order should know of it now.
    pub(crate) fn look(&self) -> View {
        self.change(|state| state.look(Instant::now()))
    }

    /// What is shown of it; none: it was never asked.
    pub(crate) fn figures(&self) -> Option<Figures> {
        self.change(|state| state.figures(Instant::now()))
    }

    /// A question went elsewhere because of what is known of it.
    pub(crate) fn passed_over(&self) {
        self.lock().passed_over();
    }

    /// The right to try it although it is in trouble; one question has it at a time, until this is dropped.
    pub(crate) fn probe(self: &Arc<Self>) -> Option<Probe> {
        let claimed = self.lock().claim(Instant::now());
        claimed.then(|| Probe(self.clone()))
    }

    /// It is asked.
    fn begin(self: &Arc<Self>) -> Call {
        Call {
            ticket: self.lock().begin(Instant::now()),
            live: self.clone(),
            ended: false,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the state, and tells the log whether the engine is left or back.
    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.lock();
        let before = state.trouble().is_some();
        let result = change(&mut state);
        let after = state.trouble();
        drop(state);
        match (before, after) {
            (false, Some(trouble)) => {
                tracing::warn!(engine = self.engine, %trouble, "engine is asked after the others");
            }
            (true, None) => tracing::info!(engine = self.engine, "engine is well again"),
            _ => {}
        }
        result
    }
}

/// The right to try an engine that is in trouble.
#[derive(Debug)]
pub(crate) struct Probe(Arc<Live>);

impl Drop for Probe {
    fn drop(&mut self) {
        self.0.lock().release();
    }
}

/// A call of the engine; dropped before its end, whoever asked went away.
struct Call {
    live: Arc<Live>,
    ticket: Ticket,
    ended: bool,
}

impl Call {
    fn spoke(&mut self) {
        let ticket = &mut self.ticket;
        self.live.change(|state| state.spoke(ticket, Instant::now()));
    }

    fn end(&mut self, ended: Ended) {
        if !std::mem::replace(&mut self.ended, true) {
            let ticket = self.ticket;
            self.live.change(|state| state.end(ticket, ended, Instant::now()));
        }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.end(Ended::Abandoned);
    }
}
