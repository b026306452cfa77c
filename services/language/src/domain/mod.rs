//! What the language specialist answers exactly: which language, text statistics, extractive summaries, key phrases.

mod capabilities;
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
        capabilities::CAPABILITIES
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

#[cfg(test)]
mod tests {
    use plexus_specialist::exact::broken_promises;

    use super::*;

    #[test]
    fn every_capability_is_held() {
        assert_eq!(broken_promises(&LanguageSolver::default()), [] as [String; 0]);
    }

    /// Next to what is answered, and not to be answered.
    #[test]
    fn near_misses_are_declined() {
        for question in [
            "What language is spoken in Brazil?",
            "What language is this: 'ok'",
            "How many words are in the Bible?",
            "How many words are in 'one' and 'two'?",
            "How many sentences are in the constitution?",
            "count the characters in Hamlet by Shakespeare",
            "how many letters are in the alphabet?",
            "How many r's are in a pack of cards?",
            "how many syllables are in 'banana'?",
            "how many vowels are in 'Ελλάδα'?",
            "how many letters are in this word?",
            "how many letters are in my name?",
            "how many a's are there?",
            "sort these words alphabetically: cherry; apple; banana",
            "how many lines are there at the station?",
            "reading time of War and Peace",
            "reverse a linked list",
            "reverse engineering",
            "reverse the decision",
            "convert my voice to uppercase",
            "sort these numbers: 3, 1, 2",
            "sort these words by length: pear, fig",
            "sort these words alphabetically: b, a and c",
            "sort these words alphabetically: b, a, c in reverse order",
            "what is a palindrome?",
            "is it a palindrome?",
            "is 121 a palindrome",
            "what is an anagram of listen?",
            "summarise Hamlet",
            "summarise this as a poem: One. Two. Three. Four. Five.",
            "key phrases of Hamlet",
            "translate 'hello' to French",
            "classify this review: 'bad food'",
            "is 'hello' a positive word?",
        ] {
            let answer = LanguageSolver::default().solve(question);
            assert!(answer.is_err(), "{question}: {answer:?}");
        }
    }

    #[test]
    fn summarises_as_a_task() {
        let solver = LanguageSolver::default();
        let text = "The council approved the tram line: at last. The tram line connects the harbour with the university. It \
                    rained. Construction of the tram line starts in May. Nobody spoke of the cost.";
        let question = solver.task("summarise", text).unwrap();
        let summary = solver.solve(&question).unwrap().text;
        assert_eq!(sentences(&summary).len(), 3, "{summary}");
        assert!(sentences(&summary).iter().all(|one| text.contains(one)), "{summary}");
        let question = solver.task("summarise", "Too short. To cut.").unwrap();
        assert!(solver.solve(&question).is_err());
        for other in ["translate", "rewrite", "classify", "extract", ""] {
            assert_eq!(solver.task(other, text), None, "{other}");
        }
    }
}
