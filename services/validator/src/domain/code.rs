//! Parses every code block of an answer.
//!
//! A block fails only where it claims to be whole: what is left out on purpose, quoted from the query, or a fragment that
//! is right in its place (a lone method, a match arm) is no mistake.

mod fragment;

use plexus_syntax::{CodeBlock, Language, SyntaxError, check as parse, fenced};

use super::{Finding, MAX_FINDINGS, Report, VerdictResult};

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
    let mut skipped = 0_usize;
    let mut findings = Vec::new();
    for block in fenced(answer) {
        match outcome(&quoted, &block) {
            Outcome::Skipped => skipped += 1,
            Outcome::Right => checked += 1,
            Outcome::Wrong(language, errors) => {
                checked += 1;
                broken += 1;
                findings.extend(errors.into_iter().map(|error| finding(language, error)));
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
            VerdictResult::Unsure,
            "there is no code block that can be checked".to_owned(),
        ),
        (1, 0) => (VerdictResult::Pass, "the code block parses".to_owned()),
        (_, 0) => (VerdictResult::Pass, format!("all {} parse", blocks(checked))),
        (1, _) => (VerdictResult::Fail, "the code block does not parse".to_owned()),
        _ => (
            VerdictResult::Fail,
            format!("{broken} of {} do not parse", blocks(checked)),
        ),
    };
    if checked > 0 && skipped > 0 {
        reason.push_str(&format!(" ({skipped} not checked)"));
    }
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
        confidence: None,
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
        Ok(_) => Outcome::Wrong(language, placed(language, block)),
    }
}

/// The errors of a block, with the lines and columns of the answer, also where a message names some.
fn placed(language: Language, block: &CodeBlock) -> Vec<SyntaxError> {
    let (line, column) = block.place(2, 1);
    let margin = " ".repeat(column.saturating_sub(1) as usize);
    let before = std::iter::repeat_n("\n".to_owned(), line.saturating_sub(2) as usize);
    let lines = block.source.lines().map(|line| format!("{margin}{line}\n"));
    let source: String = before.chain(lines).collect();
    if let Ok(errors) = parse(language, &source)
        && !errors.is_empty()
        && block.place(1, 1).1 == column
    {
        return errors;
    }
    let moved = |error: SyntaxError| {
        let (line, column) = block.place(error.line, error.column);
        SyntaxError { line, column, ..error }
    };
    parse(language, &block.source)
        .unwrap_or_default()
        .into_iter()
        .map(moved)
        .collect()
}

fn finding(language: Language, error: SyntaxError) -> Finding {
    Finding {
        excerpt: error.excerpt,
        problem: format!("{} syntax: {}", language.name(), error.message),
        line: error.line,
        column: error.column,
    }
}

/// Without white space, so that a quotation laid out otherwise is still one.
fn folded(text: &str) -> String {
    text.split_whitespace().collect()
}
