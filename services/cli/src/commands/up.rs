//! `plexus up`.

use std::time::Duration;

use serde_json::{Value, json};

use super::stop::Stop;
use crate::{
    args::{MeshArgs, Up},
    client::Router,
    failure::{Failure, code},
    json,
    mesh::{Death, Mesh, Options},
    output::{self, BAD, FAINT, GOOD, NAME, STRONG, Table, paint},
    samples,
};

/// How long it takes to collect processes that were killed at once.
const REAP: Duration = Duration::from_millis(100);

/// Starts the mesh, says where it is, stays until it is asked to stop, drains.
pub(super) async fn run(args: Up) -> Result<(), Failure> {
    let mut stop = Stop::new(args.until_stdin_closes)?;
    let mut mesh = start(&args.mesh, &mut stop).await?;
    let result = stay(&mut mesh, &args, &mut stop).await;
    let drained = drain(mesh, &mut stop, args.json).await;
    result.and(drained)
}

/// Starts a mesh as the command line says, unless a stop is asked for meanwhile.
pub(super) async fn start(args: &MeshArgs, stop: &mut Stop) -> Result<Mesh, Failure> {
    start_with(args, &[], stop).await
}

/// The same with variables for all services, where the environment does not set them.
pub(super) async fn start_with(args: &MeshArgs, variables: &[(&str, &str)], stop: &mut Stop) -> Result<Mesh, Failure> {
    let mut options = options(args)?;
    let unset = variables.iter().filter(|(name, _)| std::env::var_os(name).is_none());
    let unset = unset.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    options.environment.extend(unset);
    tokio::select! {
        mesh = Mesh::start(options) => return Ok(mesh?),
        // Dropping the start kills what has started.
        () = stop.asked() => {}
    }
    tokio::time::sleep(REAP).await;
    Err(Failure::quiet(code::INTERRUPTED))
}

/// Drains a mesh; a second Ctrl-C kills it.
pub(super) async fn drain(mut mesh: Mesh, stop: &mut Stop, quiet: bool) -> Result<(), Failure> {
    if !quiet {
        output::note(&paint(FAINT, "stopping: calls under way may end (Ctrl-C again kills)"));
    }
    let killed = tokio::select! {
        killed = mesh.drain() => killed,
        () = stop.asked_again() => {
            mesh.kill_all().await;
            return Err(Failure::new(code::INTERRUPTED, "killed while it drained"));
        }
    };
    mesh.stop().await;
    if quiet {
        // The reader may be gone; there is nobody else to tell.
        let _ = event(&json!({"event": "stopped", "killed": killed}));
    }
    match killed.is_empty() {
        true => Ok(()),
        false => Err(Failure::new(
            code::NO,
            format!(
                "did not end within the grace time and were killed: {}",
                killed.join(", ")
            ),
        )),
    }
}

fn options(args: &MeshArgs) -> Result<Options, Failure> {
    let beside = || {
        let program = std::env::current_exe().ok()?;
        Some(program.parent()?.to_owned())
    };
    let bin_dir = args.bin_dir.clone().or_else(beside);
    Ok(Options {
        ephemeral: args.ephemeral,
        bin_dir: bin_dir
            .ok_or_else(|| Failure::new(code::SOFTWARE, "cannot find out where this program is: give --bin-dir"))?,
        log_dir: args.log.clone(),
        traces: !args.no_traces,
        environment: Vec::new(),
        grace: args.grace,
    })
}

async fn stay(mesh: &mut Mesh, args: &Up, stop: &mut Stop) -> Result<(), Failure> {
    match args.json {
        true => event(&description(mesh))?,
        false => output::print(&welcome(mesh, &args.mesh))?,
    }
    if args.samples {
        tokio::select! {
            result = ask_samples(mesh, args.json) => result?,
            () = stop.asked() => return Ok(()),
        }
    }
    if !args.json {
        output::print(&footer(mesh, &args.mesh))?;
    }
    loop {
        tokio::select! {
            death = mesh.death() => report(&death, args.json)?,
            () = stop.asked() => return Ok(()),
        }
    }
}

async fn ask_samples(mesh: &Mesh, json: bool) -> Result<(), Failure> {
    let router = Router::connect(&mesh.endpoint()).await?;
    for sample in &samples::ALL {
        let result = sample.ask(&router).await;
        match (result, json) {
            (Ok(response), true) => {
                let problem = sample.problem(&response);
                let response = json::value("AskResponse", &response)?;
                event(&json!({
                    "event": "sample", "query": sample.query, "response": response, "problem": problem,
                }))?;
            }
            (Ok(response), false) => output::print(&format!("{}\n", sample.render(&response)))?,
            (Err(failure), true) => {
                event(&json!({"event": "sample", "query": sample.query, "problem": failure.to_string()}))?;
            }
            (Err(failure), false) => {
                output::print(&format!("{}\n{} {failure}\n\n", sample.query, paint(BAD, "failed:")))?;
            }
        }
    }
    Ok(())
}

fn report(death: &Death, json: bool) -> Result<(), Failure> {
    match json {
        true => event(&json!({
            "event": "died", "name": death.name, "status": death.status.to_string(), "log": death.log,
            "restart": death.restart,
        })),
        false => output::print(&format!(
            "{} {} ended ({}); the mesh goes on without it. Log: {}  Again by hand: {}\n",
            paint(BAD, "died:"),
            paint(NAME, death.name),
            death.status,
            death.log.display(),
            death.restart
        )),
    }
}

/// The first line with `--json`.
fn description(mesh: &Mesh) -> Value {
    let services = mesh
        .parts()
        .into_iter()
        .map(|part| json!({"name": part.name, "address": part.address, "pid": part.pid, "log": part.log}));
    json!({
        "event": "up",
        "router": mesh.router_addr(),
        "jaeger": mesh.traces_addr().map(|address| format!("http://{address}")),
        "otlp": mesh.otlp_addr().map(|address| format!("http://{address}")),
        "services": services.collect::<Vec<_>>(),
    })
}

fn event(event: &Value) -> Result<(), Failure> {
    output::answer(&format!("{event}\n"))
}

/// The table of endpoints.
pub(super) fn welcome(mesh: &Mesh, args: &MeshArgs) -> String {
    let mut table = Table::default();
    for part in mesh.parts() {
        table.row([
            (NAME, part.name.to_owned()),
            (STRONG, part.address.to_string()),
            (FAINT, format!("pid {}", part.pid)),
        ]);
    }
    if let (Some(query), Some(otlp)) = (mesh.traces_addr(), mesh.otlp_addr()) {
        let spans = format!("spans in at {otlp}");
        table.row([
            (NAME, "traces".to_owned()),
            (STRONG, format!("http://{query}")),
            (FAINT, spans),
        ]);
    }
    table.row([(NAME, "logs".to_owned()), (FAINT, args.log.display().to_string())]);
    format!("{}\n\n{}\n", paint(GOOD, "The mesh is up."), table.render(2))
}

fn footer(mesh: &Mesh, args: &MeshArgs) -> String {
    let program = std::env::args().next().unwrap_or_else(|| "plexus".to_owned());
    let addresses = match (args.ephemeral, mesh.traces_addr()) {
        (true, Some(traces)) => format!(" --addr {} --jaeger http://{traces}", mesh.router_addr()),
        (true, None) => format!(" --addr {}", mesh.router_addr()),
        (false, _) => String::new(),
    };
    let command = format!("{program} ask --explain{addresses} '{}'", samples::MATH.query);
    format!(
        "Try:  {}\n{}\n",
        paint(STRONG, command),
        paint(FAINT, "Ctrl-C drains and ends everything.")
    )
}
