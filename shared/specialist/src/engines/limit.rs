//! No more questions at the same time than an engine takes.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use futures_util::StreamExt as _;
use plexus_telemetry::metrics::Sheet;
use tokio::{sync::Semaphore, time::timeout};

use crate::{
    engine::{Chunks, Engine, EngineError, EngineInfo, Question},
    exact::Capability,
    live::Live,
};

/// An engine that takes a few questions at the same time; others wait a little, then go elsewhere.
pub(super) struct LimitedEngine {
    engine: Arc<dyn Engine>,
    limit: u32,
    slots: Arc<Semaphore>,
    wait: Duration,
}

impl LimitedEngine {
    /// Lets `limit` questions into `engine`; one more waits at most `wait`.
    pub(super) fn new(engine: Arc<dyn Engine>, limit: u32, wait: Duration) -> Self {
        let slots = usize::try_from(limit).unwrap_or(usize::MAX).min(Semaphore::MAX_PERMITS);
        Self {
            engine,
            limit,
            slots: Arc::new(Semaphore::new(slots)),
            wait,
        }
    }
}

#[async_trait]
impl Engine for LimitedEngine {
    fn info(&self) -> &EngineInfo {
        self.engine.info()
    }

    fn capabilities(&self) -> &'static [Capability] {
        self.engine.capabilities()
    }

    fn live(&self) -> Option<&Arc<Live>> {
        self.engine.live()
    }

    fn show(&self, sheet: &mut Sheet) {
        self.engine.show(sheet);
    }

    async fn answer(&self, question: &Question) -> Result<Chunks, EngineError> {
        let Ok(Ok(slot)) = timeout(self.wait, self.slots.clone().acquire_owned()).await else {
            return Err(EngineError::Busy {
                limit: self.limit,
                waited: self.wait,
            });
        };
        let mut chunks = self.engine.answer(question).await?;
        Ok(async_stream::stream! {
            let _slot = slot;
            while let Some(chunk) = chunks.next().await {
                yield chunk;
            }
        }
        .boxed())
    }
}

#[cfg(test)]
mod tests {
    use plexus_config::Environment;
    use plexus_core::Tier;

    use super::*;
    use crate::{
        config::{Adaptation, EngineConfig, Kind, Rule, Script},
        engine::EngineInfo,
        engines::{ScriptedEngine, build},
    };

    fn one_at_a_time() -> LimitedEngine {
        let script = Script {
            rules: vec![Rule {
                contains: String::new(),
                answer: "one two".to_owned(),
            }],
            word_latency: Duration::from_millis(250),
            ..Script::default()
        };
        let engine = ScriptedEngine::new(EngineInfo::new("slow", "scripted"), script).unwrap();
        LimitedEngine::new(Arc::new(engine), 1, Duration::from_millis(100))
    }

    #[tokio::test(start_paused = true)]
    async fn one_more_waits_a_little_then_is_sent_away() {
        let (engine, question) = (one_at_a_time(), Question::default());
        let first = engine.answer(&question).await.unwrap();
        let error = engine.answer(&question).await.err().unwrap();
        assert_eq!(
            error.to_string(),
            "is busy: 1 questions are under way, and none ended within 100ms"
        );
        // Whoever drops the answer makes room at once, and so does its end.
        drop(first);
        let second = engine.answer(&question).await.unwrap();
        assert_eq!(second.count().await, 2);
        assert!(engine.answer(&question).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_for_room_does_not_wait_for_the_engine() {
        let config = EngineConfig {
            tier: Some(Tier::Edge),
            rules: Some(vec![Rule {
                contains: String::new(),
                answer: "one two".to_owned(),
            }]),
            latency: Some(Duration::from_secs(1)),
            max_concurrency: Some(1),
            queue_timeout: Some(Duration::from_secs(10)),
            ..EngineConfig::new("slow", Kind::Scripted)
        };
        let environment = Environment::default();
        let built = build(&[config], &Adaptation::default(), &environment, |_, _| unreachable!());
        let engine = built.unwrap().remove(0);
        let question = Question::default();
        let ask = async || engine.answer(&question).await.unwrap().count().await;
        tokio::join!(ask(), ask(), ask(), ask());
        let first_word = engine.live().unwrap().figures().unwrap().first_word;
        assert_eq!(first_word, Some(Duration::from_secs(1)));
    }

    #[tokio::test(start_paused = true)]
    async fn room_that_comes_in_time_is_taken() {
        let (engine, question) = (one_at_a_time(), Question::default());
        let first = engine.answer(&question).await.unwrap();
        let later = async {
            tokio::time::sleep(Duration::from_millis(99)).await;
            drop(first);
        };
        let (second, ()) = tokio::join!(engine.answer(&question), later);
        assert!(second.is_ok());
    }
}
