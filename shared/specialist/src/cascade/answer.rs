//! What an engine has given so far, and the span of its attempt.

use plexus_core::{Degradation, Step};
use tracing::{Span, field::Empty, info_span};

use crate::engine::{Chunk, EngineInfo};

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
