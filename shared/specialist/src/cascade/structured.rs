//! Asks an engine once to mend an answer that does not fit the schema.

use plexus_core::{Message, Role};
use plexus_structured::Unfit;

use crate::{
    engine::{EngineInfo, Question},
    prompt::Prompt,
};

/// Longest answer that is sent back to be mended, bytes.
const MAX_SENT_BACK: usize = 64 * 1024;

/// The question as it was before an engine was asked to mend its answer.
#[derive(Debug, Default)]
pub(super) struct Mend {
    before: Option<(Prompt, Vec<Message>)>,
}

impl Mend {
    /// Turns a question into the demand to mend `answer`; false where that makes no sense: an exact engine says the same
    /// again, and one that did not mend it once is not asked twice.
    pub(super) fn ask(&mut self, info: &EngineInfo, question: &mut Question, answer: &str, unfit: &Unfit) -> bool {
        if info.is_exact() || self.before.is_some() || answer.len() > MAX_SENT_BACK {
            return false;
        }
        self.before = Some((question.prompt.clone(), question.context.clone()));
        let asked = std::mem::replace(
            &mut question.prompt.user,
            format!("That is not the JSON that was asked for: {unfit}. Give the corrected JSON, and nothing else."),
        );
        let message = |role, content| Message { role, content };
        question.context.push(message(Role::User, asked));
        question.context.push(message(Role::Assistant, answer.to_owned()));
        true
    }

    /// Makes the question what it was, for the next engine.
    pub(super) fn forget(&mut self, question: &mut Question) {
        if let Some((prompt, context)) = self.before.take() {
            question.prompt = prompt;
            question.context = context;
        }
    }
}
