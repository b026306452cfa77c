//! The tower layer of a process's admission. It stands outside everything else: a refused call has no span, its body is
//! not read, and its response is a copy of one that was made at the start.
//!
//! tonic's own limit counts per connection and gives its permit back at the response's head; this one is the process's,
//! and a streamed call holds its permit until its body ends.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use plexus_errors::ServiceError;
use tokio::time::{Sleep, sleep_until};
use tower::Service;

use super::{
    Demand, Doors, Entrance, Gate, Permit, Refusal,
    gate::{Entry, Waiting},
};
use crate::{
    deadline::{self, Deadline},
    priority::{self, Priority},
    refuse,
};

/// Lets calls begin, wait or go; see [`Doors`].
#[derive(Debug, Clone)]
pub struct Admission<S> {
    inner: S,
    doors: Doors,
    entrance: fn(&str) -> Entrance,
}

impl<S, A, B> Service<Request<A>> for Admission<S>
where
    S: Service<Request<A>, Response = Response<B>> + Clone,
    B: Body<Data = Bytes> + Default,
{
    type Response = Response<AdmittedBody<B>>;
    type Error = S::Error;
    type Future = AdmissionFuture<S, A, B>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<A>) -> Self::Future {
        AdmissionFuture {
            state: self.begin(request),
        }
    }
}

impl<S> Admission<S> {
    pub(super) fn new(inner: S, doors: Doors, entrance: fn(&str) -> Entrance) -> Self {
        Self { inner, doors, entrance }
    }

    fn aside<A, B>(&mut self, gate: &Gate, request: Request<A>) -> State<S, A, B>
    where
        S: Service<Request<A>, Response = Response<B>>,
        B: Default,
    {
        let demand = Demand {
            cost: 1,
            priority: Priority::Interactive,
        };
        match gate.enter(demand, None) {
            Entry::Admitted(permit) => State::running(self.inner.call(request), Some(permit)),
            // Nobody waits there.
            Entry::Waits(_) | Entry::Refused(_) => State::refused(self.doors.refused(Refusal::Overloaded)),
        }
    }

    fn begin<A, B>(&mut self, mut request: Request<A>) -> State<S, A, B>
    where
        S: Service<Request<A>, Response = Response<B>> + Clone,
        B: Default,
    {
        let (gate, cost) = match (self.entrance)(request.uri().path()) {
            Entrance::Aside => return self.aside(&self.doors.aside.clone(), request),
            Entrance::Probe => return self.aside(&self.doors.probe.clone(), request),
            Entrance::Look => (&self.doors.look, 1),
            Entrance::Work(cost) => (&self.doors.work, cost),
        };
        let Some(priority) = Priority::read(request.headers()) else {
            let error = ServiceError::invalid(priority::HEADER, "must be \"interactive\" or \"batch\"");
            return State::refused(refuse(error.into()));
        };
        // A timeout that makes no sense is refused further in, where the call has a span.
        let deadline = deadline::read(request.headers(), self.doors.max_deadline).ok();
        let entry = gate.enter(Demand { cost, priority }, deadline.map(Deadline::instant));
        if let Entry::Refused(refusal) = entry {
            return State::refused(self.doors.refused(refusal));
        }
        let extensions = request.extensions_mut();
        extensions.insert(priority);
        extensions.insert(self.doors.load());
        if let Some(deadline) = deadline {
            extensions.insert(deadline);
        }
        match entry {
            Entry::Admitted(permit) => State::running(self.inner.call(request), Some(permit)),
            Entry::Waits(waiting) => {
                // The inner service that was made ready goes with the call.
                let inner = self.inner.clone();
                State::Waits {
                    waits: Some(Box::new(Waits {
                        sleep: Box::pin(sleep_until(waiting.until())),
                        waiting,
                        request,
                        inner: std::mem::replace(&mut self.inner, inner),
                        doors: self.doors.clone(),
                    })),
                }
            }
            Entry::Refused(refusal) => State::refused(self.doors.refused(refusal)),
        }
    }
}

/// A call in the queue.
struct Waits<S, A> {
    waiting: Waiting,
    sleep: Pin<Box<Sleep>>,
    request: Request<A>,
    inner: S,
    doors: Doors,
}

pin_project! {
    /// A call that waits, runs, or is refused.
    pub struct AdmissionFuture<S, A, B>
    where
        S: Service<Request<A>>,
    {
        #[pin]
        state: State<S, A, B>,
    }
}

pin_project! {
    #[project = Call]
    enum State<S, A, B>
    where
        S: Service<Request<A>>,
    {
        Waits {
            waits: Option<Box<Waits<S, A>>>,
        },
        Runs {
            #[pin]
            inner: S::Future,
            permit: Option<Permit>,
        },
        Refused {
            response: Option<Response<B>>,
        },
    }
}

impl<S: Service<Request<A>>, A, B> State<S, A, B> {
    fn running(inner: S::Future, permit: Option<Permit>) -> Self {
        Self::Runs { inner, permit }
    }

    fn refused(response: Response<B>) -> Self {
        Self::Refused {
            response: Some(response),
        }
    }
}

impl<S, A, B> Future for AdmissionFuture<S, A, B>
where
    S: Service<Request<A>, Response = Response<B>>,
    B: Body<Data = Bytes> + Default,
{
    type Output = Result<Response<AdmittedBody<B>>, S::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.project().state;
        loop {
            match state.as_mut().project() {
                Call::Refused { response } => {
                    // Polled again after its end, a future may do anything but hang unnoticed.
                    let response = response.take().unwrap_or_default();
                    return Poll::Ready(Ok(response.map(|inner| AdmittedBody { inner, permit: None })));
                }
                Call::Runs { inner, permit } => {
                    let response = ready!(inner.poll(cx))?;
                    let permit = permit.take();
                    return Poll::Ready(Ok(response.map(|inner| AdmittedBody { inner, permit })));
                }
                Call::Waits { waits } => {
                    let Some(mut waiting) = waits.take() else {
                        return Poll::Pending;
                    };
                    let decided = match waiting.waiting.poll_decided(cx) {
                        Poll::Ready(decided) => decided,
                        Poll::Pending if waiting.sleep.as_mut().poll(cx).is_pending() => {
                            *waits = Some(waiting);
                            return Poll::Pending;
                        }
                        Poll::Pending => waiting.waiting.give_up(),
                    };
                    let Waits {
                        request,
                        mut inner,
                        doors,
                        ..
                    } = *waiting;
                    let next = match decided {
                        Ok(permit) => State::running(inner.call(request), Some(permit)),
                        Err(refusal) => State::refused(doors.refused(refusal)),
                    };
                    state.set(next);
                }
            }
        }
    }
}

pin_project! {
    /// A body that gives its permit back when it is dropped.
    #[derive(Default)]
    pub struct AdmittedBody<B> {
        #[pin]
        inner: B,
        permit: Option<Permit>,
    }
}

impl<B: Body<Data = Bytes>> Body for AdmittedBody<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        self.project().inner.poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

#[cfg(test)]
#[cfg(not(feature = "shuttle"))]
mod tests;
