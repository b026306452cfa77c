//! Row 12: every service is restarted, one after the other, while questions go on.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use plexus_proto::v1::Domain;
use tokio::time::sleep;

use super::Setting;
use crate::{
    Service,
    chaos::{Check, Checks, Doors, Rig, Topology, anybody, scripted_engine, settled},
};

/// Between a service that serves again and the next one that ends: a rollout waits for readiness and a moment more.
const APART: Duration = Duration::from_secs(1);

/// Runs it.
///
/// # Errors
/// None; what cannot be started panics.
pub async fn run(setting: Setting) -> anyhow::Result<Checks> {
    let rig = &setting.rig;
    // Nothing in it that a validator could find wrong.
    let engine = scripted_engine("That depends.");
    let mut specialists: Vec<(&str, Service)> = Vec::new();
    let mut topology = Topology::default();
    for (name, domain) in [
        ("math", Domain::Math),
        ("code", Domain::Code),
        ("reasoning", Domain::Reasoning),
        ("language", Domain::Language),
    ] {
        let one = rig.specialist(domain, &engine).await;
        let two = rig.specialist(domain, &engine).await;
        topology = topology.and(domain, &[one.address, two.address]);
        specialists.extend([(name, one), (name, two)]);
    }
    for _ in 0..2 {
        let validator = rig.service("validator", &[]).await;
        topology.validators.push(validator.address);
        specialists.push(("validator", validator));
    }
    let mut routers = vec![rig.router(&topology).await, rig.router(&topology).await];
    let addresses: Vec<SocketAddr> = routers.iter().map(|router| router.address).collect();
    let doors = Arc::new(Doors::new(&addresses, 8));
    let running = setting
        .load(anybody(setting.seed), Duration::from_secs(5))
        .start(&doors);
    setting.warm_up().await;
    let mut restarts = 0;
    let mut again_up = Vec::new();
    for (name, service) in specialists {
        let again = restarted(rig, name, service, &engine).await;
        for router in &routers {
            settled(router, &topology).await;
        }
        again_up.push(again);
        restarts += 1;
        sleep(APART).await;
    }
    for address in addresses {
        let Some(at) = routers.iter().position(|router| router.address == address) else {
            continue;
        };
        rig.stop(routers.swap_remove(at)).await;
        routers.push(rig.router_at(address, &topology).await);
        restarts += 1;
        sleep(APART).await;
    }
    let log = running.stop().await;
    log.tell();
    Ok(vec![
        Check::at_most("failed", log.failed(), 0),
        Check::shown("marked", log.count(|one| one.marked()) as f64, ""),
        Check::shown("p99", log.quantile(0.99), "ms"),
        Check::shown("slowest", log.quantile(1.0), "ms"),
        Check::shown("restarts", f64::from(restarts), ""),
        Check::shown("calls", log.0.len() as f64, ""),
    ])
}

async fn restarted(rig: &Rig, name: &str, service: Service, engine: &str) -> Service {
    let address = service.address;
    rig.stop(service).await;
    let keys = [("ENGINES", engine)];
    let keys = if name == "validator" { &[][..] } else { &keys[..] };
    rig.service_at(name, address, keys).await
}
