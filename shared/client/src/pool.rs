//! The replicas of one upstream.

use std::sync::Arc;

use tokio::task::JoinSet;

use crate::{Config, Endpoint, Lease, Replica, ReplicaState, watch::watch};

/// The replicas of one upstream; their health is watched until the pool is dropped.
#[derive(Debug)]
pub struct Pool {
    name: String,
    replicas: Vec<Arc<Replica>>,
    _watchers: JoinSet<()>,
}

impl Pool {
    /// A pool of the upstream `name`, whose replicas serve the gRPC service `service` (full name). Connects lazily, so
    /// it may be made before anybody listens. Must be called inside a Tokio runtime.
    pub fn new(name: &str, service: &str, endpoints: &[Endpoint], config: &Config) -> Self {
        let replicas: Vec<_> = endpoints
            .iter()
            .map(|endpoint| Arc::new(Replica::new(name, endpoint.clone(), config)))
            .collect();
        let mut watchers = JoinSet::new();
        for replica in &replicas {
            watchers.spawn(watch(replica.clone(), service.to_owned(), config.clone()));
        }
        Self {
            name: name.to_owned(),
            replicas,
            _watchers: watchers,
        }
    }

    /// Name of the upstream.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// All replicas.
    pub fn replicas(&self) -> impl Iterator<Item = &Replica> {
        self.replicas.iter().map(AsRef::as_ref)
    }

    /// Whether a replica answers health checks with SERVING.
    pub fn healthy(&self) -> bool {
        self.replicas
            .iter()
            .any(|replica| replica.state() == ReplicaState::Serving)
    }

    /// The less busy of two replicas chosen at random among the best there are, leaving out those already `tried`
    /// (labels). None where every other one is down.
    ///
    /// Two random choices: Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing", 2001.
    pub fn pick(&self, tried: &[String]) -> Option<Lease> {
        let rank = |replica: &Replica| match (replica.state(), replica.suspect()) {
            (ReplicaState::Serving, false) => Some(0),
            (ReplicaState::Unknown, false) => Some(1),
            (ReplicaState::Serving | ReplicaState::Unknown, true) => Some(2),
            (ReplicaState::NotServing | ReplicaState::Down, _) => None,
        };
        let ranked = || {
            self.replicas
                .iter()
                .filter(|replica| !tried.iter().any(|label| label == replica.label()))
                .filter_map(|replica| Some((rank(replica)?, replica)))
        };
        let best = ranked().map(|(rank, _)| rank).min()?;
        let candidates = || ranked().filter(|(rank, _)| *rank == best).map(|(_, replica)| replica);
        let count = candidates().count();
        let first = candidates().nth(fastrand::usize(..count))?;
        let second = candidates().nth(fastrand::usize(..count))?;
        let choice = if second.in_flight() < first.in_flight() {
            second
        } else {
            first
        };
        Some(Lease::new(choice.clone()))
    }
}

#[cfg(test)]
mod tests {
    use tonic::Status;

    use super::*;

    fn pool(ports: &[u16]) -> Pool {
        let endpoints: Vec<_> = ports
            .iter()
            .map(|port| Endpoint {
                host: "127.0.0.1".into(),
                port: *port,
            })
            .collect();
        let mut pool = Pool::new("math", "plexus.v1.SpecialistService", &endpoints, &Config::default());
        pool._watchers.abort_all();
        pool
    }

    fn picks(pool: &Pool, tried: &[String]) -> Vec<u16> {
        let mut ports: Vec<u16> = (0..100)
            .filter_map(|_| Some(pool.pick(tried)?.replica().endpoint().port))
            .collect();
        ports.sort_unstable();
        ports.dedup();
        ports
    }

    #[tokio::test]
    async fn the_dead_are_never_picked_and_the_unknown_only_without_a_healthy_one() {
        let pool = pool(&[1, 2, 3]);
        assert_eq!(picks(&pool, &[]), [1, 2, 3]);
        pool.replicas[0].set_state(ReplicaState::Serving, None);
        assert_eq!(picks(&pool, &[]), [1]);
        pool.replicas[0].set_state(ReplicaState::Down, None);
        assert_eq!(picks(&pool, &[]), [2, 3]);
        pool.replicas[1].set_state(ReplicaState::NotServing, None);
        assert_eq!(picks(&pool, &["math@127.0.0.1:3".to_owned()]), [] as [u16; 0]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_replica_that_failed_is_avoided_for_a_moment() {
        let pool = pool(&[1, 2]);
        for replica in &pool.replicas {
            replica.set_state(ReplicaState::Serving, None);
        }
        Lease::new(pool.replicas[0].clone()).failed(&Status::unavailable("gone"));
        assert_eq!(picks(&pool, &[]), [2]);
        assert_eq!(
            picks(&pool, &["math@127.0.0.1:2".to_owned()]),
            [1],
            "better than nobody"
        );
        tokio::time::advance(Config::default().suspect_for).await;
        assert_eq!(picks(&pool, &[]), [1, 2]);
    }

    #[tokio::test]
    async fn the_less_busy_is_picked() {
        let pool = pool(&[1, 2]);
        let busy: Vec<_> = (0..50).map(|_| Lease::new(pool.replicas[0].clone())).collect();
        let to_busy = (0..1000)
            .filter(|_| pool.pick(&[]).is_some_and(|l| l.replica().endpoint().port == 1))
            .count();
        assert!(
            to_busy < 400,
            "both choices fall on the busy one in a quarter of the cases: {to_busy}"
        );
        drop(busy);
        assert_eq!(pool.replicas[0].in_flight(), 0);
    }
}
