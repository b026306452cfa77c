//! Hosts validators: micro-models that check answers. `math` recomputes every arithmetic claim, `code` parses every
//! code block, `confidence` says how probable it is that an answer is right.

mod config;
pub mod domain;
mod grpc;

pub use config::Config;
use plexus_config::Environment;
use plexus_proto::v1::{FILE_DESCRIPTOR_SET, validator_service_server::ValidatorServiceServer};
use plexus_server::{Service, StartError};
use plexus_telemetry::metrics::Sources;
use tonic::service::Routes;

/// The compiled-in configuration.
pub const DEFAULTS: &str = include_str!("../config/default.toml");

/// Prepares everything that is served.
///
/// # Errors
/// None today; the signature is that of every service.
pub async fn build(config: Config, _: Environment) -> Result<Service, StartError> {
    let limit = plexus_server::process::ServiceConfig::server(&config).max_message_bytes();
    let server = ValidatorServiceServer::new(grpc::Grpc::new(config.kinds)).max_decoding_message_size(limit);
    Ok(Service {
        routes: Routes::new(server),
        names: vec![plexus_proto::v1::validator_service_server::SERVICE_NAME],
        descriptors: FILE_DESCRIPTOR_SET,
        metrics: Sources::default(),
    })
}
