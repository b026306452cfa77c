//! Puts an earlier result in the place where a text speaks of it.

use crate::anaphora::{Anaphor, find};
use crate::mask::Mask;
use crate::words::{OPENERS, words};

/// Longer results do not go inside a sentence.
const MAX_RESULT_CHARS: usize = 200;

/// The text with the result in place of "it", "that", "the result" or the operand left out: ("then double the result",
/// "36") gives "double 36". None where the text does not refer back, or the result is blank, of several lines or too
/// long to stand inside a sentence.
pub fn substitute(text: &str, result: &str) -> Option<String> {
    let result = result.trim().trim_end_matches('.');
    if result.is_empty() || result.contains(['\n', '\r']) || result.chars().count() > MAX_RESULT_CHARS {
        return None;
    }
    let text = without_openers(text);
    Some(match find(text)? {
        Anaphor::One { start, end } | Anaphor::All { start, end } => {
            format!("{}{result}{}", &text[..start], &text[end..])
        }
        Anaphor::Elided { verb_start, verb_end } => {
            let verb = text[verb_start..verb_end].to_lowercase();
            let rest = text[verb_end..].trim();
            match verb.as_str() {
                "add" => format!("add {rest} to {result}"),
                "subtract" => format!("subtract {rest} from {result}"),
                _ => format!("{} {result} {rest}", &text[verb_start..verb_end])
                    .trim_end()
                    .to_owned(),
            }
        }
    })
}

/// The text without "then", "and", "finally", ... at its beginning.
pub(crate) fn without_openers(text: &str) -> &str {
    let mut text = text.trim();
    let mask = Mask::of("");
    loop {
        let Some(first) = words(text.split_whitespace().next().unwrap_or_default(), &mask, 0)
            .first()
            .copied()
        else {
            return text;
        };
        if first.start != 0
            || !first.is_one_of(OPENERS)
            || first.is_one_of(&["first", "last", "second", "third", "next"])
        {
            return text;
        }
        let rest = text[first.end..].trim_start_matches(|c: char| c.is_whitespace() || matches!(c, ',' | ':'));
        if rest.is_empty() || rest.len() == text.len() - first.end {
            return text;
        }
        text = rest;
    }
}
