//! Engines one after the other: the first that answers ends it. Before the first word giving way to the next engine is
//! free; after it never, and a failure is told as such.

mod run;

use std::{sync::Arc, time::Duration};

use futures_util::{Stream, StreamExt as _};
use plexus_core::{Attempt, Degradation, Domain, Step, Tier, Usage};
use tokio::time::Instant;
use tracing::Instrument as _;

use self::run::{Answer, Run, span_of};
use crate::{
    engine::{Chunk, Engine, EngineError, Question},
    prepare::Prepare,
};

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
    prepare: Arc<Prepare>,
    mut question: Question,
    exclude: Vec<String>,
) -> impl Stream<Item = Event> + Send {
    async_stream::stream! {
        let mut run = Run::new(domain, &engines, &question);
        let mut prepared = false;
        for engine in engines.iter() {
            let info = engine.info();
            if exclude.contains(&info.name) || !run.may_ask(info, &question) {
                continue;
            }
            let span = span_of(info);
            let begin = Instant::now();
            // Exact engines answer most without it.
            if !prepared && !info.model.is_empty() {
                if let Err(error) = prepare.prepare(&mut question).instrument(span.clone()).await {
                    run.lost(info, EngineError::Unprepared(error), begin, &span);
                    continue;
                }
                prepared = true;
            }
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

#[cfg(test)]
mod tests;
