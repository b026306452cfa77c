//! The kinds of engines.

mod exact;
mod openai;
mod scripted;
mod wire;

use std::sync::Arc;

pub use exact::ExactEngine;
use http::Uri;
pub use openai::OpenaiEngine;
use plexus_config::{ConfigError, Environment};
pub use scripted::ScriptedEngine;

use crate::{config::EngineConfig, engine::Engine};

/// Makes the engines of a configuration, in its order; `exact` makes the one of kind `exact`.
///
/// # Errors
/// A key that is named but not set.
pub fn build(
    engines: &[EngineConfig],
    environment: &Environment,
    exact: impl Fn(&str) -> Arc<dyn Engine>,
) -> Result<Vec<Arc<dyn Engine>>, ConfigError> {
    let extra = crate::config::engine_of_environment(environment)?.map(EngineConfig::Openai);
    engines
        .iter()
        .chain(&extra)
        .map(|engine| {
            Ok(match engine {
                EngineConfig::Exact { name } => exact(name),
                EngineConfig::Openai(config) => Arc::new(OpenaiEngine::new(config, environment)?),
                EngineConfig::Scripted(config) => Arc::new(ScriptedEngine::new(config.clone())),
            })
        })
        .collect()
}

/// Reads a base URL: http or https, with a host, without a query.
pub(crate) fn base_url(text: &str) -> Result<Uri, String> {
    let problem = |why: &str| format!("`{text}` {why}; write e.g. http://127.0.0.1:8080/v1");
    let uri: Uri = text.parse().map_err(|_| problem("is no URL"))?;
    match (uri.scheme_str(), uri.authority()) {
        (Some("http" | "https"), Some(authority)) if !authority.as_str().contains('@') => {}
        (Some("http" | "https"), Some(_)) => return Err("must not contain a user or a key; use api_key_env".to_owned()),
        _ => return Err(problem("must begin with http:// or https://")),
    }
    if uri.query().is_some() {
        return Err(problem("must not have a query"));
    }
    Ok(uri)
}
