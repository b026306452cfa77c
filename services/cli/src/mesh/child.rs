//! One service as a child process that cannot outlive this one: its standard input is a pipe from here, and it drains
//! and ends when that closes, which the operating system sees to even when this process is killed.

use std::{
    fs::File,
    io::{self, Read as _, Seek as _, SeekFrom},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child as Process, ChildStdout, Command},
    sync::{mpsc, watch},
};

use super::{error::StartError, role};

/// How long a service may take from start to `listening`.
const START: Duration = Duration::from_secs(30);
/// Lines of a log that an error shows, and the bytes in which they are looked for.
const TAIL_LINES: usize = 8;
const TAIL_BYTES: u64 = 16 * 1024;

/// How to start a service.
#[derive(Debug, Clone)]
pub(super) struct Launch {
    pub(super) name: &'static str,
    pub(super) program: PathBuf,
    pub(super) environment: Vec<(String, String)>,
    pub(super) log: PathBuf,
}

impl Launch {
    /// Fixes the address, once it is known, so that the service comes back where it was.
    pub(super) fn listen_at(&mut self, address: SocketAddr) {
        for (key, value) in &mut self.environment {
            if key.ends_with(role::LISTEN) {
                *value = address.to_string();
            }
        }
    }

    /// The command line that starts the same service by hand.
    pub(super) fn by_hand(&self) -> String {
        let mut words: Vec<String> = self
            .environment
            .iter()
            .map(|(key, value)| format!("{key}={}", quoted(value)))
            .collect();
        words.push(quoted(&self.program.display().to_string()));
        words.join(" ")
    }
}

fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | ':' | '/' | '-' | '_');
    match text.chars().all(plain) {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', "'\\''")),
    }
}

/// A service that was killed or died by itself.
#[derive(Debug)]
pub(super) struct Exit {
    pub(super) name: &'static str,
    pub(super) status: ExitStatus,
}

/// A running service. Dropping it kills the process.
#[derive(Debug)]
pub(super) struct Child {
    pub(super) pid: u32,
    pub(super) address: SocketAddr,
    /// From its start until it was SERVING.
    pub(super) to_serving: Duration,
    orders: mpsc::UnboundedSender<Order>,
    exit: watch::Receiver<Option<ExitStatus>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Drain,
    Kill,
}

impl Child {
    /// Starts it and waits until it listens. `append` keeps what is in its log. An end that nobody asked for goes to `exits`.
    pub(super) async fn start(
        launch: &Launch,
        append: bool,
        exits: mpsc::UnboundedSender<Exit>,
    ) -> Result<Self, StartError> {
        let name = launch.name;
        let log = log(&launch.log, append).map_err(|source| StartError::Log {
            path: launch.log.clone(),
            source,
        })?;
        let begin = Instant::now();
        let mut process = spawn(launch, log)?;
        let stdout = process.stdout.take();
        // It has a process id until it was waited for.
        let pid = process.id().unwrap_or_default();
        let mut lines = stdout.map(|stdout| BufReader::new(stdout).lines());
        let listening = async {
            while let Some(line) = next_line(&mut lines).await {
                if let Some(address) = listening(&line) {
                    return Some(address);
                }
            }
            None
        };
        let address = match tokio::time::timeout(START, listening).await {
            Ok(Some(address)) => address,
            Ok(None) => {
                let status = process.wait().await.map_err(|source| StartError::Spawn {
                    name,
                    program: launch.program.clone(),
                    source,
                })?;
                return Err(StartError::Ended {
                    name,
                    status,
                    tail: tail(&launch.log),
                });
            }
            Err(_) => {
                let _ = process.kill().await;
                return Err(StartError::Silent {
                    name,
                    after: START,
                    tail: tail(&launch.log),
                });
            }
        };
        let to_serving = begin.elapsed();
        let (orders, received) = mpsc::unbounded_channel();
        let (ended, exit) = watch::channel(None);
        tokio::spawn(async move {
            // Read on, so that a service that prints never meets a closed or a full pipe.
            let drain_stdout = async { while next_line(&mut lines).await.is_some() {} };
            let (status, asked) = tokio::join!(supervise(process, received), drain_stdout).0;
            if let Some(status) = status {
                ended.send_replace(Some(status));
                if !asked {
                    let _ = exits.send(Exit { name, status });
                }
            }
        });
        Ok(Self {
            pid,
            address,
            to_serving,
            orders,
            exit,
        })
    }

    /// Whether it still runs.
    pub(super) fn is_running(&self) -> bool {
        self.exit.borrow().is_none()
    }

    /// Ends it at once (SIGKILL) and waits until it is gone.
    pub(super) async fn kill(&mut self) -> Option<ExitStatus> {
        let _ = self.orders.send(Order::Kill);
        self.gone().await
    }

    /// Asks it to drain; kills it after the grace time. The status, and whether it had to be killed.
    pub(super) async fn drain(&mut self, grace: Duration) -> (Option<ExitStatus>, bool) {
        let _ = self.orders.send(Order::Drain);
        match tokio::time::timeout(grace, self.gone()).await {
            Ok(status) => (status, false),
            Err(_) => (self.kill().await, true),
        }
    }

    async fn gone(&mut self) -> Option<ExitStatus> {
        match self.exit.wait_for(Option::is_some).await {
            Ok(status) => *status,
            // The supervisor is gone: the runtime ends.
            Err(_) => None,
        }
    }
}

fn spawn(launch: &Launch, log: File) -> Result<Process, StartError> {
    let mut command = Command::new(&launch.program);
    command
        .arg("--until-stdin-closes")
        .envs(launch.environment.iter().map(|(key, value)| (key, value)))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(log)
        .kill_on_drop(true);
    // Ctrl-C on the terminal reaches this process only, which then drains the mesh in order.
    #[cfg(unix)]
    command.process_group(0);
    command.spawn().map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => StartError::NoProgram {
            name: launch.name,
            program: launch.program.clone(),
        },
        _ => StartError::Spawn {
            name: launch.name,
            program: launch.program.clone(),
            source,
        },
    })
}

/// Waits for its end and follows orders. The status, and whether the end was asked for.
async fn supervise(mut process: Process, mut orders: mpsc::UnboundedReceiver<Order>) -> (Option<ExitStatus>, bool) {
    let mut stdin = process.stdin.take();
    let mut asked = false;
    loop {
        tokio::select! {
            status = process.wait() => return (status.ok(), asked),
            order = orders.recv() => {
                asked = true;
                match order {
                    Some(Order::Drain) => drop(stdin.take()),
                    Some(Order::Kill) => _ = process.start_kill(),
                    // Nobody holds the child any more.
                    None => {
                        _ = process.start_kill();
                        return (process.wait().await.ok(), true);
                    }
                }
            }
        }
    }
}

type Lines = tokio::io::Lines<BufReader<ChildStdout>>;

async fn next_line(lines: &mut Option<Lines>) -> Option<String> {
    lines.as_mut()?.next_line().await.ok()?
}

/// The address of `listening NAME ADDRESS`.
fn listening(line: &str) -> Option<SocketAddr> {
    let mut words = line.strip_prefix("listening ")?.split(' ').skip(1);
    words.next()?.parse().ok()
}

fn log(path: &Path, append: bool) -> io::Result<File> {
    let mut options = File::options();
    options.create(true);
    match append {
        true => options.append(true),
        false => options.write(true).truncate(true),
    };
    options.open(path)
}

/// The last lines of a log.
fn tail(path: &Path) -> Vec<String> {
    let read = || -> io::Result<Vec<u8>> {
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(TAIL_BYTES)))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let bytes = read().unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(TAIL_LINES)..]
        .iter()
        .map(|line| (*line).to_owned())
        .collect()
}

#[cfg(test)]
#[path = "child_tests.rs"]
mod tests;
