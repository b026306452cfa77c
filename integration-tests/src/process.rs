//! Processes: how they are started, what they say, how they end.

use std::{
    ffi::OsStr,
    io::{BufRead as _, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, ExitStatus, Stdio},
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, channel},
    },
    thread,
    time::{Duration, Instant},
};

use plexus_testkit::eventually;

/// How long a process may take to end by itself when nobody needs it any more.
const PATIENCE: Duration = Duration::from_secs(30);

/// The root of the checkout: processes run there, so that they find the model.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// Where a binary of the workspace is: in PLEXUS_BIN_DIR, or in the target folder that this test was built into.
///
/// # Panics
/// Where it has not been built.
pub fn bin(name: &str) -> PathBuf {
    let folder = std::env::var_os("PLEXUS_BIN_DIR")
        .map(PathBuf::from)
        .unwrap_or_else(|| {
            let test = std::env::current_exe().expect("a test has a path");
            // target/PROFILE/deps/TEST
            test.ancestors().nth(2).map(Path::to_owned).unwrap_or_default()
        });
    let path = folder.join(name);
    assert!(
        path.is_file(),
        "{} is not there: run `cargo build --workspace --bins` first, or set PLEXUS_BIN_DIR",
        path.display()
    );
    path
}

/// A command for a binary of the workspace, with nothing of the mesh in its environment.
fn command(name: &str) -> Command {
    let mut command = Command::new(bin(name));
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
        let mut child = command(name)
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
        let name = self.name.clone();
        let this = std::cell::RefCell::new(self);
        eventually(&format!("{name} ends"), within, async || this.borrow_mut().try_ended()).await
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
    let mut command = tokio::process::Command::from(command(name));
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
