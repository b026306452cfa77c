//! An engine that is watched while it is asked.

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::StreamExt as _;
use plexus_core::estimate_tokens_of;
use plexus_telemetry::metrics::Sheet;

use super::{Live, state::Ended};
use crate::{
    config::Adaptation,
    engine::{Chunk, Chunks, Engine, EngineError, EngineInfo, Question},
    exact::Capability,
    size::{EXPECTED_OUTPUT, Size},
};

/// An engine that is watched.
pub(crate) struct ObservedEngine {
    engine: Arc<dyn Engine>,
    live: Arc<Live>,
}

impl ObservedEngine {
    /// Watches `engine`.
    pub(crate) fn new(engine: Arc<dyn Engine>, settings: Adaptation) -> Self {
        let live = Live::new(&engine.info().name, settings);
        Self { engine, live }
    }
}

#[async_trait]
impl Engine for ObservedEngine {
    fn info(&self) -> &EngineInfo {
        self.engine.info()
    }

    fn capabilities(&self) -> &'static [Capability] {
        self.engine.capabilities()
    }

    fn live(&self) -> Option<&Arc<Live>> {
        Some(&self.live)
    }

    fn show(&self, sheet: &mut Sheet) {
        self.engine.show(sheet);
    }

    async fn answer(&self, question: &Question) -> Result<Chunks, EngineError> {
        let (price, mut expected) = (self.info().price, Size::of(question));
        // A caller that allows more is not expected to get it: no answer would be longer than expected.
        expected.output = expected.output.min(EXPECTED_OUTPUT);
        let mut call = self.live.begin();
        let mut chunks = match self.engine.answer(question).await {
            Ok(chunks) => chunks,
            Err(error) => {
                call.end(of(&error));
                return Err(error);
            }
        };
        Ok(async_stream::stream! {
            let (mut spoke, mut written, mut counted) = (false, 0, None);
            while let Some(chunk) = chunks.next().await {
                match &chunk {
                    Ok(Chunk::Text(text)) => {
                        if !std::mem::replace(&mut spoke, true) {
                            call.spoke();
                        }
                        written += text.len() as u64;
                    }
                    Ok(Chunk::Tokens { input, output }) => counted = Some((*input, *output)),
                    Ok(_) => {}
                    Err(error) => call.end(of(error)),
                }
                yield chunk;
            }
            let (input, output) = counted.unwrap_or((expected.input, estimate_tokens_of(written)));
            call.end(match spoke {
                true => Ended::Answered {
                    expected: price.of(expected.input, expected.output),
                    actual: price.of(input, output),
                },
                // The cascade counts an answer without text as a failure too.
                false => Ended::Failed,
            });
        }
        .boxed())
    }
}

/// What an error says of the engine. A question that is at fault itself says nothing: callers could else make engines look ill.
fn of(error: &EngineError) -> Ended {
    match error {
        EngineError::Declined(_) => Ended::Declined,
        EngineError::Busy { .. }
        | EngineError::Limited { .. }
        | EngineError::Resting(_)
        | EngineError::Unprepared(_)
        | EngineError::Status {
            status: 400 | 413 | 422,
            ..
        } => Ended::Unasked,
        EngineError::Unreachable(_)
        | EngineError::Status { .. }
        | EngineError::Malformed(_)
        | EngineError::CutOff(_)
        | EngineError::Silent(_) => Ended::Failed,
    }
}

#[cfg(test)]
mod tests;
