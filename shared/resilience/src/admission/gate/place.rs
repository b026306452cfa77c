//! What a gate gives out: a permit, or a place in its queue.

use std::task::{Context, Poll};

use tokio::time::Instant;

use super::{Demand, Gate, Refusal};
use crate::sync::lock;

/// A call under way; dropping it lets the next one in.
#[derive(Debug)]
pub struct Permit {
    pub(super) gate: Gate,
    pub(super) demand: Demand,
}

impl Gate {
    pub(super) fn permit(&self, demand: Demand) -> Permit {
        Permit {
            gate: self.clone(),
            demand,
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.gate.locked(|state, wake| state.give_back(self.demand, wake));
    }
}

/// A place in the queue; dropping it frees the place.
#[derive(Debug)]
pub struct Waiting {
    pub(super) gate: Gate,
    pub(super) id: u64,
    pub(super) queue: usize,
    pub(super) until: Instant,
    pub(super) deadline: Option<Instant>,
}

impl Waiting {
    /// When to [give up](Waiting::give_up).
    pub fn until(&self) -> Instant {
        self.until
    }

    /// Whether it was decided.
    pub fn poll_decided(&mut self, cx: &mut Context<'_>) -> Poll<Result<Permit, Refusal>> {
        let mut state = lock(&self.gate.0);
        if let Some(decided) = state.decided.remove(&self.id) {
            return Poll::Ready(match decided {
                Some(demand) => Ok(self.gate.permit(demand)),
                None => {
                    state.refused += 1;
                    Err(Refusal::Overloaded)
                }
            });
        }
        if let Some(waiter) = state.queues[self.queue].get_mut(&self.id)
            && !waiter.waker.as_ref().is_some_and(|waker| waker.will_wake(cx.waker()))
        {
            waiter.waker = Some(cx.waker().clone());
        }
        Poll::Pending
    }

    /// Time is up: what was decided by then, or a refusal.
    pub fn give_up(&mut self) -> Result<Permit, Refusal> {
        let (gate, id, queue) = (self.gate.clone(), self.id, self.queue);
        let refusal = match self.deadline.is_some_and(|deadline| deadline <= self.until) {
            true => Refusal::TooLate,
            false => Refusal::Overloaded,
        };
        gate.locked(|state, wake| {
            if let Some(Some(demand)) = state.decided.remove(&id) {
                return Ok(gate.permit(demand));
            }
            state.queues[queue].remove(&id);
            state.refused += 1;
            // It may have stood before somebody smaller.
            state.admit_waiters(wake);
            Err(refusal)
        })
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.gate.locked(|state, wake| {
            if let Some(Some(demand)) = state.decided.remove(&self.id) {
                state.give_back(demand, wake);
            } else if state.queues[self.queue].remove(&self.id).is_some() {
                state.admit_waiters(wake);
            }
        });
    }
}
