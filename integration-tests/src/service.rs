//! One service, started by hand.

use std::{net::SocketAddr, time::Duration};

use crate::process::Process;

/// How long a service may take until it serves; a build without optimisation loads its model slowly.
const START: Duration = Duration::from_secs(30);

/// A service that serves.
#[derive(Debug)]
pub struct Service {
    /// Its process.
    pub process: Process,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Service {
    /// Starts `plexus-NAME` on a free port and waits until it serves. Variables of the environment are given without
    /// `PLEXUS_NAME__`, e.g. `SERVER__GRACE`.
    ///
    /// # Panics
    /// Where it does not serve.
    pub fn start(name: &str, keys: &[(&str, &str)]) -> Self {
        Self::start_at(name, "127.0.0.1:0", keys)
    }

    /// The same, at an address.
    ///
    /// # Panics
    /// Where it does not serve.
    pub fn start_at(name: &str, address: &str, keys: &[(&str, &str)]) -> Self {
        Self::start_on(None, name, address, keys)
    }

    /// The same, on one core of the machine.
    ///
    /// # Panics
    /// Where it does not serve.
    pub fn start_on(core: Option<usize>, name: &str, address: &str, keys: &[(&str, &str)]) -> Self {
        let prefix = format!("PLEXUS_{}__", name.to_uppercase());
        let listen = (format!("{prefix}SERVER__LISTEN"), address);
        let keys = keys.iter().map(|(key, value)| (format!("{prefix}{key}"), *value));
        let environment: Vec<(String, &str)> = std::iter::once(listen).chain(keys).collect();
        let environment: Vec<(&str, &str)> = environment.iter().map(|(key, value)| (key.as_str(), *value)).collect();
        let process = Process::start_on(core, &format!("plexus-{name}"), &["--until-stdin-closes"], &environment);
        let line = process.line(START);
        let address = line
            .strip_prefix(&format!("listening {name} "))
            .and_then(|address| address.parse().ok())
            .unwrap_or_else(|| panic!("{name} said `{line}`"));
        Self { process, address }
    }

    /// `http://` and its address.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}
