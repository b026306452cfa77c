//! `GET /metrics` over HTTP/1.1, bounded so that nobody who asks can slow the service down: few connections at a time, one
//! request on each, little time for it, and a pause between connections.

use std::{convert::Infallible, io, net::SocketAddr, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use prometheus_client::registry::Registry;
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::{sleep, timeout},
};
use tracing::{debug, info, warn};

use super::{Sources, text};

/// Connections at the same time; further ones wait in the system's queue.
const CONNECTIONS: usize = 4;
/// For the head of a request, and for all of a connection.
const HEAD_TIME: Duration = Duration::from_secs(5);
const WHOLE_TIME: Duration = Duration::from_secs(10);
const MAX_HEADERS: usize = 64;
const MAX_HEAD: usize = 16 * 1024;
/// Between two connections: 100 scrapes a second are far more than anybody needs, and no load.
const PAUSE: Duration = Duration::from_millis(10);

/// What `prometheus_client` writes (OpenMetrics 1.0, section "Protocol Negotiation").
const OPEN_METRICS: HeaderValue =
    HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");
const PLAIN: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

/// Where metrics are asked for.
#[derive(Debug)]
pub struct Endpoint {
    listener: TcpListener,
    address: SocketAddr,
}

impl Endpoint {
    /// Listens; nothing is accepted yet. Port 0 takes a free one.
    ///
    /// # Errors
    /// The address cannot be had.
    pub async fn bind(address: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        Ok(Self {
            address: listener.local_addr()?,
            listener,
        })
    }

    /// The address, with the real port.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until the future is dropped, which ends all connections.
    pub async fn serve(self, sources: Sources) {
        info!(address = %self.address, "metrics are served");
        let registry = Arc::new(sources.registry());
        let mut connections = JoinSet::new();
        loop {
            while connections.try_join_next().is_some() {}
            if connections.len() >= CONNECTIONS {
                connections.join_next().await;
            }
            match self.listener.accept().await {
                Ok((stream, _)) => {
                    connections.spawn(connection(stream, registry.clone()));
                }
                Err(error) => debug!(%error, "no connection for metrics can be accepted"),
            }
            sleep(PAUSE).await;
        }
    }
}

async fn connection(stream: TcpStream, registry: Arc<Registry>) {
    let service = service_fn(|request: Request<Incoming>| {
        let response = answer(request.method(), request.uri().path(), &registry);
        async move { Ok::<_, Infallible>(response) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .max_headers(MAX_HEADERS)
        .max_buf_size(MAX_HEAD)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), service);
    // What the other side does wrong is its own affair.
    let _ = timeout(WHOLE_TIME, connection).await;
}

fn answer(method: &Method, path: &str, registry: &Registry) -> Response<Full<Bytes>> {
    if path != "/metrics" {
        return plain(StatusCode::NOT_FOUND, "metrics are at /metrics\n");
    }
    if !matches!(*method, Method::GET | Method::HEAD) {
        let mut response = plain(StatusCode::METHOD_NOT_ALLOWED, "metrics can only be read\n");
        response
            .headers_mut()
            .insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
        return response;
    }
    match text(registry) {
        Ok(text) => {
            let mut response = Response::new(Full::new(text.into()));
            response.headers_mut().insert(header::CONTENT_TYPE, OPEN_METRICS);
            response
        }
        Err(error) => {
            warn!(%error, "metrics cannot be written");
            plain(StatusCode::INTERNAL_SERVER_ERROR, "metrics cannot be written\n")
        }
    }
}

fn plain(status: StatusCode, text: &'static str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from_static(text.as_bytes())));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, PLAIN);
    response
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::{
        super::{Sheet, Source, names},
        *,
    };

    struct One;

    impl Source for One {
        fn show(&self, sheet: &mut Sheet) {
            sheet.put(&names::SERVER_WAITING, &[], 5_u32);
        }
    }

    /// One that is broken.
    struct Broken;

    impl Source for Broken {
        fn show(&self, _: &mut Sheet) {
            panic!("broken on purpose");
        }
    }

    /// Everything that comes back until the other side hangs up.
    async fn say(address: SocketAddr, request: &str) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn metrics_have_one_path_and_are_only_read() {
        let endpoint = Endpoint::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let address = endpoint.address();
        let mut serving = JoinSet::new();
        serving.spawn(endpoint.serve(Sources::one(One)));
        let answer = say(address, "GET /metrics?x=1 HTTP/1.1\r\nhost: x\r\n\r\n").await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(
            answer.contains("application/openmetrics-text; version=1.0.0"),
            "{answer}"
        );
        assert!(answer.ends_with("\nplexus_server_waiting 5\n# EOF\n"), "{answer}");
        for (request, status) in [("GET /", "404"), ("GET /metrics/x", "404"), ("POST /metrics", "405")] {
            let answer = say(address, &format!("{request} HTTP/1.1\r\nhost: x\r\n\r\n")).await;
            assert!(
                answer.starts_with(&format!("HTTP/1.1 {status} ")),
                "{request}: {answer}"
            );
        }
        let answer = say(address, "HEAD /metrics HTTP/1.1\r\nhost: x\r\n\r\n").await;
        assert!(
            answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("\r\n\r\n"),
            "{answer}"
        );
    }

    #[tokio::test]
    async fn those_who_say_nothing_or_break_do_not_stop_it() {
        let endpoint = Endpoint::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let address = endpoint.address();
        let mut serving = JoinSet::new();
        serving.spawn(endpoint.serve(Sources::one(Broken)));
        // One less than there are places, for as long as the test lasts.
        let mut silent = Vec::new();
        for _ in 1..CONNECTIONS {
            silent.push(TcpStream::connect(address).await.unwrap());
        }
        for _ in 0..2 {
            let answer = say(address, "GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n").await;
            assert_eq!(answer, "", "a source that panics ends its connection");
            let answer = say(address, "GET / HTTP/1.1\r\nhost: x\r\n\r\n").await;
            assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
        }
        drop(silent);
    }
}
