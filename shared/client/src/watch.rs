//! Follows the health of one replica for as long as its pool lives.

use std::sync::Arc;

use tonic::{Code, Status};
use tonic_health::pb::{HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient};

use crate::{Config, Replica, ReplicaState};

/// Watches `service` (full name) at a replica, reconnecting for ever.
pub(crate) async fn watch(replica: Arc<Replica>, service: String, config: Config) {
    loop {
        let error = follow(&replica, &service).await;
        // A server without the health service is taken at its word: it answered.
        let state = match error.code() {
            Code::Unimplemented => ReplicaState::Serving,
            _ => ReplicaState::Down,
        };
        replica.set_state(state, Some(&error));
        let pause = config.reconnect_pause;
        tokio::time::sleep(pause + pause.mul_f64(fastrand::f64() / 2.0)).await;
    }
}

/// Follows one stream of statuses to its end.
async fn follow(replica: &Replica, service: &str) -> Status {
    let request = HealthCheckRequest {
        service: service.to_owned(),
    };
    let mut statuses = match HealthClient::new(replica.channel()).watch(request).await {
        Ok(response) => response.into_inner(),
        Err(status) => return status,
    };
    loop {
        match statuses.message().await {
            Ok(Some(message)) => {
                let state = match message.status() {
                    ServingStatus::Serving => ReplicaState::Serving,
                    ServingStatus::NotServing | ServingStatus::Unknown | ServingStatus::ServiceUnknown => {
                        ReplicaState::NotServing
                    }
                };
                replica.set_state(state, None);
            }
            Ok(None) => return Status::unavailable("the replica ended its health stream"),
            Err(status) => return status,
        }
    }
}
