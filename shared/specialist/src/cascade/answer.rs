//! What an engine has given so far, how that is read, and the span of its attempt.

use futures_util::StreamExt as _;
use plexus_core::{Degradation, Step};
use tracing::{Instrument as _, Span, field::Empty, info_span};

use crate::engine::{Chunk, Chunks, EngineError, EngineInfo};

/// The span of an engine's attempt.
pub(super) fn span_of(info: &EngineInfo) -> Span {
    if info.is_exact() {
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
pub(super) struct Answer {
    pub(super) text: String,
    pub(super) result: String,
    pub(super) tokens: Option<(u64, u64)>,
    pub(super) substeps: Vec<Step>,
    pub(super) degradations: Vec<Degradation>,
    pub(super) planned_by: String,
    /// It ends at a limit, not at its end.
    pub(super) truncated: bool,
    /// Somebody who may be wrong had a part in it.
    pub(super) inexact: bool,
}

impl Answer {
    pub(super) fn note(&mut self, chunk: Chunk) {
        match chunk {
            Chunk::Text(_) => {}
            Chunk::Truncated => self.truncated = true,
            Chunk::Result(result) => self.result = result,
            Chunk::Tokens { input, output } => self.tokens = Some((input, output)),
            Chunk::Delegated {
                steps,
                degradations,
                planned_by,
                exact,
            } => {
                self.inexact = !exact;
                self.substeps = steps;
                self.planned_by = planned_by;
                self.degradations = degradations;
            }
        }
    }
}

/// Reads an answer as it comes.
pub(super) struct Reading {
    /// None: it is over.
    chunks: Option<Chunks>,
    span: Span,
    answer: Answer,
    error: Option<EngineError>,
}

impl Reading {
    pub(super) fn new(chunks: Chunks, span: Span) -> Self {
        Self {
            chunks: Some(chunks),
            span,
            answer: Answer::default(),
            error: None,
        }
    }

    /// The next piece of text; none at the end, good or bad.
    pub(super) async fn next(&mut self) -> Option<String> {
        while let Some(chunks) = &mut self.chunks {
            match chunks.next().instrument(self.span.clone()).await {
                Some(Ok(Chunk::Text(text))) => {
                    self.answer.text.push_str(&text);
                    return Some(text);
                }
                Some(Ok(other)) => {
                    self.answer.note(other);
                    continue;
                }
                Some(Err(error)) => self.error = Some(error),
                None if self.answer.text.is_empty() => {
                    self.error = Some(EngineError::Malformed("an answer without text".to_owned()));
                }
                None => {}
            }
            self.chunks = None;
        }
        None
    }

    /// Whether this piece, the last one that came, was the first.
    pub(super) fn is_first(&self, text: &str) -> bool {
        self.answer.text.len() == text.len()
    }

    /// What was given, and how it broke off, if it did.
    pub(super) fn end(self) -> (Answer, Option<EngineError>) {
        (self.answer, self.error)
    }
}
