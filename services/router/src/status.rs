//! The mesh as the router sees it.

use plexus_client::{BreakerState, Pool, PoolView, ReplicaState, ReplicaView};
use plexus_proto::v1;
use plexus_server::Load;
use sha2::{Digest as _, Sha256};

use crate::Router;

/// The state of everything that the router calls.
pub(crate) fn status(router: &Router, load: Option<&Load>) -> v1::GetStatusResponse {
    let classifier_healthy = router.classifier.healthy();
    v1::GetStatusResponse {
        healthy: classifier_healthy && router.upstreams.all().all(Pool::healthy),
        upstreams: router.upstreams.all().map(|pool| upstream(pool.view())).collect(),
        model: router.classifier.loaded().id().to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        uptime: plexus_wire::duration_to_proto(router.born.elapsed()),
        classifier_healthy,
        model_refused: router.classifier.refused(),
        tasks: router
            .policy
            .tasks
            .iter()
            .map(|(name, domain)| v1::TaskInfo {
                name: name.clone(),
                domain: plexus_wire::domain_to_proto(*domain).into(),
            })
            .collect(),
        cascade: Some(v1::CascadeInfo {
            min_confidence: router.policy.cascade.min_confidence,
            enter_below: router.policy.cascade.enter_below,
            enter_unchecked: router.policy.cascade.enter_unchecked,
            price_weight: router.policy.cascade.price_weight,
            max_escalations: router.policy.cascade.max_escalations as u32,
        }),
        basis: basis(router),
        load: load.map(|load| load_status(load, router.rates.refused())),
    }
}

fn load_status(load: &Load, rate_limited: u64) -> v1::LoadStatus {
    let now = load.snapshot();
    v1::LoadStatus {
        in_flight: now.in_flight,
        limit: load.limit(),
        waiting: now.waiting,
        refused: now.refused,
        rate_limited,
    }
}

/// A digest of everything that decides.
fn basis(router: &Router) -> String {
    let loaded = router.classifier.loaded();
    let digest = Sha256::digest(format!("{} {:?}", loaded.digest(), router.policy));
    digest[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}

fn upstream(view: PoolView) -> v1::UpstreamStatus {
    v1::UpstreamStatus {
        name: view.name,
        replicas: view.replicas.into_iter().map(replica).collect(),
        retries: view.spent.retries,
        hedges: view.spent.hedges,
        hedges_wasted: view.spent.wasted,
        retries_refused: view.spent.refused,
    }
}

fn replica(view: ReplicaView) -> v1::ReplicaStatus {
    let state = match view.state {
        ReplicaState::Unknown => v1::ReplicaState::Unknown,
        ReplicaState::Serving => v1::ReplicaState::Serving,
        ReplicaState::NotServing => v1::ReplicaState::NotServing,
        ReplicaState::Down => v1::ReplicaState::Down,
    };
    let status = v1::ReplicaStatus {
        address: view.address,
        state: state.into(),
        last_error: view.last_error,
        ..v1::ReplicaStatus::default()
    };
    let Some(running) = view.running else { return status };
    let breaker = match running.breaker {
        BreakerState::Closed => v1::BreakerState::Closed,
        BreakerState::Open => v1::BreakerState::Open,
        BreakerState::HalfOpen => v1::BreakerState::HalfOpen,
    };
    v1::ReplicaStatus {
        in_flight: running.in_flight,
        breaker: breaker.into(),
        latency: running.first_word.and_then(plexus_wire::duration_to_proto),
        limit: running.limit,
        tier: running
            .tier
            .map_or(v1::Tier::Unspecified, plexus_wire::tier_to_proto)
            .into(),
        warmth: running.warmth,
        attempts: running.attempts,
        failures: running.failures,
        ..status
    }
}
