//! Questions in plain words. Every form must match the whole question; two forms that disagree mean no answer.

mod amount;
mod arithmetic;
mod bases;
mod compare;
mod dates;
mod equations;
mod interest;
mod languages;
mod lists;
mod money;
mod numbers;
mod pattern;
mod percent;
mod rounding;
mod unit_forms;
mod wrap;

use crate::limits::{MAX_QUESTION, MAX_TOKENS};
use crate::token::Token;
use crate::{Answer, Declined, lex, phrases};

/// What a form makes of the parts that its pattern left open.
type Solve = fn(&[&[Token]]) -> Result<Answer, Declined>;

/// A pattern (see [`pattern`]) and what it means.
type Form = (&'static str, Solve);

/// All forms, by subject.
const FORMS: &[&[Form]] = &[
    percent::FORMS,
    money::FORMS,
    interest::FORMS,
    lists::FORMS,
    numbers::FORMS,
    compare::FORMS,
    rounding::FORMS,
    unit_forms::FORMS,
    bases::FORMS,
    dates::FORMS,
];

/// Answers a question exactly, or says why not.
///
/// # Errors
/// Declines what is not understood to the last word, what is ambiguous, and what is too big.
pub fn answer(question: &str) -> Result<Answer, Declined> {
    if question.len() > MAX_QUESTION {
        return Err(Declined::of("the question is too long"));
    }
    if let Some((english, of)) = languages::english(question) {
        let answer = in_english(&english)?;
        // The languages that are read all write a decimal comma.
        let text = answer.text.replace("% of ", &format!("% {of} ")).replace('.', ",");
        return Ok(Answer { text, ..answer });
    }
    in_english(question)
}

fn in_english(question: &str) -> Result<Answer, Declined> {
    let chars: Vec<char> = question.chars().collect();
    let tokens = lex::lex(&chars);
    if tokens.is_empty() || tokens.len() > MAX_TOKENS {
        return Err(Declined::UNREAD);
    }
    let tokens = phrases::rewrite(tokens);
    let (tokens, polite) = wrap::unwrap(&tokens)?;
    let mut readings = Readings::default();
    readings.add(arithmetic::solve(tokens, polite));
    readings.add(equations::solve(tokens));
    // Forms are short sentences; a long text is none of them, except for a long list.
    if !readings.found() {
        for (pattern, solve) in FORMS.iter().copied().flatten() {
            for slots in pattern::matches(pattern, tokens) {
                readings.add(solve(&slots));
            }
        }
    }
    readings.settle()
}

/// What the forms found so far.
#[derive(Default)]
struct Readings {
    answers: Vec<Answer>,
    reason: Option<Declined>,
}

impl Readings {
    fn add(&mut self, reading: Result<Answer, Declined>) {
        match reading {
            Ok(answer) => self.answers.push(answer),
            Err(reason) if reason != Declined::UNREAD && self.reason.is_none() => self.reason = Some(reason),
            Err(_) => {}
        }
    }

    fn found(&self) -> bool {
        !self.answers.is_empty()
    }

    fn settle(self) -> Result<Answer, Declined> {
        let mut answers = self.answers.into_iter();
        let Some(first) = answers.next() else {
            return Err(self.reason.unwrap_or(Declined::UNREAD));
        };
        if answers.any(|other| other.result != first.result) {
            return Err(Declined::of("the question can be read in more than one way"));
        }
        Ok(first)
    }
}
