//! Why a mesh cannot start.

use std::{io, path::PathBuf, process::ExitStatus, time::Duration};

use plexus_tracestore::BindError;

use crate::failure::{Failure, code};

/// Why a mesh, or a part of it, cannot start. Whatever had started is ended.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A program is missing.
    #[error("{name}: there is no program {}", program.display())]
    NoProgram {
        /// The service.
        name: &'static str,
        /// Where its program was looked for.
        program: PathBuf,
    },
    /// A program cannot be run.
    #[error("{name}: cannot run {}", program.display())]
    Spawn {
        /// The service.
        name: &'static str,
        /// Its program.
        program: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A log cannot be written.
    #[error("cannot write the log {}", path.display())]
    Log {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A service ended before it served.
    #[error("{name} ended at its start ({status})")]
    Ended {
        /// The service.
        name: &'static str,
        /// How it ended.
        status: ExitStatus,
        /// The last lines of its log.
        tail: Vec<String>,
    },
    /// A service neither serves nor ends.
    #[error("{name} did not serve within {after:?}")]
    Silent {
        /// The service.
        name: &'static str,
        /// How long it had.
        after: Duration,
        /// The last lines of its log.
        tail: Vec<String>,
    },
    /// The trace store has no address.
    #[error(transparent)]
    Traces(#[from] BindError),
    /// All serve, but the router does not see it.
    #[error("the mesh did not get healthy within {after:?}")]
    Unhealthy {
        /// How long it had.
        after: Duration,
        /// What is missing.
        missing: Vec<String>,
    },
    /// There is no such service in this mesh.
    #[error("there is no service `{0}` in the mesh")]
    Unknown(String),
}

impl StartError {
    /// The exit code: that of the service that ended, 69 for a busy address, 66 for a missing program, otherwise 70.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::NoProgram { .. } => code::INPUT,
            Self::Log { .. } => code::OUTPUT,
            Self::Ended { status, .. } => {
                let code = status.code().and_then(|code| u8::try_from(code).ok());
                code.filter(|code| *code != 0).unwrap_or(code::SOFTWARE)
            }
            Self::Traces(error) if error.is_busy() => code::UNAVAILABLE,
            Self::Spawn { .. } | Self::Silent { .. } | Self::Traces(_) | Self::Unhealthy { .. } | Self::Unknown(_) => {
                code::SOFTWARE
            }
        }
    }
}

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        let failure = Self::new(error.exit_code(), plexus_errors::chain(&error));
        match error {
            StartError::NoProgram { .. } => failure.details([
                "build all of them (cargo build --release --workspace --bins), or say with --bin-dir where they are",
            ]),
            StartError::Ended { tail, .. } | StartError::Silent { tail, .. } => failure.details(tail),
            StartError::Unhealthy { missing, .. } => failure.details(missing),
            StartError::Traces(error) if error.is_busy() => {
                failure.details(["stop the other mesh there, or take free ports with --ephemeral; if it is a Jaeger, let it have the traces:",
                "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4317 plexus up --no-traces",])
            }
            StartError::Spawn { .. } | StartError::Log { .. } | StartError::Traces(_) | StartError::Unknown(_) => {
                failure
            }
        }
    }
}
