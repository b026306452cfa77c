//! Gets a trace from a Jaeger (or the store inside `plexus up`): http only, bounded in time and size.

use std::{
    error::Error,
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use http::{StatusCode, Uri};
use http_body_util::{BodyExt as _, Empty, LengthLimitError, Limited};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use plexus_tracestore::{InvalidTraceId, TraceId};
use tokio::time::{self, Instant};

use super::model::{NotJaeger, Trace};

const CONNECT: Duration = Duration::from_secs(2);
const ANSWER: Duration = Duration::from_secs(10);
const MAX_BODY: usize = 16 * 1024 * 1024;
/// Spans arrive up to a second after the answer: how long to look for a trace, and how often.
const PATIENCE: Duration = Duration::from_secs(3);
const PAUSE: Duration = Duration::from_millis(250);
/// A trace with a missing parent is taken as it is once it has not changed for so long, or ended long ago: its root may
/// lie with a client that sends its spans elsewhere.
const SETTLED: Duration = Duration::from_millis(1_000);
const LONG_AGO: Duration = Duration::from_secs(5);

/// Why there is no trace to show.
#[derive(Debug, thiserror::Error)]
pub enum TraceError {
    /// The address cannot be used.
    #[error("{url:?} is no address of a Jaeger: write it like http://127.0.0.1:16686 (https is not supported)")]
    Address {
        /// As given.
        url: String,
    },
    /// The id is none.
    #[error("{id:?} is no trace id; `plexus ask --explain` prints one with each answer")]
    Id {
        /// As given.
        id: String,
        /// What an id is.
        #[source]
        source: InvalidTraceId,
    },
    /// Nothing listens there.
    #[error("nothing answers at {url}: is `plexus up` running? For a Jaeger elsewhere give --jaeger URL")]
    Unreachable {
        /// What was asked.
        url: String,
        /// How it failed.
        #[source]
        source: hyper_util::client::legacy::Error,
    },
    /// Something listens and says nothing.
    #[error("{url} did not answer within {}s: is it a Jaeger? Give another with --jaeger URL", ANSWER.as_secs())]
    Timeout {
        /// What was asked.
        url: String,
    },
    /// The trace is not there.
    #[error("no such trace at {url} (spans arrive up to a second after the answer; a full store drops the oldest)")]
    NotFound {
        /// What was asked.
        url: String,
    },
    /// An answer that is neither a trace nor "not found".
    #[error("{url} answered {status}: is it a Jaeger? Give another with --jaeger URL")]
    Status {
        /// What was asked.
        url: String,
        /// What it said.
        status: StatusCode,
    },
    /// The answer is too long to be drawn.
    #[error("the trace at {url} is bigger than {} MiB: look at it in a browser", MAX_BODY / (1024 * 1024))]
    TooBig {
        /// What was asked.
        url: String,
    },
    /// The answer broke off.
    #[error("the answer of {url} broke off: try again")]
    Broken {
        /// What was asked.
        url: String,
        /// How.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// The answer is something else.
    #[error("{url} is no Jaeger: give another with --jaeger URL")]
    NotJaeger {
        /// What was asked.
        url: String,
        /// What is wrong with the answer.
        #[source]
        source: NotJaeger,
    },
}

type HttpClient = Client<HttpConnector, Empty<Bytes>>;

/// The trace, as whole as it gets within [`PATIENCE`].
pub(crate) async fn trace(base_url: &str, trace_id: &str) -> Result<Trace, TraceError> {
    let id: TraceId = trace_id.trim().parse().map_err(|source| TraceError::Id {
        id: trace_id.to_owned(),
        source,
    })?;
    let url = address(base_url, id).ok_or_else(|| TraceError::Address {
        url: base_url.to_owned(),
    })?;
    let mut connector = HttpConnector::new();
    connector.set_connect_timeout(Some(CONNECT));
    connector.set_nodelay(true);
    let client = Client::builder(TokioExecutor::new()).build(connector);

    let begin = Instant::now();
    let mut best: Option<(Trace, Instant)> = None;
    loop {
        match get(&client, &url).await {
            Ok(Some(trace)) if trace.is_whole() || ended_long_ago(&trace) => return Ok(trace),
            Ok(Some(trace)) => {
                let changed = best
                    .as_ref()
                    .is_none_or(|(known, _)| known.spans.len() != trace.spans.len());
                let since = best.map_or_else(Instant::now, |(_, since)| if changed { Instant::now() } else { since });
                if since.elapsed() >= SETTLED {
                    return Ok(trace);
                }
                best = Some((trace, since));
            }
            Ok(None) => {}
            // Better a part than an error.
            Err(error) => return best.map(|(trace, _)| trace).ok_or(error),
        }
        if begin.elapsed() >= PATIENCE {
            return best
                .map(|(trace, _)| trace)
                .ok_or(TraceError::NotFound { url: url.to_string() });
        }
        time::sleep(PAUSE).await;
    }
}

fn address(base_url: &str, id: TraceId) -> Option<Uri> {
    let base = base_url.trim();
    let base = if base.contains("://") {
        base.to_owned()
    } else {
        format!("http://{base}")
    };
    let base = base.trim_end_matches('/');
    let url: Uri = format!("{base}/api/traces/{id}").parse().ok()?;
    (url.scheme_str() == Some("http") && url.host().is_some_and(|host| !host.is_empty()) && url.query().is_none())
        .then_some(url)
}

fn ended_long_ago(trace: &Trace) -> bool {
    let end = SystemTime::UNIX_EPOCH.checked_add(Duration::from_micros(trace.end()));
    end.and_then(|end| SystemTime::now().duration_since(end).ok())
        .is_some_and(|age| age > LONG_AGO)
}

/// One attempt; none when the trace is not there.
async fn get(client: &HttpClient, url: &Uri) -> Result<Option<Trace>, TraceError> {
    let attempt = async {
        let response = client.get(url.clone()).await.map_err(|source| {
            if source.is_connect() {
                TraceError::Unreachable {
                    url: url.to_string(),
                    source,
                }
            } else {
                TraceError::Broken {
                    url: url.to_string(),
                    source: source.into(),
                }
            }
        })?;
        match response.status() {
            StatusCode::OK => {}
            StatusCode::NOT_FOUND => return Ok(None),
            status => {
                return Err(TraceError::Status {
                    url: url.to_string(),
                    status,
                });
            }
        }
        let body = Limited::new(response.into_body(), MAX_BODY)
            .collect()
            .await
            .map_err(|source| {
                if source.is::<LengthLimitError>() {
                    TraceError::TooBig { url: url.to_string() }
                } else {
                    TraceError::Broken {
                        url: url.to_string(),
                        source,
                    }
                }
            })?;
        let trace = Trace::parse(&body.to_bytes());
        trace.map(Some).map_err(|source| TraceError::NotJaeger {
            url: url.to_string(),
            source,
        })
    };
    time::timeout(ANSWER, attempt)
        .await
        .unwrap_or_else(|_| Err(TraceError::Timeout { url: url.to_string() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        let id = "abcd".parse().unwrap();
        let path = "/api/traces/0000000000000000000000000000abcd";
        for (base, root) in [
            ("http://127.0.0.1:16686", "http://127.0.0.1:16686"),
            ("http://jaeger/", "http://jaeger"),
            ("http://jaeger:80/base/", "http://jaeger:80/base"),
            ("localhost:16686", "http://localhost:16686"),
            ("[::1]:16686", "http://[::1]:16686"),
        ] {
            assert_eq!(
                address(base, id).map(|url| url.to_string()),
                Some(format!("{root}{path}")),
                "{base}"
            );
        }
        for base in [
            "",
            "https://jaeger",
            "http://",
            "ftp://x",
            "http://a b",
            "http://x?y=1",
            "http://x/?",
        ] {
            assert_eq!(address(base, id), None, "{base}");
        }
    }
}
