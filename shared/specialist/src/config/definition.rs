//! What an engine's kind needs, once it makes sense.

use std::{path::PathBuf, time::Duration};

use http::Uri;

use super::Rule;
use crate::engine::EngineInfo;

/// An engine that makes sense.
#[derive(Debug, Clone, PartialEq)]
pub struct Definition {
    /// Who it is.
    pub info: EngineInfo,
    /// How long a question may wait where it has as many as it takes.
    pub queue_timeout: Duration,
    /// Where its answers come from.
    pub source: Source,
}

/// Where the answers of an engine come from.
#[derive(Debug, Clone, PartialEq)]
pub enum Source {
    /// The specialist's own exact solver.
    Exact,
    /// Chat completions of a server.
    Openai(Network),
    /// Messages of a server.
    Anthropic(Network),
    /// A script.
    Scripted(Script),
}

/// Servers that are all the same, and how to ask them.
#[derive(Debug, Clone, PartialEq)]
pub struct Network {
    /// At least one.
    pub endpoints: Vec<Uri>,
    /// What opens them.
    pub api_key: ApiKey,
    /// How long the first word may take.
    pub first_token_timeout: Duration,
    /// How long it may be silent between two words.
    pub silence_timeout: Duration,
    /// Sent as it is; none: not sent.
    pub temperature: Option<f32>,
    /// Longest answer where the caller sets no limit.
    pub max_output_tokens: Option<u32>,
    /// How much each of the servers is asked for.
    pub per_minute: PerMinute,
}

/// How much one server is asked for in any minute.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PerMinute {
    /// Requests; none: no limit.
    pub requests: Option<u32>,
    /// Tokens, read and written; none: no limit.
    pub tokens: Option<u64>,
}

/// Where the key of a server is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApiKey {
    /// None is needed.
    None,
    /// In an environment variable.
    Env(String),
    /// In a file.
    File(PathBuf),
}

/// What a scripted engine plays: deterministic for a seed and a question.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Script {
    /// Recorded answers; asked before the rules.
    pub file: Option<PathBuf>,
    /// Dotted path to the text within a line of the file.
    pub answers: String,
    /// Played where a line has no text there; none: it declines.
    pub placeholder: Option<String>,
    /// The first that fits answers; none: it declines.
    pub rules: Vec<Rule>,
    /// Before the first word.
    pub latency: Duration,
    /// At most this is added.
    pub jitter: Duration,
    /// Before each further word.
    pub word_latency: Duration,
    /// Share of questions that fail, 0..1.
    pub failure_rate: f64,
    /// Words after which it breaks off; 0: never.
    pub cut_off_after: usize,
    /// Decides, with the question, which ones fail and how long they take.
    pub seed: u64,
}
