//! From what is written of an engine to what its kind needs, refusing what makes no sense.

mod network;
mod script;

use std::time::Duration;

use plexus_config::Invalid;
use plexus_core::Tier;

use self::{network::network, script::script};
use super::{Definition, EngineConfig, Kind, PriceConfig, Source};
use crate::engine::EngineInfo;

/// How long a question may wait where an engine has as many as it takes.
const QUEUE: Duration = Duration::from_millis(100);

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

#[cfg(test)]
mod tests;
