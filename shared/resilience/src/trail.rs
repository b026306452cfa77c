//! What was tried for one call: who was asked, what came of it, who served. Written by the layers, read by the caller.

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;

use crate::{
    call::{Fault, Refused},
    sync::{Mutex, MutexGuard, lock},
};

/// Lies in the extensions of a call and of its copies; all share it.
#[derive(Debug, Clone, Default)]
pub struct Trail(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    tried: Vec<Tried>,
    served: Option<usize>,
    refused: Option<Refused>,
}

/// One replica that was asked.
#[derive(Debug, Clone)]
pub struct Tried {
    /// Its name and address.
    pub replica: Arc<str>,
    /// Whether somebody else was asked at the same time and this one only to be quicker.
    pub hedge: bool,
    /// When it was asked.
    pub asked: Instant,
    /// How long until its first word or its failure; none: nobody waited for it.
    pub took: Option<Duration>,
    /// Why it gave no first word; none: it did, or nobody waited for it.
    pub fault: Option<Fault>,
}

/// Names one of the replicas that were asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry(usize);

impl Trail {
    /// Notes that a replica is asked.
    pub fn asked(&self, replica: Arc<str>, hedge: bool) -> Entry {
        let mut inner = self.lock();
        inner.tried.push(Tried {
            replica,
            hedge,
            asked: Instant::now(),
            took: None,
            fault: None,
        });
        Entry(inner.tried.len() - 1)
    }

    /// Notes what came of it; the first one that gave a word serves.
    pub fn ended(&self, Entry(index): Entry, took: Duration, fault: Option<&Fault>) {
        let mut inner = self.lock();
        if let Some(tried) = inner.tried.get_mut(index) {
            tried.took = Some(took);
            tried.fault = fault.cloned();
        }
        if fault.is_none() && inner.served.is_none() {
            inner.served = Some(index);
        }
    }

    /// Takes back the newest note of an ask: nothing was sent.
    pub fn withdrawn(&self, Entry(index): Entry) {
        let mut inner = self.lock();
        if index + 1 == inner.tried.len() {
            inner.tried.pop();
        }
    }

    /// Why the last one who was asked gave no word.
    pub fn last_fault(&self) -> Option<Fault> {
        self.lock().tried.iter().rev().find_map(|tried| tried.fault.clone())
    }

    /// Notes that nobody could be asked.
    pub fn refused(&self, refused: Refused) {
        self.lock().refused = Some(refused);
    }

    /// Everybody who was asked, in order.
    pub fn tried(&self) -> Vec<Tried> {
        self.lock().tried.clone()
    }

    /// The one who was asked last.
    pub fn last(&self) -> Option<Tried> {
        self.lock().tried.last().cloned()
    }

    /// Whether somebody was asked already.
    pub fn has_tried(&self, replica: &str) -> bool {
        self.lock().tried.iter().any(|tried| *tried.replica == *replica)
    }

    /// How many were asked.
    pub fn len(&self) -> usize {
        self.lock().tried.len()
    }

    /// Whether nobody was asked.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Who served.
    pub fn served(&self) -> Option<Arc<str>> {
        Some(self.serving()?.replica)
    }

    /// The same, with what is known of it.
    pub fn serving(&self) -> Option<Tried> {
        let inner = self.lock();
        inner.served.and_then(|index| inner.tried.get(index).cloned())
    }

    /// Why nobody could be asked, where that is how it ended.
    pub fn refusal(&self) -> Option<Refused> {
        self.lock().refused
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        lock(&self.0)
    }
}
