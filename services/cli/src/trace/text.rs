//! What of a span is shown, and how it becomes harmless text.

use std::time::Duration;

use anstyle::AnsiColor;
use plexus_tracestore::format;

use super::model::Span;

/// Routing, the model asked, and what is not as usual.
pub(super) fn interesting(span: &Span) -> impl Iterator<Item = (&str, &str)> {
    span.tags.iter().filter_map(|(key, value)| match key.as_str() {
        "gen_ai.request.model" => Some(("model", value.as_str())),
        "rpc.response.status_code" => (value != "OK").then_some(("status", value.as_str())),
        key => Some((key.strip_prefix("plexus.")?, value.as_str())),
    })
}

pub(super) fn tag<'a>(span: &'a Span, key: &str) -> Option<&'a str> {
    let (_, value) = span
        .tags
        .iter()
        .find(|(name, value)| name == key && !value.is_empty())?;
    Some(value)
}

/// Text on one line without control characters (nor those that turn the reading direction), of at most so many columns.
pub(super) fn clean(text: &str, max: usize, cut: &str) -> String {
    let plain = |c: char| match c {
        c if c.is_whitespace() => ' ',
        c if c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') => '?',
        c => c,
    };
    let mut clean: String = text.chars().take(max).map(plain).collect();
    if text.chars().nth(max).is_some() {
        clean = clean.chars().take(max.saturating_sub(width(cut))).collect();
        clean.push_str(cut);
    }
    clean
}

pub(super) fn width(text: &str) -> usize {
    text.chars().count()
}

pub(super) fn micros(micros: u64) -> String {
    format::duration(Duration::from_micros(micros))
}

pub(super) fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// A colour for each service, the same in every trace.
pub(super) fn color(service: &str) -> AnsiColor {
    const COLORS: [AnsiColor; 5] = [
        AnsiColor::Cyan,
        AnsiColor::Green,
        AnsiColor::Yellow,
        AnsiColor::Blue,
        AnsiColor::Magenta,
    ];
    let hash = service.bytes().fold(5_usize, |hash, byte| {
        hash.wrapping_mul(31).wrapping_add(usize::from(byte))
    });
    COLORS[hash % COLORS.len()]
}
