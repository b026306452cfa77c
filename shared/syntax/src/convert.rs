//! Rewrites data: from one format into another where nothing gets lost, and JSON with or without white space.

use crate::value::Data;
use crate::{Language, MAX_NESTING, MAX_SOURCE_BYTES, check};

/// Why data was not converted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotConverted {
    /// The source is not right; [`check`] says where.
    Invalid,
    /// Over the limits of [`check`].
    TooLarge,
    /// Something in it has no equal in the other format, or would change on the way.
    Lossy(&'static str),
    /// One of the two is no data format.
    NotData,
}

/// Converts between JSON, YAML and TOML; keeps the order of keys. Declines where a value would change or get lost.
pub fn convert(from: Language, to: Language, source: &str) -> Result<String, NotConverted> {
    within_limits(from, source)?;
    if let Some(lost) = loses(from, source) {
        return Err(NotConverted::Lossy(lost));
    }
    let value = read(from, source)?;
    let text = match to {
        Language::Json => serde_json::to_string_pretty(&value).map_err(|_| NotConverted::Invalid)?,
        Language::Yaml => {
            serde_saphyr::to_string(&value).map_err(|_| NotConverted::Lossy("a value that YAML cannot hold"))?
        }
        Language::Toml if !matches!(value, Data::Map(_)) => {
            return Err(NotConverted::Lossy("no table at the top, which TOML needs"));
        }
        Language::Toml if value.has_null() => {
            return Err(NotConverted::Lossy("a null, which TOML has not"));
        }
        Language::Toml => {
            toml::to_string_pretty(&value).map_err(|_| NotConverted::Lossy("a value that TOML cannot hold"))?
        }
        _ => return Err(NotConverted::NotData),
    };
    // Proof by the way back.
    match read(to, &text) {
        Ok(back) if back.same(&value) => Ok(text.trim_end().to_owned()),
        _ => Err(NotConverted::Lossy("a value that would not come back the same")),
    }
}

/// JSON with two spaces of indent per level (`pretty`) or without white space. Numbers, escapes and the order of keys
/// stay as they are written.
pub fn format_json(source: &str, pretty: bool) -> Result<String, NotConverted> {
    within_limits(Language::Json, source)?;
    let source = source.strip_prefix('\u{feff}').unwrap_or(source);
    if serde_json::from_str::<serde::de::IgnoredAny>(source).is_err() {
        return Err(NotConverted::Invalid);
    }
    let mut out = String::with_capacity(source.len() * 2);
    let mut depth = 0_usize;
    let mut in_string = false;
    let mut escaped = false;
    let mut tokens = source.chars().peekable();
    while let Some(c) = tokens.next() {
        if in_string {
            out.push(c);
            in_string = escaped || c != '"';
            escaped = !escaped && c == '\\';
            continue;
        }
        let line = |out: &mut String, depth: usize| {
            if pretty {
                out.push('\n');
                out.extend(std::iter::repeat_n("  ", depth));
            }
        };
        match c {
            c if c.is_ascii_whitespace() => {}
            '"' => {
                in_string = true;
                out.push(c);
            }
            '{' | '[' => {
                out.push(c);
                while tokens.next_if(char::is_ascii_whitespace).is_some() {}
                if let Some(close) = tokens.next_if(|next| matches!(next, '}' | ']')) {
                    out.push(close);
                } else {
                    depth += 1;
                    line(&mut out, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                line(&mut out, depth);
                out.push(c);
            }
            ',' => {
                out.push(c);
                line(&mut out, depth);
            }
            ':' => out.push_str(if pretty { ": " } else { ":" }),
            c => out.push(c),
        }
    }
    Ok(out)
}

fn within_limits(language: Language, source: &str) -> Result<(), NotConverted> {
    let deep = || crate::scan::Scan::of(language, source).depth > MAX_NESTING;
    if source.len() > MAX_SOURCE_BYTES || deep() {
        Err(NotConverted::TooLarge)
    } else {
        Ok(())
    }
}

fn read(from: Language, source: &str) -> Result<Data, NotConverted> {
    if !from.is_data() {
        return Err(NotConverted::NotData);
    }
    if !check(from, source).is_ok_and(|errors| errors.is_empty()) {
        return Err(NotConverted::Invalid);
    }
    // The text is right, so that what fails now has no place in `Data`.
    let odd = NotConverted::Lossy("a date, a number out of range or a key that stands twice");
    match from {
        Language::Json => serde_json::from_str(source).map_err(|_| odd),
        Language::Yaml => serde_saphyr::from_str(source).map_err(|_| odd),
        _ => toml::from_str(source).map_err(|_| odd),
    }
}

/// What of the source would not survive, as far as its text shows.
fn loses(from: Language, source: &str) -> Option<&'static str> {
    let mut digits = 0;
    for c in source.chars() {
        digits = if c.is_ascii_digit() || (digits > 0 && c == '.') {
            digits + 1
        } else {
            0
        };
        if digits > 16 {
            return Some("a number of more digits than are kept");
        }
    }
    if from == Language::Json {
        return None;
    }
    if source
        .lines()
        .any(|line| line.trim_start().starts_with('#') || line.contains(" #"))
    {
        return Some("comments");
    }
    if from == Language::Yaml {
        // Words and numbers that YAML 1.1 and 1.2 read differently, and what only YAML has.
        const AMBIGUOUS: [&str; 6] = ["yes", "no", "on", "off", "y", "n"];
        let plain = |value: &str| {
            let value = value.trim();
            let zero = value.len() > 1
                && value.starts_with('0')
                && value
                    .chars()
                    .all(|c| c.is_ascii_digit() || matches!(c, 'o' | 'x' | ':'));
            // Only the older version groups digits and has binary numbers; only the newer one takes any exponent.
            let digits = |others: &str| value.chars().all(|c| c.is_ascii_digit() || others.contains(c));
            let exponent = value.contains(['e', 'E'])
                && value.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.'))
                && !(value.contains('.') && value[1..].contains(['+', '-']));
            let grouped = value.contains('_') && digits("_+-.eE");
            let number = (exponent && digits("+-.eE")) || grouped || value.starts_with("0b") && digits("b");
            let sexagesimal = value.contains(':') && value.chars().all(|c| c.is_ascii_digit() || c == ':');
            AMBIGUOUS.iter().any(|word| value.eq_ignore_ascii_case(word)) || zero || number || sexagesimal
        };
        let parts = source.split(['\n', ',', '[', ']', '{', '}']).flat_map(|line| {
            let line = line.trim().trim_start_matches("- ");
            let (key, value) = line.split_once(": ").unwrap_or((line.trim_end_matches(':'), ""));
            [key, value]
        });
        if parts.into_iter().any(plain) {
            return Some("a plain word or number that YAML versions read differently");
        }
        if source.contains("<<:")
            || source.contains(" !")
            || source.starts_with('!')
            || source.contains(": &")
            || source.contains("- &")
        {
            return Some("tags, anchors or merge keys");
        }
    }
    None
}
