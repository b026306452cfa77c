//! The two doors of the store: bound together, served together, drained together.

use std::{fmt, future::Future, io, net::SocketAddr, time::Duration};

use tokio::{net::TcpListener, sync::watch, time};

use crate::{
    api, otlp,
    store::{Limits, Store},
    web,
};

/// After a stop, calls under way have this long.
const DRAIN: Duration = Duration::from_secs(2);

/// Where the store listens and how much it keeps.
#[derive(Debug, Clone)]
pub struct Config {
    /// OTLP over gRPC; port 0 takes a free one.
    pub otlp: SocketAddr,
    /// Jaeger's query API and the pages, over HTTP; port 0 takes a free one.
    pub query: SocketAddr,
    /// Traces that are kept; the oldest go first.
    pub max_traces: usize,
    /// Bytes that are kept, as estimated; the oldest traces go first.
    pub max_bytes: usize,
}

impl Config {
    /// 10,000 traces and 64 MiB.
    pub fn new(otlp: SocketAddr, query: SocketAddr) -> Self {
        Self {
            otlp,
            query,
            max_traces: 10_000,
            max_bytes: 64 * 1024 * 1024,
        }
    }
}

/// One of the two addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// Where spans come in.
    Otlp,
    /// Where people and tests look at them.
    Query,
}

impl fmt::Display for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Otlp => "OTLP",
            Self::Query => "query",
        })
    }
}

/// An address on which the store cannot listen.
#[derive(Debug, thiserror::Error)]
#[error("the trace store cannot listen on its {door} address {address}{}", if self.is_busy() { ": something else does" } else { "" })]
pub struct BindError {
    /// Which one.
    pub door: Door,
    /// As configured.
    pub address: SocketAddr,
    /// Why.
    #[source]
    pub source: io::Error,
}

impl BindError {
    /// Another program has the address, usually another mesh or a Jaeger.
    pub fn is_busy(&self) -> bool {
        self.source.kind() == io::ErrorKind::AddrInUse
    }
}

/// The gRPC server ended by itself.
#[derive(Debug, thiserror::Error)]
#[error("the trace store stopped taking spans")]
pub struct ServeError(#[from] tonic::transport::Error);

/// A store whose addresses are bound; nothing is accepted before [`TraceStore::serve`].
#[derive(Debug)]
pub struct TraceStore {
    otlp: (TcpListener, SocketAddr),
    query: (TcpListener, SocketAddr),
    store: Store,
}

impl TraceStore {
    /// Binds both addresses.
    ///
    /// # Errors
    /// Names the address that cannot be had.
    pub async fn bind(config: Config) -> Result<Self, BindError> {
        Ok(Self {
            otlp: listen(Door::Otlp, config.otlp).await?,
            query: listen(Door::Query, config.query).await?,
            store: Store::new(Limits::new(config.max_traces, config.max_bytes)),
        })
    }

    /// Where spans are sent, with the real port.
    pub fn otlp_addr(&self) -> SocketAddr {
        self.otlp.1
    }

    /// Where traces are read, with the real port.
    pub fn query_addr(&self) -> SocketAddr {
        self.query.1
    }

    /// The traces themselves.
    pub fn store(&self) -> Store {
        self.store.clone()
    }

    /// Serves both doors until `shutdown` is done, then lets calls under way end, for at most two seconds.
    ///
    /// # Errors
    /// The gRPC server failed by itself.
    pub async fn serve(self, shutdown: impl Future<Output = ()> + Send) -> Result<(), ServeError> {
        let (stop, stopped) = watch::channel(false);
        let asked_to_stop = || {
            let mut stopped = stopped.clone();
            async move {
                // An error means that the sender is gone: stop as well.
                let _ = stopped.wait_for(|stopped| *stopped).await;
            }
        };
        let otlp = otlp::serve(self.otlp.0, self.store.clone(), asked_to_stop());
        let query = web::serve(self.query.0, self.query.1, api::router(self.store), asked_to_stop());
        let both = async {
            tokio::try_join!(otlp, async {
                query.await;
                Ok(())
            })
        };
        let mut both = std::pin::pin!(both);
        tokio::select! {
            result = &mut both => return Ok(result.map(drop)?),
            () = shutdown => {}
        }
        stop.send_replace(true);
        match time::timeout(DRAIN, both).await {
            Ok(result) => Ok(result.map(drop)?),
            Err(_) => Ok(()),
        }
    }
}

async fn listen(door: Door, address: SocketAddr) -> Result<(TcpListener, SocketAddr), BindError> {
    let failed = |source| BindError { door, address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, bound))
}
