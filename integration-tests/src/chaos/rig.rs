//! What stands on the bench: real binaries on a core of their own, wired as an experiment wants.

use std::{net::SocketAddr, process::Command, sync::Arc};

use plexus_proto::v1::{AskRequest, Constraints, Domain, ReplicaState};
use tokio::net::TcpListener;

use super::Doors;
use crate::{
    ask::{Router, connect, until},
    service::Service,
};

/// Where the mesh runs.
#[derive(Debug, Clone, Copy, Default)]
pub struct Rig {
    core: Option<usize>,
}

/// Who stands behind a router.
#[derive(Debug, Clone, Default)]
pub struct Topology {
    /// Replicas of each specialist; domains without any have none that lives.
    pub specialists: Vec<(Domain, Vec<SocketAddr>)>,
    /// Replicas of the validator of mathematics; without any nothing is validated.
    pub validators: Vec<SocketAddr>,
    /// Keys of the router's configuration beside.
    pub keys: Vec<(&'static str, String)>,
}

impl Topology {
    /// Replicas of one specialist, and nothing else.
    pub fn of(domain: Domain, replicas: &[SocketAddr]) -> Self {
        Self::default().and(domain, replicas)
    }

    /// With replicas of a further specialist.
    #[must_use]
    pub fn and(mut self, domain: Domain, replicas: &[SocketAddr]) -> Self {
        self.specialists.push((domain, replicas.to_vec()));
        self
    }
}

impl Rig {
    /// Whatever core the system gives.
    pub const fn unpinned() -> Self {
        Self { core: None }
    }

    /// The mesh on the first core and this process on the second, where there are two and `taskset` can do it.
    pub fn pinned() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        if cores < 2 {
            return Self::unpinned();
        }
        let own = std::process::id().to_string();
        // All threads that there are; those to come inherit it.
        let pinned = Command::new("taskset").args(["-a", "-p", "-c", "1", &own]).output();
        match pinned {
            Ok(output) if output.status.success() => Self { core: Some(0) },
            _ => Self::unpinned(),
        }
    }

    /// How it is set up, for the table.
    pub fn describe(&self) -> &'static str {
        match self.core {
            Some(_) => "Mesh on core 0, generator and stubs on core 1.",
            None => "Nothing pinned to a core: mesh, generator and stubs share all of them.",
        }
    }

    /// Starts a service on a free port.
    ///
    /// # Panics
    /// Where it does not serve.
    pub async fn service(&self, name: &str, keys: &[(&str, &str)]) -> Service {
        self.service_at(name, SocketAddr::from(([127, 0, 0, 1], 0)), keys).await
    }

    /// The same, at an address.
    ///
    /// # Panics
    /// Where it does not serve.
    pub async fn service_at(&self, name: &str, address: SocketAddr, keys: &[(&str, &str)]) -> Service {
        let (core, name) = (self.core, name.to_owned());
        let own = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
        let keys: Vec<(String, String)> = keys.iter().map(own).collect();
        // Waiting for its first line blocks, and the generator must not stop meanwhile.
        let starting = tokio::task::spawn_blocking(move || {
            let quiet = ("TELEMETRY__LOG", "warn");
            let keys = keys.iter().map(|(key, value)| (key.as_str(), value.as_str()));
            let keys: Vec<(&str, &str)> = std::iter::once(quiet).chain(keys).collect();
            Service::start_on(core, &name, &address.to_string(), &keys)
        });
        starting
            .await
            .unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
    }

    /// A specialist with one engine.
    ///
    /// # Panics
    /// Where it does not serve.
    pub async fn specialist(&self, domain: Domain, engine: &str) -> Service {
        self.service(name(domain), &[("ENGINES", engine)]).await
    }

    /// A router over a topology, once all replicas serve.
    ///
    /// # Panics
    /// Where it does not serve, or does not find its replicas.
    pub async fn router(&self, topology: &Topology) -> Service {
        self.router_at(SocketAddr::from(([127, 0, 0, 1], 0)), topology).await
    }

    /// The same, at an address.
    ///
    /// # Panics
    /// Where it does not serve, or does not find its replicas.
    pub async fn router_at(&self, address: SocketAddr, topology: &Topology) -> Service {
        let keys = router_keys(topology).await;
        let keys: Vec<(&str, &str)> = keys.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        let router = self.service_at("router", address, &keys).await;
        settled(&router, topology).await;
        router
    }

    /// Stops a service with a signal and waits for its end.
    pub async fn stop(&self, service: Service) {
        service.process.signal("TERM");
        // Dropping it waits, which blocks.
        let _ = tokio::task::spawn_blocking(move || drop(service)).await;
    }
}

/// Waits until a router knows that all replicas serve.
///
/// # Panics
/// Where that does not happen.
pub async fn settled(router: &Service, topology: &Topology) {
    let mut client = Router::new(connect(&router.url()).await);
    until(&mut client, "all replicas serve", |status| {
        topology.specialists.iter().all(|(domain, _)| {
            let upstream = status.upstreams.iter().find(|one| one.name == name(*domain));
            upstream.is_some_and(|one| one.replicas.iter().all(|one| one.state() == ReplicaState::Serving))
        })
    })
    .await;
}

async fn router_keys(topology: &Topology) -> Vec<(String, String)> {
    let nobody = [nobody().await];
    let list = |replicas: &[SocketAddr]| {
        let quoted = replicas.iter().map(|one| format!("\"{one}\""));
        format!("[{}]", quoted.collect::<Vec<_>>().join(", "))
    };
    let mut keys = Vec::new();
    for domain in [Domain::Code, Domain::Math, Domain::Reasoning, Domain::Language] {
        let replicas = topology.specialists.iter().find(|(one, _)| *one == domain);
        let replicas = replicas.map_or(&nobody[..], |(_, replicas)| replicas);
        keys.push((format!("SPECIALISTS__{}", name(domain).to_uppercase()), list(replicas)));
    }
    for kind in ["MATH", "CODE", "CONFIDENCE"] {
        let present = kind == "MATH" && !topology.validators.is_empty();
        let replicas = if present { &topology.validators[..] } else { &nobody[..] };
        keys.push((format!("VALIDATORS__{kind}__ENDPOINTS"), list(replicas)));
        if !present {
            keys.push((format!("VALIDATORS__{kind}__DOMAINS"), "[]".to_owned()));
        }
    }
    keys.extend(
        topology
            .keys
            .iter()
            .map(|(key, value)| ((*key).to_owned(), value.clone())),
    );
    keys
}

/// An address where nobody listens.
async fn nobody() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    listener.local_addr().expect("it is bound")
}

/// The name of a domain's service.
pub(crate) fn name(domain: Domain) -> &'static str {
    match domain {
        Domain::Code => "code",
        Domain::Math => "math",
        Domain::Reasoning => "reasoning",
        Domain::Language => "language",
        Domain::Unspecified => unreachable!("no service is of no domain"),
    }
}

/// An engine that answers everything with `answer` after 20 ms on average.
pub fn scripted_engine(answer: &str) -> String {
    format!(
        r#"[{{name = "stub", kind = "scripted", tier = "edge", latency = "15ms", jitter = "10ms", rules = [{{contains = "", answer = "{answer}"}}]}}]"#
    )
}

/// An engine behind a URL.
pub fn far_engine(url: &str) -> String {
    format!(
        r#"[{{name = "far", kind = "openai", tier = "edge", base_url = "{url}/v1", model = "m", price = {{input_per_mtok = 0.0, output_per_mtok = 0.0}}}}]"#
    )
}

/// A question that only one domain may answer; each number is another text, so that no cache makes it cheaper than it is.
pub fn only(domain: Domain, seed: u64) -> Arc<dyn Fn(u64) -> AskRequest + Send + Sync> {
    Arc::new(move |number| AskRequest {
        constraints: Some(Constraints {
            domains: vec![domain.into()],
            ..Constraints::default()
        }),
        ..anybody(seed)(number)
    })
}

/// A question about mathematics that anybody may answer.
pub fn anybody(seed: u64) -> Arc<dyn Fn(u64) -> AskRequest + Send + Sync> {
    Arc::new(move |number| AskRequest {
        query: format!("What is {}% of {}?", number % 97 + 1, 1_000 * (seed % 100) + number),
        request_id: format!("chaos-{seed}-{number}"),
        ..AskRequest::default()
    })
}

/// Connections to routers, as many as a generator needs: a server allows a hundred calls on each.
pub fn doors(routers: &[&Service], connections: usize) -> Arc<Doors> {
    let addresses: Vec<SocketAddr> = routers.iter().map(|router| router.address).collect();
    Arc::new(Doors::new(&addresses, connections))
}
