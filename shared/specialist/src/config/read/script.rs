//! Keys of scripted engines.

use plexus_config::Invalid;

use crate::config::{EngineConfig, Script};

pub(super) fn script(engine: &EngineConfig) -> Result<Script, Invalid> {
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
