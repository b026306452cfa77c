//! Gives errors that tonic makes itself the code and the words that callers can act on.

use http::Response;
use plexus_errors::{ErrorCode, ServiceError};
use tonic::Status;

/// tonic says OUT_OF_RANGE of a message over the limit; every other gRPC library says RESOURCE_EXHAUSTED. This is about
/// messages that are read: of an answer, tonic finds out after its head.
pub(crate) fn rescue<B: Default>(response: Response<B>) -> Response<B> {
    if response.headers().get("grpc-status").is_none_or(|code| code != "11") {
        return response;
    }
    match Status::from_header_map(response.headers()) {
        Some(status) if status.message().contains("message length too large") => {
            let text = status.message().trim_start_matches("Error, ").to_owned();
            Status::from(ServiceError::new(ErrorCode::ResourceExhausted, text)).into_http()
        }
        _ => response,
    }
}

#[cfg(test)]
mod tests {
    use tonic::body::Body;

    use super::*;

    #[test]
    fn only_the_size_limit_is_renamed() {
        let large =
            Status::out_of_range("Error, decoded message length too large: found 9 bytes, the limit is: 4 bytes");
        let renamed = rescue(large.into_http::<Body>());
        assert_eq!(renamed.headers()["grpc-status"], "8");
        let other = rescue(Status::out_of_range("page 7 of 3").into_http::<Body>());
        assert_eq!(other.headers()["grpc-status"], "11");
    }
}
