//! Splits text into sentences.

use unicode_segmentation::UnicodeSegmentation;

/// Words whose full stop ends no sentence when another follows.
#[rustfmt::skip]
const TITLES: &[&str] = &[
    "mr", "mrs", "ms", "dr", "prof", "st", "rev", "hon", "gen", "col", "capt", "lt", "sgt", "gov", "sen", "rep", "pres",
    "fig", "figs", "eq", "no", "nos", "vol", "vs", "cf", "e.g", "i.e", "approx", "ca", "al", "p", "pp", "ed", "eds", "dept",
    "mt", "ft", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sept", "sep", "oct", "nov", "dec", "z.b", "d.h", "bzw",
    "ca", "nr", "sra", "sr", "dra", "mme", "mlle",
];

/// Words whose full stop ends a sentence only when the next one begins in upper case.
const MAYBE: &[&str] = &[
    "etc", "inc", "ltd", "co", "corp", "jr", "a.m", "p.m", "u.s", "u.k", "u.n", "ph.d", "e.u",
];

/// The sentences of a text, trimmed, in order. A single line break is a space; an empty line ends a sentence.
pub fn sentences(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let text = text.replace("\r\n", "\n");
    for paragraph in text.split("\n\n") {
        let paragraph = paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut open = String::new();
        let mut pieces = paragraph.split_sentence_bounds().peekable();
        while let Some(piece) = pieces.next() {
            open.push_str(piece);
            let next = pieces.peek().copied().unwrap_or_default();
            if !next.is_empty() && goes_on(&open, next) {
                continue;
            }
            let sentence = open.trim();
            if sentence.chars().any(char::is_alphanumeric) {
                found.push(sentence.to_owned());
            } else if let Some(last) = found.last_mut().filter(|_| !sentence.is_empty()) {
                // Stray marks belong to the sentence before.
                last.push_str(sentence);
            } else {
                continue;
            }
            open.clear();
        }
    }
    found
}

/// Whether the full stop at the end belongs to an abbreviation, an initial or a number.
fn goes_on(open: &str, next: &str) -> bool {
    // "index?a=1" is no question.
    if open.ends_with(['.', '?', '!']) && next.starts_with(char::is_alphanumeric) {
        return true;
    }
    let open = open.trim_end();
    let first = next.chars().find(|c| c.is_alphanumeric());
    // "Really?" he said.
    if open.ends_with(['"', '”', '’', '»', ')']) && first.is_some_and(char::is_lowercase) {
        return true;
    }
    let Some(before) = open.strip_suffix('.') else {
        return false;
    };
    let word = before
        .rsplit(|c: char| c.is_whitespace() || matches!(c, '(' | '"' | '“' | '—'))
        .next()
        .unwrap_or_default();
    let lower = word.to_lowercase();
    let upper_next = next
        .chars()
        .find(|c| c.is_alphanumeric())
        .is_some_and(char::is_uppercase);
    let initial = word.chars().count() == 1 && word.chars().all(char::is_uppercase) && word != "I";
    let numbered = open.len() == word.len() + 1 && !word.is_empty() && word.chars().all(|c| c.is_ascii_digit());
    TITLES.contains(&lower.as_str()) || initial || numbered || (MAYBE.contains(&lower.as_str()) && !upper_next)
}
