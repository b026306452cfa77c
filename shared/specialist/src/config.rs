//! Configuration of a specialist: its engines, in the order in which they are asked.

mod keys;
#[cfg(test)]
mod tests;

use std::time::Duration;

use plexus_config::{ConfigError, Environment, Invalid, Validate, humantime_serde};
use plexus_core::{Price, Tier};
use plexus_library::LibraryConfig;
use plexus_server::process::ServiceConfig;
use serde::{Deserialize, de::DeserializeOwned};

use crate::prompt::PromptsConfig;

/// Configuration of a specialist: what all have, and keys of its own beside them.
#[derive(Debug, Clone)]
pub struct Config<Own = NoKeys> {
    /// Where to listen and how much to accept.
    pub server: plexus_server::Config,
    /// Logs and traces.
    pub telemetry: plexus_telemetry::Config,
    /// What models are told.
    pub prompts: PromptsConfig,
    /// Documents and sources that models are given passages of.
    pub library: LibraryConfig,
    /// Engines, cheapest first.
    pub engines: Vec<EngineConfig>,
    /// Keys of its own.
    pub own: Own,
}

/// No keys beside those that all specialists have.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoKeys {}

impl Validate for NoKeys {
    fn validate(&self) -> Result<(), Invalid> {
        Ok(())
    }
}

impl<Own: Validate> Validate for Config<Own> {
    fn validate(&self) -> Result<(), Invalid> {
        self.server.validate("server")?;
        self.telemetry.validate("telemetry")?;
        self.prompts.validate()?;
        self.library.validate("library")?;
        self.own.validate()?;
        validate_engines(&self.engines)
    }
}

impl<Own: DeserializeOwned + Validate> ServiceConfig for Config<Own> {
    fn server(&self) -> &plexus_server::Config {
        &self.server
    }

    fn telemetry(&self) -> &plexus_telemetry::Config {
        &self.telemetry
    }
}

/// One engine.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum EngineConfig {
    /// The specialist's own exact solver.
    Exact {
        /// Its name.
        name: String,
    },
    /// Any OpenAI-compatible server.
    Openai(OpenaiConfig),
    /// Plays a script; for tests.
    Scripted(ScriptedConfig),
}

impl EngineConfig {
    /// Its name.
    pub fn name(&self) -> &str {
        match self {
            Self::Exact { name } => name,
            Self::Openai(config) => &config.name,
            Self::Scripted(config) => &config.name,
        }
    }
}

/// An OpenAI-compatible server.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenaiConfig {
    /// Its name.
    pub name: String,
    /// Where it runs.
    #[serde(deserialize_with = "tier")]
    pub tier: Tier,
    /// Address up to and including `/v1`.
    pub base_url: String,
    /// Model to ask for.
    pub model: String,
    /// What it costs; without it, nothing.
    #[serde(default)]
    pub price: PriceConfig,
    /// Environment variable that holds the key; empty: no key is sent.
    #[serde(default)]
    pub api_key_env: String,
    /// How long the first word may take: a model on a CPU reads slowly.
    #[serde(default = "default_first_token", with = "humantime_serde")]
    pub first_token_timeout: Duration,
    /// How long it may be silent between two words.
    #[serde(default = "default_silence", with = "humantime_serde")]
    pub silence_timeout: Duration,
}

/// A script for tests: deterministic for a seed and a question.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScriptedConfig {
    /// Its name.
    pub name: String,
    /// Where it pretends to run.
    #[serde(deserialize_with = "tier")]
    pub tier: Tier,
    /// What it pretends to cost.
    #[serde(default)]
    pub price: PriceConfig,
    /// First rule whose `contains` is in the question answers; without any, it declines.
    #[serde(default)]
    pub rules: Vec<Rule>,
    /// Before the first word.
    #[serde(default, with = "humantime_serde")]
    pub latency: Duration,
    /// Before each further word.
    #[serde(default, with = "humantime_serde")]
    pub word_latency: Duration,
    /// Share of questions that fail, 0..1.
    #[serde(default)]
    pub failure_rate: f64,
    /// Words after which it breaks off; 0: never.
    #[serde(default)]
    pub cut_off_after: usize,
    /// Decides, with the question, which ones fail.
    #[serde(default)]
    pub seed: u64,
}

/// One line of a script.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Text that the question must contain; empty: any question.
    #[serde(default)]
    pub contains: String,
    /// The answer; `{question}` stands for the question.
    pub answer: String,
}

/// US dollars for a million tokens.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
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

fn default_first_token() -> Duration {
    Duration::from_secs(60)
}

fn default_silence() -> Duration {
    Duration::from_secs(20)
}

fn tier<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Tier, D::Error> {
    let name = String::deserialize(deserializer)?;
    Tier::ALL
        .into_iter()
        .find(|tier| tier.name() == name)
        .ok_or_else(|| serde::de::Error::custom(format!("unknown tier `{name}`, expected edge, onprem or cloud")))
}

/// Refuses engines that make no sense.
///
/// # Errors
/// The first key that is wrong.
pub fn validate_engines(engines: &[EngineConfig]) -> Result<(), Invalid> {
    if engines.is_empty() {
        return Err(Invalid::new("engines", "at least one engine is needed"));
    }
    for (index, engine) in engines.iter().enumerate() {
        let wrong = |key: &str, problem: String| Err(Invalid::new(format!("engines.{index}.{key}"), problem));
        let name = engine.name();
        if name.is_empty() {
            return wrong("name", "is empty".to_owned());
        }
        if engines[..index].iter().any(|other| other.name() == name) {
            return wrong("name", format!("`{name}` is the name of two engines"));
        }
        let price = match engine {
            EngineConfig::Exact { .. } => PriceConfig::default(),
            EngineConfig::Openai(config) => {
                if let Err(problem) = crate::engines::base_url(&config.base_url) {
                    return wrong("base_url", problem);
                }
                config.price
            }
            EngineConfig::Scripted(config) => {
                if !(0.0..=1.0).contains(&config.failure_rate) {
                    return wrong(
                        "failure_rate",
                        format!("{} is not between 0 and 1", config.failure_rate),
                    );
                }
                config.price
            }
        };
        let sane = |dollars: f64| dollars.is_finite() && dollars >= 0.0;
        if !(sane(price.input_per_mtok) && sane(price.output_per_mtok)) {
            return wrong("price", "must be 0 or more US dollars".to_owned());
        }
    }
    Ok(())
}

/// The engine that `PLEXUS_LLM_URL`, `PLEXUS_LLM_MODEL` and `PLEXUS_LLM_KEY_ENV` describe, so that a person with any
/// OpenAI-compatible server is one variable away from full answers.
///
/// # Errors
/// A URL that is none.
pub fn engine_of_environment(environment: &Environment) -> Result<Option<OpenaiConfig>, ConfigError> {
    let Some(url) = environment.get("PLEXUS_LLM_URL") else {
        return Ok(None);
    };
    let uri = crate::engines::base_url(url)
        .map_err(|problem| ConfigError::other(format!("environment variable PLEXUS_LLM_URL: {problem}")))?;
    let base_url = match uri.path() {
        "" | "/" => format!("{}/v1", url.trim_end_matches('/')),
        _ => url.to_owned(),
    };
    let near = matches!(uri.host(), Some("localhost" | "127.0.0.1" | "[::1]"));
    Ok(Some(OpenaiConfig {
        name: "llm".to_owned(),
        tier: if near { Tier::Edge } else { Tier::Cloud },
        base_url,
        model: environment.get("PLEXUS_LLM_MODEL").unwrap_or("default").to_owned(),
        price: PriceConfig::default(),
        api_key_env: environment.get("PLEXUS_LLM_KEY_ENV").unwrap_or_default().to_owned(),
        first_token_timeout: default_first_token(),
        silence_timeout: default_silence(),
    }))
}
