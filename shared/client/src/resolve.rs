//! Keeps the members of an upstream true: addresses as they are written, names as they resolve at this moment.

use std::{collections::HashMap, net::SocketAddr, sync::Arc, time::Duration};

use plexus_core::Tier;
use tokio::{task::JoinSet, time::timeout};
use tokio_util::task::AbortOnDropHandle;

use crate::{
    Config, Endpoint, Replica,
    members::Members,
    network::{Network, literal},
    watch::{jittered, watch},
};

/// How long a name may take to be resolved.
const RESOLVE_TIMEOUT: Duration = Duration::from_secs(5);

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

    /// Resolves names again and again, for ever, each at its own pace: one that hangs holds up no other.
    pub(crate) async fn run(mut self) {
        let named = |one: &&Endpoint| literal(&one.host, one.port).is_none();
        let names: Vec<Endpoint> = self.endpoints.iter().filter(named).cloned().collect();
        let mut found: HashMap<Endpoint, Vec<SocketAddr>> = HashMap::new();
        let mut problems: HashMap<Endpoint, String> = HashMap::new();
        let mut asked = JoinSet::new();
        for name in &names {
            asked.spawn(resolve(self.network.clone(), name.clone(), Duration::ZERO));
        }
        while let Some(answer) = asked.join_next().await {
            // Nothing in it panics, and nobody aborts it.
            let Ok((name, answer)) = answer else { continue };
            let pause = match answer {
                Ok(addresses) => {
                    problems.remove(&name);
                    found.insert(name.clone(), addresses);
                    self.config.resolve_every
                }
                // Who was there a moment ago may still be: names are lost more often than servers.
                Err(_) if found.contains_key(&name) => self.config.resolve_every,
                Err(problem) => {
                    problems.insert(name.clone(), problem);
                    self.config.reconnect_pause
                }
            };
            let unresolved = names
                .iter()
                .filter_map(|name| Some((name.to_string(), problems.get(name)?.clone())));
            self.update(&found, unresolved.collect());
            asked.spawn(resolve(self.network.clone(), name, jittered(pause)));
        }
        // The members live as long as this does.
        std::future::pending().await
    }
}

/// All addresses of a name, or why there are none.
async fn resolve(
    network: Arc<dyn Network>,
    name: Endpoint,
    pause: Duration,
) -> (Endpoint, Result<Vec<SocketAddr>, String>) {
    tokio::time::sleep(pause).await;
    let answer = match timeout(RESOLVE_TIMEOUT, network.resolve(&name.host, name.port)).await {
        Ok(Ok(addresses)) if !addresses.is_empty() => Ok(addresses),
        Ok(Ok(_)) => Err("the name has no address".to_owned()),
        Ok(Err(error)) => Err(format!("the name cannot be resolved: {error}")),
        Err(_) => Err(format!(
            "the name cannot be resolved: no answer within {RESOLVE_TIMEOUT:?}"
        )),
    };
    (name, answer)
}
