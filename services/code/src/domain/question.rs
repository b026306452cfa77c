//! How questions are read: the words around the code and the things in quotes.

use plexus_syntax::{CodeBlock, extract};

/// The words of a question without the code in it, in lower case.
pub(super) fn words(question: &str, code: Option<&CodeBlock>) -> String {
    let around = match code {
        Some(block) if !block.source.trim().is_empty() => question.replacen(block.source.trim(), " ", 1),
        _ => question.to_owned(),
    };
    around.to_lowercase()
}

/// The one block of code that the question brings along.
pub(super) fn code(question: &str) -> Option<CodeBlock> {
    let mut blocks = extract(question);
    match (blocks.pop(), blocks.is_empty()) {
        (Some(block), true) if !block.source.trim().is_empty() => Some(block),
        _ => None,
    }
}

/// Whether one of the phrases stands in the words, bounded by what is no letter.
pub(super) fn has(words: &str, phrases: &[&str]) -> bool {
    phrases.iter().any(|phrase| {
        words.match_indices(phrase).any(|(at, _)| {
            let before = words[..at].chars().next_back();
            let after = words[at + phrase.len()..].chars().next();
            !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
        })
    })
}

/// What asks for more than a parser can do.
pub(super) fn wants_more(words: &str) -> bool {
    has(
        words,
        &[
            "fix",
            "correct it",
            "rewrite",
            "repair",
            "refactor",
            "improve",
            "optimise",
            "optimize",
            "review",
            "why",
            "output",
            "bug",
            "bugs",
            "write",
            "what does it do",
            "what does this do",
            "performance",
            "document",
            "faster",
            "translate",
            "explain",
            "complexity",
            "test",
            "tests",
            "security",
        ],
    )
}

/// The text in a pair of quotes or backticks.
pub(super) fn unquoted(text: &str) -> Option<&str> {
    let text = text.trim();
    [('"', '"'), ('\'', '\''), ('`', '`'), ('“', '”'), ('‘', '’')]
        .iter()
        .find_map(|(open, close)| text.strip_prefix(*open)?.strip_suffix(*close))
}
