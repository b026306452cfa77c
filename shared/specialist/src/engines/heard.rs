//! What was heard of an answer, in whichever dialect, and what to make of its end.

use crate::engine::{Chunk, EngineError};

/// Why a model stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// The answer is at its end.
    End,
    /// A limit of tokens is reached.
    Limit,
    /// It refuses, or a filter does.
    Refusal,
    /// It wants a tool to be called.
    Tool,
}

/// What was heard so far.
#[derive(Debug, Default)]
pub(super) struct Heard {
    spoken: bool,
    pub(super) stop: Option<Stop>,
    pub(super) input: Option<u64>,
    pub(super) output: Option<u64>,
}

impl Heard {
    /// Takes a piece of text; an empty one is none.
    pub(super) fn text(&mut self, text: &str, chunks: &mut Vec<Chunk>) {
        if !text.is_empty() {
            self.spoken = true;
            chunks.push(Chunk::Text(text.to_owned()));
        }
    }

    /// Notes why it stopped; a refusal stays one.
    pub(super) fn stopped(&mut self, stop: Stop) {
        if self.stop != Some(Stop::Refusal) {
            self.stop = Some(stop);
        }
    }

    /// What is left to say when all was heard.
    pub(super) fn end(&self, chunks: &mut Vec<Chunk>) -> Result<(), EngineError> {
        if !self.spoken {
            let without_text = |why: &str| EngineError::Malformed(format!("an answer without text{why}"));
            return Err(match self.stop {
                Some(Stop::Refusal) => EngineError::Declined("the model or its content filter refuses".into()),
                Some(Stop::Tool) => without_text(": it wants a tool to be called"),
                Some(Stop::Limit) => without_text(": its limit of tokens came before the first word"),
                Some(Stop::End) | None => without_text(""),
            });
        }
        if matches!(self.stop, Some(Stop::Limit | Stop::Refusal)) {
            chunks.push(Chunk::Truncated);
        }
        if let (Some(input), Some(output)) = (self.input, self.output) {
            chunks.push(Chunk::Tokens { input, output });
        }
        Ok(())
    }
}
