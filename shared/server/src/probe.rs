//! Asks the process that listens at the configured address whether it serves: `--health`, for containers that hold no other
//! program.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_util::either::Either;
use tonic::{
    Status,
    transport::{Endpoint, Uri},
};
use tonic_health::pb::{HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient};
use tower::service_fn;

use crate::Config;

/// How long the answer may take: orchestrators wait for a second or more.
const PATIENCE: Duration = Duration::from_secs(2);

/// Why a process does not serve, as far as it can be told from outside.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    /// Its port is whatever is free: nobody knows it.
    #[error("server.listen has port 0, which is another one each time: give it a port to be asked at")]
    Port,
    /// Nobody answers there.
    #[error("nobody answers at {address}")]
    Unreachable {
        /// Where.
        address: SocketAddr,
        /// Why.
        source: tonic::transport::Error,
    },
    /// It answers with an error.
    #[error("{address} answers {}: {}", .status.code(), .status.message())]
    Failed {
        /// Where.
        address: SocketAddr,
        /// With what.
        status: Status,
    },
    /// It does not serve, or no longer.
    #[error("{address} says {said}")]
    NotServing {
        /// Where.
        address: SocketAddr,
        /// What it says.
        said: &'static str,
    },
}

/// Done where the process at this configuration's address serves.
pub(crate) async fn serving(config: &Config) -> Result<(), ProbeError> {
    let address = reachable(config.listen);
    if address.port() == 0 {
        return Err(ProbeError::Port);
    }
    let failed = |status| ProbeError::Failed { address, status };
    let uri = Uri::builder()
        .scheme("http")
        .authority(address.to_string())
        .path_and_query("/")
        .build()
        .map_err(|error| failed(Status::internal(error.to_string())))?;
    let tls = config.tls.clone();
    let connector = service_fn(move |_: Uri| {
        let tls = tls.clone();
        async move {
            let stream = TcpStream::connect(address).await?;
            match tls.is_on() {
                false => Ok::<_, io::Error>(TokioIo::new(Either::Left(stream))),
                true => {
                    let stream = plexus_tls::connect_to_itself(&tls, stream).await?;
                    Ok(TokioIo::new(Either::Right(Box::new(stream))))
                }
            }
        }
    });
    let channel = Endpoint::from(uri)
        .connect_timeout(PATIENCE)
        .timeout(PATIENCE)
        .connect_with_connector(connector)
        .await
        .map_err(|source| ProbeError::Unreachable { address, source })?;
    let request = HealthCheckRequest::default();
    let response = HealthClient::new(channel).check(request).await.map_err(failed)?;
    match response.into_inner().status() {
        ServingStatus::Serving => Ok(()),
        other => Err(ProbeError::NotServing {
            address,
            said: other.as_str_name(),
        }),
    }
}

/// Where a process that listens on all addresses is reached from its own machine.
pub fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}
