//! What is known of an upstream at a moment, for everybody who shows it: the status of a router and metrics.

use std::time::Duration;

use plexus_core::Tier;
use plexus_resilience::retry::Spent;
use plexus_telemetry::metrics::{Sheet, names};
use tokio::time::Instant;

use crate::{BreakerState, Pool, Replica, ReplicaState};

const STATES: [(ReplicaState, &str); 4] = [
    (ReplicaState::Unknown, "unknown"),
    (ReplicaState::Serving, "serving"),
    (ReplicaState::NotServing, "not_serving"),
    (ReplicaState::Down, "down"),
];

const BREAKERS: [(BreakerState, &str); 3] = [
    (BreakerState::Closed, "closed"),
    (BreakerState::Open, "open"),
    (BreakerState::HalfOpen, "half_open"),
];

/// An upstream at a moment.
#[derive(Debug, Clone)]
pub struct PoolView {
    /// Its name.
    pub name: String,
    /// Its replicas, preferred tiers first; then names that stand for no address.
    pub replicas: Vec<ReplicaView>,
    /// Second attempts since the pool was made.
    pub spent: Spent,
}

/// A replica at a moment.
#[derive(Debug, Clone)]
pub struct ReplicaView {
    /// Its address, or the name (with port) that stands for none.
    pub address: String,
    /// What health checks say.
    pub state: ReplicaState,
    /// The last error seen; empty where there was none.
    pub last_error: String,
    /// What is known of its calls; none: the name stands for no address.
    pub running: Option<Running>,
}

/// What is known of the calls to a replica.
#[derive(Debug, Clone)]
pub struct Running {
    /// Where it runs; none: not stated.
    pub tier: Option<Tier>,
    /// Whether calls are let through.
    pub breaker: BreakerState,
    /// Calls on their way.
    pub in_flight: u32,
    /// How many there may be.
    pub limit: u32,
    /// Moving average of the time to the first word; none before the first answer.
    pub first_word: Option<Duration>,
    /// Share of its traffic that it may get, 0..1.
    pub warmth: f64,
    /// Attempts since it was known, those that nobody waited for included.
    pub attempts: u64,
    /// Of these, those that speak against it: not where it said no to the request.
    pub failures: u64,
}

impl Pool {
    /// What is known of it now.
    pub fn view(&self) -> PoolView {
        let now = Instant::now();
        let replicas = self.replicas();
        let unresolved = self.unresolved();
        let unresolved = unresolved.iter().map(|(address, problem)| ReplicaView {
            address: address.clone(),
            state: ReplicaState::Down,
            last_error: problem.clone(),
            running: None,
        });
        PoolView {
            name: self.name().to_owned(),
            replicas: replicas
                .iter()
                .map(|replica| replica.view(now))
                .chain(unresolved)
                .collect(),
            spent: self.spent(),
        }
    }
}

impl Replica {
    /// What is known of it at `now`.
    pub fn view(&self, now: Instant) -> ReplicaView {
        let (attempts, failures) = self.counts();
        ReplicaView {
            address: self.address().to_string(),
            state: self.state(),
            last_error: self.last_error(),
            running: Some(Running {
                tier: self.tier(),
                breaker: self.breaker(),
                in_flight: self.in_flight(),
                limit: self.limit(),
                first_word: self.first_word(),
                warmth: self.warmth(now),
                attempts,
                failures,
            }),
        }
    }
}

impl PoolView {
    /// Writes it as metrics.
    pub fn show(&self, sheet: &mut Sheet) {
        let labels = [("upstream", self.name.as_str())];
        sheet.put(&names::RETRIES, &labels, self.spent.retries);
        sheet.put(&names::HEDGES, &labels, self.spent.hedges);
        sheet.put(&names::HEDGES_WASTED, &labels, self.spent.wasted);
        sheet.put(&names::RETRIES_REFUSED, &labels, self.spent.refused);
        for replica in &self.replicas {
            replica.show(&self.name, sheet);
        }
    }
}

impl ReplicaView {
    fn show(&self, upstream: &str, sheet: &mut Sheet) {
        let labels = [("upstream", upstream), ("replica", self.address.as_str())];
        sheet.put_state(&names::REPLICA_STATE, &labels, &STATES, self.state);
        let Some(running) = &self.running else { return };
        sheet.put_state(&names::BREAKER_STATE, &labels, &BREAKERS, running.breaker);
        sheet.put(&names::REPLICA_IN_FLIGHT, &labels, running.in_flight);
        sheet.put(&names::REPLICA_LIMIT, &labels, running.limit);
        sheet.put(&names::REPLICA_WARMTH, &labels, running.warmth);
        sheet.put(&names::REPLICA_ATTEMPTS, &labels, running.attempts);
        sheet.put(&names::REPLICA_FAILURES, &labels, running.failures);
        if let Some(first_word) = running.first_word {
            sheet.put(&names::REPLICA_FIRST_WORD, &labels, first_word.as_secs_f64());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use plexus_telemetry::metrics::Value;

    use super::*;
    use crate::{Config, System};

    #[tokio::test]
    async fn every_state_has_a_row_and_one_of_them_holds() {
        let endpoint = "127.0.0.1:1".to_owned().try_into().unwrap();
        let view = Pool::on(
            Arc::new(System::default()),
            "math",
            "plexus.v1.SpecialistService",
            &[endpoint],
            &Config::default(),
        )
        .view();
        let mut sheet = Sheet::default();
        view.show(&mut sheet);
        let value = |metric, state| {
            let labels = [("upstream", "math"), ("replica", "127.0.0.1:1"), ("state", state)];
            sheet.value(metric, &labels)
        };
        for (_, state) in STATES {
            let holds = Value::from(state == "unknown");
            assert_eq!(value(&names::REPLICA_STATE, state), Some(holds), "{state}");
        }
        for (_, state) in BREAKERS {
            let holds = Value::from(state == "closed");
            assert_eq!(value(&names::BREAKER_STATE, state), Some(holds), "{state}");
        }
        let labels = [("upstream", "math"), ("replica", "127.0.0.1:1")];
        assert_eq!(sheet.value(&names::REPLICA_ATTEMPTS, &labels), Some(Value::Whole(0)));
        assert_eq!(
            sheet.value(&names::REPLICA_FIRST_WORD, &labels),
            None,
            "it was never asked"
        );
    }

    #[test]
    fn a_name_without_an_address_is_down_and_nothing_else() {
        let view = PoolView {
            name: "math".to_owned(),
            replicas: vec![ReplicaView {
                address: "nowhere:1".to_owned(),
                state: ReplicaState::Down,
                last_error: "no such name".to_owned(),
                running: None,
            }],
            spent: Spent::default(),
        };
        let mut sheet = Sheet::default();
        view.show(&mut sheet);
        let labels = [("upstream", "math"), ("replica", "nowhere:1"), ("state", "down")];
        assert_eq!(sheet.value(&names::REPLICA_STATE, &labels), Some(Value::Whole(1)));
        assert_eq!(sheet.value(&names::REPLICA_LIMIT, &labels[..2]), None);
        assert_eq!(sheet.value(&names::HEDGES, &labels[..1]), Some(Value::Whole(0)));
    }
}
