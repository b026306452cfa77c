//! Text as the features want it: usual signs, no thousands separators, no bullets.

use std::borrow::Cow;

/// White space.
pub(super) const SPACE: [char; 6] = [' ', '\t', '\r', '\n', '\u{b}', '\u{c}'];

const SIGNS: [(&str, &str); 18] = [
    ("\u{a0}", " "),
    ("\\times", "*"),
    ("\\cdot", "*"),
    ("\\div", "/"),
    ("\\$", "$"),
    ("\\%", "%"),
    ("\\(", " "),
    ("\\)", " "),
    ("\\[", " "),
    ("\\]", " "),
    ("\\*", "*"),
    ("**", " "),
    ("×", "*"),
    ("·", "*"),
    ("÷", "/"),
    ("−", "-"),
    ("–", "-"),
    ("’", "'"),
];

/// With the usual signs, without thousands separators and bullets.
pub(super) fn plain(text: &str) -> String {
    let mut text = Cow::Borrowed(text);
    for (sign, by) in SIGNS {
        if text.contains(sign) {
            text = Cow::Owned(text.replace(sign, by));
        }
    }
    let text = joined(&text);
    let lines = text.trim_matches(SPACE).split('\n').map(unbulleted);
    lines.collect::<Vec<_>>().join("\n")
}

/// `1,200` as `1200`.
fn joined(text: &str) -> String {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let separator = |at: usize| {
        let before = at.checked_sub(1).is_some_and(digit);
        before && (1..=3).all(|i| digit(at + i)) && !digit(at + 4)
    };
    text.char_indices()
        .filter(|(at, c)| *c != ',' || !separator(*at))
        .map(|(_, c)| c)
        .collect()
}

fn unbulleted(line: &str) -> &str {
    let text = line.trim_start_matches([' ', '\t']);
    text.strip_prefix(['-', '*', '+', '•'])
        .and_then(|text| text.strip_prefix(' '))
        .unwrap_or(line)
}

/// Without the `<<3*4=12>>` of calculators.
pub(super) fn unannotated(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("<<") {
        let inner = &rest[at + 2..];
        let end = inner.find(['<', '>']).unwrap_or(inner.len());
        match &inner[end..] {
            "" => {
                out.push_str(&rest[..at]);
                return out;
            }
            after if after.starts_with(">>") => {
                out.push_str(&rest[..at]);
                rest = &after[2..];
            }
            _ => {
                out.push_str(&rest[..=at]);
                rest = &rest[at + 1..];
            }
        }
    }
    out.push_str(rest);
    out
}

/// Runs of small letters and digits.
pub(super) fn words(small: &str) -> impl Iterator<Item = &str> {
    small
        .split(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit()))
        .filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_separators_and_bullets() {
        for (text, expected) in [
            (" 3 × 4 ÷ 2 – 1 ", "3 * 4 / 2 - 1"),
            (
                "1,200 and 12,34 and 1,234,567 and ,100",
                "1200 and 12,34 and 1234567 and ,100",
            ),
            ("- 3 + 4\n  * five\n-5", "3 + 4\nfive\n-5"),
            ("**12**", "12"),
            ("\\(2 \\times 3\\)", "2 * 3"),
        ] {
            assert_eq!(plain(text).trim(), expected, "{text}");
        }
    }

    #[test]
    fn annotations_go() {
        for (text, expected) in [
            ("a <<3*4=12>>12 b", "a 12 b"),
            ("a <<3*4=", "a "),
            ("a << b > c", "a << b > c"),
            ("<<<1>>", "<"),
            ("1 << 2", "1 "),
        ] {
            assert_eq!(unannotated(text), expected, "{text}");
        }
    }
}
