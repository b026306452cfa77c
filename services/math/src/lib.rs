//! The math specialist: its exact solver, and the glue that all specialists share.

pub mod domain;

use std::{process::ExitCode, sync::Arc};

use plexus_core::Domain;
use plexus_specialist::{Config, engines::ExactEngine};

/// The compiled-in configuration.
pub const DEFAULTS: &str = include_str!("../config/default.toml");

/// Runs the service.
pub fn main() -> ExitCode {
    plexus_specialist::main(Domain::Math, DEFAULTS, |_: &Config, _| {
        Ok(Box::new(|name, _, _| {
            Arc::new(ExactEngine::new(name, Arc::new(domain::MathSolver))) as _
        }))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_right() {
        let environment = plexus_config::Environment::default();
        let config: Config = plexus_config::load("math", DEFAULTS, None, &environment).unwrap();
        let tasks: Vec<&str> = config.prompts.tasks.keys().map(String::as_str).collect();
        assert_eq!(tasks, ["solve"]);
        assert!(config.library.folders.is_empty());
    }
}
