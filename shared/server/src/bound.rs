//! A bound address, served until a stop is asked for, then drained.

use std::{future::Future, net::SocketAddr, time::Duration};

use plexus_resilience::{concurrency::Permits, deadline, mesh_calls};
use tokio::{net::TcpListener, sync::oneshot, time};
use tonic::{
    service::Routes,
    transport::{Server, server::TcpIncoming},
};
use tonic_health::{ServingStatus, server::HealthReporter};
use tower::{ServiceBuilder, util::MapResponseLayer};
use tracing::{info, warn};

use crate::{Config, ServeError, StartError, rescue::rescue};

/// Pings keep dead peers from holding connections: gRPC proposal A9, values of `tonic`'s siblings in production.
const PING_INTERVAL: Duration = Duration::from_secs(30);
const PING_TIMEOUT: Duration = Duration::from_secs(10);

/// Header list limit (Envoy's advice for edges is 60 KiB; ours are small).
const MAX_HEADER_LIST: u32 = 16 * 1024;

/// hyper's own defaults, which tonic 0.14 overrides with "unlimited" (RUSTSEC-2024-0003).
const MAX_LOCAL_RESETS: usize = 1024;
const MAX_PENDING_RESETS: usize = 20;

/// How long connections may stay open after the last call has ended: its last bytes are on their way.
const LINGER: Duration = Duration::from_secs(2);

/// What a process serves: gRPC services, their names for health checks, and their descriptors for reflection.
#[derive(Debug)]
pub struct Service {
    /// The services.
    pub routes: Routes,
    /// Their full names, e.g. `plexus.v1.RouterService`.
    pub names: Vec<&'static str>,
    /// The encoded `FileDescriptorSet` of the contract.
    pub descriptors: &'static [u8],
}

/// An address that this process listens on.
#[derive(Debug)]
pub struct Bound {
    listener: TcpListener,
    address: SocketAddr,
    config: Config,
}

/// Listens on the configured address; nothing is accepted yet.
///
/// # Errors
/// [`StartError::Bind`].
pub async fn bind(config: &Config) -> Result<Bound, StartError> {
    let failed = |source| StartError::Bind {
        address: config.listen,
        source,
    };
    let listener = TcpListener::bind(config.listen).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok(Bound {
        listener,
        address,
        config: config.clone(),
    })
}

impl Bound {
    /// The address, with the real port.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `stop` is done, then drains: NOT_SERVING, a moment for clients to see it, no new calls, and at most
    /// the grace period for those under way. `ready` is called once health checks say SERVING.
    ///
    /// # Errors
    /// A transport that fails while serving.
    pub async fn serve(
        self,
        service: Service,
        ready: impl FnOnce(SocketAddr),
        stop: impl Future<Output = ()>,
    ) -> Result<(), ServeError> {
        let (health, health_service) = tonic_health::server::health_reporter();
        let (reflection, reflection_alpha) = reflection(service.descriptors, &service.names)?;
        let config = &self.config;
        let permits = Permits::new(config.max_concurrent_calls);
        let stack = ServiceBuilder::new()
            .layer(plexus_telemetry::server::layer(mesh_calls))
            .layer(MapResponseLayer::new(rescue))
            .layer(permits.layer(mesh_calls))
            .layer(deadline::server(config.max_deadline, mesh_calls));
        let (close, closed) = oneshot::channel::<()>();
        let server = Server::builder()
            .max_concurrent_streams(config.max_streams_per_connection)
            .http2_max_header_list_size(MAX_HEADER_LIST)
            .http2_max_local_error_reset_streams(Some(MAX_LOCAL_RESETS))
            .http2_max_pending_accept_reset_streams(Some(MAX_PENDING_RESETS))
            .http2_keepalive_interval(Some(PING_INTERVAL))
            .http2_keepalive_timeout(Some(PING_TIMEOUT))
            .layer(stack)
            .add_routes(service.routes)
            .add_service(health_service)
            .add_service(reflection)
            .add_service(reflection_alpha)
            .serve_with_incoming_shutdown(TcpIncoming::from(self.listener).with_nodelay(Some(true)), async {
                let _ = closed.await;
            });
        tokio::pin!(server);
        for name in &service.names {
            health.set_service_status(*name, ServingStatus::Serving).await;
        }
        ready(self.address);
        tokio::select! {
            result = &mut server => return Ok(result?),
            () = stop => {}
        }
        info!("draining");
        // The server must go on while clients are told.
        tokio::select! {
            result = &mut server => return Ok(result?),
            () = drain(&health, &service.names, config.drain_notice) => {}
        }
        let _ = close.send(());
        tokio::select! {
            result = &mut server => return Ok(result?),
            // Connections on which nothing is asked (a probe, a frozen client) do not hold the process.
            () = async { permits.idle().await; time::sleep(LINGER).await } => {}
            () = time::sleep(config.grace) => {
                warn!(grace = ?config.grace, "calls were still under way when the grace period ended");
            }
        }
        Ok(())
    }
}

/// Says NOT_SERVING, waits, then ends the streams of those who watch: they would keep the server from closing.
async fn drain(health: &HealthReporter, names: &[&'static str], notice: Duration) {
    for name in names.iter().copied().chain([""]) {
        health.set_service_status(name, ServingStatus::NotServing).await;
    }
    time::sleep(notice).await;
    let mut health = health.clone();
    for name in names.iter().copied().chain([""]) {
        health.clear_service_status(name).await;
    }
}

type Reflection<R> = tonic_reflection::server::v1::ServerReflectionServer<R>;
type ReflectionAlpha<R> = tonic_reflection::server::v1alpha::ServerReflectionServer<R>;

/// Reflection of what is served here; the contract has services that others serve.
fn reflection(
    descriptors: &'static [u8],
    names: &[&'static str],
) -> Result<
    (
        Reflection<impl tonic_reflection::server::v1::ServerReflection>,
        ReflectionAlpha<impl tonic_reflection::server::v1alpha::ServerReflection>,
    ),
    ServeError,
> {
    let builder = || {
        let builder = tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(descriptors)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
            .with_service_name("grpc.health.v1.Health");
        names
            .iter()
            .fold(builder, |builder, name| builder.with_service_name(*name))
    };
    Ok((builder().build_v1()?, builder().build_v1alpha()?))
}
