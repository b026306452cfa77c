//! The gates of a process: one for work, one for those who only look, two beside them; and what they say when they are
//! closed.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use http::{HeaderMap, Response};
use plexus_errors::{ErrorCode, ServiceError};
use tower::Layer;

use super::{Admission, Gate, Limits, Pressure, Refusal, Snapshot};
use crate::{deadline, refuse};

/// When a refused caller may try again.
pub(super) const RETRY_AFTER: Duration = Duration::from_millis(250);

/// Calls that only look may be under way at the same time: so few that they are no load, so many that a person sees
/// the state of an overloaded process.
const LOOKING: u32 = 16;

/// Streams of health and reflection may be open at the same time: two for each connection that a process has by default.
/// They may stay open for ever, so they need a bound of their own, but no work has to wait for them.
pub(super) const ASIDE: u32 = 1024;

/// Single questions about health may be under way at the same time. They are answered at once; whoever watches must not
/// keep an orchestrator from asking, or it takes a process that is well for dead.
pub(super) const PROBES: u32 = 256;

/// Reason of a refusal, in `google.rpc.ErrorInfo`.
pub const OVERLOADED: &str = "OVERLOADED";

/// What a call is to the admission, by the path of its request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entrance {
    /// Beside the work: streams of health and reflection.
    Aside,
    /// Beside the work: one question about health.
    Probe,
    /// It only looks at the process; such calls have a few permits of their own.
    Look,
    /// It has work done, of that many units of cost.
    Work(u32),
}

/// The gates of a process. Clones are the same gates.
#[derive(Debug, Clone)]
pub struct Doors {
    pub(super) work: Gate,
    pub(super) look: Gate,
    pub(super) aside: Gate,
    pub(super) probe: Gate,
    limit: u32,
    /// Calls not begun so far, whichever door they came to: there was no room, or none before their deadline.
    refused: Arc<AtomicU64>,
    pub(super) max_deadline: Duration,
    refusal: Arc<HeaderMap>,
}

/// How busy the process is that serves a request. Lies in the extensions of requests.
#[derive(Debug, Clone)]
pub struct Load {
    work: Gate,
    limit: u32,
    refused: Arc<AtomicU64>,
}

impl Load {
    /// The load of the process, of a request that came through [`Admission`].
    pub fn of(extensions: &http::Extensions) -> Option<&Self> {
        extensions.get()
    }

    /// Calls that have work done, now; and how many were not begun, whichever door they came to.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot {
            refused: self.refused.load(Ordering::Relaxed),
            ..self.work.snapshot()
        }
    }

    /// Calls of the dearest kind that may be under way at the same time.
    pub fn limit(&self) -> u32 {
        self.limit
    }
}

impl Doors {
    /// Doors for `limit` calls that cost `cost` units each; `max_deadline` as in [`deadline::server`].
    pub fn new(limits: Limits, limit: u32, max_deadline: Duration) -> Self {
        let few = |units: u32, waiting: u32| Limits {
            units,
            batch_units: units,
            waiting: waiting as usize,
            ..limits.clone()
        };
        let (look, aside, probe) = (few(LOOKING, LOOKING), few(ASIDE, 0), few(PROBES, 0));
        let error = ServiceError::new(ErrorCode::ResourceExhausted, "too many calls at once; try again later")
            .retry_after(RETRY_AFTER)
            .info(OVERLOADED, Vec::new());
        Self {
            work: Gate::new(limits),
            look: Gate::new(look),
            aside: Gate::new(aside),
            probe: Gate::new(probe),
            limit,
            refused: Arc::default(),
            max_deadline,
            refusal: Arc::new(tonic::Status::from(error).into_http::<()>().into_parts().0.headers),
        }
    }

    /// Makes [`Admission`]s through these doors.
    pub fn layer<S>(&self, entrance: fn(&str) -> Entrance) -> impl Layer<S, Service = Admission<S>> + Clone + use<S> {
        let doors = self.clone();
        tower::layer::layer_fn(move |inner| Admission::new(inner, doors.clone(), entrance))
    }

    /// How busy the process is.
    pub fn load(&self) -> Load {
        Load {
            work: self.work.clone(),
            limit: self.limit,
            refused: self.refused.clone(),
        }
    }

    /// Says how overloaded the process is by what its loop shows.
    pub fn press(&self, pressure: Pressure) {
        self.work.press(pressure);
    }

    /// Done when no call is under way and none waits; health checks and reflection are not waited for.
    pub async fn idle(&self) {
        self.work.idle().await;
        self.look.idle().await;
    }

    /// Whether that is so now.
    pub fn is_idle(&self) -> bool {
        [&self.work, &self.look].into_iter().all(|gate| {
            let now = gate.snapshot();
            (now.in_flight, now.waiting) == (0, 0)
        })
    }

    pub(super) fn refused<B: Default>(&self, refusal: Refusal) -> Response<B> {
        self.refused.fetch_add(1, Ordering::Relaxed);
        match refusal {
            Refusal::TooLate => refuse(deadline::exceeded()),
            Refusal::Overloaded => {
                let mut response = Response::new(B::default());
                *response.headers_mut() = HeaderMap::clone(&self.refusal);
                response
            }
        }
    }
}
