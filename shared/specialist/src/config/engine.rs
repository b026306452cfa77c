//! One engine as it is written. One flat table for all kinds, so that every error names its key; `read` makes of it
//! what the kind needs.

use std::{path::PathBuf, time::Duration};

use plexus_config::humantime_serde;
use plexus_core::{Price, Tier};
use serde::Deserialize;

use crate::engine::Hardware;

/// Kinds of engines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The specialist's own exact solver.
    Exact,
    /// Any OpenAI-compatible server: chat completions.
    Openai,
    /// A server of the messages API.
    Anthropic,
    /// Plays a script or recorded answers; for tests.
    Scripted,
}

impl Kind {
    /// Lower-case name, as in configurations.
    pub fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Openai => "openai",
            Self::Anthropic => "anthropic",
            Self::Scripted => "scripted",
        }
    }
}

/// One engine. Keys that its kind does not have are refused.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EngineConfig {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// Where it runs.
    #[serde(default, deserialize_with = "tier")]
    pub tier: Option<Tier>,
    /// Model to ask for.
    pub model: Option<String>,
    /// What it costs.
    pub price: Option<PriceConfig>,
    /// Tokens of question and answer together.
    pub context_window: Option<u32>,
    /// What it computes on.
    pub hardware: Option<Hardware>,
    /// Where in the world it runs.
    pub region: Option<String>,
    /// Questions that it takes at the same time.
    pub max_concurrency: Option<u32>,
    /// How long a question may wait for one of them to end.
    #[serde(default, with = "humantime_serde")]
    pub queue_timeout: Option<Duration>,
    /// Queries more complex than this are given to a later engine.
    pub max_complexity: Option<f32>,
    /// It is not asked when less time than this is left.
    #[serde(default, with = "humantime_serde")]
    pub expected_latency: Option<Duration>,

    /// Address of its server.
    pub base_url: Option<String>,
    /// Addresses of servers that are all the same.
    pub base_urls: Option<Vec<String>>,
    /// Environment variable that holds the key.
    pub api_key_env: Option<String>,
    /// File that holds the key.
    pub api_key_file: Option<PathBuf>,
    /// How long the first word may take.
    #[serde(default, with = "humantime_serde")]
    pub first_token_timeout: Option<Duration>,
    /// How long it may be silent between two words.
    #[serde(default, with = "humantime_serde")]
    pub silence_timeout: Option<Duration>,
    /// Sent as it is.
    pub temperature: Option<f32>,
    /// Longest answer where the caller sets no limit.
    pub max_output_tokens: Option<u32>,
    /// Requests that each of its servers is sent in any minute.
    pub requests_per_minute: Option<u32>,
    /// Tokens, read and written, that each of its servers is asked for in any minute.
    pub tokens_per_minute: Option<u64>,

    /// Recorded answers, one JSON object a line.
    pub file: Option<PathBuf>,
    /// Dotted path to the text within a line.
    pub answers: Option<String>,
    /// Played where a line has no text there.
    pub placeholder: Option<String>,
    /// First rule whose `contains` is in the question answers.
    pub rules: Option<Vec<Rule>>,
    /// Before the first word.
    #[serde(default, with = "humantime_serde")]
    pub latency: Option<Duration>,
    /// At most this is added to `latency`.
    #[serde(default, with = "humantime_serde")]
    pub jitter: Option<Duration>,
    /// Before each further word.
    #[serde(default, with = "humantime_serde")]
    pub word_latency: Option<Duration>,
    /// Share of questions that fail, 0..1.
    pub failure_rate: Option<f64>,
    /// Words after which it breaks off.
    pub cut_off_after: Option<usize>,
    /// Decides, with the question, which ones fail and how long they take.
    pub seed: Option<u64>,
}

/// One line of a script.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Text that the question must contain; empty: any question.
    #[serde(default)]
    pub contains: String,
    /// The answer; `{question}` stands for the question.
    pub answer: String,
}

/// US dollars for a million tokens.
#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceConfig {
    /// For tokens read.
    pub input_per_mtok: f64,
    /// For tokens written.
    pub output_per_mtok: f64,
}

impl From<PriceConfig> for Price {
    fn from(price: PriceConfig) -> Self {
        Self {
            input_per_mtok: price.input_per_mtok,
            output_per_mtok: price.output_per_mtok,
        }
    }
}

impl EngineConfig {
    /// An engine of which nothing else is written.
    pub fn new(name: &str, kind: Kind) -> Self {
        Self {
            name: name.to_owned(),
            kind,
            tier: None,
            model: None,
            price: None,
            context_window: None,
            hardware: None,
            region: None,
            max_concurrency: None,
            queue_timeout: None,
            max_complexity: None,
            expected_latency: None,
            base_url: None,
            base_urls: None,
            api_key_env: None,
            api_key_file: None,
            first_token_timeout: None,
            silence_timeout: None,
            temperature: None,
            max_output_tokens: None,
            requests_per_minute: None,
            tokens_per_minute: None,
            file: None,
            answers: None,
            placeholder: None,
            rules: None,
            latency: None,
            jitter: None,
            word_latency: None,
            failure_rate: None,
            cut_off_after: None,
            seed: None,
        }
    }

    /// A key that is written though engines of this kind do not have it.
    pub(super) fn foreign_key(&self) -> Option<&'static str> {
        let stated = [
            ("tier", self.tier.is_some()),
            ("model", self.model.is_some()),
            ("price", self.price.is_some()),
            ("context_window", self.context_window.is_some()),
            ("hardware", self.hardware.is_some()),
            ("region", self.region.is_some()),
            ("max_concurrency", self.max_concurrency.is_some()),
            ("queue_timeout", self.queue_timeout.is_some()),
            ("max_complexity", self.max_complexity.is_some()),
            ("expected_latency", self.expected_latency.is_some()),
        ];
        let network = [
            ("base_url", self.base_url.is_some()),
            ("base_urls", self.base_urls.is_some()),
            ("api_key_env", self.api_key_env.is_some()),
            ("api_key_file", self.api_key_file.is_some()),
            ("first_token_timeout", self.first_token_timeout.is_some()),
            ("silence_timeout", self.silence_timeout.is_some()),
            ("temperature", self.temperature.is_some()),
            ("max_output_tokens", self.max_output_tokens.is_some()),
            ("requests_per_minute", self.requests_per_minute.is_some()),
            ("tokens_per_minute", self.tokens_per_minute.is_some()),
        ];
        let script = [
            ("file", self.file.is_some()),
            ("answers", self.answers.is_some()),
            ("placeholder", self.placeholder.is_some()),
            ("rules", self.rules.is_some()),
            ("latency", self.latency.is_some()),
            ("jitter", self.jitter.is_some()),
            ("word_latency", self.word_latency.is_some()),
            ("failure_rate", self.failure_rate.is_some()),
            ("cut_off_after", self.cut_off_after.is_some()),
            ("seed", self.seed.is_some()),
        ];
        let foreign: &[&[(&'static str, bool)]] = match self.kind {
            Kind::Exact => &[&stated, &network, &script],
            Kind::Openai | Kind::Anthropic => &[&script],
            Kind::Scripted => &[&network],
        };
        let mut keys = foreign.iter().flat_map(|keys| keys.iter());
        keys.find(|(_, set)| *set).map(|(key, _)| *key)
    }
}

fn tier<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Tier>, D::Error> {
    let name = String::deserialize(deserializer)?;
    let tier = Tier::ALL.into_iter().find(|tier| tier.name() == name);
    tier.map(Some)
        .ok_or_else(|| serde::de::Error::custom(format!("unknown tier `{name}`, expected edge, onprem or cloud")))
}
