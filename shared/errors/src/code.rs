//! The error codes and their exhaustive mapping to gRPC's.

use tonic::Code;

/// What kind of failure it is. Deliberately fewer than gRPC's sixteen: each asks for a different reaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    /// The request is wrong; the same request will always fail.
    InvalidArgument,
    /// Time ran out.
    DeadlineExceeded,
    /// Nobody is there to serve; another try may succeed.
    Unavailable,
    /// Too much at once, or too large.
    ResourceExhausted,
    /// The thing asked for does not exist.
    NotFound,
    /// Right request, wrong state of the system.
    FailedPrecondition,
    /// Who are you?
    Unauthenticated,
    /// You may not.
    PermissionDenied,
    /// The caller went away.
    Cancelled,
    /// There is no such method.
    Unimplemented,
    /// A fault of ours.
    Internal,
}

impl ErrorCode {
    /// All codes.
    pub const ALL: [Self; 11] = [
        Self::InvalidArgument,
        Self::DeadlineExceeded,
        Self::Unavailable,
        Self::ResourceExhausted,
        Self::NotFound,
        Self::FailedPrecondition,
        Self::Unauthenticated,
        Self::PermissionDenied,
        Self::Cancelled,
        Self::Unimplemented,
        Self::Internal,
    ];

    /// The gRPC code.
    pub fn to_grpc(self) -> Code {
        match self {
            Self::InvalidArgument => Code::InvalidArgument,
            Self::DeadlineExceeded => Code::DeadlineExceeded,
            Self::Unavailable => Code::Unavailable,
            Self::ResourceExhausted => Code::ResourceExhausted,
            Self::NotFound => Code::NotFound,
            Self::FailedPrecondition => Code::FailedPrecondition,
            Self::Unauthenticated => Code::Unauthenticated,
            Self::PermissionDenied => Code::PermissionDenied,
            Self::Cancelled => Code::Cancelled,
            Self::Unimplemented => Code::Unimplemented,
            Self::Internal => Code::Internal,
        }
    }

    /// The code nearest to a gRPC code.
    pub fn from_grpc(code: Code) -> Self {
        match code {
            Code::InvalidArgument | Code::OutOfRange => Self::InvalidArgument,
            Code::DeadlineExceeded => Self::DeadlineExceeded,
            Code::Unavailable => Self::Unavailable,
            Code::ResourceExhausted => Self::ResourceExhausted,
            Code::NotFound => Self::NotFound,
            Code::FailedPrecondition | Code::AlreadyExists | Code::Aborted => Self::FailedPrecondition,
            Code::Unauthenticated => Self::Unauthenticated,
            Code::PermissionDenied => Self::PermissionDenied,
            Code::Cancelled => Self::Cancelled,
            Code::Unimplemented => Self::Unimplemented,
            Code::Ok | Code::Unknown | Code::DataLoss | Code::Internal => Self::Internal,
        }
    }

    /// Whether another replica may do better with the same request.
    pub fn retryable(self) -> bool {
        match self {
            Self::Unavailable | Self::ResourceExhausted | Self::Internal | Self::Cancelled => true,
            Self::InvalidArgument
            | Self::DeadlineExceeded
            | Self::NotFound
            | Self::FailedPrecondition
            | Self::Unauthenticated
            | Self::PermissionDenied
            | Self::Unimplemented => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_comes_back_from_the_wire() {
        for code in ErrorCode::ALL {
            assert_eq!(ErrorCode::from_grpc(code.to_grpc()), code);
        }
    }
}
