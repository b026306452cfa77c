//! The command line.

pub mod deploy;
mod values;

use std::{path::PathBuf, time::Duration};

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use plexus_client::Endpoint;
use plexus_proto::v1;

use self::values::{dollars, endpoint, probability, timeout};
use crate::{
    bench::{BenchArgs, echo::EchoArgs},
    eval::EvalArgs,
    replay::ReplayArgs,
};

/// One gRPC door in front of many models: starts the mesh, asks it, and shows what it did.
#[derive(Debug, Parser)]
#[command(name = "plexus", version, propagate_version = true, after_help = EXAMPLES)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const EXAMPLES: &str = "\
Examples:
  plexus up --samples                           start the whole mesh here and ask it something
  plexus ask 'What is an 18% tip on $84.50?'    ask it
  plexus ask --explain 'double 36'              … and see who answered, why, and what it cost
  plexus ask --json 'double 36' | jq .steps     … for a script
  plexus ask - < question.txt                   the question comes from a file
  plexus status                                 who is up

Colours appear on a terminal only; set NO_COLOR to switch them off.";

const EXIT_CODES: &str = "\
Exit codes:
  0   answered, perhaps degraded (a note on standard error says so)
  1   no answer, or refused by the guard
  2   wrong use, or the router finds the request wrong
  69  the router cannot be reached
  70  a fault of the software
  75  too slow or too busy: try again
  77  not allowed";

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start the whole mesh on this machine; Ctrl-C drains and ends all of it
    #[command(after_help = UP_HELP)]
    Up(Up),
    /// Show the mesh with a part killed: samples, a death, degraded answers, recovery, a trace
    Demo(MeshArgs),
    /// Ask the mesh; the answer comes as it is written
    #[command(after_help = EXIT_CODES)]
    Ask(Ask),
    /// Say how a query would be routed, and why, without asking anybody
    Classify(Classify),
    /// Show who is up; ends with 0 where everything is healthy, 1 where not
    Status(Status),
    /// Print the trace of a request as a tree with times
    Trace(Trace),
    /// Measure a mesh of its own beside a bare two-hop echo: latency, throughput, CPU, memory
    Bench(BenchArgs),
    /// Judge a model on labelled queries, in this process: how right, how sure, how fast
    Eval(EvalArgs),
    /// Play recorded answers of two engines through a mesh of its own: quality, cost, and the curve between them
    Replay(ReplayArgs),
    /// Make an authority for development and a certificate for every service
    Certs(deploy::Certs),
    /// Make API keys for callers of the router
    Keys(deploy::Keys),
    /// Keep traces in memory and show them, as `plexus up` does, in a process of its own
    Tracestore(deploy::TraceStore),
    /// One hop of the echo that `bench` compares with
    #[command(hide = true)]
    EchoHop(EchoArgs),
}

const UP_HELP: &str = "\
Ports: router 50051; code, math, reasoning, language 50061 to 50064; validators 50071 to 50073;
spans in at 4317 (OTLP), traces out at 16686 (Jaeger's API, and a page for people).
Every PLEXUS_… variable reaches the services: PLEXUS_LLM_URL gives all specialists a model.";

/// How the mesh is started.
#[derive(Debug, Clone, ClapArgs)]
pub struct MeshArgs {
    /// Take free ports instead of the usual ones
    #[arg(long)]
    pub ephemeral: bool,
    /// Where the services' programs are [default: beside this one]
    #[arg(long, value_name = "DIR")]
    pub bin_dir: Option<PathBuf>,
    /// Where the services' logs go
    #[arg(long, value_name = "DIR", default_value = ".plexus/logs")]
    pub log: PathBuf,
    /// Keep no traces here; OTEL_EXPORTER_OTLP_ENDPOINT says where spans go, if anywhere
    #[arg(long)]
    pub no_traces: bool,
    /// How long calls under way may take when the mesh stops; then it is killed
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = humantime::parse_duration)]
    pub grace: Duration,
}

/// `plexus up`.
#[derive(Debug, ClapArgs)]
pub struct Up {
    /// How to start it.
    #[command(flatten)]
    pub mesh: MeshArgs,
    /// Print events as JSON, one a line: up, sample, died, stopped
    #[arg(long)]
    pub json: bool,
    /// Ask one question of each domain and a compound one, then stay up
    #[arg(long)]
    pub samples: bool,
    /// Drain and end when standard input closes, so that nothing outlives the program that started it
    #[arg(long, hide = true)]
    pub until_stdin_closes: bool,
}

/// Where the router is.
#[derive(Debug, Clone, ClapArgs)]
pub struct RouterArgs {
    /// Address of the router
    #[arg(long, value_name = "HOST:PORT", env = "PLEXUS_ADDR", default_value = "127.0.0.1:50051", value_parser = endpoint)]
    pub addr: Endpoint,
    /// PEM file with the authority of the router's certificate; with it, TLS is spoken
    #[arg(long, value_name = "FILE", env = "PLEXUS_CA")]
    pub ca: Option<PathBuf>,
    /// PEM file with a certificate of yours, where the router asks for one
    #[arg(long, value_name = "FILE", env = "PLEXUS_CERTIFICATE", requires = "key")]
    pub certificate: Option<PathBuf>,
    /// PEM file with its key
    #[arg(long, value_name = "FILE", env = "PLEXUS_CERTIFICATE_KEY", requires = "certificate")]
    pub key: Option<PathBuf>,
    /// File with your API key, where the router asks for one [default: the variable PLEXUS_API_KEY]
    #[arg(long, value_name = "FILE")]
    pub api_key_file: Option<PathBuf>,
}

/// Where traces are.
#[derive(Debug, Clone, ClapArgs)]
pub struct JaegerArgs {
    /// Where Jaeger, or `plexus up`, shows traces
    #[arg(
        long,
        value_name = "URL",
        env = "PLEXUS_JAEGER_URL",
        default_value = "http://127.0.0.1:16686"
    )]
    pub jaeger: String,
}

/// `plexus ask`.
#[derive(Debug, ClapArgs)]
pub struct Ask {
    /// The question; `-`, or nothing at all in a pipe, reads it from standard input
    pub query: Option<String>,
    /// Where to ask.
    #[command(flatten)]
    pub router: RouterArgs,
    /// Then show the route, the steps, verdicts, cost, times and the trace
    #[arg(long, short, conflicts_with = "json")]
    pub explain: bool,
    /// Print the whole response as JSON instead, once it is there
    #[arg(long)]
    pub json: bool,
    /// The longest time that it may take
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = timeout)]
    pub timeout: Duration,
    /// Ask only this domain's specialist (several: repeat, or separate by commas)
    #[arg(long = "domain", short, value_name = "DOMAIN", value_delimiter = ',')]
    pub domains: Vec<Domain>,
    /// Use only engines of this tier (several: repeat, or separate by commas)
    #[arg(long = "tier", short, value_name = "TIER", value_delimiter = ',')]
    pub tiers: Vec<Tier>,
    /// The most that it may cost, US dollars; 0 allows only engines without a price
    #[arg(long, value_name = "USD", value_parser = dollars)]
    pub max_cost: Option<f64>,
    /// Use only engines of this region, as the deployment names it (several: repeat, or separate by commas)
    #[arg(long = "region", value_name = "REGION", value_delimiter = ',')]
    pub regions: Vec<String>,
    /// How sure an answer must be to be taken from a cheaper engine: 0 the cheapest that answers, 1 always the strongest
    #[arg(long, value_name = "0..1", value_parser = probability)]
    pub min_confidence: Option<f64>,
    /// Ask for a capability instead of a free answer, e.g. summarise, review_code, extract (see `plexus status --json`)
    #[arg(long, value_name = "NAME")]
    pub task: Option<String>,
    /// The answer must be JSON that fits the JSON Schema in this file
    #[arg(long, value_name = "FILE")]
    pub schema: Option<PathBuf>,
    /// Name of the conversation that it belongs to, for traces
    #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
    pub session: String,
    /// Hold text back until validators have passed it, so that a wrong answer can still be replaced
    #[arg(long)]
    pub validated: bool,
    /// For the link to the trace.
    #[command(flatten)]
    pub jaeger: JaegerArgs,
}

/// `plexus classify`.
#[derive(Debug, ClapArgs)]
pub struct Classify {
    /// The question; `-`, or nothing at all in a pipe, reads it from standard input
    pub query: Option<String>,
    /// Where to ask.
    #[command(flatten)]
    pub router: RouterArgs,
    /// Print the response as JSON
    #[arg(long)]
    pub json: bool,
}

/// `plexus status`.
#[derive(Debug, ClapArgs)]
pub struct Status {
    /// Where to ask.
    #[command(flatten)]
    pub router: RouterArgs,
    /// Print the response as JSON
    #[arg(long)]
    pub json: bool,
    /// Go on showing it until Ctrl-C; with --json, one line each time
    #[arg(long)]
    pub watch: bool,
    /// Pause between two looks
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = timeout, requires = "watch")]
    pub every: Duration,
}

/// `plexus trace`.
#[derive(Debug, ClapArgs)]
pub struct Trace {
    /// Id of the trace, as `plexus ask --explain` prints it
    pub id: String,
    /// Where to look.
    #[command(flatten)]
    pub jaeger: JaegerArgs,
}

/// A domain by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Domain {
    /// Programs, shell, data formats
    Code,
    /// Anything to compute or prove
    Math,
    /// Logic, planning, several steps
    Reasoning,
    /// Writing, summaries, facts, conversation
    Language,
}

impl From<Domain> for v1::Domain {
    fn from(domain: Domain) -> Self {
        match domain {
            Domain::Code => Self::Code,
            Domain::Math => Self::Math,
            Domain::Reasoning => Self::Reasoning,
            Domain::Language => Self::Language,
        }
    }
}

/// A tier by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Tier {
    /// In the service itself or beside it
    Edge,
    /// In the same data centre
    Onprem,
    /// At a provider outside
    Cloud,
}

impl From<Tier> for v1::Tier {
    fn from(tier: Tier) -> Self {
        match tier {
            Tier::Edge => Self::Edge,
            Tier::Onprem => Self::Onprem,
            Tier::Cloud => Self::Cloud,
        }
    }
}

#[cfg(test)]
mod tests;
