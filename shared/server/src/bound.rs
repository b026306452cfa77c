//! A bound address, served until a stop is asked for, then drained.

use std::{future::Future, net::SocketAddr, time::Duration};

use plexus_resilience::{admission::Doors, deadline, mesh_calls};
use plexus_telemetry::metrics::{Endpoint, Sources};
use tokio::{net::TcpListener, task::JoinSet, time};
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;
use tonic_health::{ServingStatus, server::HealthReporter};
use tower::{ServiceBuilder, util::MapResponseLayer};
use tracing::{info, warn};

use crate::{Config, Edge, ServeError, StartError, admission, busy::Busy, connections::Connections, rescue::rescue};

/// How long connections stay open after the last call has ended: its last bytes are on their way, and so may be calls that
/// were made before their callers heard that nothing more is begun here.
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
    /// Who has something to show where metrics are asked for, beside the server itself.
    pub metrics: Sources,
    /// Who may call, and with what.
    pub edge: Edge,
}

/// An address that this process listens on.
#[derive(Debug)]
pub struct Bound {
    listener: TcpListener,
    address: SocketAddr,
    config: Config,
    tls: Option<plexus_tls::Server>,
    metrics: Option<Endpoint>,
}

/// Listens on the configured address, and on the one for metrics where there is one; nothing is accepted yet.
///
/// # Errors
/// [`StartError::Bind`]; [`StartError::Input`] for certificates that cannot be used.
pub async fn bind(config: &Config, metrics: Option<SocketAddr>) -> Result<Bound, StartError> {
    let failed = |source| StartError::Bind {
        key: "server.listen",
        address: config.listen,
        source,
    };
    let tls = plexus_tls::Server::new(&config.tls).map_err(|source| StartError::Input {
        what: "the certificates of section `server.tls`".to_owned(),
        source: source.into(),
    })?;
    let listener = TcpListener::bind(config.listen).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let metrics = match metrics {
        Some(address) => Some(Endpoint::bind(address).await.map_err(|source| StartError::Bind {
            key: "telemetry.metrics",
            address,
            source,
        })?),
        None => None,
    };
    Ok(Bound {
        metrics,
        tls,
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
    /// Descriptors that reflection cannot read.
    pub async fn serve(
        self,
        service: Service,
        ready: impl FnOnce(SocketAddr),
        stop: impl Future<Output = ()>,
    ) -> Result<(), ServeError> {
        let (health, health_service) = tonic_health::server::health_reporter();
        let config = &self.config;
        let doors = admission::doors(config);
        // What is refused costs as little as can be: admission stands outside of everything.
        let mut routes = service.routes.add_service(health_service);
        if config.reflection {
            let (reflection, reflection_alpha) = reflection(service.descriptors, &service.names)?;
            routes = routes.add_service(reflection).add_service(reflection_alpha);
        }
        let stack = ServiceBuilder::new()
            .layer(service.edge)
            .layer(doors.layer(admission::entrance))
            .layer(plexus_telemetry::server::layer(mesh_calls))
            .layer(MapResponseLayer::new(rescue))
            .layer(deadline::server(config.max_deadline, mesh_calls))
            .service(routes.prepare());
        let closing = CancellationToken::new();
        let connections = Connections::new(config, self.tls, closing.clone()).serve(self.listener, stack);
        // Gone with this function, whichever way it ends.
        let mut watches = JoinSet::new();
        watches.spawn(admission::tell_refusals(doors.clone()));
        if !config.loop_delay.is_zero() {
            watches.spawn(admission::watch_loop(doors.clone(), config.loop_delay));
        }
        if let Some(endpoint) = self.metrics {
            watches.spawn(endpoint.serve(service.metrics.and(Busy(doors.load()))));
        }
        let mut server = tokio::spawn(connections);
        for name in &service.names {
            health.set_service_status(*name, ServingStatus::Serving).await;
        }
        ready(self.address);
        stop.await;
        info!("draining");
        drain(&health, &service.names, config.drain_notice).await;
        closing.cancel();
        tokio::select! {
            _ = &mut server => {}
            // Connections on which nothing is asked (a probe, a frozen client) do not hold the process.
            () = drained(&doors) => {}
            () = time::sleep(config.grace) => {
                warn!(grace = ?config.grace, "calls were still under way when the grace period ended");
            }
        }
        // What is cut off now ends before the last spans are sent.
        if !server.is_finished() {
            server.abort();
            let _ = server.await;
        }
        Ok(())
    }
}

/// Done when no call is under way, and none has begun meanwhile: what a connection had read when it was told to go is still
/// served.
async fn drained(doors: &Doors) {
    loop {
        doors.idle().await;
        time::sleep(LINGER).await;
        if doors.is_idle() {
            return;
        }
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

#[cfg(test)]
mod tests;
