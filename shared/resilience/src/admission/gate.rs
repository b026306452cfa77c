//! Permits of a process, and the queue of those who wait for one.
//!
//! Rules: permits given out never cost more than there are; batch has a share of them at most; nobody of batch begins
//! while somebody of interactive waits; who can begin does not wait. One lock around a few counters and two ordered maps:
//! it is held for less than a microsecond and never across an await.

mod place;

use std::{
    collections::{BTreeMap, HashMap},
    future::poll_fn,
    sync::Arc,
    task::{Poll, Waker},
    time::Duration,
};

pub use place::{Permit, Waiting};
use tokio::time::Instant;

use super::{lag::Pressure, patience::Patience};
use crate::{
    priority::Priority,
    sync::{Mutex, lock},
};

/// With fewer calls under way than this, a loop that is late is not late because of calls (but because of a flood of
/// frames, or a neighbour): refusing them would help nobody. It also keeps a process busy whose loop catches up.
const FEW: u32 = 16;

/// What a gate lets through.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Units of cost that may be under way at the same time.
    pub units: u32,
    /// How many of these calls of priority batch may take.
    pub batch_units: u32,
    /// Calls that may wait at the same time.
    pub waiting: usize,
    /// How long a call may wait in a queue that stands.
    pub target: Duration,
    /// How long a call may wait in a queue that does not, and after which time it does.
    pub interval: Duration,
}

/// What a call asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Demand {
    /// Units of cost.
    pub cost: u32,
    /// Its class.
    pub priority: Priority,
}

/// Why a call does not begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// There is more to do than can be done.
    Overloaded,
    /// Its deadline has passed while it waited.
    TooLate,
}

/// A gate's state, for people.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// Calls under way.
    pub in_flight: u32,
    /// Calls that wait.
    pub waiting: u32,
    /// Calls refused so far.
    pub refused: u64,
}

/// Permits and their queue. Clones are the same gate.
#[derive(Debug, Clone)]
pub struct Gate(Arc<Mutex<State>>);

/// What [`Gate::enter`] says.
#[derive(Debug)]
pub enum Entry {
    /// It may begin.
    Admitted(Permit),
    /// It stands in the queue.
    Waits(Waiting),
    /// It is refused.
    Refused(Refusal),
}

#[derive(Debug)]
struct State {
    limits: Limits,
    units: u32,
    batch_units: u32,
    calls: u32,
    refused: u64,
    pressure: Pressure,
    next: u64,
    /// Those who wait, in the order in which they came; interactive, then batch.
    queues: [BTreeMap<u64, Waiter>; 2],
    /// One for each queue: batch that stands must not hurry interactive.
    patience: [Patience; 2],
    /// Those of whom it was decided while they waited, until they are told.
    decided: HashMap<u64, Option<Demand>>,
    idle: Vec<Waker>,
}

#[derive(Debug)]
struct Waiter {
    demand: Demand,
    waker: Option<Waker>,
}

fn index(priority: Priority) -> usize {
    match priority {
        Priority::Interactive => 0,
        Priority::Batch => 1,
    }
}

impl State {
    fn waiting(&self) -> usize {
        self.queues.iter().map(BTreeMap::len).sum()
    }

    fn fits(&self, demand: Demand) -> bool {
        let all = self.units + demand.cost <= self.limits.units;
        match demand.priority {
            Priority::Interactive => all,
            Priority::Batch => all && self.batch_units + demand.cost <= self.limits.batch_units,
        }
    }

    /// Whether a call of this class may begin although others wait: it goes before batch, never before its own class.
    fn is_next(&self, priority: Priority) -> bool {
        self.queues[..=index(priority)].iter().all(BTreeMap::is_empty)
    }

    fn take(&mut self, demand: Demand) {
        self.calls += 1;
        self.units += demand.cost;
        if demand.priority == Priority::Batch {
            self.batch_units += demand.cost;
        }
    }

    fn give_back(&mut self, demand: Demand, wake: &mut Vec<Waker>) {
        self.calls -= 1;
        self.units -= demand.cost;
        if demand.priority == Priority::Batch {
            self.batch_units -= demand.cost;
        }
        self.admit_waiters(wake);
    }

    /// Lets in who waits and fits now; who is to be woken goes into `wake`.
    fn admit_waiters(&mut self, wake: &mut Vec<Waker>) {
        while let Some(queue) = self.queues.iter().position(|queue| !queue.is_empty()) {
            let newest_first = self.patience[queue].stands(Instant::now());
            let waiters = &mut self.queues[queue];
            let next = match newest_first {
                true => waiters.last_key_value(),
                false => waiters.first_key_value(),
            };
            let Some((id, demand)) = next.map(|(id, waiter)| (*id, waiter.demand)) else {
                break;
            };
            if !self.fits(demand) {
                break;
            }
            self.decide(queue, id, true, wake);
        }
        if self.calls == 0 && self.waiting() == 0 {
            wake.append(&mut self.idle);
        }
    }

    fn decide(&mut self, queue: usize, id: u64, admitted: bool, wake: &mut Vec<Waker>) {
        let Some(waiter) = self.queues[queue].remove(&id) else {
            return;
        };
        if admitted {
            self.take(waiter.demand);
        }
        self.decided.insert(id, admitted.then_some(waiter.demand));
        wake.extend(waiter.waker);
    }
}

impl Gate {
    /// A gate that nobody has gone through.
    pub fn new(limits: Limits) -> Self {
        let patience = Patience::new(limits.target, limits.interval);
        Self(Arc::new(Mutex::new(State {
            limits,
            units: 0,
            batch_units: 0,
            calls: 0,
            refused: 0,
            pressure: Pressure::None,
            next: 0,
            queues: Default::default(),
            patience: [patience.clone(), patience],
            decided: HashMap::new(),
            idle: Vec::new(),
        })))
    }

    /// A call comes: it begins, waits, or is refused.
    pub fn enter(&self, demand: Demand, deadline: Option<Instant>) -> Entry {
        let mut wake = Vec::new();
        let entry = self.enter_locked(demand, deadline, &mut wake);
        wake.into_iter().for_each(Waker::wake);
        entry
    }

    fn enter_locked(&self, demand: Demand, deadline: Option<Instant>, wake: &mut Vec<Waker>) -> Entry {
        let mut state = lock(&self.0);
        if state.calls >= FEW && state.pressure.refuses(demand.priority) {
            state.refused += 1;
            return Entry::Refused(Refusal::Overloaded);
        }
        if state.is_next(demand.priority) && state.fits(demand) {
            state.take(demand);
            return Entry::Admitted(self.permit(demand));
        }
        if state.waiting() >= state.limits.waiting {
            // Who waits for nobody gives way to somebody.
            let batch = index(Priority::Batch);
            let oldest = state.queues[batch].first_key_value().map(|(id, _)| *id);
            match oldest.filter(|_| demand.priority == Priority::Interactive) {
                Some(oldest) => state.decide(batch, oldest, false, wake),
                None => {
                    state.refused += 1;
                    return Entry::Refused(Refusal::Overloaded);
                }
            }
        }
        let now = Instant::now();
        let queue = index(demand.priority);
        let empty = state.queues[queue].is_empty();
        let until = now + state.patience[queue].join(empty, now);
        let until = deadline.map_or(until, |deadline| deadline.min(until));
        let id = state.next;
        state.next += 1;
        let waiter = Waiter { demand, waker: None };
        state.queues[queue].insert(id, waiter);
        Entry::Waits(Waiting {
            gate: self.clone(),
            id,
            queue,
            until,
            deadline,
        })
    }

    /// Says how overloaded the process is by what its loop shows.
    pub fn press(&self, pressure: Pressure) {
        lock(&self.0).pressure = pressure;
    }

    /// The state now.
    pub fn snapshot(&self) -> Snapshot {
        let state = lock(&self.0);
        Snapshot {
            in_flight: state.calls,
            waiting: u32::try_from(state.waiting()).unwrap_or(u32::MAX),
            refused: state.refused,
        }
    }

    /// Done when no call is under way and none waits.
    pub async fn idle(&self) {
        poll_fn(|cx| {
            let mut state = lock(&self.0);
            if state.calls == 0 && state.waiting() == 0 {
                return Poll::Ready(());
            }
            state.idle.push(cx.waker().clone());
            Poll::Pending
        })
        .await;
    }

    fn locked<T>(&self, change: impl FnOnce(&mut State, &mut Vec<Waker>) -> T) -> T {
        let mut wake = Vec::new();
        let done = change(&mut lock(&self.0), &mut wake);
        // Not under the lock: who is woken may come here at once.
        wake.into_iter().for_each(Waker::wake);
        done
    }
}

#[cfg(test)]
#[cfg(not(feature = "shuttle"))]
mod tests;
