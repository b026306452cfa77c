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

/// How a stream of statuses ended.
enum Ended {
    /// After the replica had said something of itself. Streams end with their connections, which have an age: only one that cannot be had
    /// again tells of a death.
    Begun,
    /// Before that: the replica refused it, did not answer, or cannot be reached.
    Refused(Status),
}

/// Watches `service` (full name) at a replica, reconnecting for ever.
pub(crate) async fn watch(replica: Arc<Replica>, service: String, config: Config) {
    loop {
        match follow(&replica, &service, &config).await {
            Ended::Begun => {
                tokio::time::sleep(AGAIN).await;
                continue;
            }
            // A server without the health service is taken at its word: it answered.
            Ended::Refused(error) if error.code() == Code::Unimplemented => {
                replica.says(ReplicaState::Serving, Some(&error));
            }
            Ended::Refused(error) if lost(error.code()) => replica.lost(&error),
            // Any other answer is one too, if not that of somebody who serves.
            Ended::Refused(error) => replica.says(ReplicaState::NotServing, Some(&error)),
        }
        tokio::time::sleep(jittered(config.reconnect_pause)).await;
    }
}

/// Follows one stream of statuses to its end; meanwhile asks a replica whose calls hear nothing whether it lives.
async fn follow(replica: &Replica, service: &str, config: &Config) -> Ended {
    let request = HealthCheckRequest {
        service: service.to_owned(),
    };
    let mut client = HealthClient::new(replica.control());
    let within = config.connect_timeout + config.probe_timeout;
    let mut statuses = match timeout(within, client.watch(request.clone())).await {
        Ok(Ok(response)) => response.into_inner(),
        Ok(Err(status)) => return Ended::Refused(status),
        Err(_) => return Ended::Refused(Status::unavailable("does not answer health checks")),
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
                    replica.says(said, None);
                }
                Ok(None) => return ended(said, Status::unavailable("the replica ended its health stream")),
                Err(status) => return ended(said, status),
            },
            _ = ticks.tick() => {
                let hung = misses >= MISSES;
                if !hung && replica.unheard() < config.probe_after {
                    misses = 0;
                    continue;
                }
                match timeout(config.probe_timeout, client.check(request.clone())).await {
                    // The connection is lost: nobody has answered.
                    Ok(Err(status)) if lost(status.code()) => return ended(said, status),
                    // Any answer is one.
                    Ok(_) => {
                        misses = 0;
                        replica.heard();
                        if hung {
                            replica.says(said, None);
                        }
                    }
                    Err(_) => {
                        misses += 1;
                        if misses == MISSES {
                            let error = Status::unavailable("calls hear nothing, and health checks go unanswered");
                            replica.frozen(&error);
                        }
                    }
                }
            }
        }
    }
}

/// The end of a stream on which a replica has said this of itself.
fn ended(said: ReplicaState, status: Status) -> Ended {
    match said {
        ReplicaState::Unknown => Ended::Refused(status),
        _ => Ended::Begun,
    }
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
pub(crate) fn jittered(pause: Duration) -> Duration {
    pause + pause.mul_f64(fastrand::f64() / 2.0)
}
