//! One upstream: its replicas, and the stack that calls to it go through.

use std::{collections::HashMap, fmt, sync::Arc};

use plexus_core::Tier;
use plexus_resilience::retry::Spent;
use tokio_util::task::AbortOnDropHandle;

use crate::{
    ClientService, Config, Endpoint, Replica, ReplicaState, compose, members::Members, network::Network,
    resolve::Resolver,
};

/// The replicas of one upstream; they are resolved and watched until the pool is dropped.
pub struct Pool {
    name: String,
    members: Arc<Members>,
    service: ClientService,
    _resolver: AbortOnDropHandle<()>,
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool")
            .field("name", &self.name)
            .field("members", &self.members)
            .finish_non_exhaustive()
    }
}

impl Pool {
    /// A pool of the upstream `name`, whose replicas serve the gRPC service `service` (full name). Connects lazily, so
    /// it may be made before anybody listens. Must be called inside a Tokio runtime.
    pub fn on(network: Arc<dyn Network>, name: &str, service: &str, endpoints: &[Endpoint], config: &Config) -> Self {
        let preferred = endpoints.first().and_then(|endpoint| endpoint.tier);
        let members = Arc::new(Members::new(config, preferred));
        let mut resolver = Resolver {
            name: name.to_owned(),
            service: service.to_owned(),
            endpoints: endpoints.to_vec(),
            config: config.clone(),
            network,
            members: members.clone(),
            known: HashMap::new(),
        };
        // Addresses are members at once, names as soon as they are resolved.
        resolver.update(&HashMap::new(), Vec::new());
        Self {
            name: name.to_owned(),
            service: compose::upstream(&members, &config.retry),
            members,
            _resolver: AbortOnDropHandle::new(tokio::spawn(resolver.run())),
        }
    }

    /// Name of the upstream.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What calls go through; cheap to clone.
    pub fn service(&self) -> ClientService {
        self.service.clone()
    }

    /// All replicas that there are at this moment, preferred tiers first.
    pub fn replicas(&self) -> Arc<Vec<Arc<Replica>>> {
        self.members.all()
    }

    /// Names (with ports) that stand for no address yet, and why.
    pub fn unresolved(&self) -> Arc<Vec<(String, String)>> {
        self.members.unresolved()
    }

    /// Whether a replica answers health checks with SERVING.
    pub fn healthy(&self) -> bool {
        let replicas = self.members.all();
        replicas.iter().any(|replica| replica.state() == ReplicaState::Serving)
    }

    /// Second attempts since the pool was made.
    pub fn spent(&self) -> Spent {
        self.members.budget().spent()
    }

    /// The tier that serves where all is well, that of the first endpoint; none: it is not stated.
    pub fn preferred_tier(&self) -> Option<Tier> {
        self.members.preferred_tier()
    }

    /// A replica by its label; none: it is no longer a member.
    pub(crate) fn replica(&self, label: &str) -> Option<Arc<Replica>> {
        let replicas = self.members.all();
        replicas.iter().find(|replica| **replica.label() == *label).cloned()
    }

    /// Share of the time left that one replica may be silent for where somebody else could be asked.
    pub(crate) fn first_word_share(&self) -> f64 {
        self.members.first_word_share()
    }
}
