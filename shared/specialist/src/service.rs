//! A specialist as a process: its configuration, its engines, and what it serves.

use std::{process::ExitCode, sync::Arc};

use plexus_config::Environment;
use plexus_core::Domain;
use plexus_proto::v1::{FILE_DESCRIPTOR_SET, specialist_service_server::SpecialistServiceServer};
use plexus_server::{Service, StartError, process::ServiceConfig};
use tonic::service::Routes;

use crate::{Config, config::EngineConfig, engine::Engine, engines, grpc::Specialist};

/// What every specialist's configuration has.
pub trait SpecialistConfig: ServiceConfig {
    /// Key `engines`.
    fn engines(&self) -> &[EngineConfig];
    /// Key `system_prompt`.
    fn system_prompt(&self) -> &str;
}

impl ServiceConfig for Config {
    fn server(&self) -> &plexus_server::Config {
        &self.server
    }

    fn telemetry(&self) -> &plexus_telemetry::Config {
        &self.telemetry
    }
}

impl SpecialistConfig for Config {
    fn engines(&self) -> &[EngineConfig] {
        &self.engines
    }

    fn system_prompt(&self) -> &str {
        &self.system_prompt
    }
}

/// Makes the engine of kind `exact`, given its name.
pub type Built = Box<dyn Fn(&str) -> Arc<dyn Engine> + Send + Sync>;

/// Runs a specialist; `exact` makes what its exact engine needs, once, from the configuration.
pub fn main<C: SpecialistConfig>(
    domain: Domain,
    defaults: &'static str,
    exact: impl FnOnce(&C, &Environment) -> Result<Built, StartError>,
) -> ExitCode {
    plexus_server::process::main(domain.name(), defaults, |config: C, environment| async move {
        let exact = exact(&config, &environment)?;
        service(domain, &config, &environment, exact)
    })
}

/// What a specialist serves.
///
/// # Errors
/// Engines that cannot be made.
pub fn service<C: SpecialistConfig>(
    domain: Domain,
    config: &C,
    environment: &Environment,
    exact: Built,
) -> Result<Service, StartError> {
    let engines = engines::build(config.engines(), environment, config.system_prompt(), exact)?;
    let limit = config.server().max_message_bytes();
    let server = SpecialistServiceServer::new(Specialist {
        domain,
        engines: engines.into(),
    })
    .max_decoding_message_size(limit)
    .max_encoding_message_size(limit);
    Ok(Service {
        routes: Routes::new(server),
        names: vec![plexus_proto::v1::specialist_service_server::SERVICE_NAME],
        descriptors: FILE_DESCRIPTOR_SET,
    })
}
