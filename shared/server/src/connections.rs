//! Connections: accepted, bounded in number, age and manners, served, and told to go.
//!
//! tonic's own loop is not used because of four things: with an age *and* a grace it cuts connections off without a GOAWAY
//! (tonic 0.14.9, `connection_timeout_future`), its ages have no jitter, it waits for ever for a client's first bytes, and
//! it cannot say how much of an answer is kept for a slow reader.

use std::{convert::Infallible, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use http::{Request, Response};
use http_body::Body as _;
use hyper::{body::Incoming, server::conn::http2, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{self, AsyncRead, AsyncReadExt as _, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    task::JoinSet,
    time::{Instant, sleep, timeout},
};
use tokio_util::{either::Either, sync::CancellationToken};
use tonic::{body::Body, transport::server::TcpConnectInfo};
use tower::{Service, ServiceExt as _};
use tracing::{debug, warn};

use crate::{
    Config,
    arriving::{Arrivals, Arriving},
    greeted::Greeted,
    reader::{Streams, Watched},
};

/// Pings keep dead peers from holding connections: gRPC proposal A9, values of `tonic`'s siblings in production.
const PING_INTERVAL: Duration = Duration::from_secs(30);
const PING_TIMEOUT: Duration = Duration::from_secs(10);

/// Header list limit (Envoy's advice for edges is 60 KiB; ours are small).
const MAX_HEADER_LIST: u32 = 16 * 1024;

/// hyper's own default (RUSTSEC-2024-0003) and h2's.
const MAX_LOCAL_RESETS: usize = 1024;
const MAX_PENDING_RESETS: usize = 20;

/// Windows of what callers send, as Envoy's advice for edges has them.
const STREAM_WINDOW: u32 = 64 * 1024;
const CONNECTION_WINDOW: u32 = 1024 * 1024;

/// How much of an answer is kept for a stream whose reader is slow, and one piece of it more (see [`Watched`]); hyper's
/// default is 400 KiB.
const SEND_BUFFER: usize = 64 * 1024;

/// Ages differ by up to this share, so that connections that were opened together do not end together (gRPC A9).
const AGE_JITTER: f64 = 0.1;

/// After its GOAWAY, a connection stays as long as a call may take and a little more.
const GRACE_MARGIN: Duration = Duration::from_secs(5);

/// A pause after the system refused to accept: it has no file descriptors left, and asking again at once does not help.
const NO_MORE: Duration = Duration::from_millis(100);

/// The client's connection preface (RFC 9113, section 3.4).
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// What all connections of a process share.
pub(crate) struct Connections {
    config: Config,
    places: Arc<Semaphore>,
    arrivals: Arrivals,
    tls: Option<plexus_tls::Server>,
    closing: CancellationToken,
}

impl Connections {
    /// Connections by a configuration, with TLS where there is one; `closing` tells all of them to go.
    pub(crate) fn new(config: &Config, tls: Option<plexus_tls::Server>, closing: CancellationToken) -> Arc<Self> {
        Arc::new(Self {
            tls,
            places: Arc::new(Semaphore::new(config.max_connections as usize)),
            arrivals: Arrivals::new(config.max_arriving.as_u64()),
            config: config.clone(),
            closing,
        })
    }

    /// Accepts until it is closing; done when the last connection has ended. Dropped, it ends all of them.
    pub(crate) async fn serve<S, B>(self: Arc<Self>, listener: TcpListener, stack: S)
    where
        S: Service<Request<Body>, Response = Response<B>, Error = Infallible> + Clone + Send + 'static,
        S::Future: Send + 'static,
        B: http_body::Body<Data = bytes::Bytes> + Send + 'static,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let mut connections = JoinSet::new();
        loop {
            let (stream, peer) = tokio::select! {
                accepted = self.accept(&listener) => match accepted {
                    Some(accepted) => accepted,
                    None => break,
                },
                // What has ended is not kept.
                Some(_) = connections.join_next() => continue,
            };
            match self.places.clone().try_acquire_owned() {
                Ok(place) => {
                    let (this, stack) = (self.clone(), stack.clone());
                    connections.spawn(async move {
                        if let Err(error) = this.connection(stream, peer, stack).await {
                            debug!(%peer, %error, "a connection failed");
                        }
                        drop(place);
                    });
                }
                // Dropping it closes it at once.
                Err(_) => debug!(%peer, limit = self.config.max_connections, "a connection too many was refused"),
            }
        }
        // Whoever connects now is refused by the system and turns elsewhere.
        drop(listener);
        while connections.join_next().await.is_some() {}
    }

    /// The next connection; none: closing.
    async fn accept(&self, listener: &TcpListener) -> Option<(TcpStream, SocketAddr)> {
        loop {
            let accepted = tokio::select! {
                () = self.closing.cancelled() => return None,
                accepted = listener.accept() => accepted,
            };
            match accepted {
                Ok(accepted) => return Some(accepted),
                // That of one client, which is gone.
                Err(error) if of_a_client(&error) => {}
                Err(error) => {
                    warn!(%error, "no connection can be accepted");
                    sleep(NO_MORE).await;
                }
            }
        }
    }

    async fn connection<S, B>(&self, stream: TcpStream, peer: SocketAddr, stack: S) -> Result<(), hyper::Error>
    where
        S: Service<Request<Body>, Response = Response<B>, Error = Infallible> + Clone + Send + 'static,
        S::Future: Send + 'static,
        B: http_body::Body<Data = bytes::Bytes> + Send + 'static,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        // Where the system refuses that, small messages are slower, no more.
        let _ = stream.set_nodelay(true);
        let info = TcpConnectInfo {
            local_addr: stream.local_addr().ok(),
            remote_addr: Some(peer),
        };
        let hello = async {
            let mut stream = match &self.tls {
                None => Either::Left(stream),
                Some(tls) => Either::Right(Box::new(tls.accept(stream).await?)),
            };
            io::Result::Ok(says_hello(&mut stream).await?.then_some(stream))
        };
        let hello = tokio::select! {
            () = self.closing.cancelled() => return Ok(()),
            hello = timeout(self.config.first_bytes, hello) => hello,
        };
        let stream = match hello {
            Ok(Ok(Some(stream))) => stream,
            Ok(Err(error)) if self.tls.is_some() => {
                debug!(%peer, %error, "a connection was refused");
                return Ok(());
            }
            _ => {
                debug!(%peer, "a connection did not begin as HTTP/2");
                return Ok(());
            }
        };
        // What was read is put back in front.
        self.speak(Greeted::new(PREFACE, stream), info, stack).await
    }

    /// Serves a connection that speaks HTTP/2 until it ends.
    async fn speak<I, S, B>(&self, io: I, info: TcpConnectInfo, stack: S) -> Result<(), hyper::Error>
    where
        I: AsyncRead + AsyncWrite + Unpin,
        S: Service<Request<Body>, Response = Response<B>, Error = Infallible> + Clone + Send + 'static,
        S::Future: Send + 'static,
        B: http_body::Body<Data = bytes::Bytes> + Send + 'static,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let (slow_writer, arrivals) = (self.config.slow_writer, self.arrivals.clone());
        let service = service_fn(move |request: Request<Incoming>| {
            let mut request = request.map(|body| match body.is_end_stream() {
                true => Body::empty(),
                false => Body::new(Arriving::new(body, slow_writer, arrivals.clone())),
            });
            request.extensions_mut().insert(info.clone());
            let answer = stack.clone().oneshot(request);
            async move { answer.await.map(|response| response.map(Watched::new)) }
        });
        let mut connection = pin!(self.http2().serve_connection(TokioIo::new(io), service));
        let mut age = pin!(sleep(jittered(self.config.max_connection_age, fastrand::f64())));
        let (mut told, mut aged) = (false, false);
        loop {
            tokio::select! {
                ended = connection.as_mut() => return ended,
                () = self.closing.cancelled(), if !told => told = true,
                // It has had its GOAWAY, and the time that its calls may take.
                () = age.as_mut() => match std::mem::replace(&mut aged, true) {
                    true => return Ok(()),
                    false => age.as_mut().reset(Instant::now() + self.config.max_deadline + GRACE_MARGIN),
                },
            }
            // GOAWAY: no new calls, those under way go on.
            connection.as_mut().graceful_shutdown();
        }
    }

    fn http2(&self) -> http2::Builder<Streams> {
        let mut builder = http2::Builder::new(Streams {
            patience: self.config.slow_reader,
        });
        builder
            .timer(TokioTimer::new())
            .max_concurrent_streams(self.config.max_streams_per_connection)
            .max_header_list_size(MAX_HEADER_LIST)
            .max_local_error_reset_streams(MAX_LOCAL_RESETS)
            .max_pending_accept_reset_streams(MAX_PENDING_RESETS)
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .max_send_buf_size(SEND_BUFFER)
            .keep_alive_interval(PING_INTERVAL)
            .keep_alive_timeout(PING_TIMEOUT);
        builder
    }
}

/// Whether the first bytes are those of HTTP/2; says no at the first one that is not.
async fn says_hello(read: &mut (impl AsyncRead + Unpin)) -> io::Result<bool> {
    let (mut bytes, mut count) = ([0; PREFACE.len()], 0);
    while count < bytes.len() {
        match read.read(&mut bytes[count..]).await? {
            0 => return Ok(false),
            more => count += more,
        }
        if !PREFACE.starts_with(&bytes[..count]) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// An age, changed by up to [`AGE_JITTER`]; `random` is in 0..1.
fn jittered(age: Duration, random: f64) -> Duration {
    age.mul_f64(1.0 - AGE_JITTER + 2.0 * AGE_JITTER * random)
}

fn of_a_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

#[cfg(test)]
mod tests;
