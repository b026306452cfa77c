//! The two things that a client asks of the network: what a name stands for, and a connection. Simulations bring their own.

use std::{
    fmt, io,
    net::{IpAddr, SocketAddr},
    pin::Pin,
};

use tonic::transport::{Channel, Endpoint};

/// What a name stands for, when it is known.
pub type Resolving<'a> = Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send + 'a>>;

/// A network.
pub trait Network: fmt::Debug + Send + Sync + 'static {
    /// All addresses of a name.
    fn resolve<'a>(&'a self, host: &'a str, port: u16) -> Resolving<'a>;

    /// A connection that is made when it is needed, and again when it is lost.
    fn connect(&self, endpoint: Endpoint) -> Channel;
}

/// The system's network.
#[derive(Debug, Clone, Copy, Default)]
pub struct System;

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

    fn connect(&self, endpoint: Endpoint) -> Channel {
        endpoint.connect_lazy()
    }
}

/// The address that a host is, where it is no name.
pub(crate) fn literal(host: &str, port: u16) -> Option<SocketAddr> {
    let address: IpAddr = host.parse().ok()?;
    Some(SocketAddr::new(address, port))
}
