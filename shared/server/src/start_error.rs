//! Why a process cannot start or serve, and its exit code (sysexits.h).

use std::{error::Error, net::SocketAddr};

use plexus_config::ConfigError;

use crate::probe::ProbeError;

/// Why a process cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The configuration is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Telemetry refused its configuration.
    #[error(transparent)]
    Telemetry(#[from] plexus_telemetry::TelemetryError),
    /// A file that the service needs is missing or broken.
    #[error("cannot load {what}")]
    Input {
        /// What was to be loaded.
        what: String,
        /// Why it cannot be.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// An address cannot be listened on.
    #[error("key `{key}`: cannot listen on {address}{}", busy_hint(.source))]
    Bind {
        /// The key that names it.
        key: &'static str,
        /// The address.
        address: SocketAddr,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Serving ended with an error.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// The one that was asked for does not serve (`--health`).
    #[error("not healthy")]
    Unhealthy(#[from] ProbeError),
    /// The operating system refused something.
    #[error("{what}")]
    System {
        /// What was tried.
        what: &'static str,
        /// Why it failed.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
}

fn busy_hint(error: &std::io::Error) -> &'static str {
    match error.kind() {
        std::io::ErrorKind::AddrInUse => "; another process has it: stop that one, or choose another port",
        _ => "",
    }
}

impl StartError {
    /// The exit code: 1 not healthy, 64 configuration, 66 missing or broken file, 69 busy address, 70 anything else.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Config(_) | Self::Telemetry(_) => ConfigError::EXIT_CODE,
            Self::Input { .. } => 66,
            Self::Bind { .. } => 69,
            Self::Unhealthy(_) => 1,
            Self::Serve(_) | Self::System { .. } => 70,
        }
    }
}

/// Why serving ended.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The descriptors for reflection cannot be read.
    #[error("reflection cannot read the contract")]
    Reflection(#[from] tonic_reflection::server::Error),
}
