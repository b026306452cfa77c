//! Plays recorded answers or a script: for tests of everything around engines.

use std::{
    collections::hash_map::DefaultHasher,
    hash::{Hash as _, Hasher as _},
};

use async_trait::async_trait;
use futures_util::StreamExt as _;
use plexus_server::StartError;

use super::recorded::{Answer, Recorded};
use crate::{
    config::Script,
    engine::{Chunk, Chunks, Engine, EngineError, EngineInfo, Question},
};

/// Plays a script; the same seed and question always give the same.
#[derive(Debug)]
pub struct ScriptedEngine {
    info: EngineInfo,
    script: Script,
    recorded: Recorded,
}

impl ScriptedEngine {
    /// An engine that plays a script; its file is read now.
    ///
    /// # Errors
    /// A file that cannot be read, or has a bad row.
    pub fn new(info: EngineInfo, script: Script) -> Result<Self, StartError> {
        let recorded = match &script.file {
            None => Recorded::default(),
            Some(file) => {
                let file = plexus_config::locate(file);
                Recorded::read(&file, &script.answers).map_err(|problem| StartError::Input {
                    what: format!("the recorded answers of engine `{}`", info.name),
                    source: problem.into(),
                })?
            }
        };
        Ok(Self { info, script, recorded })
    }

    /// What it says to a question, with the tokens that were recorded.
    fn line(&self, question: &str) -> Result<Answer, EngineError> {
        let line = |text: &str| Answer {
            text: Some(text.into()),
            tokens: None,
        };
        match self.recorded.get(question) {
            Some(answer) if answer.text.is_some() => return Ok(answer.clone()),
            Some(_) => {
                let placeholder = self.script.placeholder.as_deref();
                return placeholder
                    .map(line)
                    .ok_or_else(|| EngineError::Declined("nothing was recorded for it".into()));
            }
            None => {}
        }
        let mut rules = self.script.rules.iter();
        match rules.find(|rule| question.contains(&rule.contains)) {
            Some(rule) => Ok(line(&rule.answer.replace("{question}", question))),
            None => Err(EngineError::Declined("the script has no line for it".into())),
        }
    }
}

#[async_trait]
impl Engine for ScriptedEngine {
    fn info(&self) -> &EngineInfo {
        &self.info
    }

    async fn answer(&self, question: &Question) -> Result<Chunks, EngineError> {
        let Answer { text, tokens } = self.line(&question.text)?;
        let mut hasher = DefaultHasher::new();
        (self.script.seed, &question.text).hash(&mut hasher);
        let mut dice = fastrand::Rng::with_seed(hasher.finish());
        let fails = dice.f64() < self.script.failure_rate;
        tokio::time::sleep(self.script.latency + self.script.jitter.mul_f64(dice.f64())).await;
        if fails {
            return Err(EngineError::Status {
                status: 500,
                retry_after: None,
            });
        }
        let text = text.unwrap_or_default();
        let (pause, cut_off_after) = (self.script.word_latency, self.script.cut_off_after);
        Ok(async_stream::stream! {
            for (index, word) in text.split_inclusive(' ').enumerate() {
                if cut_off_after > 0 && index == cut_off_after {
                    yield Err(EngineError::CutOff("the script says so".to_owned()));
                    return;
                }
                if index > 0 && !pause.is_zero() {
                    tokio::time::sleep(pause).await;
                }
                yield Ok(Chunk::Text(word.to_owned()));
            }
            if let Some((input, output)) = tokens {
                yield Ok(Chunk::Tokens { input, output });
            }
        }
        .boxed())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::*;

    fn engine(script: Script) -> ScriptedEngine {
        ScriptedEngine::new(EngineInfo::new("played", "scripted"), script).unwrap()
    }

    async fn ask(engine: &ScriptedEngine, question: &str) -> Result<Vec<Chunk>, EngineError> {
        let question = Question {
            text: question.to_owned(),
            ..Question::default()
        };
        let chunks: Vec<_> = engine.answer(&question).await?.collect().await;
        chunks.into_iter().collect()
    }

    #[tokio::test]
    async fn recorded_answers_come_before_rules() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let rows = r#"{"prompt": "why?", "a": {"text": "for this", "input_tokens": 5, "output_tokens": 2}}
            {"prompt": "how?", "a": {}}"#;
        std::fs::write(file.path(), rows).unwrap();
        let script = Script {
            file: Some(file.path().to_owned()),
            answers: "a.text".to_owned(),
            rules: vec![crate::config::Rule {
                contains: "?".to_owned(),
                answer: "you ask: {question}".to_owned(),
            }],
            ..Script::default()
        };
        let text = |word: &str| Chunk::Text(word.to_owned());
        let played = engine(script.clone());
        let tokens = Chunk::Tokens { input: 5, output: 2 };
        assert_eq!(ask(&played, "why?").await, Ok(vec![text("for "), text("this"), tokens]));
        assert_eq!(
            ask(&played, "who?").await,
            Ok(vec![text("you "), text("ask: "), text("who?")])
        );
        assert!(matches!(ask(&played, "how?").await, Err(EngineError::Declined(_))));
        assert!(matches!(ask(&played, "who").await, Err(EngineError::Declined(_))));
        let with_placeholder = engine(Script {
            placeholder: Some("...".to_owned()),
            ..script
        });
        assert_eq!(ask(&with_placeholder, "how?").await, Ok(vec![text("...")]));
    }

    #[tokio::test(start_paused = true)]
    async fn seed_and_question_decide_on_failures_and_times() {
        let play = |seed| {
            engine(Script {
                rules: vec![crate::config::Rule {
                    contains: String::new(),
                    answer: "yes".to_owned(),
                }],
                latency: Duration::from_millis(10),
                jitter: Duration::from_millis(100),
                failure_rate: 0.3,
                seed,
                ..Script::default()
            })
        };
        let mut runs = Vec::new();
        for engine in [play(1), play(1), play(2)] {
            let mut run = Vec::new();
            for question in 0..50 {
                let begin = Instant::now();
                let failed = ask(&engine, &question.to_string()).await.is_err();
                run.push((failed, begin.elapsed()));
            }
            runs.push(run);
        }
        assert_eq!(runs[0], runs[1]);
        assert_ne!(runs[0], runs[2]);
        let failures = runs[0].iter().filter(|(failed, _)| *failed).count();
        assert!((5..25).contains(&failures), "{failures} of 50 failed");
        let times = runs[0].iter().map(|(_, time)| time.as_millis());
        let (least, most) = (times.clone().min().unwrap(), times.max().unwrap());
        assert!(least >= 10 && most <= 111 && most > least + 50, "{least} to {most} ms");
    }
}
