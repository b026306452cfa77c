//! A specialist as a process: its configuration, its engines, and what it serves.

use std::{process::ExitCode, sync::Arc};

use plexus_config::{ConfigError, Environment, Validate};
use plexus_core::Domain;
use plexus_library::Library;
use plexus_proto::v1::{FILE_DESCRIPTOR_SET, specialist_service_server::SpecialistServiceServer};
use plexus_server::{Service, StartError};
use plexus_telemetry::metrics::Sources;
use serde::de::DeserializeOwned;
use tonic::service::Routes;

use crate::{Config, engine::Engine, engines, grpc::Specialist, live::Shown, prepare::Prepare, prompt::Prompts};

/// Makes the engine of kind `exact`, given its name, the models beside it, and what makes questions ready for these.
pub type Built = Box<dyn Fn(&str, &[Arc<dyn Engine>], &Arc<Prepare>) -> Arc<dyn Engine> + Send + Sync>;

/// Runs a specialist; `exact` makes what its exact engine needs, once, from the configuration.
pub fn main<Own: DeserializeOwned + Validate>(
    domain: Domain,
    defaults: &'static str,
    exact: impl FnOnce(&Config<Own>, &Environment) -> Result<Built, StartError>,
) -> ExitCode {
    plexus_server::process::main(domain.name(), defaults, |config: Config<Own>, environment| async move {
        let exact = exact(&config, &environment)?;
        service(domain, &config, &environment, exact)
    })
}

/// What a specialist serves. Needs a tokio runtime.
///
/// # Errors
/// Engines that cannot be made, or a library that cannot be opened.
pub fn service<Own>(
    domain: Domain,
    config: &Config<Own>,
    environment: &Environment,
    exact: Built,
) -> Result<Service, StartError> {
    let prompts = Prompts::new(&config.prompts).map_err(|error| ConfigError::other(error.to_string()))?;
    let library = Library::open(&config.library, environment).map_err(|source| StartError::Input {
        what: "the library".to_owned(),
        source: source.into(),
    })?;
    let library = library.map(|library| (library, config.library.passages));
    let prepare = Arc::new(Prepare::new(domain, prompts, library));
    let engines = engines::build(&config.engines, &config.adaptation, environment, |name, models| {
        exact(name, models, &prepare)
    })?;
    let engines: Arc<[Arc<dyn Engine>]> = engines.into();
    let limit = config.server.max_message_bytes();
    let server = SpecialistServiceServer::new(Specialist {
        domain,
        engines: engines.clone(),
        prepare,
    })
    .max_decoding_message_size(limit);
    Ok(Service {
        routes: Routes::new(server),
        names: vec![plexus_proto::v1::specialist_service_server::SERVICE_NAME],
        descriptors: FILE_DESCRIPTOR_SET,
        metrics: Sources::one(Shown(engines)),
    })
}
