//! What the code specialist answers exactly: syntax, data formats, outlines, regexes, cron and encodings.

mod cron;
mod data;
mod encode;
mod outline;
mod pattern;
mod question;
mod schedule;
mod syntax;

use plexus_specialist::exact::{Capability, Declined, ExactSolver, Solution};

/// Everything that is answered exactly, each with a question of its kind.
const CAPABILITIES: &[Capability] = &[Capability::new("syntax", "check this Python: def f(x) return x")];

/// Longer questions (in bytes) are declined.
const MAX_QUESTION_BYTES: usize = 300 * 1024;

/// Answers questions on code that a parser or a table can answer.
#[derive(Debug, Clone, Copy, Default)]
pub struct CodeSolver;

impl ExactSolver for CodeSolver {
    fn solve(&self, question: &str) -> Result<Solution, Declined> {
        let question = question.trim();
        if question.is_empty() {
            return Err(Declined::because("the question is empty"));
        }
        if question.len() > MAX_QUESTION_BYTES {
            return Err(Declined::because("the question is too long to be parsed"));
        }
        // Each says nothing when the question is not for it, so that the first that speaks decides.
        [
            cron::answer,
            pattern::answer,
            encode::answer,
            data::answer,
            outline::answer,
            syntax::answer,
        ]
        .iter()
        .find_map(|answer| answer(question))
        .unwrap_or_else(|| {
            Err(Declined::because(
                "no parser can answer this: writing, explaining or judging code needs a language model",
            ))
        })
        .map(Solution::from)
    }

    fn task(&self, task: &str, text: &str) -> Option<String> {
        match task {
            "review_code" => Some(format!("Check this code:\n{text}")),
            _ => None,
        }
    }

    fn capabilities(&self) -> &'static [Capability] {
        CAPABILITIES
    }
}

/// An answer, a reason to decline, or nothing when a question is not for the one who is asked.
type Answer = Option<Result<String, Declined>>;

/// Declines for a reason.
fn decline(reason: impl Into<std::borrow::Cow<'static, str>>) -> Answer {
    Some(Err(Declined::because(reason)))
}
