//! Engines one after the other: the first that answers ends it. Before the first word giving way to the next engine is
//! free; after it never, and a failure is told as such.

use std::{sync::Arc, time::Duration};

use futures_util::{Stream, StreamExt as _};
use plexus_core::{Attempt, AttemptResult, Degradation, DegradationReason, Domain, Step, Tier, Usage, estimate_tokens};
use tokio::time::Instant;
use tracing::{Instrument as _, Span, field::Empty, info_span};

use crate::engine::{Chunk, Engine, EngineError, EngineInfo, Question};

/// Tokens that an answer is expected to have where the caller sets no limit.
const EXPECTED_OUTPUT: u64 = 512;

/// One event of a cascade; the last one is always [`Event::Finished`].
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// Text to append.
    Delta(String),
    /// The end.
    Finished(Finished),
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// A whole answer.
    Answered,
    /// No engine can answer this.
    Declined,
    /// Engines that could answer it failed.
    Failed,
    /// The engine broke off after its first word.
    CutOff,
}

/// How a cascade ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Finished {
    /// What came of it.
    pub ending: Ending,
    /// The engine whose text was sent; none: nothing was sent.
    pub engine: Option<(String, Tier)>,
    /// Every engine asked, in order.
    pub attempts: Vec<Attempt>,
    /// What all of them used.
    pub usage: Usage,
    /// The bare result, to be put into a later question; empty where there is none.
    pub result: String,
    /// Why there is no whole answer.
    pub detail: String,
    /// What other specialists did for it.
    pub substeps: Vec<Step>,
    /// What had to be skipped or replaced.
    pub degradations: Vec<Degradation>,
    /// Time spent waiting for engines.
    pub engine_time: Duration,
}

/// Asks `engines` in order, leaving out those named in `exclude`.
pub fn run(
    domain: Domain,
    engines: Arc<[Arc<dyn Engine>]>,
    question: Question,
    exclude: Vec<String>,
) -> impl Stream<Item = Event> + Send {
    async_stream::stream! {
        let mut run = Run::new(domain, &engines, &question);
        for engine in engines.iter() {
            let info = engine.info();
            if exclude.contains(&info.name) || !run.may_ask(info, &question) {
                continue;
            }
            let span = span_of(info);
            let begin = Instant::now();
            let mut chunks = match engine.answer(&question).instrument(span.clone()).await {
                Ok(chunks) => chunks,
                Err(error) => {
                    run.lost(info, error, begin, &span);
                    continue;
                }
            };
            let mut answer = Answer::default();
            let error = loop {
                match chunks.next().instrument(span.clone()).await {
                    Some(Ok(Chunk::Text(text))) => {
                        answer.text.push_str(&text);
                        yield Event::Delta(text);
                    }
                    Some(Ok(other)) => answer.note(other),
                    Some(Err(error)) => break Some(error),
                    None if answer.text.is_empty() => {
                        break Some(EngineError::Malformed("an answer without text".to_owned()));
                    }
                    None => break None,
                }
            };
            match error {
                Some(error) if answer.text.is_empty() => run.lost(info, error, begin, &span),
                error => {
                    yield Event::Finished(run.won(info, answer, error, begin, &span));
                    return;
                }
            }
        }
        yield Event::Finished(run.nobody());
    }
}

fn span_of(info: &EngineInfo) -> Span {
    if info.model.is_empty() {
        return info_span!(
            "engine",
            otel.name = format!("engine {}", info.name),
            otel.status_code = Empty,
            plexus.engine = info.name,
            plexus.result = Empty,
        );
    }
    info_span!(
        "engine",
        otel.name = format!("chat {}", info.model),
        otel.kind = "client",
        otel.status_code = Empty,
        plexus.engine = info.name,
        plexus.result = Empty,
        gen_ai.operation.name = "chat",
        gen_ai.provider.name = info.kind,
        gen_ai.request.model = info.model,
        gen_ai.usage.input_tokens = Empty,
        gen_ai.usage.output_tokens = Empty,
        error.r#type = Empty,
    )
}

/// What an engine has given so far.
#[derive(Debug, Default)]
struct Answer {
    text: String,
    result: String,
    tokens: Option<(u64, u64)>,
    substeps: Vec<Step>,
    degradations: Vec<Degradation>,
}

impl Answer {
    fn note(&mut self, chunk: Chunk) {
        match chunk {
            Chunk::Text(_) => {}
            Chunk::Result(result) => self.result = result,
            Chunk::Tokens { input, output } => self.tokens = Some((input, output)),
            Chunk::Delegated { steps, degradations } => {
                self.substeps = steps;
                self.degradations = degradations;
            }
        }
    }
}

/// A cascade under way.
struct Run {
    domain: Domain,
    input_tokens: u64,
    /// Prices of all engines, for the counterfactual.
    prices: Vec<plexus_core::Price>,
    attempts: Vec<Attempt>,
    degradations: Vec<Degradation>,
    usage: Usage,
    engine_time: Duration,
}

impl Run {
    fn new(domain: Domain, engines: &[Arc<dyn Engine>], question: &Question) -> Self {
        let context: u64 = question
            .context
            .iter()
            .map(|message| estimate_tokens(&message.content))
            .sum();
        Self {
            domain,
            input_tokens: estimate_tokens(&question.text) + context,
            prices: engines.iter().map(|engine| engine.info().price).collect(),
            attempts: Vec::new(),
            degradations: Vec::new(),
            usage: Usage::default(),
            engine_time: Duration::ZERO,
        }
    }

    /// Whether the caller's tiers and cost limit allow to ask an engine.
    fn may_ask(&mut self, info: &EngineInfo, question: &Question) -> bool {
        let constraints = &question.constraints;
        let output = constraints.max_output_tokens.map_or(EXPECTED_OUTPUT, u64::from);
        let expected = info.price.of(self.input_tokens, output);
        let problem = if !constraints.allows(info.tier) {
            format!("runs in tier {}, which the caller does not allow", info.tier.name())
        } else if constraints
            .max_cost_usd
            .is_some_and(|limit| self.usage.cost_usd + expected > limit)
        {
            let detail = format!(
                "engine {} was not asked: about ${expected:.6} would pass the cost limit",
                info.name
            );
            self.degrade(DegradationReason::Budget, detail, String::new());
            format!("would cost about ${expected:.6}, more than what is left of the cost limit")
        } else {
            return true;
        };
        self.attempt(info, AttemptResult::Skipped, problem, Duration::ZERO);
        false
    }

    /// An engine that gave no word.
    fn lost(&mut self, info: &EngineInfo, error: EngineError, begin: Instant, span: &Span) {
        let result = match error {
            EngineError::Declined(_) => AttemptResult::Declined,
            _ => AttemptResult::Failed,
        };
        if result == AttemptResult::Failed {
            span.record("otel.status_code", "ERROR");
            tracing::warn!(parent: span, engine = info.name, %error, "engine failed");
        }
        span.record("plexus.result", result.name());
        self.engine_time += begin.elapsed();
        self.attempt(info, result, error.to_string(), begin.elapsed());
    }

    /// The engine whose words were sent, whole or not.
    fn won(
        mut self,
        info: &EngineInfo,
        answer: Answer,
        error: Option<EngineError>,
        begin: Instant,
        span: &Span,
    ) -> Finished {
        let estimated = answer.tokens.is_none();
        let (input, output) = answer
            .tokens
            .unwrap_or((self.input_tokens, estimate_tokens(&answer.text)));
        if !info.model.is_empty() {
            span.record("gen_ai.usage.input_tokens", input);
            span.record("gen_ai.usage.output_tokens", output);
        }
        self.usage += Usage {
            input_tokens: input,
            output_tokens: output,
            cost_usd: info.price.of(input, output),
            strongest_cost_usd: self
                .prices
                .iter()
                .map(|price| price.of(input, output))
                .fold(0.0, f64::max),
            estimated,
        };
        for failed in self
            .attempts
            .iter()
            .filter(|attempt| attempt.result == AttemptResult::Failed)
        {
            self.degradations.push(Degradation {
                domain: Some(self.domain),
                reason: DegradationReason::EngineFailed,
                detail: format!("engine {} {}", failed.engine, failed.detail),
                served_by: info.name.clone(),
            });
        }
        let (ending, result, detail) = match error {
            None => (Ending::Answered, AttemptResult::Answered, String::new()),
            Some(error) => {
                span.record("otel.status_code", "ERROR");
                let detail = format!("engine {} {error}", info.name);
                self.degrade(DegradationReason::CutOff, detail.clone(), String::new());
                (Ending::CutOff, AttemptResult::Failed, detail)
            }
        };
        // What was skipped for cost on the way to an answer is no loss.
        if ending == Ending::Answered {
            self.degradations
                .retain(|degradation| degradation.reason != DegradationReason::Budget);
        }
        span.record("plexus.result", result.name());
        self.engine_time += begin.elapsed();
        self.attempt(info, result, detail.clone(), begin.elapsed());
        self.degradations.extend(answer.degradations);
        for step in &answer.substeps {
            self.usage += Usage {
                input_tokens: 0,
                output_tokens: 0,
                ..step.usage
            };
        }
        Finished {
            ending,
            engine: Some((info.name.clone(), info.tier)),
            attempts: self.attempts,
            usage: self.usage,
            result: answer.result,
            detail,
            substeps: answer.substeps,
            degradations: self.degradations,
            engine_time: self.engine_time,
        }
    }

    fn nobody(self) -> Finished {
        let failed = self
            .attempts
            .iter()
            .any(|attempt| attempt.result == AttemptResult::Failed);
        let detail = match self.attempts.is_empty() {
            true => "there is no engine left to ask".to_owned(),
            false => {
                let each = self
                    .attempts
                    .iter()
                    .map(|attempt| format!("{}: {}", attempt.engine, attempt.detail));
                each.collect::<Vec<_>>().join("; ")
            }
        };
        Finished {
            ending: if failed { Ending::Failed } else { Ending::Declined },
            engine: None,
            attempts: self.attempts,
            usage: self.usage,
            result: String::new(),
            detail,
            substeps: Vec::new(),
            degradations: self.degradations,
            engine_time: self.engine_time,
        }
    }

    fn degrade(&mut self, reason: DegradationReason, detail: String, served_by: String) {
        self.degradations.push(Degradation {
            domain: Some(self.domain),
            reason,
            detail,
            served_by,
        });
    }

    fn attempt(&mut self, info: &EngineInfo, result: AttemptResult, detail: String, latency: Duration) {
        self.attempts.push(Attempt {
            replica: String::new(),
            engine: info.name.clone(),
            result,
            detail,
            latency,
        });
    }
}

#[cfg(test)]
mod tests {
    use plexus_core::Constraints;

    use super::*;
    use crate::{
        config::{PriceConfig, Rule, ScriptedConfig},
        engines::ScriptedEngine,
    };

    fn scripted(name: &str, answer: Option<&str>) -> ScriptedConfig {
        ScriptedConfig {
            name: name.to_owned(),
            tier: Tier::Edge,
            price: PriceConfig {
                input_per_mtok: 1.0,
                output_per_mtok: 2.0,
            },
            rules: answer
                .map(|answer| Rule {
                    contains: String::new(),
                    answer: answer.to_owned(),
                })
                .into_iter()
                .collect(),
            latency: Duration::from_millis(20),
            word_latency: Duration::ZERO,
            failure_rate: 0.0,
            cut_off_after: 0,
            seed: 7,
        }
    }

    async fn play(scripts: Vec<ScriptedConfig>, constraints: Constraints, exclude: &[&str]) -> (String, Finished) {
        let engines: Vec<Arc<dyn Engine>> = scripts
            .into_iter()
            .map(|script| Arc::new(ScriptedEngine::new(script)) as Arc<dyn Engine>)
            .collect();
        let question = Question {
            text: "why?".to_owned(),
            constraints,
            ..Question::default()
        };
        let exclude = exclude.iter().map(|name| (*name).to_owned()).collect();
        let mut text = String::new();
        let mut events = std::pin::pin!(run(Domain::Math, engines.into(), question, exclude));
        while let Some(event) = events.next().await {
            match event {
                Event::Delta(delta) => text.push_str(&delta),
                Event::Finished(finished) => return (text, finished),
            }
        }
        panic!("a cascade ends with Finished");
    }

    fn results(finished: &Finished) -> Vec<(&str, AttemptResult)> {
        finished
            .attempts
            .iter()
            .map(|attempt| (attempt.engine.as_str(), attempt.result))
            .collect()
    }

    #[tokio::test(start_paused = true)]
    async fn the_next_engine_answers_when_one_declines_or_fails() {
        let failing = ScriptedConfig {
            failure_rate: 1.0,
            ..scripted("b", Some("never"))
        };
        let (text, finished) = play(
            vec![scripted("a", None), failing, scripted("c", Some("because it is"))],
            Constraints::default(),
            &[],
        )
        .await;
        assert_eq!(text, "because it is");
        assert_eq!(finished.ending, Ending::Answered);
        assert_eq!(finished.engine, Some(("c".to_owned(), Tier::Edge)));
        let expected = [
            ("a", AttemptResult::Declined),
            ("b", AttemptResult::Failed),
            ("c", AttemptResult::Answered),
        ];
        assert_eq!(results(&finished), expected);
        assert_eq!(finished.degradations.len(), 1);
        assert_eq!(finished.degradations[0].reason, DegradationReason::EngineFailed);
        assert_eq!(finished.engine_time, Duration::from_millis(40));
        assert!(finished.usage.cost_usd > 0.0 && finished.usage.estimated);
    }

    #[tokio::test(start_paused = true)]
    async fn after_the_first_word_nobody_takes_over() {
        let broken = ScriptedConfig {
            cut_off_after: 2,
            ..scripted("a", Some("one two three"))
        };
        let (text, finished) = play(vec![broken, scripted("b", Some("other"))], Constraints::default(), &[]).await;
        assert_eq!(text, "one two ");
        assert_eq!(finished.ending, Ending::CutOff);
        assert_eq!(results(&finished), [("a", AttemptResult::Failed)]);
        assert_eq!(finished.degradations[0].reason, DegradationReason::CutOff);
    }

    #[tokio::test(start_paused = true)]
    async fn tiers_costs_and_exclusions_are_kept() {
        let cloud = ScriptedConfig {
            tier: Tier::Cloud,
            ..scripted("cloud", Some("far"))
        };
        let edge_only = Constraints {
            tiers: vec![Tier::Edge],
            ..Constraints::default()
        };
        let (text, _) = play(vec![cloud.clone(), scripted("edge", Some("near"))], edge_only, &[]).await;
        assert_eq!(text, "near");

        let free_only = Constraints {
            max_cost_usd: Some(0.0),
            ..Constraints::default()
        };
        let (text, finished) = play(vec![cloud.clone()], free_only, &[]).await;
        assert_eq!((text.as_str(), finished.ending), ("", Ending::Declined));
        assert_eq!(finished.degradations[0].reason, DegradationReason::Budget);

        let (_, finished) = play(vec![cloud], Constraints::default(), &["cloud"]).await;
        assert_eq!((finished.ending, finished.attempts.len()), (Ending::Declined, 0));
    }
}
