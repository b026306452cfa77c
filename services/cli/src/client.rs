//! The way to the router, and what its errors mean for a person and for the exit code.

use std::{error::Error as _, future::Future, sync::Arc, time::Duration};

use plexus_client::Endpoint;
use plexus_proto::v1::{self, router_service_client::RouterServiceClient};
use tonic::{
    Code, Request, Status,
    metadata::AsciiMetadataValue,
    transport::{Channel, Endpoint as Address, Uri},
};
use tonic_types::StatusExt as _;

use crate::{
    args::RouterArgs,
    failure::{Failure, code},
};

const CONNECT: Duration = Duration::from_secs(3);
/// How long a call that asks no engine may take.
const QUICK: Duration = Duration::from_secs(10);
/// How much later than the router this side gives up, so that the router's own word on it arrives first.
pub(crate) const SLACK: Duration = Duration::from_secs(2);
/// The router's answers hold every step's text beside the whole.
const MAX_MESSAGE: usize = 64 * 1024 * 1024;
/// How the router marks that nobody could answer.
const NO_ANSWER: &str = "NO_ANSWER";

/// A connection to the router.
#[derive(Debug, Clone)]
pub struct Router {
    client: RouterServiceClient<Channel>,
    address: String,
    /// What goes with every call of somebody who has a key.
    authorization: Option<AsciiMetadataValue>,
}

/// The variable with an API key: arguments of a command line are seen by everybody on the machine.
const API_KEY: &str = "PLEXUS_API_KEY";

impl Router {
    /// Connects, without TLS and without a key.
    ///
    /// # Errors
    /// Nobody listens there.
    pub async fn connect(endpoint: &Endpoint) -> Result<Self, Failure> {
        let address = endpoint.to_string();
        let channel = target(&address)?
            .connect()
            .await
            .map_err(|error| unreachable(&address, &plexus_errors::chain(&error)))?;
        Ok(Self::over(channel, address, None))
    }

    /// Connects as the arguments say.
    ///
    /// # Errors
    /// Files that cannot be used; nobody listens there, or somebody else.
    pub async fn of(args: &RouterArgs) -> Result<Self, Failure> {
        let authorization = authorization(args)?;
        let Some(ca) = &args.ca else {
            let router = Self::connect(&args.addr).await?;
            return Ok(Self {
                authorization,
                ..router
            });
        };
        let tls = plexus_tls::ClientConfig {
            ca: ca.clone(),
            certificate: args.certificate.clone().unwrap_or_default(),
            key: args.key.clone().unwrap_or_default(),
            ..plexus_tls::ClientConfig::default()
        };
        let unusable = |error| Failure::new(code::INPUT, plexus_errors::chain(&error));
        let tls = plexus_tls::Client::new(&tls).map_err(unusable)?.map(Arc::new);
        let expected = plexus_tls::Expected::Name(args.addr.host.clone());
        let connector = tower::service_fn(move |uri: Uri| {
            let (tls, expected) = (tls.clone(), expected.clone());
            async move {
                let tls = tls.ok_or_else(|| std::io::Error::other("there is no authority"))?;
                plexus_client::secure(&tls, &expected, &uri).await
            }
        });
        let address = args.addr.to_string();
        let channel = target(&address)?
            .connect_with_connector(connector)
            .await
            .map_err(|error| unreachable(&address, &plexus_errors::chain(&error)))?;
        Ok(Self::over(channel, address, authorization))
    }

    fn over(channel: Channel, address: String, authorization: Option<AsciiMetadataValue>) -> Self {
        Self {
            client: RouterServiceClient::new(channel).max_decoding_message_size(MAX_MESSAGE),
            address,
            authorization,
        }
    }

    /// A message with its deadline, and with the key.
    fn within<T>(&self, message: T, timeout: Duration) -> Request<T> {
        let mut request = Request::new(message);
        request.set_timeout(timeout);
        if let Some(authorization) = &self.authorization {
            request.metadata_mut().insert("authorization", authorization.clone());
        }
        request
    }

    /// Where it is.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Answers a query.
    ///
    /// # Errors
    /// As [`Router::failure`] says.
    pub async fn ask(&self, request: v1::AskRequest, timeout: Duration) -> Result<v1::AskResponse, Failure> {
        let request = self.within(request, timeout);
        self.call(timeout.saturating_add(SLACK), self.client.clone().ask(request))
            .await
    }

    /// Answers a query while it is being written.
    ///
    /// # Errors
    /// As [`Router::failure`] says; so are those of the stream to be read.
    pub async fn ask_stream(
        &self,
        request: v1::AskRequest,
        timeout: Duration,
    ) -> Result<tonic::Streaming<v1::AskStreamResponse>, Failure> {
        let request = self.within(request, timeout);
        self.call(timeout.saturating_add(SLACK), self.client.clone().ask_stream(request))
            .await
    }

    /// Says how a query would be routed.
    ///
    /// # Errors
    /// As [`Router::failure`] says.
    pub async fn classify(&self, query: String) -> Result<v1::ClassifyResponse, Failure> {
        let request = v1::ClassifyRequest {
            query,
            ..v1::ClassifyRequest::default()
        };
        self.call(QUICK, self.client.clone().classify(self.within(request, QUICK)))
            .await
    }

    /// Says who is up.
    ///
    /// # Errors
    /// As [`Router::failure`] says.
    pub async fn status(&self) -> Result<v1::GetStatusResponse, Failure> {
        let request = self.within(v1::GetStatusRequest {}, QUICK);
        self.call(QUICK, self.client.clone().get_status(request)).await
    }

    async fn call<T>(
        &self,
        limit: Duration,
        call: impl Future<Output = Result<tonic::Response<T>, Status>>,
    ) -> Result<T, Failure> {
        match tokio::time::timeout(limit, call).await {
            Ok(Ok(response)) => Ok(response.into_inner()),
            Ok(Err(status)) => Err(self.failure(&status)),
            Err(_) => Err(unreachable(&self.address, &format!("no answer within {limit:?}"))),
        }
    }

    /// What a status means here.
    pub fn failure(&self, status: &Status) -> Failure {
        failure(&self.address, status)
    }
}

fn target(address: &str) -> Result<Address, Failure> {
    let target = Address::from_shared(format!("http://{address}"))
        .map_err(|error| Failure::new(code::USAGE, format!("{address} is no address: {error}")))?;
    Ok(target.connect_timeout(CONNECT).tcp_nodelay(true))
}

/// The key of a file or of the environment, as it is sent; it is in no error.
fn authorization(args: &RouterArgs) -> Result<Option<AsciiMetadataValue>, Failure> {
    let (key, from) = match &args.api_key_file {
        Some(file) => {
            let key = std::fs::read_to_string(file)
                .map_err(|error| Failure::new(code::INPUT, format!("{}: {error}", file.display())))?;
            (Some(key), file.display().to_string())
        }
        None => (std::env::var(API_KEY).ok(), API_KEY.to_owned()),
    };
    let Some(key) = key.as_deref().map(str::trim).filter(|key| !key.is_empty()) else {
        return Ok(None);
    };
    let mut value: AsciiMetadataValue = format!("Bearer {key}")
        .parse()
        .map_err(|_| Failure::new(code::INPUT, format!("{from}: what is there is no key")))?;
    value.set_sensitive(true);
    Ok(Some(value))
}

fn unreachable(address: &str, problem: &str) -> Failure {
    Failure::new(
        code::UNAVAILABLE,
        format!("cannot reach a router at {address}: is `plexus up` running?"),
    )
    .details([problem])
}

fn failure(address: &str, status: &Status) -> Failure {
    let details = status.get_error_details();
    let info = details.error_info();
    let message = status.message();
    // tonic's own timer speaks of a cancelled call.
    let timed_out = status.code() == Code::DeadlineExceeded || message == "Timeout expired";
    let failure = match status.code() {
        _ if timed_out => Failure::new(code::TEMPORARY, format!("time ran out: {message}")),
        Code::InvalidArgument | Code::OutOfRange => {
            let violations = details
                .bad_request()
                .map(|bad| bad.field_violations.as_slice())
                .unwrap_or_default();
            if violations.is_empty() {
                Failure::new(code::USAGE, format!("the request is wrong: {message}"))
            } else {
                let lines = violations
                    .iter()
                    .map(|one| format!("{}: {}", one.field, one.description));
                Failure::new(code::USAGE, "the request is wrong").details(lines)
            }
        }
        Code::Unavailable if info.is_some_and(|info| info.reason == NO_ANSWER) => {
            let mut parts = message.split("; ");
            Failure::new(code::NO, parts.next().unwrap_or_default()).details(parts)
        }
        Code::ResourceExhausted => Failure::new(code::TEMPORARY, format!("too much at once, or too large: {message}")),
        Code::PermissionDenied | Code::Unauthenticated => {
            Failure::new(code::PERMISSION, format!("not allowed: {message}"))
        }
        Code::Unimplemented => Failure::new(
            code::UNAVAILABLE,
            format!("{address} speaks gRPC but is no Plexus router (its port is 50051 where nobody changed it)"),
        ),
        // What this side's transport reports has a cause; what the router says has none.
        _ if status.source().is_some() => {
            let problem = status.source().map(plexus_errors::chain).unwrap_or_default();
            Failure::new(
                code::UNAVAILABLE,
                format!("the connection to {address} failed: is it a Plexus router, and still up?"),
            )
            .details([problem])
        }
        Code::Unavailable => Failure::new(code::UNAVAILABLE, format!("{address} cannot serve: {message}")),
        other => Failure::new(code::SOFTWARE, format!("{other:?}: {message}")),
    };
    match details.retry_info().and_then(|info| info.retry_delay) {
        Some(delay) => failure.details([format!(
            "another try makes sense in {}",
            humantime::format_duration(delay)
        )]),
        None => failure,
    }
}

#[cfg(test)]
mod tests {
    use plexus_errors::{ErrorCode, ServiceError};

    use super::*;

    fn told(error: ServiceError) -> (u8, String) {
        let failure = failure("h:1", &Status::from(error));
        (failure.code(), failure.to_string())
    }

    #[test]
    fn wrong_requests_name_the_field() {
        let (code, text) = told(ServiceError::invalid("query", "is empty"));
        assert_eq!(
            (code, text.as_str()),
            (code::USAGE, "the request is wrong\n  query: is empty")
        );
    }

    #[test]
    fn no_answer_lists_what_was_tried_and_when_to_try_again() {
        let error = ServiceError::new(
            ErrorCode::Unavailable,
            "nobody could answer; tried: math: failed; BUDGET: spent",
        )
        .retry_after(Duration::from_secs(1))
        .info(NO_ANSWER, vec![]);
        let (code, text) = told(error);
        assert_eq!(code, code::NO);
        assert_eq!(
            text,
            "nobody could answer\n  tried: math: failed\n  BUDGET: spent\n  another try makes sense in 1s"
        );
    }

    #[test]
    fn every_code_has_an_exit_code() {
        for (error, expected) in [
            (ErrorCode::InvalidArgument, code::USAGE),
            (ErrorCode::DeadlineExceeded, code::TEMPORARY),
            (ErrorCode::ResourceExhausted, code::TEMPORARY),
            (ErrorCode::Unavailable, code::UNAVAILABLE),
            (ErrorCode::Unimplemented, code::UNAVAILABLE),
            (ErrorCode::PermissionDenied, code::PERMISSION),
            (ErrorCode::Internal, code::SOFTWARE),
        ] {
            assert_eq!(told(ServiceError::new(error, "x")).0, expected, "{error:?}");
        }
        assert_eq!(
            failure("h:1", &Status::cancelled("Timeout expired")).code(),
            code::TEMPORARY
        );
    }

    #[tokio::test]
    async fn nobody_there_is_said_with_what_to_do() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        drop(listener);
        let failure = Router::connect(&Endpoint::try_from(address).unwrap())
            .await
            .unwrap_err();
        assert_eq!(failure.code(), code::UNAVAILABLE);
        assert!(failure.to_string().contains("plexus up"), "{failure}");
    }
}
