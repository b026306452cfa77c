//! The router: the door of the mesh. Classifies each query, plans, dispatches to specialists, has answers checked,
//! merges, and goes on, marked as degraded, when a part is down.
//!
//! Read in the order of a request: [`grpc`] (message to query) -> [`request`] (the whole way) ->
//! [`plexus_classifier::Classifier`] -> [`domain::plan`] -> [`dispatch`] -> [`validate`] -> [`domain::merge`].

mod config;
mod dispatch;
pub mod domain;
mod error;
mod grpc;
mod in_order;
mod keys;
mod ledger;
mod metrics;
mod rates;
mod request;
mod status;
mod upstreams;
mod validate;

use std::sync::Arc;

pub use config::Config;
use plexus_classifier::Classifier;
use plexus_client::{Network, System};
use plexus_config::Environment;
use plexus_proto::v1::{FILE_DESCRIPTOR_SET, router_service_server::RouterServiceServer};
use plexus_server::{Edge, Service, StartError};
use plexus_telemetry::metrics::Sources;
use tokio::time::Instant;
use tonic::service::Routes;

use crate::{
    domain::Policy,
    keys::{Keys, edge},
    metrics::{Shown, Tally},
    rates::Rates,
    upstreams::Upstreams,
};

/// The compiled-in configuration.
pub const DEFAULTS: &str = include_str!("../config/default.toml");

/// What a request needs.
pub(crate) struct Router {
    pub(crate) classifier: Arc<Classifier>,
    pub(crate) policy: Policy,
    pub(crate) upstreams: Upstreams,
    pub(crate) rates: Rates,
    pub(crate) tally: Tally,
    pub(crate) born: Instant,
}

/// Loads the model and prepares everything that is served.
///
/// # Errors
/// A model or an ONNX Runtime that is missing or broken.
pub async fn build(config: Config, environment: Environment) -> Result<Service, StartError> {
    let open = || Classifier::open(&config.model, &environment);
    let classifier = tokio::task::block_in_place(open).map_err(|source| StartError::Input {
        what: format!("the model (key `model.folder` = \"{}\")", config.model.folder.display()),
        source: source.into(),
    })?;
    let classifier = Arc::new(classifier);
    classifier.watch();
    let network = System::new(&config.client.tls).map_err(|source| StartError::Input {
        what: "the certificates of section `client.tls`".to_owned(),
        source: source.into(),
    })?;
    let keys = Keys::new(&config.keys).map_err(|source| StartError::Input {
        what: "the keys of callers (key `keys.file`)".to_owned(),
        source: source.into(),
    })?;
    let edge = edge(keys, config.rate_limits.caller());
    Ok(Service {
        edge,
        ..on(Arc::new(network), &config, classifier)
    })
}

/// The same, with a model that is loaded already, and on another network than the system's. Must be called inside a Tokio runtime.
pub fn on(network: Arc<dyn Network>, config: &Config, classifier: Arc<Classifier>) -> Service {
    let limit = config.server.max_message_bytes();
    let router = Arc::new(Router {
        policy: config.policy(),
        classifier,
        upstreams: Upstreams::new(config, &network),
        rates: Rates::new(&config.rate_limits),
        tally: Tally::default(),
        born: Instant::now(),
    });
    // What is read has a limit, what is said has none: an answer was paid for, and its caller has a limit of its own.
    let server = RouterServiceServer::new(grpc::Grpc(router.clone())).max_decoding_message_size(limit);
    Service {
        routes: Routes::new(server),
        names: vec![plexus_proto::v1::router_service_server::SERVICE_NAME],
        descriptors: FILE_DESCRIPTOR_SET,
        metrics: Sources::one(Shown(router)),
        edge: Edge::open(),
    }
}

#[cfg(test)]
mod tests;
