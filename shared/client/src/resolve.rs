//! Keeps the members of an upstream true: addresses as they are written, names as they resolve at this moment.

use std::{collections::HashMap, net::SocketAddr, sync::Arc};

use plexus_core::Tier;
use tokio_util::task::AbortOnDropHandle;

use crate::{
    Config, Endpoint, Replica,
    members::Members,
    network::{Network, literal},
    watch::watch,
};

/// What makes and watches the replicas of one upstream.
pub(crate) struct Resolver {
    pub(crate) name: String,
    /// Full name of the gRPC service whose health is watched.
    pub(crate) service: String,
    pub(crate) endpoints: Vec<Endpoint>,
    pub(crate) config: Config,
    pub(crate) network: Arc<dyn Network>,
    pub(crate) members: Arc<Members>,
    /// Those that there are, with what watches them.
    pub(crate) known: HashMap<Key, Member>,
}

/// A replica by its address and its tier.
type Key = (SocketAddr, Option<Tier>);

/// A replica that is watched for as long as it is a member; calls that are under way go on without it.
pub(crate) struct Member {
    replica: Arc<Replica>,
    _watcher: AbortOnDropHandle<()>,
}

impl Resolver {
    /// Makes members of all endpoints that are addresses, and of what `found` says of names.
    pub(crate) fn update(&mut self, found: &HashMap<Endpoint, Vec<SocketAddr>>, unresolved: Vec<(String, String)>) {
        let mut keys: Vec<Key> = Vec::new();
        for endpoint in &self.endpoints {
            let literal = literal(&endpoint.host, endpoint.port);
            let addresses = literal
                .as_slice()
                .iter()
                .chain(found.get(endpoint).into_iter().flatten());
            for address in addresses {
                let key = (*address, endpoint.tier);
                if !keys.contains(&key) {
                    keys.push(key);
                }
            }
        }
        // Preferred tiers first, in the order in which the configuration names them.
        let mut tiers: Vec<Option<Tier>> = Vec::new();
        for endpoint in &self.endpoints {
            if !tiers.contains(&endpoint.tier) {
                tiers.push(endpoint.tier);
            }
        }
        keys.sort_by_key(|(_, tier)| tiers.iter().position(|one| one == tier));
        self.known.retain(|key, member| {
            let stays = keys.contains(key);
            if !stays {
                tracing::info!(replica = %member.replica.label(), "no longer resolved: a member no more");
            }
            stays
        });
        for key in &keys {
            if !self.known.contains_key(key) {
                let member = self.member(*key);
                self.known.insert(*key, member);
            }
        }
        let replicas = keys.iter().filter_map(|key| Some(self.known.get(key)?.replica.clone()));
        self.members.set(replicas.collect(), unresolved);
    }

    fn member(&self, (address, tier): Key) -> Member {
        let replica = Arc::new(Replica::new(&self.name, address, tier, &self.config, &*self.network));
        let watcher = watch(replica.clone(), self.service.clone(), self.config.clone());
        Member {
            replica,
            _watcher: AbortOnDropHandle::new(tokio::spawn(watcher)),
        }
    }

    /// Resolves names again and again, for ever; returns at once where there are none.
    pub(crate) async fn run(mut self) {
        let names: Vec<Endpoint> = self
            .endpoints
            .iter()
            .filter(|one| literal(&one.host, one.port).is_none())
            .cloned()
            .collect();
        if names.is_empty() {
            // The members live as long as this does.
            std::future::pending::<()>().await;
        }
        let mut found: HashMap<Endpoint, Vec<SocketAddr>> = HashMap::new();
        loop {
            let mut unresolved = Vec::new();
            for name in &names {
                match self.network.resolve(&name.host, name.port).await {
                    Ok(addresses) if !addresses.is_empty() => {
                        found.insert(name.clone(), addresses);
                    }
                    // Who was there a moment ago may still be: names are lost more often than servers.
                    _ if found.contains_key(name) => {}
                    Ok(_) => unresolved.push((name.to_string(), "the name has no address".to_owned())),
                    Err(error) => unresolved.push((name.to_string(), format!("the name cannot be resolved: {error}"))),
                }
            }
            let missing = !unresolved.is_empty();
            self.update(&found, unresolved);
            let pause = match missing {
                true => self.config.reconnect_pause,
                false => self.config.resolve_every,
            };
            tokio::time::sleep(pause + pause.mul_f64(fastrand::f64() / 2.0)).await;
        }
    }
}
