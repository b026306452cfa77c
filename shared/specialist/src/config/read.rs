//! From what is written of an engine to what its kind needs, refusing what makes no sense.

use std::{path::PathBuf, time::Duration};

use http::Uri;
use plexus_config::Invalid;
use plexus_core::Tier;

use super::{EngineConfig, Kind, PriceConfig, Rule};
use crate::{engine::EngineInfo, engines::base_url};

/// How long the first word may take: a model on a CPU reads slowly.
const FIRST_TOKEN: Duration = Duration::from_secs(60);
/// How long a model may be silent between two words.
const SILENCE: Duration = Duration::from_secs(20);
/// How long a question may wait where an engine has as many as it takes.
const QUEUE: Duration = Duration::from_millis(100);
/// Most servers of one engine.
const MAX_ENDPOINTS: usize = 32;

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

/// Refuses engines that make no sense.
///
/// # Errors
/// The first key that is wrong.
pub fn validate_engines(engines: &[EngineConfig]) -> Result<(), Invalid> {
    if engines.is_empty() {
        return Err(Invalid::new("engines", "at least one engine is needed"));
    }
    for (index, engine) in engines.iter().enumerate() {
        let wrong = |wrong: Invalid| Invalid::new(format!("engines.{index}.{}", wrong.key), wrong.problem);
        let name = &engine.name;
        if engines[..index].iter().any(|other| other.name == *name) {
            let problem = format!("`{name}` is the name of two engines");
            return Err(wrong(Invalid::new("name", problem)));
        }
        read(engine).map_err(wrong)?;
    }
    Ok(())
}

/// Reads what is written of one engine.
///
/// # Errors
/// The first key that is wrong, without the place of the engine in the list.
pub fn read(engine: &EngineConfig) -> Result<Definition, Invalid> {
    let kind = engine.kind;
    if engine.name.is_empty() {
        return Err(Invalid::new("name", "is empty"));
    }
    if let Some(key) = engine.foreign_key() {
        return Err(Invalid::new(
            key,
            format!("is no key of engines of kind `{}`", kind.name()),
        ));
    }
    let source = match kind {
        Kind::Exact => Source::Exact,
        Kind::Openai => Source::Openai(network(engine)?),
        Kind::Anthropic => Source::Anthropic(network(engine)?),
        Kind::Scripted => Source::Scripted(script(engine)?),
    };
    Ok(Definition {
        info: info(engine)?,
        queue_timeout: engine.queue_timeout.unwrap_or(QUEUE),
        source,
    })
}

fn info(engine: &EngineConfig) -> Result<EngineInfo, Invalid> {
    let kind = engine.kind;
    let price = match (engine.price, kind) {
        (Some(price), _) => price,
        (None, Kind::Exact | Kind::Scripted) => PriceConfig::default(),
        (None, Kind::Openai | Kind::Anthropic) => {
            let free = "price = { input_per_mtok = 0.0, output_per_mtok = 0.0 }";
            return Err(Invalid::new(
                "price",
                format!(
                    "of engine `{}` is missing: write {free} if it costs nothing",
                    engine.name
                ),
            ));
        }
    };
    let sane = |dollars: f64| dollars.is_finite() && dollars >= 0.0;
    if !(sane(price.input_per_mtok) && sane(price.output_per_mtok)) {
        return Err(Invalid::new("price", "must be 0 or more US dollars"));
    }
    let model = match kind {
        Kind::Exact => String::new(),
        Kind::Scripted => engine
            .model
            .clone()
            .unwrap_or_else(|| format!("scripted-{}", engine.name)),
        Kind::Openai | Kind::Anthropic => {
            let model = engine.model.clone().filter(|model| !model.is_empty());
            model.ok_or_else(|| Invalid::new("model", "is missing: the name that the server knows it by"))?
        }
    };
    let tier = match (engine.tier, kind) {
        (Some(tier), _) => tier,
        (None, Kind::Exact) => Tier::Edge,
        (None, _) => return Err(Invalid::new("tier", "is missing: write edge, onprem or cloud")),
    };
    for (key, limit) in [
        ("context_window", engine.context_window),
        ("max_concurrency", engine.max_concurrency),
    ] {
        if limit == Some(0) {
            return Err(Invalid::new(
                key,
                "must be more than 0; leave it out where there is no limit",
            ));
        }
    }
    let max_complexity = engine.max_complexity.unwrap_or(1.0);
    if !(0.0..=1.0).contains(&max_complexity) {
        return Err(Invalid::new(
            "max_complexity",
            format!("{max_complexity} is not between 0 and 1"),
        ));
    }
    Ok(EngineInfo {
        tier,
        model,
        price: price.into(),
        context_window: engine.context_window,
        hardware: engine.hardware.unwrap_or_default(),
        region: engine.region.clone().unwrap_or_default(),
        max_concurrency: engine.max_concurrency,
        max_complexity,
        expected_latency: engine.expected_latency.unwrap_or_default(),
        ..EngineInfo::new(&engine.name, kind.name())
    })
}

fn network(engine: &EngineConfig) -> Result<Network, Invalid> {
    let (key, urls): (_, &[String]) = match (&engine.base_url, &engine.base_urls) {
        (Some(url), None) => ("base_url", std::slice::from_ref(url)),
        (None, Some(urls)) => ("base_urls", urls),
        (Some(_), Some(_)) => return Err(Invalid::new("base_urls", "stands beside base_url: write one of them")),
        (None, None) => {
            return Err(Invalid::new(
                "base_url",
                "is missing: write e.g. http://127.0.0.1:8080/v1",
            ));
        }
    };
    if urls.is_empty() || urls.len() > MAX_ENDPOINTS {
        return Err(Invalid::new(key, format!("must have 1 to {MAX_ENDPOINTS} addresses")));
    }
    let endpoints = urls
        .iter()
        .map(|url| base_url(url))
        .collect::<Result<Vec<Uri>, String>>();
    let api_key = match (&engine.api_key_env, &engine.api_key_file) {
        (Some(variable), None) if !variable.is_empty() => ApiKey::Env(variable.clone()),
        (None, Some(file)) => ApiKey::File(file.clone()),
        (Some(_), Some(_)) => {
            return Err(Invalid::new(
                "api_key_file",
                "stands beside api_key_env: write one of them",
            ));
        }
        _ => ApiKey::None,
    };
    if engine
        .temperature
        .is_some_and(|degrees| !(0.0..=2.0).contains(&degrees))
    {
        return Err(Invalid::new("temperature", "is not between 0 and 2"));
    }
    if engine.max_output_tokens == Some(0) {
        return Err(Invalid::new("max_output_tokens", "must be more than 0"));
    }
    Ok(Network {
        endpoints: endpoints.map_err(|problem| Invalid::new(key, problem))?,
        api_key,
        first_token_timeout: not_zero("first_token_timeout", engine.first_token_timeout, FIRST_TOKEN)?,
        silence_timeout: not_zero("silence_timeout", engine.silence_timeout, SILENCE)?,
        temperature: engine.temperature,
        max_output_tokens: engine.max_output_tokens,
    })
}

fn not_zero(key: &str, written: Option<Duration>, default: Duration) -> Result<Duration, Invalid> {
    match written.unwrap_or(default) {
        Duration::ZERO => Err(Invalid::new(key, "must be longer than 0s")),
        long => Ok(long),
    }
}

fn script(engine: &EngineConfig) -> Result<Script, Invalid> {
    if engine.file.is_none() {
        for (key, set) in [
            ("answers", engine.answers.is_some()),
            ("placeholder", engine.placeholder.is_some()),
        ] {
            if set {
                return Err(Invalid::new(key, "needs the key `file`"));
            }
        }
    }
    let failure_rate = engine.failure_rate.unwrap_or(0.0);
    if !(0.0..=1.0).contains(&failure_rate) {
        return Err(Invalid::new(
            "failure_rate",
            format!("{failure_rate} is not between 0 and 1"),
        ));
    }
    let answers = engine.answers.clone().unwrap_or_else(|| "text".to_owned());
    if answers.is_empty() {
        return Err(Invalid::new(
            "answers",
            "is empty: write a dotted path, e.g. engines.small.text",
        ));
    }
    Ok(Script {
        file: engine.file.clone(),
        answers,
        placeholder: engine.placeholder.clone(),
        rules: engine.rules.clone().unwrap_or_default(),
        latency: engine.latency.unwrap_or_default(),
        jitter: engine.jitter.unwrap_or_default(),
        word_latency: engine.word_latency.unwrap_or_default(),
        failure_rate,
        cut_off_after: engine.cut_off_after.unwrap_or(0),
        seed: engine.seed.unwrap_or(0),
    })
}

#[cfg(test)]
mod tests;
