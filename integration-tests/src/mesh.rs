//! The whole mesh, as `plexus up` starts it.

use std::{collections::BTreeMap, fs, net::SocketAddr, sync::LazyLock, time::Duration};

use plexus_testkit::eventually;
use serde_json::Value;
use tempfile::TempDir;

use crate::{
    ask::{DEADLINE, Router, connect},
    proc_fs,
    process::Process,
};

/// How long the mesh may take to start: every service in a build without optimisation, on a machine with other work.
const START: Duration = Duration::from_secs(90);

/// A part of the mesh.
#[derive(Debug, Clone)]
struct Part {
    address: SocketAddr,
    pid: u32,
}

/// A running mesh; it ends, and everything in it, when it is dropped.
///
/// Dropping it waits for its end, and a server that ends waits for its clients to hang up: a test that owns a mesh needs
/// a runtime that goes on meanwhile (`flavor = "multi_thread"`).
#[derive(Debug)]
pub struct Mesh {
    /// `plexus up`.
    pub up: Process,
    parts: BTreeMap<String, Part>,
    traces: String,
    logs: TempDir,
}

impl Mesh {
    /// Starts a mesh with nothing special about it.
    ///
    /// # Panics
    /// Where it does not get up.
    pub fn start() -> Self {
        Self::with(&[])
    }

    /// Starts a mesh whose services are given these variables.
    ///
    /// # Panics
    /// Where it does not get up.
    pub fn with(environment: &[(&str, &str)]) -> Self {
        let logs = tempfile::tempdir().expect("there is a folder for temporary files");
        let folder = logs.path().display().to_string();
        let args = ["up", "--ephemeral", "--json", "--until-stdin-closes", "--log", &folder];
        // Spans are sent at once: tests wait for them.
        let quick = [("OTEL_BSP_SCHEDULE_DELAY", "100")];
        let environment: Vec<(&str, &str)> = quick.iter().chain(environment).copied().collect();
        let up = Process::start("plexus", &args, &environment);
        let event: Value = serde_json::from_str(&up.line(START)).expect("plexus up --json prints JSON");
        assert_eq!(event["event"], "up", "{event}");
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let part = |one: &Value| {
            let address = text(&one["address"])
                .parse()
                .unwrap_or_else(|_| panic!("no address in {one}"));
            let pid = one["pid"]
                .as_u64()
                .and_then(|pid| u32::try_from(pid).ok())
                .unwrap_or_else(|| panic!("no pid in {one}"));
            (text(&one["name"]), Part { address, pid })
        };
        Self {
            parts: event["services"].as_array().into_iter().flatten().map(part).collect(),
            traces: text(&event["jaeger"]),
            up,
            logs,
        }
    }

    /// A client of the router.
    ///
    /// # Panics
    /// Where it cannot be reached.
    pub async fn router(&self) -> Router {
        Router::new(connect(&self.url("router")).await)
    }

    /// Where a service listens, e.g. `math` or `validator-code`.
    pub fn address(&self, service: &str) -> SocketAddr {
        self.part(service).address
    }

    /// `http://` and its address.
    pub fn url(&self, service: &str) -> String {
        format!("http://{}", self.address(service))
    }

    /// The process of a service.
    pub fn pid(&self, service: &str) -> u32 {
        self.part(service).pid
    }

    /// Processes of all services.
    pub fn pids(&self) -> Vec<u32> {
        self.parts.values().map(|part| part.pid).collect()
    }

    /// Names of all services.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.parts.keys().map(String::as_str)
    }

    /// Sends a service a signal.
    pub fn signal(&self, service: &str, signal: &str) {
        proc_fs::signal(self.pid(service), signal);
    }

    /// Kills a service and waits until it is gone.
    pub async fn kill(&self, service: &str) {
        let pid = self.pid(service);
        proc_fs::signal(pid, "KILL");
        eventually("a killed process is gone", DEADLINE, async || {
            (!proc_fs::alive(pid)).then_some(())
        })
        .await;
    }

    /// Where traces are, as a URL.
    pub fn traces(&self) -> &str {
        &self.traces
    }

    /// Everything that the services have logged, and that `plexus up` said on standard error.
    pub fn logs(&self) -> String {
        let files = fs::read_dir(self.logs.path()).into_iter().flatten().flatten();
        let logs = files.filter_map(|file| fs::read(file.path()).ok());
        let mut all = logs
            .map(|log| String::from_utf8_lossy(&log).into_owned())
            .collect::<Vec<_>>()
            .join("\n");
        all.push_str(&self.up.errors());
        all
    }

    /// Asserts that nothing in the mesh has panicked.
    pub fn has_not_panicked(&self) {
        let logs = self.logs();
        let panics: Vec<&str> = logs.lines().filter(|line| line.contains("panicked at")).collect();
        assert!(panics.is_empty(), "{panics:#?}");
    }

    fn part(&self, service: &str) -> &Part {
        self.parts
            .get(service)
            .unwrap_or_else(|| panic!("no service {service} in {:?}", self.parts.keys()))
    }
}

/// One mesh for all tests of a file that leave it as it is: `static MESH: Shared = LazyLock::new(Mesh::start);`. It is
/// never dropped, but ends with the test's process: its standard input closes then.
pub type Shared = LazyLock<Mesh>;
