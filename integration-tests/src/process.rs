//! Processes: how they are started, what they say, how they end.

use std::{
    ffi::OsStr,
    io::{BufRead as _, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, ExitStatus, Stdio},
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        mpsc::{Receiver, channel},
    },
    thread,
    time::{Duration, Instant},
};

/// How long a process may take to end by itself when nobody needs it any more.
const PATIENCE: Duration = Duration::from_secs(30);

/// The root of the checkout: processes run there, so that they find the model.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// See [`use_bins`].
static BINS: OnceLock<PathBuf> = OnceLock::new();

/// Takes binaries from this folder from now on; the first call counts.
pub fn use_bins(folder: PathBuf) {
    // A second folder would be a second answer to the same question: the first one stays.
    let _ = BINS.set(folder);
}

/// Where a binary of the workspace is: where [`use_bins`] says, in PLEXUS_BIN_DIR, or in the target folder that this
/// program was built into.
///
/// # Panics
/// Where it has not been built.
pub fn bin(name: &str) -> PathBuf {
    let named = || std::env::var_os("PLEXUS_BIN_DIR").map(PathBuf::from);
    let folder = BINS.get().cloned().or_else(named).unwrap_or_else(|| {
        let own = std::env::current_exe().expect("a program has a path");
        // target/PROFILE/deps/TEST, or target/PROFILE/PROGRAM
        let folder = own.parent().unwrap_or(&own);
        let deps = folder.file_name().is_some_and(|name| name == "deps");
        folder.ancestors().nth(usize::from(deps)).unwrap_or(folder).to_owned()
    });
    let path = folder.join(name);
    assert!(
        path.is_file(),
        "{} is not there: run `cargo build --workspace --bins` first, or set PLEXUS_BIN_DIR",
        path.display()
    );
    path
}

/// A command for a binary of the workspace, with nothing of the mesh in its environment; on one core only where there is
/// one named.
fn command(name: &str, core: Option<usize>) -> Command {
    let mut command = match core {
        None => Command::new(bin(name)),
        // It replaces itself by what it starts, so that the process id is the binary's.
        Some(core) => {
            let mut command = Command::new("taskset");
            command.args(["-c", &core.to_string()]).arg(bin(name));
            command
        }
    };
    command.current_dir(root());
    for (variable, _) in std::env::vars_os() {
        let ours = variable
            .to_str()
            .is_some_and(|name| name.starts_with("PLEXUS_") || name.starts_with("OTEL_"));
        if ours || variable == "NO_COLOR" {
            command.env_remove(variable);
        }
    }
    command
}

/// A process that runs; it is told to end, and then made to, when it is dropped.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Mutex<Receiver<String>>,
    errors: Arc<Mutex<String>>,
    ended: Option<ExitStatus>,
}

impl Process {
    /// Starts a binary of the workspace.
    ///
    /// # Panics
    /// Where it cannot be started.
    pub fn start(name: &str, args: &[&str], environment: &[(&str, &str)]) -> Self {
        Self::start_on(None, name, args, environment)
    }

    /// The same, on one core of the machine, where there is one named and the program `taskset`.
    ///
    /// # Panics
    /// Where it cannot be started.
    pub fn start_on(core: Option<usize>, name: &str, args: &[&str], environment: &[(&str, &str)]) -> Self {
        let mut child = command(name, core)
            .args(args)
            .envs(environment.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{name} cannot be started: {error}"));
        let (sender, lines) = channel();
        let stdout = BufReader::new(child.stdout.take().expect("it is piped"));
        thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                // Whoever has stopped listening does not stop the process from talking.
                let _ = sender.send(line);
            }
        });
        let errors = Arc::default();
        let stderr = child.stderr.take().expect("it is piped");
        let sink = Arc::clone(&errors);
        thread::spawn(move || collect(stderr, &sink));
        Self {
            name: name.to_owned(),
            stdin: child.stdin.take(),
            child,
            lines: Mutex::new(lines),
            errors,
            ended: None,
        }
    }

    /// The next line that it prints.
    ///
    /// # Panics
    /// Where none comes within `within`, with what it said on standard error.
    pub fn line(&self, within: Duration) -> String {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.recv_timeout(within).unwrap_or_else(|error| {
            panic!(
                "{} said nothing ({error}); standard error: {}",
                self.name,
                self.errors()
            )
        })
    }

    /// What it has said on standard error so far.
    pub fn errors(&self) -> String {
        self.errors.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends it a signal, e.g. `TERM`.
    pub fn signal(&self, signal: &str) {
        crate::proc_fs::signal(self.pid(), signal);
    }

    /// How it ended.
    ///
    /// # Panics
    /// Where it has not within `within`.
    pub async fn ended(&mut self, within: Duration) -> ExitStatus {
        let end = Instant::now() + within;
        loop {
            if let Some(status) = self.try_ended() {
                return status;
            }
            assert!(Instant::now() < end, "not within {within:?}: {} ends", self.name);
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    fn try_ended(&mut self) -> Option<ExitStatus> {
        if self.ended.is_none() {
            self.ended = self.child.try_wait().ok().flatten();
        }
        self.ended
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Standard input closes: that is what tells it to end.
        self.stdin = None;
        let end = Instant::now() + PATIENCE;
        while self.try_ended().is_none() {
            if Instant::now() > end {
                let _ = self.child.kill();
                let _ = self.child.wait();
                return;
            }
            thread::park_timeout(Duration::from_millis(5));
        }
    }
}

fn collect(mut from: impl Read, into: &Mutex<String>) {
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        let text = String::from_utf8_lossy(&buffer[..count]);
        into.lock().unwrap_or_else(PoisonError::into_inner).push_str(&text);
    }
}

/// What a process that has ended left behind.
#[derive(Debug)]
pub struct Run {
    /// Its exit code; none where a signal ended it.
    pub code: Option<i32>,
    /// What it printed.
    pub stdout: String,
    /// What it said on standard error.
    pub stderr: String,
}

/// Runs a binary of the workspace to its end.
///
/// # Panics
/// Where it does not end within `within`.
pub async fn run<A: AsRef<OsStr>>(name: &str, args: &[A], environment: &[(&str, &str)], within: Duration) -> Run {
    let mut command = tokio::process::Command::from(command(name, None));
    command
        .args(args)
        .envs(environment.iter().copied())
        .stdin(Stdio::null())
        .kill_on_drop(true);
    let output = tokio::time::timeout(within, command.output())
        .await
        .unwrap_or_else(|_| panic!("{name} has not ended within {within:?}"))
        .unwrap_or_else(|error| panic!("{name} cannot be started: {error}"));
    Run {
        code: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}
