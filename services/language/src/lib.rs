//! The language specialist, the generalist of the mesh: language identification, text statistics, extractive summaries
//! and key phrases by itself; everything else by models.

mod config;
pub mod domain;
mod embedder;

use std::{process::ExitCode, sync::Arc};

pub use config::{Config, Own};
use plexus_core::Domain;
use plexus_specialist::engines::ExactEngine;

use crate::domain::LanguageSolver;

/// The compiled-in configuration.
pub const DEFAULTS: &str = include_str!("../config/default.toml");

/// Runs the service.
pub fn main() -> ExitCode {
    plexus_specialist::main(Domain::Language, DEFAULTS, |config: &Config, environment| {
        let embedder = embedder::open(&config.own.model, environment)?;
        let solver = Arc::new(LanguageSolver::new(embedder));
        Ok(Box::new(move |name, _, _| {
            Arc::new(ExactEngine::new(name, solver.clone())) as _
        }))
    })
}
