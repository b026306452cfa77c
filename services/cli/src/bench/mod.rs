//! `plexus bench`: what a request costs, beside a bare two-hop echo measured in the same run on the same machine. Read
//! the figures as ratios: machines are noisy.

pub mod echo;
mod load;
mod process;
mod report;
pub mod workflow;

use std::{net::SocketAddr, path::PathBuf, process::Stdio, time::Duration};

use anyhow::Context as _;
use plexus_proto::v1::{AskRequest, ClassifyRequest, router_service_client::RouterServiceClient};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
};
use tonic::transport::{Channel, Endpoint};

use self::{
    load::Run,
    report::{Classify, FanOut, Load, Process, Report},
};
use crate::{args::MeshArgs, mesh::Mesh};

/// Arguments.
#[derive(Debug, clap::Args)]
pub struct BenchArgs {
    /// How the mesh is started; its ports are always free ones
    #[command(flatten)]
    pub mesh: MeshArgs,
    /// Write the report as JSON too
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// How long each run lasts
    #[arg(long, value_name = "SECONDS", default_value_t = 5.0)]
    seconds: f64,
}

/// Questions of one domain that its exact engine answers, so that every hop is real and no model server is needed.
const QUERIES: &[&str] = &[
    "What is 15% of 240?",
    "Solve 3x + 5 = 20 for x",
    "What is 2^100?",
    "Convert 72 F to C",
    "What is 18% tip on $84.50?",
    "What is 12 times 12?",
    "What is the square root of 144?",
    "What is 1/3 + 1/6?",
    "How many seconds are in a week?",
    "What is the average of 3, 4 and 5?",
];
/// A query of three independent parts.
const THREE_PARTS: &str = "Compute 15% of 240; solve 3x + 5 = 20; and check this Python: def f(x) return x";
/// Callers at the same time.
const CONCURRENCY: [usize; 3] = [1, 8, 64];
/// Words of queries that are classified.
const LENGTHS: [usize; 6] = [4, 12, 28, 60, 124, 252];
/// Times that each is classified, and that the query of three parts is asked.
const SAMPLES: usize = 100;

/// Measures a mesh; the tables. The JSON is written where `args` say.
///
/// # Errors
/// A process that does not answer, or a file that cannot be written.
pub async fn run(mesh: &Mesh, args: &BenchArgs) -> anyhow::Result<String> {
    let duration = Duration::try_from_secs_f64(args.seconds).context("--seconds must be above 0")?;
    let report = measure(mesh, duration).await?;
    let mut text = report.table();
    if let Some(path) = &args.out {
        std::fs::write(path, serde_json::to_vec_pretty(&report)?)
            .with_context(|| format!("cannot write {}", path.display()))?;
        text += &format!("\nwritten to {}\n", path.display());
    }
    Ok(text)
}

async fn measure(mesh: &Mesh, duration: Duration) -> anyhow::Result<Report> {
    let address = mesh.router_addr();
    let parts: Vec<(String, u32)> = mesh
        .parts()
        .into_iter()
        .map(|part| (part.name.to_owned(), part.pid))
        .collect();
    let idle: Vec<u64> = parts.iter().map(|(_, pid)| process::resident(*pid)).collect();

    let floor = Floor::start().await?;
    let mut loads = Vec::new();
    for concurrency in CONCURRENCY {
        eprintln!("load at concurrency {concurrency}");
        loads.push(load_run("echo two hops", floor.address, &floor.pids(), concurrency, duration).await?);
        loads.push(load_run("plexus", address, &parts, concurrency, duration).await?);
    }
    drop(floor);

    let channel = Endpoint::from_shared(format!("http://{address}"))?.connect().await?;
    let mut client = RouterServiceClient::new(channel);
    eprintln!("classification by length");
    let mut classified = Vec::new();
    for words in LENGTHS {
        classified.push(classify(&mut client, words).await?);
    }
    eprintln!("fan-out");
    let fan_out = fan_out(&mut client).await?;
    eprintln!("workflow");
    let workflow = workflow::run(mesh).await?;
    let after: Vec<u64> = parts.iter().map(|(_, pid)| process::resident(*pid)).collect();
    let processes = mesh.parts().into_iter().enumerate().map(|(index, part)| Process {
        name: part.name.to_owned(),
        to_serving_ms: part.to_serving.as_secs_f64() * 1e3,
        resident_idle_mib: mib(idle[index]),
        resident_after_load_mib: mib(after[index]),
    });
    Ok(Report {
        version: env!("CARGO_PKG_VERSION"),
        cpus: std::thread::available_parallelism().map_or(1, usize::from),
        seconds_a_run: duration.as_secs_f64(),
        load: loads,
        classify: classified,
        fan_out,
        workflow,
        processes: processes.collect(),
    })
}

async fn load_run(
    target: &'static str,
    address: SocketAddr,
    processes: &[(String, u32)],
    concurrency: usize,
    duration: Duration,
) -> anyhow::Result<Load> {
    // Connections, caches and allocators warm up first.
    load::run(address, QUERIES, concurrency, duration / 5).await?;
    let before: Vec<Duration> = processes.iter().map(|(_, pid)| process::cpu(*pid)).collect();
    let run = load::run(address, QUERIES, concurrency, duration).await?;
    anyhow::ensure!(run.answered > 0, "{target} answered nothing");
    let used = processes.iter().zip(before).map(|((name, pid), before)| {
        let used = process::cpu(*pid).saturating_sub(before);
        (name.clone(), used.as_secs_f64() * 1e6 / run.answered as f64)
    });
    let cpu_us: Vec<(String, f64)> = used.filter(|(_, cpu)| *cpu >= 0.05).collect();
    let Run {
        latency,
        overhead,
        answered,
        failed,
        elapsed,
    } = run;
    let own = |quantile: f64| (target == "plexus").then(|| us(overhead.value_at_quantile(quantile)));
    Ok(Load {
        target,
        concurrency,
        p50_us: us(latency.value_at_quantile(0.5)),
        p99_us: us(latency.value_at_quantile(0.99)),
        requests_per_second: answered as f64 / elapsed.as_secs_f64(),
        overhead_p50_us: own(0.5),
        overhead_p99_us: own(0.99),
        failed,
        cpu_us_total: cpu_us.iter().map(|(_, cpu)| cpu).sum(),
        cpu_us,
    })
}

async fn classify(client: &mut RouterServiceClient<Channel>, words: usize) -> anyhow::Result<Classify> {
    let mut histogram = load::histogram();
    let mut tokens = 0;
    for sample in 0..SAMPLES {
        let query = format!(
            "Please tell me about {}{sample}",
            "the old town ".repeat(words.saturating_sub(3) / 3)
        );
        let response = client
            .classify(ClassifyRequest {
                query,
                ..ClassifyRequest::default()
            })
            .await?
            .into_inner();
        histogram.saturating_record(load::nanos(plexus_wire::duration(response.latency)));
        tokens = response.route.map_or(0, |route| route.tokens_read);
    }
    Ok(Classify {
        tokens,
        p50_us: us(histogram.value_at_quantile(0.5)),
        p99_us: us(histogram.value_at_quantile(0.99)),
    })
}

async fn fan_out(client: &mut RouterServiceClient<Channel>) -> anyhow::Result<FanOut> {
    let (mut wholes, mut slowest) = (load::histogram(), load::histogram());
    for _ in 0..SAMPLES {
        let request = AskRequest {
            query: THREE_PARTS.to_owned(),
            ..AskRequest::default()
        };
        let response = client.ask(request).await?.into_inner();
        anyhow::ensure!(
            response.steps.len() == 3,
            "the query of three parts became {} steps",
            response.steps.len()
        );
        let branch = response
            .steps
            .iter()
            .map(|step| plexus_wire::duration(step.latency))
            .max()
            .unwrap_or_default();
        let whole = plexus_wire::duration(response.timings.and_then(|timings| timings.upstream));
        wholes.saturating_record(load::nanos(whole));
        slowest.saturating_record(load::nanos(branch));
    }
    let (whole, branch) = (us(wholes.value_at_quantile(0.5)), us(slowest.value_at_quantile(0.5)));
    Ok(FanOut {
        whole_p50_us: whole,
        slowest_branch_p50_us: branch,
        ratio_p50: whole / branch.max(0.001),
    })
}

/// Two echo processes in a row.
struct Floor {
    address: SocketAddr,
    first: Child,
    second: Child,
}

impl Floor {
    async fn start() -> anyhow::Result<Self> {
        let (second, last) = hop(None).await?;
        let (first, address) = hop(Some(last)).await?;
        Ok(Self { address, first, second })
    }

    fn pids(&self) -> Vec<(String, u32)> {
        let named = [("first hop", &self.first), ("second hop", &self.second)];
        named
            .into_iter()
            .filter_map(|(name, child)| Some((name.to_owned(), child.id()?)))
            .collect()
    }
}

/// One echo process; it ends when its standard input closes.
async fn hop(next: Option<SocketAddr>) -> anyhow::Result<(Child, SocketAddr)> {
    let mut command = Command::new(std::env::current_exe()?);
    command
        .arg("echo-hop")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true);
    if let Some(next) = next {
        command.arg("--next").arg(next.to_string());
    }
    let mut child = command.spawn().context("cannot start an echo process")?;
    let stdout = child.stdout.take().context("an echo process has no output")?;
    let line = BufReader::new(stdout).lines().next_line().await?.unwrap_or_default();
    let address = line
        .strip_prefix("listening echo ")
        .with_context(|| format!("an echo process said `{line}`"))?;
    Ok((child, address.parse()?))
}

fn us(nanos: u64) -> f64 {
    nanos as f64 / 1e3
}

fn mib(bytes: u64) -> f64 {
    bytes as f64 / (1024.0 * 1024.0)
}
