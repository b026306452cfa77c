//! Sends each attempt to the replica that [`Members`] names; waits a moment where all are at their limits.

use std::{
    sync::Arc,
    task::{Context, Poll},
};

use http::Response;
use plexus_resilience::{
    call::{Attempt, Call, Fault, Refused},
    guarded::{Guard, Guarded},
    hedge::IsHedge,
    trail::Trail,
};
use tokio::time::{Instant, timeout_at};
use tonic::body::Body;
use tower::Service;

use crate::members::Members;

/// How often a choice may come too late.
const MOST_RACES: u32 = 16;

/// A choice of replicas.
#[derive(Debug, Clone)]
pub struct Balance {
    members: Arc<Members>,
}

impl Balance {
    pub(crate) fn new(members: Arc<Members>) -> Self {
        Self { members }
    }
}

/// Says that a place is free once the body is gone.
struct Freed(Arc<Members>);

impl Guard for Freed {
    fn ended(self, _: bool) {}
}

impl Drop for Freed {
    fn drop(&mut self) {
        self.0.freed().notify_one();
    }
}

impl Service<Call> for Balance {
    type Response = Response<Body>;
    type Error = Fault;
    type Future = Attempt<Body>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Fault>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, call: Call) -> Self::Future {
        let members = self.members.clone();
        let trail = call.extensions().get::<Trail>().cloned().unwrap_or_default();
        let hedge = call.extensions().get::<IsHedge>().is_some();
        Box::pin(async move {
            let (begin, mut races) = (Instant::now(), 0);
            loop {
                let freed = members.freed().notified();
                let refused = match members.pick(&trail) {
                    Ok(replica) => {
                        let freed = Freed(members.clone());
                        let asked = Instant::now();
                        let entry = trail.asked(replica.label().clone(), hedge);
                        let result = replica.service().call(call.clone()).await;
                        match result {
                            // Somebody else took the last place, or the probe, between the choice and the call.
                            Err(Fault::Refused(refused)) => {
                                trail.withdrawn(entry);
                                races += 1;
                                if races < MOST_RACES {
                                    tokio::task::yield_now().await;
                                    continue;
                                }
                                refused
                            }
                            result => {
                                let fault = result.as_ref().err();
                                trail.ended(entry, asked.elapsed(), fault);
                                replica.note(fault.map(|fault| fault.clone().into_status()).as_ref());
                                return Ok(result?.map(|body| Body::new(Guarded::new(body, freed))));
                            }
                        }
                    }
                    Err(refused) => refused,
                };
                let until = members.patience(refused).map(|patience| begin + patience);
                let waited = match until {
                    Some(until) => timeout_at(until, freed).await.is_ok(),
                    None => false,
                };
                if !waited {
                    return Err(none(&trail, refused));
                }
            }
        })
    }
}

/// Why there is no attempt; where there was one before, what came of that says more.
fn none(trail: &Trail, refused: Refused) -> Fault {
    match trail.last_fault() {
        Some(fault) => fault,
        None => {
            trail.refused(refused);
            Fault::Refused(refused)
        }
    }
}
