//! The servers of an engine, all the same: whose turn it is.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use http::Uri;
use tokio::time::Instant;

use super::{
    quota::{Quota, Reached, Taken},
    rest::Rest,
};
use crate::config::PerMinute;

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
    /// Counts a question of about that many tokens until what is returned is dropped.
    ///
    /// # Errors
    /// One of the limits that we keep to is reached.
    pub(super) fn begin(self: &Arc<Self>, now: Instant, tokens: u64) -> Result<InFlight, Reached> {
        let taken = self.quota().take(now, tokens)?;
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        Ok(InFlight {
            endpoint: self.clone(),
            taken,
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
}

impl InFlight {
    /// Takes what the server counted for what was expected.
    pub(super) fn counted(&mut self, tokens: u64) {
        self.endpoint.quota().correct(&mut self.taken, tokens);
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
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
        let busy = endpoints.all[2].begin(now, 1).unwrap();
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
}
