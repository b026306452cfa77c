//! Engines one after the other, in the order that [`order`](order::order) gives them: the first that answers ends it. Before
//! the first word giving way to the next engine is free; after it never, and a failure is told as such. An answer that must
//! fit a JSON Schema is held back until it does: mended by its engine once, else the next engine is asked.

mod adapt;
mod answer;
mod order;
mod run;
mod structured;

use std::{sync::Arc, time::Duration};

use futures_util::Stream;
use plexus_core::{Attempt, Degradation, Domain, Source, Step, Tier, Usage};
use tokio::time::Instant;
use tracing::{Instrument as _, Span};

use plexus_library::Passage;
use plexus_structured::{Fitting, Schema, Unfit};

pub(crate) use self::adapt::asked_later;
use self::{
    answer::{Answer, Reading, span_of},
    run::{Run, Unusable},
};
use crate::{
    engine::{Chunks, Engine, EngineError, Question},
    prepare::Prepare,
};

/// What a cascade is asked.
#[derive(Debug, Default)]
pub struct Asked {
    /// The question.
    pub question: Question,
    /// Names of engines that are not to be asked: their answers were not good enough.
    pub exclude: Vec<String>,
    /// What the answer must fit.
    pub schema: Option<Schema>,
}

/// One event of a cascade; the last one is always [`Event::Finished`].
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// From here on an engine's words are sent, and nobody takes over; right before the first of them.
    Committed {
        /// The engine.
        engine: String,
        /// Where it runs.
        tier: Tier,
    },
    /// Text to append.
    Delta(String),
    /// The end.
    Finished(Box<Finished>),
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
    /// Engines that could still be asked.
    pub engines_left: usize,
    /// Passages that the engine was given.
    pub sources: Vec<Source>,
    /// Who made the plan of the substeps; empty: there is none.
    pub planned_by: String,
    /// Whether an exact engine gave the answer.
    pub exact: bool,
    /// How live signals of engines changed which one was asked first, one sentence each.
    pub adaptations: Vec<String>,
    /// What the next engine would cost, as a multiple of what it costs for a question of usual size; 0: nothing, or there
    /// is none.
    pub next_weight: f64,
}

/// Asks `engines` in the order that the question asks for.
pub fn run(
    domain: Domain,
    engines: Arc<[Arc<dyn Engine>]>,
    prepare: Arc<Prepare>,
    asked: Asked,
) -> impl Stream<Item = Event> + Send {
    async_stream::stream! {
        let Asked { mut question, exclude, schema } = asked;
        let schema = schema.map(Arc::new);
        let engines: Vec<&Arc<dyn Engine>> = engines
            .iter()
            .filter(|engine| !exclude.contains(&engine.info().name))
            .collect();
        let mut run = Run::new(domain, &engines, &question);
        let mut order = run.order(&engines, &question);
        let mut mend = structured::Mend::default();
        let mut opener = Opener { prepare: &prepare, prepared: false };
        let (mut adapted, mut probe) = (false, None);
        let mut place = 0;
        while let Some(index) = order.sequence.get(place).copied() {
            let engine = engines[index];
            let info = engine.info();
            // What exact engines answer is nothing to those behind them.
            if !adapted && !info.is_exact() {
                adapted = true;
                (order, probe) = run.adapt(&order, &engines, &question);
                continue;
            }
            run.behind(&order, place, &engines);
            while run.may_ask(info, &question) {
                question.paid_output = run.paid(info, &question);
                let span = span_of(info);
                let begin = Instant::now();
                let mut reading = match opener.open(engine.as_ref(), &mut question, &span).await {
                    Ok(chunks) => Reading::new(chunks, span.clone()),
                    Err(error) => {
                        run.lost(info, &Answer::default(), error, begin, &span);
                        break;
                    }
                };
                while let Some(text) = reading.next().await {
                    if schema.is_some() {
                        continue;
                    }
                    if reading.is_first(&text) {
                        yield Event::Committed { engine: info.name.clone(), tier: info.tier };
                    }
                    yield Event::Delta(text);
                }
                let (mut answer, mut error) = reading.end();
                if let Some(error) = error.take_if(|_| answer.text.is_empty()) {
                    run.lost(info, &answer, error, begin, &span);
                    break;
                }
                if let Some(schema) = &schema {
                    match held(schema, error.take(), &answer.text).await {
                        Ok(fitting) => answer.text = fitting.json,
                        Err(why) => {
                            run.wasted(info, &answer, &why, begin, &span);
                            if let Unusable::DoesNotFit(unfit) = why
                                && mend.ask(info, &mut question, &answer.text, &unfit)
                            {
                                continue;
                            }
                            break;
                        }
                    }
                    yield Event::Committed { engine: info.name.clone(), tier: info.tier };
                    yield Event::Delta(answer.text.clone());
                }
                let mut finished = run.won(info, answer, error, begin, &span);
                if !info.is_exact() {
                    finished.sources = question.passages.iter().map(source).collect();
                }
                yield Event::Finished(Box::new(finished));
                return;
            }
            mend.forget(&mut question);
            probe.take_if(|(tried, _)| *tried == index);
            place += 1;
        }
        yield Event::Finished(Box::new(run.nobody()));
    }
}

/// Makes questions ready, and asks.
struct Opener<'a> {
    prepare: &'a Prepare,
    prepared: bool,
}

impl Opener<'_> {
    async fn open(&mut self, engine: &dyn Engine, question: &mut Question, span: &Span) -> Result<Chunks, EngineError> {
        // Exact engines answer most without it.
        if !self.prepared && !engine.info().is_exact() {
            let prepare = self.prepare.prepare(question).instrument(span.clone());
            prepare.await.map_err(EngineError::Unprepared)?;
            self.prepared = true;
        }
        engine.answer(question).instrument(span.clone()).await
    }
}

/// What must fit a schema, if it does.
async fn held(schema: &Arc<Schema>, error: Option<EngineError>, answer: &str) -> Result<Fitting, Unusable> {
    match error {
        Some(error) => Err(Unusable::BrokeOff(error)),
        None => fit(schema, answer).await.map_err(Unusable::DoesNotFit),
    }
}

/// Holds an answer against a schema, away from the threads that serve calls: a long answer may take its time.
async fn fit(schema: &Arc<Schema>, answer: &str) -> Result<Fitting, Unfit> {
    let (schema, answer) = (schema.clone(), answer.to_owned());
    let checked = tokio::task::spawn_blocking(move || schema.fit(&answer)).await;
    // A check that ended without a word has found nothing that fits.
    checked.unwrap_or(Err(Unfit::NoJson))
}

fn source(passage: &Passage) -> Source {
    Source {
        name: passage.source.clone(),
        first_line: passage.first_line,
        last_line: passage.last_line,
        score: f64::from(passage.score),
    }
}

#[cfg(test)]
mod tests;
