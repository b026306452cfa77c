//! How large a question is expected to be, before anybody was asked.

use plexus_core::estimate_tokens;

use crate::engine::{EngineInfo, Question};

/// Tokens that an answer is expected to have where nobody sets a limit.
pub(crate) const EXPECTED_OUTPUT: u64 = 512;

/// How large a question is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Size {
    /// Tokens of question and conversation; prompts and passages are not known yet.
    pub(crate) input: u64,
    /// Tokens of the answer.
    pub(crate) output: u64,
}

impl Size {
    /// That of a question as most are.
    pub(crate) const USUAL: Self = Self {
        input: 80,
        output: EXPECTED_OUTPUT,
    };

    /// The size of a question.
    pub(crate) fn of(question: &Question) -> Self {
        let context = question.context.iter();
        let context: u64 = context.map(|message| estimate_tokens(&message.content)).sum();
        let limit = question.constraints.max_output_tokens;
        Self {
            input: estimate_tokens(&question.text) + context,
            output: limit.map_or(EXPECTED_OUTPUT, u64::from),
        }
    }

    /// What an engine is expected to cost, US dollars.
    pub(crate) fn cost(&self, info: &EngineInfo) -> f64 {
        info.price.of(self.input, self.output)
    }
}
