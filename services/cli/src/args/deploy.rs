//! Arguments of what a deployment needs: certificates, keys, a place for traces.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use clap::{Args as ClapArgs, Subcommand, ValueEnum};
use plexus_keys::Scope as KeyScope;

/// `plexus certs`.
#[derive(Debug, ClapArgs)]
pub struct Certs {
    /// Where they go; an authority that lies there already is used again, so that others go on trusting it
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// First part of all identities: spiffe://DOMAIN/math
    #[arg(long, value_name = "DOMAIN", default_value = "plexus")]
    pub trust_domain: String,
    /// How long the certificates are good; the authority lives for ten years
    #[arg(long, value_name = "TIME", default_value = "30days", value_parser = humantime::parse_duration)]
    pub life: Duration,
    /// Name or address by which callers outside know the router (several: repeat)
    #[arg(long = "host", value_name = "NAME", default_values = ["localhost", "127.0.0.1"])]
    pub hosts: Vec<String>,
    /// Keys may be read by everybody on this machine: for containers that run as another user
    #[arg(long)]
    pub shared: bool,
}

/// `plexus keys`.
#[derive(Debug, ClapArgs)]
pub struct Keys {
    /// What to do.
    #[command(subcommand)]
    pub command: KeysCommand,
}

/// What to do with keys.
#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// Make a key, print it once, and add its hash to a file; running routers take it within seconds
    Add(AddKey),
}

/// `plexus keys add`.
#[derive(Debug, ClapArgs)]
pub struct AddKey {
    /// Whose key it is; rate limits go by this name
    pub name: String,
    /// The file, which is the router's `keys.file`; made where it is missing. To revoke a key, delete its entry
    #[arg(long, value_name = "FILE")]
    pub file: PathBuf,
    /// What it is good for (several: repeat, or separate by commas)
    #[arg(long = "scope", value_name = "SCOPE", value_delimiter = ',', default_values = ["ask"])]
    pub scopes: Vec<Scope>,
    /// How long it is good; for ever where nothing is said
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration)]
    pub life: Option<Duration>,
}

/// What a key is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Scope {
    /// Questions, and classification
    Ask,
    /// Classification alone
    Classify,
    /// The state of the mesh
    Status,
}

impl From<Scope> for KeyScope {
    fn from(scope: Scope) -> Self {
        match scope {
            Scope::Ask => Self::Ask,
            Scope::Classify => Self::Classify,
            Scope::Status => Self::Status,
        }
    }
}

/// `plexus tracestore`.
#[derive(Debug, ClapArgs)]
pub struct TraceStore {
    /// Where spans come in: OTLP over gRPC
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:4317")]
    pub otlp: SocketAddr,
    /// Where they are looked at: Jaeger's query API, and pages for people
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:16686")]
    pub http: SocketAddr,
    /// Traces that are kept; the oldest go first
    #[arg(long, value_name = "COUNT", default_value_t = 10_000)]
    pub max_traces: usize,
    /// Ask the one that runs here whether it serves, and end: 0 where it does
    #[arg(long)]
    pub health: bool,
}
