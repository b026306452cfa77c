//! Parses every code block of an answer.
//!
//! A block fails only where it claims to be whole: what is left out on purpose, quoted from the query, or a fragment that
//! is right in its place (a lone method, a match arm) is no mistake.

mod fragment;

use plexus_syntax::{CodeBlock, Language, SyntaxError, check as parse, fenced};

use super::{Finding, Judgement, MAX_FINDINGS, Report};

/// What parsing a block came to.
enum Outcome {
    Right,
    Wrong(Language, Vec<SyntaxError>),
    /// It makes no claim that a parser could check.
    Skipped,
}

/// Checks the code blocks of an answer to a query.
pub fn check(query: &str, answer: &str) -> Report {
    let quoted = folded(query);
    let mut checked = 0_usize;
    let mut broken = 0_usize;
    let mut findings = Vec::new();
    for block in fenced(answer) {
        match outcome(&quoted, &block) {
            Outcome::Skipped => {}
            Outcome::Right => checked += 1,
            Outcome::Wrong(language, errors) => {
                checked += 1;
                broken += 1;
                findings.extend(errors.into_iter().map(|error| finding(language, &block, error)));
            }
        }
    }
    let blocks = |count: usize| {
        if count == 1 {
            "1 code block".to_owned()
        } else {
            format!("{count} code blocks")
        }
    };
    let (judgement, mut reason) = match (checked, broken) {
        (0, _) => (
            Judgement::Unsure,
            "there is no code block that can be checked".to_owned(),
        ),
        (1, 0) => (Judgement::Pass, "the code block parses".to_owned()),
        (_, 0) => (Judgement::Pass, format!("all {} parse", blocks(checked))),
        (1, _) => (Judgement::Fail, "the code block does not parse".to_owned()),
        _ => (Judgement::Fail, format!("{broken} of {} do not parse", blocks(checked))),
    };
    let total = findings.len();
    if let Some(first) = findings.first() {
        reason.push_str(&format!(
            ": line {}, column {}: {}",
            first.line, first.column, first.problem
        ));
    }
    if total > MAX_FINDINGS {
        reason.push_str(&format!(" (and {} more)", total - MAX_FINDINGS));
        findings.truncate(MAX_FINDINGS);
    }
    Report {
        judgement,
        reason,
        findings,
    }
}

fn outcome(quoted: &str, block: &CodeBlock) -> Outcome {
    let source = block.source.as_str();
    let Some(language) = block.language else {
        return Outcome::Skipped;
    };
    let own = folded(source);
    if own.is_empty() || quoted.contains(&own) {
        return Outcome::Skipped;
    }
    match parse(language, source) {
        Err(_) => Outcome::Skipped,
        Ok(errors) if errors.is_empty() => Outcome::Right,
        Ok(_) if fragment::is_right_in_place(language, source) => Outcome::Right,
        // A language that was only guessed proves nothing.
        Ok(_) if block.tag.is_none() || fragment::is_partial(language, source) => Outcome::Skipped,
        Ok(errors) => Outcome::Wrong(language, errors),
    }
}

fn finding(language: Language, block: &CodeBlock, error: SyntaxError) -> Finding {
    let (line, column) = block.place(error.line, error.column);
    Finding {
        excerpt: error.excerpt,
        problem: format!("{} syntax: {}", language.name(), error.message),
        line,
        column,
    }
}

/// Without white space, so that a quotation laid out otherwise is still one.
fn folded(text: &str) -> String {
    text.split_whitespace().collect()
}
