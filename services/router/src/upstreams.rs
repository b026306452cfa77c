//! Pools of everything that the router calls.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use plexus_client::{Endpoint, Network, Pool};
use plexus_core::Domain;
use plexus_proto::v1::{specialist_service_server, validator_service_server};

use crate::Config;

/// Pools of specialists and validators.
pub(crate) struct Upstreams {
    specialists: BTreeMap<Domain, Pool>,
    validators: BTreeMap<String, (Pool, Duration)>,
}

impl Upstreams {
    /// Pools of a configuration; nothing is connected yet.
    pub(crate) fn new(config: &Config, network: &Arc<dyn Network>) -> Self {
        let pool = |name: &str, service: &str, endpoints: &[Endpoint]| {
            Pool::on(network.clone(), name, service, endpoints, &config.client)
        };
        let specialist = |domain: Domain| {
            let service = specialist_service_server::SERVICE_NAME;
            (domain, pool(domain.name(), service, config.specialist(domain)))
        };
        let validators = config.validators.iter().map(|(kind, validator)| {
            let service = validator_service_server::SERVICE_NAME;
            let pool = pool(&format!("validator-{kind}"), service, &validator.endpoints);
            (kind.clone(), (pool, validator.timeout))
        });
        Self {
            specialists: Domain::ALL.into_iter().map(specialist).collect(),
            validators: validators.collect(),
        }
    }

    /// The pool of a domain's specialist.
    pub(crate) fn specialist(&self, domain: Domain) -> Option<&Pool> {
        self.specialists.get(&domain)
    }

    /// The pool of a kind of validator, and how long a check may take.
    pub(crate) fn validator(&self, kind: &str) -> Option<(&Pool, Duration)> {
        self.validators.get(kind).map(|(pool, timeout)| (pool, *timeout))
    }

    /// All pools.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Pool> {
        self.specialists
            .values()
            .chain(self.validators.values().map(|(pool, _)| pool))
    }
}
