//! The simulated network: names, connections, listeners.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    pin::Pin,
    task::{Context, Poll},
};

use futures_util::Stream;
use hyper_util::rt::TokioIo;
use plexus_client::{Network, Resolving};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tonic::transport::{Channel, Endpoint, Uri, server::Connected};
use turmoil::net::{TcpListener, TcpStream};

/// Upstreams that have hosts: two each, `math-0` and `math-1`.
pub(crate) const UPSTREAMS: [&str; 4] = ["math", "code", "language", "validator"];
/// The port that every host listens on.
pub(crate) const PORT: u16 = 50_000;

/// Hosts of an upstream.
pub(crate) fn hosts(upstream: &str) -> [String; 2] {
    [0, 1].map(|index| format!("{upstream}-{index}"))
}

/// What pools of the router connect over.
#[derive(Debug)]
pub(crate) struct Simulated;

impl Network for Simulated {
    fn resolve<'a>(&'a self, host: &'a str, port: u16) -> Resolving<'a> {
        Box::pin(async move {
            if !UPSTREAMS.contains(&host) {
                return Err(io::Error::new(io::ErrorKind::NotFound, "no such name"));
            }
            let address = |host: String| SocketAddr::new(turmoil::lookup(host), port);
            Ok(hosts(host).map(address).into())
        })
    }

    fn connect(&self, _: &str, endpoint: Endpoint) -> Channel {
        connect(&endpoint)
    }
}

/// A connection that is made when it is needed.
pub(crate) fn connect(endpoint: &Endpoint) -> Channel {
    endpoint.connect_with_connector_lazy(tower::service_fn(|uri: Uri| async move {
        let address = (
            uri.host().unwrap_or_default().to_owned(),
            uri.port_u16().unwrap_or(PORT),
        );
        Ok::<_, io::Error>(TokioIo::new(TcpStream::connect(address).await?))
    }))
}

/// Connections to the current host.
pub(crate) async fn listen() -> io::Result<impl Stream<Item = io::Result<Accepted>>> {
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, PORT)).await?;
    Ok(async_stream::stream! {
        loop {
            yield listener.accept().await.map(|(stream, _)| Accepted(stream));
        }
    })
}

/// The server's end of a connection.
pub(crate) struct Accepted(TcpStream);

impl Connected for Accepted {
    type ConnectInfo = ();

    fn connect_info(&self) {}
}

impl AsyncRead for Accepted {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl AsyncWrite for Accepted {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}
