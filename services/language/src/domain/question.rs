//! How questions are read: what is asked, and the text that it is asked of.

use std::sync::LazyLock;

use regex::{Regex, RegexBuilder};

/// The pairs of quotes that people put around a text.
const QUOTES: [(char, char); 8] = [
    ('"', '"'),
    ('\'', '\''),
    ('`', '`'),
    ('“', '”'),
    ('‘', '’'),
    ('«', '»'),
    ('„', '“'),
    ('「', '」'),
];

static POLITE: LazyLock<Regex> = LazyLock::new(|| {
    compile(
        r"^(?:hi|hey|hello|please|kindly|can you|could you|would you|will you|tell me|ok|so|now|then|and)\b[,!]?\s*",
    )
});

/// A pattern that ignores case and takes line breaks for white space.
pub(super) fn compile(pattern: &str) -> Regex {
    RegexBuilder::new(pattern)
        .case_insensitive(true)
        .dot_matches_new_line(true)
        .build()
        .expect("the pattern is right")
}

/// Without "please", "can you", "tell me" at its beginning.
pub(super) fn plain(question: &str) -> &str {
    let mut rest = question.trim();
    while let Some(found) = POLITE.find(rest).filter(|found| !found.is_empty()) {
        rest = rest[found.end()..].trim_start();
    }
    rest
}

/// The inside of the quotes around a whole text; None where there are none.
pub(super) fn unquoted(text: &str) -> Option<&str> {
    let text = text.trim();
    QUOTES.iter().find_map(|(open, close)| {
        let inner = text.strip_prefix(*open)?.strip_suffix(*close)?;
        (!inner.is_empty() && !closes_before(inner, *open, *close)).then_some(inner)
    })
}

/// Whether the quotes end inside already, as in `'one' and 'two'`; an apostrophe between letters is none.
fn closes_before(inner: &str, open: char, close: char) -> bool {
    let letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    inner.char_indices().any(|(at, c)| {
        let apostrophe = matches!(c, '\'' | '’')
            && letter(inner[..at].chars().next_back())
            && letter(inner[at + c.len_utf8()..].chars().next());
        (c == open || c == close) && !apostrophe
    })
}

/// The text a question is about, of what stands where the text is expected: in quotes, or all of it when `bare`.
pub(super) fn subject(given: &str, bare: bool) -> Option<&str> {
    let given = given.trim();
    let marked = given.trim_end_matches(['?', '.', '!']).trim_end();
    if let Some(inner) = unquoted(given).or_else(|| unquoted(marked)) {
        // Spaces inside of quotes belong to the text.
        return Some(inner).filter(|inner| !inner.trim().is_empty());
    }
    (bare && !given.is_empty()).then_some(given)
}

/// Whether a word without quotes points to something ("my name", "this word", "are there") and is no text itself.
pub(super) fn points(word: &str, question: &str) -> bool {
    const POINTING: [&str; 20] = [
        "it",
        "this",
        "that",
        "these",
        "those",
        "there",
        "them",
        "here",
        "name",
        "names",
        "word",
        "words",
        "sentence",
        "text",
        "string",
        "phrase",
        "line",
        "paragraph",
        "title",
        "total",
    ];
    let word = word.to_lowercase();
    let called = question.to_lowercase().contains(&format!("the word {word}"));
    !word.chars().any(char::is_alphanumeric) || (POINTING.contains(&word.as_str()) && !called)
}

/// A number in digits or in a word up to twenty.
pub(super) fn number(word: &str) -> Option<usize> {
    const WORDS: [&str; 21] = [
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
        "twenty",
    ];
    let word = word.to_lowercase();
    match word.as_str() {
        "a" | "an" | "single" => Some(1),
        "couple" => Some(2),
        _ => word
            .parse()
            .ok()
            .or_else(|| WORDS.iter().position(|name| *name == word)),
    }
}
