//! Keys of engines behind a server.

use std::time::Duration;

use http::Uri;
use plexus_config::Invalid;

use crate::{
    config::{ApiKey, EngineConfig, Network, PerMinute},
    engines::base_url,
};

/// How long the first word may take: a model on a CPU reads slowly.
const FIRST_TOKEN: Duration = Duration::from_secs(60);
/// How long a model may be silent between two words.
const SILENCE: Duration = Duration::from_secs(20);
/// Most servers of one engine.
const MAX_ENDPOINTS: usize = 32;

pub(super) fn network(engine: &EngineConfig) -> Result<Network, Invalid> {
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
    let per_minute = PerMinute {
        requests: engine.requests_per_minute,
        tokens: engine.tokens_per_minute,
    };
    for (key, none) in [
        ("requests_per_minute", per_minute.requests == Some(0)),
        ("tokens_per_minute", per_minute.tokens == Some(0)),
    ] {
        if none {
            return Err(Invalid::new(
                key,
                "must be more than 0; leave it out where there is no limit",
            ));
        }
    }
    Ok(Network {
        endpoints: endpoints.map_err(|problem| Invalid::new(key, problem))?,
        api_key,
        first_token_timeout: not_zero("first_token_timeout", engine.first_token_timeout, FIRST_TOKEN)?,
        silence_timeout: not_zero("silence_timeout", engine.silence_timeout, SILENCE)?,
        temperature: engine.temperature,
        max_output_tokens: engine.max_output_tokens,
        per_minute,
    })
}

fn not_zero(key: &str, written: Option<Duration>, default: Duration) -> Result<Duration, Invalid> {
    match written.unwrap_or(default) {
        Duration::ZERO => Err(Invalid::new(key, "must be longer than 0s")),
        long => Ok(long),
    }
}
