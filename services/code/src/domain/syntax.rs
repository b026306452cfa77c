//! "Find the syntax error in ...", "is this valid JSON?".

use plexus_syntax::{CodeBlock, Language, SyntaxError, check};

use super::question::{code, has, wants_more, words};
use super::{Answer, decline};

/// The widest line that is shown with a mark below.
const MAX_SHOWN: usize = 100;

pub(super) fn answer(question: &str) -> Answer {
    let block = code(question);
    let words = words(question, block.as_ref());
    let checks = asks_for_check(&words);
    if !checks && !asks_for_fault(&words) {
        return None;
    }
    if wants_more(&words) {
        return decline("only syntax can be checked here; the question asks for more");
    }
    let Some(block) = block else {
        return decline("there is no code in the question, or more than one piece of it");
    };
    let Some(language) = block.language else {
        return decline(match &block.tag {
            Some(tag) => format!("there is no parser for {tag} here"),
            None => "it is not clear which language the code is written in".to_owned(),
        });
    };
    Some(match check(language, &block.source) {
        Err(reason) => Err(plexus_specialist::exact::Declined::because(reason.to_string())),
        Ok(errors) if errors.is_empty() || is_fragment(language, &block.source) => match checks {
            true => Ok(fine(language)),
            false => return decline("the syntax is right; whatever else is wrong needs a language model"),
        },
        Ok(errors) => Ok(report(language, &block, &errors)),
    })
}

fn asks_for_check(words: &str) -> bool {
    // Long words around the code are a story of their own.
    if words.split_whitespace().count() > 40 || has(words, &["what does", "how do", "how to", "how can", "which of"]) {
        return false;
    }
    let error = has(
        words,
        &[
            "syntax error",
            "syntax errors",
            "syntax mistake",
            "the syntax",
            "syntax check",
            "syntax problem",
        ],
    );
    let parses = has(
        words,
        &[
            "syntactically",
            "lint",
            "parse",
            "parses",
            "compile",
            "compiles",
            "well-formed",
            "malformed",
        ],
    );
    let asks = has(
        words,
        &[
            "check", "does", "do", "is", "will", "would", "validate", "verify", "lint",
        ],
    );
    let valid = has(words, &["valid", "validate", "invalid"]);
    let start = words.trim_start();
    let check = start.starts_with("check ") || has(words, &["please check", "can you check", "could you check"]);
    error || parses && asks || valid || check
}

/// "What is wrong with this code?": a broken parse answers it, a clean one does not.
fn asks_for_fault(words: &str) -> bool {
    words.split_whitespace().count() <= 40
        && has(words, &["what is wrong", "what's wrong", "whats wrong", "wrong with"])
}

/// Statements that stand inside of a function are no errors.
fn is_fragment(language: Language, source: &str) -> bool {
    language == Language::Rust
        && check(language, &format!("fn f() {{\n{source}\n}}")).is_ok_and(|errors| errors.is_empty())
}

fn fine(language: Language) -> String {
    let name = language.name();
    if language.is_data() {
        format!("Yes, this is valid {name}: the parser finds no syntax errors.")
    } else {
        format!(
            "No syntax errors found: the {name} parser accepts the code. Only the syntax was checked, not names, types or what it does."
        )
    }
}

fn report(language: Language, block: &CodeBlock, errors: &[SyntaxError]) -> String {
    let name = language.name();
    let mut lines = Vec::new();
    for error in errors {
        lines.push(format!(
            "{name} syntax error at line {}, column {}: {}.",
            error.line, error.column, error.message
        ));
    }
    if let Some(first) = errors.first() {
        lines.push(shown(&block.source, first));
    }
    if language.is_data() {
        lines.insert(0, format!("No, this is not valid {name}."));
    }
    lines.join("\n\n")
}

/// The line with a mark below the column.
fn shown(source: &str, error: &SyntaxError) -> String {
    let line = source
        .split('\n')
        .nth(error.line as usize - 1)
        .unwrap_or_default()
        .trim_end();
    if line.chars().count() > MAX_SHOWN || line.contains("```") {
        return format!("The line reads: {}", error.excerpt);
    }
    // Tabs stay tabs, so that the mark stands below its column.
    let margin: String = line
        .chars()
        .take(error.column as usize - 1)
        .map(|c| if c == '\t' { '\t' } else { ' ' })
        .collect();
    let missing = (error.column as usize - 1).saturating_sub(line.chars().count());
    format!("```text\n{line}\n{margin}{}^\n```", " ".repeat(missing))
}
