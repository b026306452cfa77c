//! The engine that a few variables of the environment describe.

use plexus_config::{ConfigError, Environment};
use plexus_core::Tier;

use super::{EngineConfig, Kind, PriceConfig};
use crate::engines::base_url;

/// The engine that `PLEXUS_LLM_URL`, `PLEXUS_LLM_MODEL` and `PLEXUS_LLM_KEY_ENV` describe, so that a person with any
/// OpenAI-compatible server is one variable away from full answers. What it costs cannot be known, so it counts as free.
///
/// # Errors
/// A URL that is none.
pub fn engine_of_environment(environment: &Environment) -> Result<Option<EngineConfig>, ConfigError> {
    let Some(url) = environment.get("PLEXUS_LLM_URL") else {
        return Ok(None);
    };
    let uri = base_url(url)
        .map_err(|problem| ConfigError::other(format!("environment variable PLEXUS_LLM_URL: {problem}")))?;
    let with_version = match uri.path() {
        "" | "/" => format!("{}/v1", url.trim_end_matches('/')),
        _ => url.to_owned(),
    };
    let near = matches!(uri.host(), Some("localhost" | "127.0.0.1" | "[::1]"));
    Ok(Some(EngineConfig {
        tier: Some(if near { Tier::Edge } else { Tier::Cloud }),
        base_url: Some(with_version),
        model: Some(environment.get("PLEXUS_LLM_MODEL").unwrap_or("default").to_owned()),
        price: Some(PriceConfig::default()),
        api_key_env: environment.get("PLEXUS_LLM_KEY_ENV").map(str::to_owned),
        ..EngineConfig::new("llm", Kind::Openai)
    }))
}
