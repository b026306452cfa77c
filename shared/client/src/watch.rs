//! Follows the health of one replica for as long as it is a member: what it says of itself, and whether it says anything at all.

use std::{sync::Arc, time::Duration};

use tokio::time::{MissedTickBehavior, interval, timeout};
use tonic::{Code, Status};
use tonic_health::pb::{HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient};

use crate::{Config, Replica, ReplicaState};

/// Health checks in a row that a replica may leave unanswered.
const MISSES: u32 = 2;

/// Pause before a health stream that has ended is asked for again.
const AGAIN: Duration = Duration::from_millis(10);

/// Watches `service` (full name) at a replica, reconnecting for ever.
pub(crate) async fn watch(replica: Arc<Replica>, service: String, config: Config) {
    loop {
        let (followed, error) = follow(&replica, &service, &config).await;
        if followed {
            // Streams end with their connections, which have an age: only one that cannot be had again tells of a death.
            tokio::time::sleep(AGAIN).await;
            continue;
        }
        // A server without the health service is taken at its word: it answered.
        let state = match error.code() {
            Code::Unimplemented => ReplicaState::Serving,
            _ => ReplicaState::Down,
        };
        replica.set_state(state, Some(&error));
        tokio::time::sleep(jittered(config.reconnect_pause)).await;
    }
}

/// Follows one stream of statuses to its end, and says whether it began; meanwhile asks a replica whose calls hear nothing whether
/// it lives.
async fn follow(replica: &Replica, service: &str, config: &Config) -> (bool, Status) {
    let request = HealthCheckRequest {
        service: service.to_owned(),
    };
    let mut client = HealthClient::new(replica.control());
    let within = config.connect_timeout + config.probe_timeout;
    let mut statuses = match timeout(within, client.watch(request.clone())).await {
        Ok(Ok(response)) => response.into_inner(),
        Ok(Err(status)) => return (false, status),
        Err(_) => return (false, Status::unavailable("does not answer health checks")),
    };
    let mut ticks = interval(config.probe_after);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut said, mut misses) = (ReplicaState::Unknown, 0);
    loop {
        tokio::select! {
            message = statuses.message() => match message {
                Ok(Some(message)) => {
                    said = state(message.status());
                    misses = 0;
                    replica.set_state(said, None);
                }
                Ok(None) => return (known(said), Status::unavailable("the replica ended its health stream")),
                Err(status) => return (known(said), status),
            },
            _ = ticks.tick() => {
                let hung = misses >= MISSES;
                if !hung && replica.unheard() < config.probe_after {
                    misses = 0;
                    continue;
                }
                match timeout(config.probe_timeout, client.check(request.clone())).await {
                    // The connection is lost: nobody has answered.
                    Ok(Err(status)) if lost(status.code()) => return (known(said), status),
                    // Any answer is one.
                    Ok(_) => {
                        misses = 0;
                        replica.heard();
                        if hung {
                            replica.set_state(said, None);
                        }
                    }
                    Err(_) => {
                        misses += 1;
                        if misses == MISSES {
                            let error = Status::unavailable("calls hear nothing, and health checks go unanswered");
                            replica.set_state(ReplicaState::Down, Some(&error));
                        }
                    }
                }
            }
        }
    }
}

/// Whether a replica has said anything of itself.
fn known(said: ReplicaState) -> bool {
    said != ReplicaState::Unknown
}

/// Whether a status is one that tonic makes where a connection breaks.
fn lost(code: Code) -> bool {
    matches!(
        code,
        Code::Unavailable | Code::Unknown | Code::Internal | Code::Cancelled
    )
}

fn state(status: ServingStatus) -> ReplicaState {
    match status {
        ServingStatus::Serving => ReplicaState::Serving,
        ServingStatus::NotServing | ServingStatus::Unknown | ServingStatus::ServiceUnknown => ReplicaState::NotServing,
    }
}

/// A random half longer, so that clients do not come together.
fn jittered(pause: Duration) -> Duration {
    pause + pause.mul_f64(fastrand::f64() / 2.0)
}
