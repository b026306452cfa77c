//! What the layers of a client pass on: a call that can be made again, and how an attempt ends.

use std::{error::Error as _, fmt, future::Future, pin::Pin, time::Duration};

use bytes::Bytes;
use http::{Request, Response};
use plexus_errors::ErrorCode;
use tonic::{Code, ConnectError, Status};

/// A call with its one message, in gRPC's framing. Copying it copies no message.
pub type Call = Request<Bytes>;

/// An attempt under way. It is done with the first word of the answer: from there on nobody takes over.
pub type Attempt<B> = Pin<Box<dyn Future<Output = Result<Response<B>, Fault>> + Send>>;

/// Why an attempt gave no first word.
#[derive(Debug, Clone)]
pub enum Fault {
    /// Nothing was sent.
    Refused(Refused),
    /// The replica said nothing for so long.
    Silent(Duration),
    /// The replica, or the way to it, failed; or it said no.
    Failed(Status),
}

/// Why nothing was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// There is no replica that answers health checks.
    Nobody,
    /// Breakers keep calls away from all that do.
    Open,
    /// All that do are at their limits.
    Full,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nobody => "no healthy replica",
            Self::Open => "breakers keep calls away from every replica: too many failed",
            Self::Full => "every replica has as many calls as it takes",
        })
    }
}

impl Fault {
    /// The status that a caller is given.
    pub fn into_status(self) -> Status {
        match self {
            Self::Refused(Refused::Full) => Status::resource_exhausted(Refused::Full.to_string()),
            Self::Refused(refused) => Status::unavailable(refused.to_string()),
            Self::Silent(waited) => {
                Status::deadline_exceeded(format!("said nothing for {:.1} s", waited.as_secs_f64()))
            }
            Self::Failed(status) => status,
        }
    }

    /// What it says of the replica.
    pub fn blame(&self) -> Blame {
        match self {
            Self::Refused(_) => Blame::None,
            Self::Silent(_) => Blame::Slow,
            Self::Failed(status) => match status.code() {
                Code::ResourceExhausted => Blame::Busy,
                // The deadline may have been too short for anybody.
                Code::DeadlineExceeded => Blame::Slow,
                code if ErrorCode::from_grpc(code).retryable() || code == Code::Unimplemented => Blame::Failed,
                _ => Blame::None,
            },
        }
    }

    /// Whether it came with the loss of a connection, or of the replica itself: whatever was under way there has ended with it, for
    /// one and the same reason.
    pub fn is_loss(&self) -> bool {
        let Self::Failed(status) = self else { return false };
        // What came over the wire has no cause on this side.
        let mut cause = status.source();
        let lost = cause.is_some();
        while let Some(error) = cause {
            if error.is::<ConnectError>() {
                return false;
            }
            cause = error.source();
        }
        lost
    }

    /// Whether another replica may do better.
    pub fn retryable(&self) -> bool {
        match self {
            Self::Refused(_) => false,
            Self::Silent(_) => true,
            Self::Failed(status) => ErrorCode::from_grpc(status.code()).retryable(),
        }
    }
}

/// What an attempt says of its replica.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blame {
    /// Nothing against it.
    None,
    /// It took too long for this caller: its fault only where it took long beside what is usual.
    Slow,
    /// It has too many calls.
    Busy,
    /// It failed.
    Failed,
}

/// Marks a call that may be made twice at the same time: a short question to a micro-model, without effects. Lies in the
/// extensions of requests.
#[derive(Debug, Clone, Copy)]
pub struct Idempotent;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_over_the_wire_is_no_loss_and_who_was_never_reached_neither() {
        let of = |error: Box<dyn std::error::Error + Send + Sync>| Fault::Failed(Status::from_error(error));
        assert!(of(Box::new(std::io::Error::other("reset"))).is_loss());
        assert!(!of(Box::new(ConnectError("refused".into()))).is_loss());
        assert!(!Fault::Failed(Status::unavailable("said so")).is_loss());
        assert!(!Fault::Silent(Duration::from_secs(1)).is_loss());
    }

    #[test]
    fn only_what_another_replica_may_do_better_is_tried_again() {
        for (fault, blame, again) in [
            (Fault::Refused(Refused::Nobody), Blame::None, false),
            (Fault::Silent(Duration::from_secs(1)), Blame::Slow, true),
            (Fault::Failed(Status::unavailable("")), Blame::Failed, true),
            (Fault::Failed(Status::internal("")), Blame::Failed, true),
            (Fault::Failed(Status::resource_exhausted("")), Blame::Busy, true),
            (Fault::Failed(Status::deadline_exceeded("")), Blame::Slow, false),
            (Fault::Failed(Status::invalid_argument("")), Blame::None, false),
            (Fault::Failed(Status::unimplemented("")), Blame::Failed, false),
        ] {
            assert_eq!((fault.blame(), fault.retryable()), (blame, again), "{fault:?}");
        }
    }
}
