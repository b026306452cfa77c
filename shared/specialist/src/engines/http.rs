//! The one way in which engines talk to servers: hyper, several endpoints, bounded bodies, typed errors.

use std::{
    fmt,
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use futures_util::{TryStreamExt as _, stream::BoxStream};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, Uri, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use tokio::time::{Instant, timeout_at};
use tracing::{Instrument as _, Span};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use super::{
    announced::exhausted,
    endpoints::{Endpoint, Endpoints, InFlight, Tokens},
    quota::Reached,
    rest::retry_after,
};
use crate::{config::PerMinute, engine::EngineError};

/// Largest response that is read.
const MAX_RESPONSE: usize = 16 * 1024 * 1024;
/// Types of content that a wrong server often has.
const TYPES: [&str; 6] = [
    "text/html",
    "text/plain",
    "text/xml",
    "application/xml",
    "application/octet-stream",
    "application/grpc",
];
/// Encodings of content.
const ENCODINGS: [&str; 5] = ["gzip", "deflate", "br", "zstd", "compress"];
/// How long a connection may take to be made.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// A client of the servers of one engine.
pub(super) struct Transport {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    endpoints: Endpoints,
    headers: HeaderMap,
    /// How long a question waits where all endpoints are at our own limits.
    patience: Duration,
}

/// What is posted, and how long for.
pub(super) struct Post {
    pub(super) body: Vec<u8>,
    /// Tokens that question and answer are expected to have.
    pub(super) tokens: Tokens,
    /// How long an answer is waited for.
    pub(super) wait: Duration,
    /// When that ends.
    pub(super) until: Instant,
}

/// What a server began to say.
pub(super) struct Reply {
    pub(super) form: Form,
    /// What it says; ends with an error after 16 MiB.
    pub(super) body: BoxStream<'static, Result<Bytes, EngineError>>,
    /// Keeps the question counted as long as the body is read.
    pub(super) in_flight: InFlight,
}

/// How a reply comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// A stream of events.
    Events,
    /// One JSON document.
    Json,
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Headers hold the key.
        f.debug_struct("Transport")
            .field("endpoints", &self.endpoints)
            .finish_non_exhaustive()
    }
}

impl Transport {
    /// A client that sends `headers` with every request, to each endpoint no more than `limits`; where all are at theirs, a
    /// question waits `patience` for room.
    pub(super) fn new(
        urls: impl IntoIterator<Item = Uri>,
        mut headers: HeaderMap,
        limits: PerMinute,
        patience: Duration,
    ) -> Self {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(
            header::ACCEPT,
            HeaderValue::from_static("text/event-stream, application/json"),
        );
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        let mut http = HttpConnector::new();
        http.set_connect_timeout(Some(CONNECT_TIMEOUT));
        http.set_nodelay(true);
        http.enforce_http(false);
        let connector = HttpsConnectorBuilder::new()
            .with_webpki_roots()
            .https_or_http()
            .enable_http1()
            .wrap_connector(http);
        Self {
            client: Client::builder(TokioExecutor::new()).build(connector),
            endpoints: Endpoints::new(urls, limits),
            headers,
            patience,
        }
    }

    /// Posts to one endpoint after the other, to each once, until one answers. Nothing is sent to one that is at a limit of
    /// ours.
    pub(super) async fn post(&self, post: Post) -> Result<Reply, EngineError> {
        let body = Bytes::from(post.body);
        let patient_until = Instant::now() + self.patience;
        loop {
            let (mut problem, mut full): (_, Option<Reached>) = (None, None);
            for endpoint in self.endpoints.in_turn(Instant::now()) {
                let in_flight = match endpoint.begin(Instant::now(), post.tokens) {
                    Ok(in_flight) => in_flight,
                    Err(limit) => {
                        let sooner = full.is_none_or(|other| limit.free_in < other.free_in);
                        full = if sooner { Some(limit) } else { full };
                        continue;
                    }
                };
                let request = self.request(&endpoint.url, body.clone())?;
                let sent = timeout_at(post.until, self.client.request(request)).in_current_span();
                match sent.await {
                    Ok(Ok(response)) => match check(&endpoint, &response) {
                        Ok(form) => return Ok(reply(response, form, in_flight)),
                        Err(Refusal::Here(error)) => problem = Some(error),
                        Err(Refusal::Everywhere(error)) => return Err(error),
                    },
                    Ok(Err(error)) => {
                        endpoint.rest().failed(Instant::now());
                        problem = Some(EngineError::Unreachable(innermost(&error)));
                    }
                    Err(_) => {
                        endpoint.rest().failed(Instant::now());
                        return Err(EngineError::Silent(post.wait));
                    }
                }
            }
            match (problem, full) {
                (Some(problem), _) => return Err(problem),
                (None, None) => return Err(EngineError::Resting(self.endpoints.soonest(Instant::now()))),
                (None, Some(full)) if Instant::now() + full.free_in > patient_until.min(post.until) => {
                    return Err(EngineError::Limited {
                        what: full.what.name(),
                        limit: full.limit,
                        free_in: full.free_in,
                    });
                }
                (None, Some(full)) => tokio::time::sleep(full.free_in).await,
            }
        }
    }

    fn request(&self, url: &Uri, body: Bytes) -> Result<Request<Full<Bytes>>, EngineError> {
        let mut request = Request::post(url.clone())
            .body(Full::from(body))
            .map_err(|error| EngineError::Malformed(format!("the request cannot be written: {error}")))?;
        request.headers_mut().clone_from(&self.headers);
        plexus_telemetry::inject(&Span::current().context(), request.headers_mut());
        Ok(request)
    }
}

/// Why a response is no answer.
enum Refusal {
    /// Another endpoint may answer.
    Here(EngineError),
    /// The others would say the same.
    Everywhere(EngineError),
}

fn check(endpoint: &Endpoint, response: &Response<Incoming>) -> Result<Form, Refusal> {
    let (status, now) = (response.status(), Instant::now());
    let text = |name| response.headers().get(name)?.to_str().ok();
    let exhausted = exhausted(response.headers(), SystemTime::now());
    if status != StatusCode::OK {
        let retry_after = text(header::RETRY_AFTER).and_then(|value| retry_after(value, SystemTime::now()));
        let retry_after = retry_after.or(exhausted);
        let error = EngineError::Status {
            status: status.as_u16(),
            retry_after,
        };
        return Err(match status.as_u16() {
            429 | 529 => {
                endpoint.rest().refused(now, retry_after);
                Refusal::Here(error)
            }
            503 if retry_after.is_some() => {
                endpoint.rest().refused(now, retry_after);
                Refusal::Here(error)
            }
            500.. => {
                endpoint.rest().failed(now);
                Refusal::Here(error)
            }
            _ => Refusal::Everywhere(error),
        });
    }
    let malformed = |problem| Err(Refusal::Everywhere(EngineError::Malformed(problem)));
    match text(header::CONTENT_ENCODING).unwrap_or("identity") {
        "identity" | "" => {}
        encoding => return malformed(format!("content encoding {}", known(encoding, &ENCODINGS))),
    }
    let kind = text(header::CONTENT_TYPE).unwrap_or_default().to_ascii_lowercase();
    let form = match kind.split(';').next().unwrap_or_default().trim() {
        "text/event-stream" => Form::Events,
        "application/json" => Form::Json,
        kind => return malformed(format!("content type {}", known(kind, &TYPES))),
    };
    let mut rest = endpoint.rest();
    rest.well(now);
    if let Some(reset) = exhausted {
        rest.exhausted(now, reset);
    }
    Ok(form)
}

fn reply(response: Response<Incoming>, form: Form, in_flight: InFlight) -> Reply {
    let body = Limited::new(response.into_body(), MAX_RESPONSE).into_data_stream();
    Reply {
        form,
        body: Box::pin(body.map_err(|error| EngineError::CutOff(innermost(&*error)))),
        in_flight,
    }
}

/// The innermost cause says most: "Connection refused".
fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

/// A word that a backend chose, if it is one that everybody knows: others might be meant for the caller's eyes.
fn known(word: &str, known: &[&'static str]) -> &'static str {
    known
        .iter()
        .find(|one| **one == word)
        .unwrap_or(&"that nobody asked for")
}
