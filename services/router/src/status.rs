//! The mesh as the router sees it.

use plexus_client::{Pool, ReplicaState};
use plexus_proto::v1;

use crate::Router;

/// The state of everything that the router calls.
pub(crate) fn status(router: &Router) -> v1::GetStatusResponse {
    let classifier_healthy = router.classifier.healthy();
    v1::GetStatusResponse {
        healthy: classifier_healthy && router.upstreams.all().all(Pool::healthy),
        upstreams: router.upstreams.all().map(upstream).collect(),
        model: router.classifier.loaded().id().to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        uptime: plexus_wire::duration_to_proto(router.born.elapsed()),
        classifier_healthy,
        model_refused: router.classifier.refused(),
    }
}

fn upstream(pool: &Pool) -> v1::UpstreamStatus {
    let replicas = pool.replicas().map(|replica| {
        let state = match replica.state() {
            ReplicaState::Unknown => v1::ReplicaState::Unknown,
            ReplicaState::Serving => v1::ReplicaState::Serving,
            ReplicaState::NotServing => v1::ReplicaState::NotServing,
            ReplicaState::Down => v1::ReplicaState::Down,
        };
        v1::ReplicaStatus {
            address: replica.endpoint().to_string(),
            state: state.into(),
            in_flight: replica.in_flight(),
            last_error: replica.last_error(),
        }
    });
    v1::UpstreamStatus {
        name: pool.name().to_owned(),
        replicas: replicas.collect(),
    }
}
