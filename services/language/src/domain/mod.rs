//! What the language specialist answers exactly: which language, text statistics, extractive summaries, key phrases.

mod embed;
mod identify;
mod lexicon;
mod lists;
mod phrases;
mod question;
mod rank;
mod script;
mod sentences;
mod statistics;
mod summary;
mod transform;

pub use embed::{EmbedError, Embedder};
pub use identify::{Identified, identify};
pub use sentences::sentences;

use plexus_specialist::exact::{Capability, Declined, ExactSolver, Solution};

/// Everything that is answered exactly, each with a question of its kind.
const CAPABILITIES: &[Capability] = &[Capability::new(
    "statistics",
    "How many words are in: \"one two three\"?",
)];

/// Longer questions (in bytes) are declined.
const MAX_QUESTION_BYTES: usize = 256 * 1024;

/// Answers questions on text that counting, comparing and ranking can answer.
#[derive(Default)]
pub struct LanguageSolver {
    embedder: Option<Box<dyn Embedder>>,
}

impl LanguageSolver {
    /// A solver that ranks sentences and phrases by meaning; without an embedder, by the words they share.
    pub fn new(embedder: Option<Box<dyn Embedder>>) -> Self {
        Self { embedder }
    }
}

impl std::fmt::Debug for LanguageSolver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LanguageSolver")
            .field("embedder", &self.embedder.is_some())
            .finish()
    }
}

impl ExactSolver for LanguageSolver {
    fn solve(&self, question: &str) -> Result<Solution, Declined> {
        let question = question.trim();
        if question.is_empty() {
            return Err(Declined::because("the question is empty"));
        }
        if question.len() > MAX_QUESTION_BYTES {
            return Err(Declined::because("the text is too long"));
        }
        let embedder = self.embedder.as_deref();
        // Each says nothing when the question is not for it, so that the first that speaks decides.
        summary::answer(question, embedder)
            .or_else(|| phrases::answer(question, embedder))
            .or_else(|| identify::answer(question))
            .or_else(|| statistics::answer(question))
            .or_else(|| transform::answer(question))
            .unwrap_or_else(|| {
                Err(Declined::because(
                    "writing, translating and knowing facts need a language model",
                ))
            })
    }

    fn task(&self, task: &str, text: &str) -> Option<String> {
        match task {
            "summarise" => Some(format!("Summarise this text:\n{text}")),
            _ => None,
        }
    }

    fn capabilities(&self) -> &'static [Capability] {
        CAPABILITIES
    }
}

/// An answer, a reason to decline, or nothing when a question is not for the one who is asked.
type Answer = Option<Result<Solution, Declined>>;

/// An answer, and the bare result in it.
fn said(text: impl Into<String>, result: impl ToString) -> Answer {
    Some(Ok(Solution {
        text: text.into(),
        result: result.to_string(),
    }))
}

/// Declines for a reason.
fn decline(reason: impl Into<std::borrow::Cow<'static, str>>) -> Answer {
    Some(Err(Declined::because(reason)))
}
