//! The code specialist: its exact solver, and the glue that all specialists share.

pub mod domain;

use std::{process::ExitCode, sync::Arc};

use plexus_core::Domain;
use plexus_specialist::{Config, engines::ExactEngine};

/// The compiled-in configuration.
pub const DEFAULTS: &str = include_str!("../config/default.toml");

/// Runs the service.
pub fn main() -> ExitCode {
    plexus_specialist::main(Domain::Code, DEFAULTS, |_: &Config, _| {
        Ok(Box::new(|name: &str| {
            Arc::new(ExactEngine::new(name, Arc::new(domain::CodeSolver))) as _
        }))
    })
}
