//! Sends each attempt to the replica that [`Members`] names; waits a moment where all are at their limits.

use std::{
    pin::pin,
    sync::Arc,
    task::{Context, Poll},
};

use http::Response;
use plexus_resilience::{
    attempt::FirstWordShare,
    call::{Attempt, Blame, Call, Fault, Refused},
    guarded::{End, Guard, Guarded},
    hedge::IsHedge,
    trail::Trail,
};
use tokio::time::{Instant, timeout_at};
use tonic::body::Body;
use tower::Service;

use crate::{Replica, members::Members};

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

/// Says that a place is free once the body is gone, or nobody waits for one any more.
struct Freed(Option<Arc<Members>>);

impl Guard for Freed {
    fn ended(self, _: End) {}
}

impl Drop for Freed {
    fn drop(&mut self) {
        if let Some(members) = self.0.take() {
            members.freed().notify_one();
        }
    }
}

/// Counts an attempt however it ends, also where nobody waits for that.
struct Counted(Option<Arc<Replica>>);

impl Drop for Counted {
    fn drop(&mut self) {
        if let Some(replica) = self.0.take() {
            replica.count();
        }
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
        Box::pin(async move {
            let (begin, mut races) = (Instant::now(), 0);
            loop {
                let refused = match members.pick(&trail) {
                    Ok(replica) => match attempt(&members, replica, call.clone(), &trail).await {
                        // Somebody else took the last place, or the probe, between the choice and the call.
                        Err(Fault::Refused(refused)) => {
                            races += 1;
                            if races < MOST_RACES {
                                tokio::task::yield_now().await;
                                continue;
                            }
                            refused
                        }
                        result => return result,
                    },
                    Err(refused) => refused,
                };
                let Some(patience) = members.patience(refused) else {
                    return Err(none(&trail, refused));
                };
                let mut freed = pin!(members.freed().notified());
                freed.as_mut().enable();
                // What was freed before anybody listened for it is seen here.
                if races < MOST_RACES && members.pick(&trail).is_ok() {
                    continue;
                }
                if timeout_at(begin + patience, freed).await.is_err() {
                    return Err(none(&trail, refused));
                }
            }
        })
    }
}

/// One attempt at a replica.
async fn attempt(
    members: &Arc<Members>,
    replica: Arc<Replica>,
    mut call: Call,
    trail: &Trail,
) -> Result<Response<Body>, Fault> {
    let hedge = call.extensions().get::<IsHedge>().is_some();
    let asked = Instant::now();
    let entry = trail.asked(replica.label().clone(), hedge);
    if let Some(share) = call.extensions().get::<FirstWordShare>().copied() {
        call.extensions_mut().insert(members.share(share, trail));
    }
    let (mut freed, mut counted) = (Freed(Some(members.clone())), Counted(Some(replica.clone())));
    let result = replica.service().call(call).await;
    if let Err(Fault::Refused(_)) = &result {
        // Nothing was sent, and no place was taken.
        trail.withdrawn(entry);
        (freed.0, counted.0) = (None, None);
        return result.map(|response| response.map(Body::new));
    }
    let fault = result.as_ref().err();
    trail.ended(entry, asked.elapsed(), fault);
    // Who says no to a request has not failed.
    if let Some(fault) = fault.filter(|fault| fault.blame() != Blame::None) {
        replica.failed(&fault.clone().into_status());
    }
    Ok(result?.map(|body| Body::new(Guarded::new(body, freed))))
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
