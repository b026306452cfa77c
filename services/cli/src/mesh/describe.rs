//! How a mesh is started, and what is said of its parts.

use std::{net::SocketAddr, path::PathBuf, process::ExitStatus, time::Duration};

/// How to start a mesh.
#[derive(Debug, Clone)]
pub struct Options {
    /// Free ports instead of the usual ones.
    pub ephemeral: bool,
    /// Where the services' programs are.
    pub bin_dir: PathBuf,
    /// Where logs go, one file for each service; made where it does not exist.
    pub log_dir: PathBuf,
    /// Whether to keep traces; without, services send none unless the environment says where.
    pub traces: bool,
    /// Variables for every service, beside those of this process.
    pub environment: Vec<(String, String)>,
    /// How long calls under way may take when the mesh stops.
    pub grace: Duration,
}

/// A service that ended although nobody asked it to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Death {
    /// Its name in the mesh.
    pub name: &'static str,
    /// How it ended.
    pub status: ExitStatus,
    /// Its log.
    pub log: PathBuf,
    /// A command line that starts it again by hand.
    pub restart: String,
}

/// One service, as it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its name in the mesh: `router`, `math`, `validator-math`, …
    pub name: &'static str,
    /// Where it listens.
    pub address: SocketAddr,
    /// Its process.
    pub pid: u32,
    /// Its log.
    pub log: PathBuf,
    /// From its start until it was SERVING.
    pub to_serving: Duration,
}
