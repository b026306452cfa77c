//! What a request carries with it: code or a text behind a colon, the options of a multiple choice.

use crate::mask::Mask;
use crate::words::{Word, words};

/// Offset (in `text`) just behind the colon that opens a payload: code, data or a text to work on, up to the end.
pub(crate) fn payload(text: &str, mask: &Mask, offset: usize) -> Option<usize> {
    #[rustfmt::skip]
    const MARKS: &[&str] = &[
        "this", "these", "following", "code", "below", "snippet", "function", "program", "script", "text",
        "passage", "paragraph", "sentence", "article", "essay", "of", "in", "is", "summarise", "summarize",
        "summary", "translate", "rewrite", "paraphrase", "proofread", "json", "yaml", "toml", "python", "rust",
        "javascript", "sql", "regex", "syntactically", "valid", "format", "sentences", "words", "phrases",
        "keywords", "query", "problem",
    ];
    let colon = text.match_indices(':').map(|(at, _)| at).find(|at| {
        let rest = &text[at + 1..];
        !mask.covers(offset + at) && (rest.is_empty() || rest.starts_with(char::is_whitespace))
    })?;
    let head = words(&text[..colon], mask, offset);
    head.iter().any(|word| word.is_one_of(MARKS)).then_some(colon + 1)
}

/// Whether the words before the colon announce prose rather than code or data.
pub(crate) fn is_prose_head(all: &[Word<'_>], colon: usize) -> bool {
    #[rustfmt::skip]
    const PROSE: &[&str] = &[
        "summarise", "summarize", "summary", "translate", "rewrite", "paraphrase", "proofread", "text", "passage",
        "paragraph", "article", "essay", "story", "email", "letter", "phrases", "keywords", "rephrase",
        "classify", "sentiment", "grammar",
    ];
    all.iter()
        .take_while(|word| word.end < colon)
        .any(|word| word.is_one_of(PROSE))
}

/// Options "(A) ... (B) ..." or "A. ... B. ..." make one question of whatever they hold.
pub(crate) fn is_multiple_choice(query: &str) -> bool {
    [
        ["(A)", "(B)"],
        ["(a)", "(b)"],
        ["A)", "B)"],
        ["A.", "B."],
        ["A:", "B:"],
        ["a)", "b)"],
    ]
    .iter()
    .any(|[first, second]| {
        let at = |mark: &str, from: usize| {
            query[from..]
                .match_indices(mark)
                .map(|(at, _)| from + at)
                .find(|at| *at == 0 || query[..*at].ends_with(char::is_whitespace))
        };
        at(first, 0).is_some_and(|found| at(second, found + first.len()).is_some())
    })
}
