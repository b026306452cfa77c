//! The kinds of engines.

mod announced;
mod anthropic;
mod endpoints;
mod exact;
mod heard;
mod http;
mod key;
mod limit;
mod network;
mod openai;
mod quota;
mod recorded;
mod rest;
mod scripted;
mod sse;

use std::sync::Arc;

use ::http::Uri;
pub use exact::ExactEngine;
use plexus_config::{ConfigError, Environment};
use plexus_server::StartError;
pub use scripted::ScriptedEngine;

use self::{anthropic::Anthropic, limit::LimitedEngine, network::NetworkEngine, openai::Openai};
use crate::{
    config::{self, Adaptation, EngineConfig, Source},
    engine::Engine,
    live::ObservedEngine,
};

/// Makes the engines of a configuration, in its order, and watches the models as `adaptation` says; `exact` makes the one of
/// kind `exact`, given its name and the models beside it.
///
/// # Errors
/// A key that is named but not set, a file that cannot be read.
pub fn build(
    engines: &[EngineConfig],
    adaptation: &Adaptation,
    environment: &Environment,
    exact: impl Fn(&str, &[Arc<dyn Engine>]) -> Arc<dyn Engine>,
) -> Result<Vec<Arc<dyn Engine>>, StartError> {
    let extra = config::engine_of_environment(environment)?;
    let mut built: Vec<Option<Arc<dyn Engine>>> = Vec::with_capacity(engines.len() + 1);
    let mut exact_ones = Vec::new();
    for engine in engines.iter().chain(&extra) {
        let definition = config::read(engine).map_err(|wrong| {
            ConfigError::other(format!(
                "engine `{}`: key `{}` {}",
                engine.name, wrong.key, wrong.problem
            ))
        })?;
        let info = definition.info;
        let (limit, patience) = (info.max_concurrency, definition.queue_timeout);
        let mut engine: Arc<dyn Engine> = match definition.source {
            Source::Exact => {
                exact_ones.push((built.len(), info.name));
                built.push(None);
                continue;
            }
            Source::Openai(network) => Arc::new(NetworkEngine::<Openai>::new(info, network, patience, environment)?),
            Source::Anthropic(network) => {
                Arc::new(NetworkEngine::<Anthropic>::new(info, network, patience, environment)?)
            }
            Source::Scripted(script) => Arc::new(ScriptedEngine::new(info, script)?),
        };
        // Watched within its limit: the wait for room says nothing of how it does.
        engine = Arc::new(ObservedEngine::new(engine, adaptation.clone()));
        if let Some(limit) = limit {
            engine = Arc::new(LimitedEngine::new(engine, limit, patience));
        }
        built.push(Some(engine));
    }
    let models: Vec<_> = built.iter().flatten().cloned().collect();
    for (place, name) in exact_ones {
        built[place] = Some(exact(&name, &models));
    }
    Ok(built.into_iter().flatten().collect())
}

/// Reads a base URL: http or https, with a host, without a query.
pub(crate) fn base_url(text: &str) -> Result<Uri, String> {
    let problem = |why: &str| format!("`{text}` {why}; write e.g. http://127.0.0.1:8080/v1");
    let uri: Uri = text.parse().map_err(|_| problem("is no URL"))?;
    match (uri.scheme_str(), uri.authority()) {
        (Some("http" | "https"), Some(authority)) if !authority.as_str().contains('@') => {}
        (Some("http" | "https"), Some(_)) => {
            return Err("must not contain a user or a key; use api_key_env or api_key_file".to_owned());
        }
        _ => return Err(problem("must begin with http:// or https://")),
    }
    if uri.query().is_some() {
        return Err(problem("must not have a query"));
    }
    Ok(uri)
}
