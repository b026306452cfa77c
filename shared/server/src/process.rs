//! A service as a process: arguments, configuration, telemetry, serving, signals, exit code.

use std::{future::Future, path::PathBuf, process::ExitCode, time::Duration};

use clap::Parser;
use plexus_config::{Environment, Validate};
use serde::de::DeserializeOwned;
use tokio::io::AsyncReadExt as _;
use tracing::info;

use crate::{Config, Service, StartError, bind, probe};

/// How long threads that block may outlive the service.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// What every service's configuration has.
pub trait ServiceConfig: DeserializeOwned + Validate {
    /// Section `server`.
    fn server(&self) -> &Config;
    /// Section `telemetry`.
    fn telemetry(&self) -> &plexus_telemetry::Config;
}

/// Arguments of every service.
#[derive(Debug, Parser)]
#[command(version)]
pub struct Args {
    /// Configuration file (TOML) on top of the defaults; PLEXUS_<SERVICE>__<SECTION>__<KEY> in the environment wins
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Check the configuration and end: 0 if it is right, 64 if not
    #[arg(long)]
    pub check: bool,
    /// Ask the one that runs by this configuration whether it serves, and end: 0 if it does, 1 if not
    #[arg(long)]
    pub health: bool,
    /// Print the defaults, as a file to begin with, and end
    #[arg(long)]
    pub print_config: bool,
    /// Drain and end when standard input closes, so that no process outlives the one that started it
    #[arg(long, hide = true)]
    pub until_stdin_closes: bool,
}

/// Runs a service: `name` in lower case, its default configuration as TOML, and what builds it.
///
/// Prints `listening NAME ADDRESS` on standard output once health checks say SERVING.
pub fn main<C, F, B>(name: &'static str, defaults: &'static str, build: B) -> ExitCode
where
    C: ServiceConfig,
    F: Future<Output = Result<Service, StartError>>,
    B: FnOnce(C, Environment) -> F,
{
    let args = Args::parse();
    if args.print_config {
        print!("{defaults}");
        return ExitCode::SUCCESS;
    }
    match run(name, defaults, &args, build) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {name}: {}", plexus_errors::chain(&error));
            ExitCode::from(error.exit_code())
        }
    }
}

fn run<C, F, B>(name: &'static str, defaults: &str, args: &Args, build: B) -> Result<(), StartError>
where
    C: ServiceConfig,
    F: Future<Output = Result<Service, StartError>>,
    B: FnOnce(C, Environment) -> F,
{
    let environment = Environment::process();
    let config: C = plexus_config::load(name, defaults, args.config.as_deref(), &environment)?;
    if args.check {
        println!("{name}: the configuration is right");
        return Ok(());
    }
    let no_runtime = |source: std::io::Error| StartError::System {
        what: "cannot start the runtime",
        source: source.into(),
    };
    if args.health {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let serving = probe::serving(config.server());
        return Ok(runtime.map_err(no_runtime)?.block_on(serving)?);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(config.server().worker_threads)
        .enable_all()
        .build()
        .map_err(no_runtime)?;
    let until_stdin_closes = args.until_stdin_closes;
    let result = runtime.block_on(async move {
        let telemetry = plexus_telemetry::init(name, config.telemetry(), &environment)?;
        let (server, metrics) = (config.server().clone(), config.telemetry().metrics);
        let result = async {
            let stop = stop(until_stdin_closes);
            let bound = bind(&server, metrics).await?;
            let service = build(config, environment).await?;
            let ready = |address| {
                info!(%address, version = env!("CARGO_PKG_VERSION"), "serving");
                println!("listening {name} {address}");
            };
            Ok(bound.serve(service, ready, stop).await?)
        }
        .await;
        telemetry.shutdown().await;
        result
    });
    // A thread that reads standard input cannot be woken.
    runtime.shutdown_timeout(LAST_WORDS);
    result
}

/// Done when the process is asked to stop; it listens for that from now on, not from the first poll.
fn stop(until_stdin_closes: bool) -> impl Future<Output = ()> {
    let signal = signal();
    async move {
        tokio::select! {
            () = signal => {}
            () = stdin_closed(), if until_stdin_closes => {}
        }
    }
}

/// Done at SIGTERM or SIGINT (Ctrl-C); both are caught from now on. Must be called inside the runtime.
fn signal() -> impl Future<Output = ()> {
    use tokio::signal::unix::{SignalKind, signal};
    let signals = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()));
    async move {
        match signals {
            (Ok(mut terminate), Ok(mut interrupt)) => tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            },
            // Without handlers the operating system ends the process.
            _ => std::future::pending().await,
        }
    }
}

/// Done when standard input closes.
pub async fn stdin_closed() {
    let mut stdin = tokio::io::stdin();
    let mut buffer = [0; 64];
    while matches!(stdin.read(&mut buffer).await, Ok(1..)) {}
}
