//! Plays a script: for tests of everything around engines.

use std::{
    collections::hash_map::DefaultHasher,
    hash::{Hash as _, Hasher as _},
};

use async_trait::async_trait;
use futures_util::StreamExt as _;

use crate::{
    config::ScriptedConfig,
    engine::{Chunk, Chunks, Engine, EngineError, EngineInfo, Question},
};

/// Plays a script; the same seed and question always give the same.
#[derive(Debug)]
pub struct ScriptedEngine {
    info: EngineInfo,
    config: ScriptedConfig,
}

impl ScriptedEngine {
    /// An engine that plays the script of a configuration.
    pub fn new(config: ScriptedConfig) -> Self {
        let info = EngineInfo {
            name: config.name.clone(),
            kind: "scripted",
            tier: config.tier,
            model: format!("scripted-{}", config.name),
            price: config.price.into(),
            context_window: None,
            region: String::new(),
            max_complexity: 1.0,
            expected_latency: std::time::Duration::ZERO,
        };
        Self { info, config }
    }

    fn fails(&self, question: &str) -> bool {
        let mut hasher = DefaultHasher::new();
        (self.config.seed, question).hash(&mut hasher);
        fastrand::Rng::with_seed(hasher.finish()).f64() < self.config.failure_rate
    }
}

#[async_trait]
impl Engine for ScriptedEngine {
    fn info(&self) -> &EngineInfo {
        &self.info
    }

    async fn answer(&self, question: &Question) -> Result<Chunks, EngineError> {
        let rule = self
            .config
            .rules
            .iter()
            .find(|rule| question.text.contains(&rule.contains));
        let Some(rule) = rule else {
            return Err(EngineError::Declined("the script has no line for it".into()));
        };
        tokio::time::sleep(self.config.latency).await;
        if self.fails(&question.text) {
            return Err(EngineError::Status {
                status: 500,
                retry_after: None,
            });
        }
        let answer = rule.answer.replace("{question}", &question.text);
        let words: Vec<String> = answer.split_inclusive(' ').map(str::to_owned).collect();
        let (pause, cut_off_after) = (self.config.word_latency, self.config.cut_off_after);
        Ok(async_stream::stream! {
            for (index, word) in words.into_iter().enumerate() {
                if cut_off_after > 0 && index == cut_off_after {
                    yield Err(EngineError::CutOff("the script says so".to_owned()));
                    return;
                }
                if index > 0 && !pause.is_zero() {
                    tokio::time::sleep(pause).await;
                }
                yield Ok(Chunk::Text(word));
            }
        }
        .boxed())
    }
}
