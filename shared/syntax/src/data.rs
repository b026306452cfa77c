//! JSON, TOML and YAML, each by its own parser.

use serde::de::IgnoredAny;
use serde_saphyr::granit_parser::Parser;

use crate::check::{SyntaxError, error_at, offset, position};
use crate::scan::{Imbalance, Scan, closer};

/// The first error of a JSON text.
pub(crate) fn json(source: &str, scan: &Scan) -> Option<SyntaxError> {
    let error = serde_json::from_str::<IgnoredAny>(source).err()?;
    if source.trim().is_empty() {
        return Some(error_at(source, 0, "expected a value: there is none"));
    }
    let at = json_offset(source, &error);
    Some(
        json_string(source, scan, at)
            .or_else(|| json_token(source, at))
            .or_else(|| json_bracket(source, scan, at))
            .unwrap_or_else(|| error_at(source, at, json_message(&error))),
    )
}

/// The byte that the parser stopped at; it counts columns in bytes.
fn json_offset(source: &str, error: &serde_json::Error) -> usize {
    let start = offset(source, error.line(), 1);
    let at = (start + error.column().saturating_sub(1)).min(source.len());
    if error.is_eof() {
        source.trim_end().len()
    } else {
        source.floor_char_boundary(at)
    }
}

fn json_message(error: &serde_json::Error) -> String {
    let text = error.to_string().replace("expected value", "expected a JSON value");
    text.split(" at line ").next().unwrap_or(&text).to_owned()
}

/// A string that its line does not close.
fn json_string(source: &str, scan: &Scan, at: usize) -> Option<SyntaxError> {
    scan.imbalances.iter().find_map(|imbalance| match *imbalance {
        Imbalance::OpenString { open, .. } if open <= at => {
            let (line, column) = position(source, open);
            Some(error_at(
                source,
                open,
                format!("unclosed string: the `\"` at line {line}, column {column} has no partner"),
            ))
        }
        _ => None,
    })
}

/// What stands at the place, where that alone says what is wrong.
fn json_token(source: &str, at: usize) -> Option<SyntaxError> {
    let rest = &source[at..];
    let before = source[..at].trim_end();
    let first = rest.chars().next()?;
    if matches!(first, '}' | ']') && before.ends_with(',') {
        return Some(error_at(
            source,
            before.len() - 1,
            format!("trailing comma before `{first}`"),
        ));
    }
    // A word is reported by its end or its first wrong letter: go back to where it begins.
    let start = at
        - source[..at]
            .chars()
            .rev()
            .take_while(|c| c.is_ascii_alphabetic())
            .count();
    let rest = &source[start..];
    let word: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    let key = matches!(source[..start].trim_end().chars().next_back(), Some('{' | ','))
        && rest[word.len()..].trim_start().starts_with(':');
    Some(match first {
        '\'' => error_at(source, at, "strings are written in double quotes, not single ones"),
        '/' if rest.starts_with("//") || rest.starts_with("/*") => error_at(source, at, "JSON has no comments"),
        '#' => error_at(source, at, "JSON has no comments"),
        _ if key => error_at(source, start, format!("the key `{word}` needs double quotes")),
        _ => match word.as_str() {
            "True" | "TRUE" => error_at(source, start, "`true` is written in lower case"),
            "False" | "FALSE" => error_at(source, start, "`false` is written in lower case"),
            "None" | "nil" | "undefined" | "NULL" | "Null" => {
                error_at(source, start, format!("`{word}` is no JSON value; write `null`"))
            }
            "NaN" | "Infinity" => error_at(source, start, format!("`{word}` is no JSON value")),
            _ => return None,
        },
    })
}

/// Brackets that do not pair, a comma or a colon that is missing.
fn json_bracket(source: &str, scan: &Scan, at: usize) -> Option<SyntaxError> {
    let found = scan.imbalances.iter().rev().find_map(|imbalance| match *imbalance {
        Imbalance::Mismatch {
            open,
            opener,
            close,
            closer,
        } if close == at => {
            let (line, column) = position(source, open);
            Some(error_at(
                source,
                close,
                format!("`{closer}` does not close `{opener}` opened at line {line}, column {column}"),
            ))
        }
        Imbalance::Unclosed { open, bracket, seen } if seen == at || at >= source.trim_end().len() => {
            let (line, column) = position(source, open);
            let missing = closer(bracket);
            Some(error_at(
                source,
                at,
                format!("missing `{missing}`: `{bracket}` opened at line {line}, column {column} is not closed"),
            ))
        }
        Imbalance::Unopened { close, bracket } if close == at => Some(error_at(
            source,
            close,
            format!("unmatched `{bracket}`: nothing opens it"),
        )),
        _ => None,
    });
    found.or_else(|| {
        let inside = scan.open_at(at);
        let before = source[..at].trim_end();
        let first = source[at..].chars().next()?;
        let value = before.ends_with(['"', '}', ']']) || before.ends_with(|c: char| c.is_alphanumeric());
        let starts = matches!(first, '"' | '{' | '[' | '-') || first.is_alphanumeric();
        let serde = serde_json::from_str::<IgnoredAny>(source).err()?.to_string();
        if value && starts && serde.starts_with("expected `,`") {
            return Some(error_at(source, before.len(), format!("missing `,` before `{first}`")));
        }
        if serde.starts_with("expected `:`") {
            return Some(error_at(source, before.len(), "missing `:` after the key"));
        }
        (inside.is_none() && serde.starts_with("trailing characters"))
            .then(|| error_at(source, at, "there is text after the end of the value"))
    })
}

/// The first error of a TOML text.
pub(crate) fn toml(source: &str) -> Option<SyntaxError> {
    let error = ::toml::from_str::<::toml::Table>(source).err()?;
    let at = source.floor_char_boundary(error.span().map_or(0, |span| span.start));
    let line_ends = source[at..].lines().next().is_none_or(|rest| rest.trim().is_empty());
    if line_ends && source[..at].trim_end().ends_with('=') {
        return Some(error_at(source, at, "expected a value after `=`"));
    }
    let message = error.message().lines().collect::<Vec<_>>().join("; ");
    Some(error_at(source, at, message))
}

/// The first error of a YAML text, which may hold several documents: one of the parser's, or a key that stands twice.
/// Tags and types that an application would have to know are no errors of the text.
pub(crate) fn yaml(source: &str) -> Option<SyntaxError> {
    let error = serde_saphyr::from_multiple::<IgnoredAny>(source).err()?;
    let plain = error.without_snippet();
    let text = plain.to_string();
    let text = text.lines().next().unwrap_or_default();
    if let Some(key) = text.strip_prefix("duplicate mapping key: ") {
        let at = plain.location().map_or(0, |place| {
            let number = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
            offset(source, number(place.line()), number(place.column()))
        });
        return Some(error_at(
            source,
            at,
            format!("duplicate key `{}`", key.split(',').next().unwrap_or(key)),
        ));
    }
    let error = Parser::new_from_str(source).find_map(Result::err)?;
    let at = offset(source, error.marker().line(), error.marker().col() + 1);
    Some(error_at(source, at, error.info().trim_end_matches(['.', ':'])))
}
