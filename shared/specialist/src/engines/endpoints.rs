//! The servers of an engine, all the same: whose turn it is.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use http::Uri;
use plexus_core::estimate_tokens_of;
use tokio::time::Instant;

use super::{
    quota::{Quota, Reached, Taken},
    rest::Rest,
};
use crate::config::PerMinute;

/// Tokens that a question is expected to take.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tokens {
    /// Of everything that is sent.
    pub(super) input: u64,
    /// Of the longest answer.
    pub(super) output: u64,
}

/// The servers of an engine.
#[derive(Debug)]
pub(super) struct Endpoints {
    all: Vec<Arc<Endpoint>>,
    /// Where the next turn begins among equals.
    turn: AtomicUsize,
}

/// One server.
#[derive(Debug)]
pub(super) struct Endpoint {
    pub(super) url: Uri,
    in_flight: AtomicUsize,
    rest: Mutex<Rest>,
    quota: Mutex<Quota>,
}

impl Endpoints {
    /// Servers that are asked for so much at most, each.
    pub(super) fn new(urls: impl IntoIterator<Item = Uri>, limits: PerMinute) -> Self {
        let endpoint = |url| {
            Arc::new(Endpoint {
                url,
                in_flight: AtomicUsize::new(0),
                rest: Mutex::default(),
                quota: Mutex::new(Quota::new(limits)),
            })
        };
        Self {
            all: urls.into_iter().map(endpoint).collect(),
            turn: AtomicUsize::new(0),
        }
    }

    /// Those that may be asked: the ones that failed lately last, the ones with the least to do first.
    pub(super) fn in_turn(&self, now: Instant) -> Vec<Arc<Endpoint>> {
        let begin = self.turn.fetch_add(1, Ordering::Relaxed) % self.all.len().max(1);
        let (before, after) = self.all.split_at(begin);
        let mut order: Vec<(bool, usize, &Arc<Endpoint>)> = after
            .iter()
            .chain(before)
            .filter_map(|endpoint| {
                let rest = endpoint.rest();
                let may = rest.resting(now).is_none();
                may.then(|| (rest.shunned(now), endpoint.in_flight.load(Ordering::Relaxed), endpoint))
            })
            .collect();
        order.sort_by_key(|(shunned, in_flight, _)| (*shunned, *in_flight));
        order.into_iter().map(|(_, _, endpoint)| endpoint.clone()).collect()
    }

    /// How long until the first of those that rest may be asked again.
    pub(super) fn soonest(&self, now: Instant) -> Duration {
        let rests = self.all.iter().filter_map(|endpoint| endpoint.rest().resting(now));
        rests.min().unwrap_or_default()
    }
}

impl Endpoint {
    /// Counts a question until what is returned is dropped, and about so many tokens for a minute.
    ///
    /// # Errors
    /// One of the limits that we keep to is reached.
    pub(super) fn begin(self: &Arc<Self>, now: Instant, tokens: Tokens) -> Result<InFlight, Reached> {
        let taken = self.quota().take(now, tokens.input.saturating_add(tokens.output))?;
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        Ok(InFlight {
            endpoint: self.clone(),
            taken,
            input: tokens.input,
            written: 0,
            counted: false,
        })
    }

    pub(super) fn rest(&self) -> MutexGuard<'_, Rest> {
        self.rest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn quota(&self) -> MutexGuard<'_, Quota> {
        self.quota.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A question under way.
#[derive(Debug)]
pub(super) struct InFlight {
    endpoint: Arc<Endpoint>,
    taken: Taken,
    /// Tokens of what was sent.
    input: u64,
    /// Bytes of the answer so far.
    written: u64,
    /// The server has counted.
    counted: bool,
}

impl InFlight {
    /// Takes what the server counted for what was expected.
    pub(super) fn counted(&mut self, tokens: u64) {
        self.counted = true;
        self.endpoint.quota().correct(&mut self.taken, tokens);
    }

    /// More of the answer came.
    pub(super) fn wrote(&mut self, bytes: usize) {
        self.written = self.written.saturating_add(bytes as u64);
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        // It was refused, broke off, or nobody waits for it any more: the longest answer is not written.
        if !self.counted {
            self.counted(self.input.saturating_add(estimate_tokens_of(self.written)));
        }
        self.endpoint.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(endpoints: &Endpoints, now: Instant) -> String {
        let order = endpoints.in_turn(now);
        order.iter().filter_map(|endpoint| endpoint.url.host()).collect()
    }

    #[test]
    fn turns_loads_failures_and_rests_order_them() {
        let now = Instant::now();
        let urls = ["http://a", "http://b", "http://c"];
        let endpoints = Endpoints::new(urls.map(|url| url.parse().unwrap()), PerMinute::default());
        assert_eq!(hosts(&endpoints, now), "abc");
        assert_eq!(hosts(&endpoints, now), "bca");
        let busy = endpoints.all[2].begin(now, Tokens::default()).unwrap();
        assert_eq!(hosts(&endpoints, now), "abc");
        endpoints.all[0].rest().failed(now);
        assert_eq!(hosts(&endpoints, now), "bca");
        drop(busy);
        endpoints.all[1].rest().refused(now, Some(Duration::from_secs(5)));
        assert_eq!(hosts(&endpoints, now), "ca");
        endpoints.all[0].rest().refused(now, Some(Duration::from_secs(3)));
        endpoints.all[2].rest().refused(now, None);
        assert_eq!(hosts(&endpoints, now), "");
        assert_eq!(endpoints.soonest(now), Duration::from_secs(1));
    }

    #[test]
    fn who_leaves_pays_for_what_was_said_and_not_for_the_longest_answer() {
        let now = Instant::now();
        let limits = PerMinute {
            tokens: Some(1000),
            ..PerMinute::default()
        };
        let endpoints = Endpoints::new(["http://a".parse().unwrap()], limits);
        let endpoint = &endpoints.all[0];
        let begin = |input, output| endpoint.begin(now, Tokens { input, output });
        let mut gone = begin(100, 900).unwrap();
        assert!(begin(1, 0).is_err());
        gone.wrote(400);
        drop(gone);
        let mut counted = begin(100, 700).unwrap();
        assert!(begin(1, 0).is_err());
        counted.counted(300);
        drop(counted);
        assert!(begin(501, 0).is_err());
        assert!(begin(500, 0).is_ok());
    }
}
