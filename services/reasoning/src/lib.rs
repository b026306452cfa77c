//! The reasoning specialist: conducts questions of several steps, asking the other specialists for each.

mod conductor;
mod config;
pub mod domain;

use std::{process::ExitCode, sync::Arc};

pub use config::{Config, Own};
use plexus_core::Domain;
use plexus_server::StartError;

use crate::conductor::{Conductor, Peers, Planner};

/// The compiled-in configuration.
pub const DEFAULTS: &str = include_str!("../config/default.toml");

/// Runs the service.
pub fn main() -> ExitCode {
    plexus_specialist::main(Domain::Reasoning, DEFAULTS, |config: &Config, _| {
        let peers = Peers::new(config).map_err(|source| StartError::Input {
            what: "the certificates of section `client.tls`".to_owned(),
            source: source.into(),
        })?;
        let peers = Arc::new(peers);
        let above = config.own.plan_above;
        Ok(Box::new(move |name, models, prepare| {
            let planner = Planner::new(models, prepare, above);
            Arc::new(Conductor::new(name, peers.clone(), planner)) as _
        }))
    })
}
