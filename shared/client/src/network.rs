//! The two things that a client asks of the network: what a name stands for, and a connection. Simulations bring their own.

use std::{
    fmt, io,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    sync::Arc,
};

use hyper_util::rt::TokioIo;
use plexus_tls::{Expected, TlsStream};
use tokio::net::TcpStream;
use tonic::transport::{Channel, Endpoint, Uri};

/// What a name stands for, when it is known.
pub type Resolving<'a> = Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send + 'a>>;

/// A network.
pub trait Network: fmt::Debug + Send + Sync + 'static {
    /// All addresses of a name.
    fn resolve<'a>(&'a self, host: &'a str, port: u16) -> Resolving<'a>;

    /// A connection to a replica of `upstream` that is made when it is needed, and again when it is lost.
    fn connect(&self, upstream: &str, endpoint: Endpoint) -> Channel;
}

/// The system's network, with TLS or without.
#[derive(Debug, Clone, Default)]
pub struct System {
    tls: Option<Arc<plexus_tls::Client>>,
}

impl System {
    /// By section `client.tls`; its files are looked at again from now on. Must be called inside a Tokio runtime.
    ///
    /// # Errors
    /// Files that cannot be used.
    pub fn new(config: &plexus_tls::ClientConfig) -> Result<Self, plexus_tls::TlsError> {
        let tls = plexus_tls::Client::new(config)?.map(Arc::new);
        Ok(Self { tls })
    }
}

impl Network for System {
    fn resolve<'a>(&'a self, host: &'a str, port: u16) -> Resolving<'a> {
        Box::pin(async move {
            let mut all: Vec<SocketAddr> = tokio::net::lookup_host((host, port)).await?.collect();
            // This machine has one address of each kind; they are one replica.
            if host == "localhost" {
                all.sort_by_key(|address| address.is_ipv6());
                all.truncate(1);
            }
            all.sort_unstable();
            all.dedup();
            Ok(all)
        })
    }

    fn connect(&self, upstream: &str, endpoint: Endpoint) -> Channel {
        let Some(tls) = &self.tls else {
            return endpoint.connect_lazy();
        };
        let (tls, expected) = (tls.clone(), tls.upstream(upstream));
        endpoint.connect_with_connector_lazy(tower::service_fn(move |uri: Uri| {
            let (tls, expected) = (tls.clone(), expected.clone());
            async move {
                let expected = expected.ok_or_else(|| io::Error::other("its name can be no part of an identity"))?;
                secure(&tls, &expected, &uri).await
            }
        }))
    }
}

/// A connection to where `uri` leads, if the one who is expected answers there.
///
/// # Errors
/// Nobody is there, or somebody else.
pub async fn secure(
    tls: &plexus_tls::Client,
    expected: &Expected,
    uri: &Uri,
) -> io::Result<TokioIo<TlsStream<TcpStream>>> {
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    let stream = TcpStream::connect((host, uri.port_u16().unwrap_or_default())).await?;
    // Where the system refuses that, small messages are slower, no more.
    let _ = stream.set_nodelay(true);
    Ok(TokioIo::new(tls.connect(expected, stream).await?))
}

/// The address that a host is, where it is no name.
pub(crate) fn literal(host: &str, port: u16) -> Option<SocketAddr> {
    let address: IpAddr = host.parse().ok()?;
    Some(SocketAddr::new(address, port))
}
