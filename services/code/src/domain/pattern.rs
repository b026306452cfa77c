//! "Does the regex ^a+$ match 'aaa'?".

use std::sync::LazyLock;

use regex::{Regex, RegexBuilder};

use super::question::unquoted;
use super::{Answer, decline};

/// Longer patterns and texts (in bytes) are declined.
const MAX_PATTERN_BYTES: usize = 500;
const MAX_TEXT_BYTES: usize = 20_000;

/// The most matches that are listed.
const MAX_MATCHES: usize = 50;

const PATTERN: &str = r#"(`[^`]+`|"[^"]+"|'[^']+'|/\S+/[a-z]*|\S+)"#;
const TEXT: &str = r#"(`[^`]*`|"[^"]*"|'[^']*'|“[^”]*”|\S+?)"#;

/// "does the regex P match T".
static TESTS: LazyLock<Regex> = LazyLock::new(|| {
    let kind = r"(?:the |this )?(?:following )?(?:regexp?|regular expression|pattern|re)?:? ?";
    let subject = r"(?:the |this )?(?:string|text|word|input|line)?:? ?";
    question(&format!(
        r"(?:does|will|would|do|can|check (?:if|whether)|test (?:if|whether)) {kind}{PATTERN} (?:fully |exactly )?match(?:es)? {subject}{TEXT}"
    ))
});

/// "test the regex P against T".
static AGAINST: LazyLock<Regex> = LazyLock::new(|| {
    question(&format!(
        r"(?:test|try|run|match|check) (?:the |this )?(?:regexp?|regular expression|pattern):? {PATTERN} (?:against|on|with) (?:the )?(?:string|text|word|input)?:? ?{TEXT}"
    ))
});

/// "what does the regex P match in T", "find all matches of P in T".
static FINDS: LazyLock<Regex> = LazyLock::new(|| {
    question(&format!(
        r"(?:what (?:does|will|would) (?:the |this )?(?:regexp?|regular expression|pattern)?:? ?{PATTERN} (?:match|find|capture) (?:in|against)|(?:find|list|show|give)(?: me)? (?:all )?(?:the )?matches (?:of|for) (?:the )?(?:regexp?|regular expression|pattern)?:? ?{PATTERN} in) (?:the )?(?:string|text|word|input)?:? ?{TEXT}"
    ))
});

fn question(pattern: &str) -> Regex {
    RegexBuilder::new(&format!(r"(?s)^(?:please )?{pattern}\s*[?.]?$"))
        .case_insensitive(true)
        .build()
        .expect("the pattern is right")
}

pub(super) fn answer(question: &str) -> Answer {
    if question.len() > MAX_PATTERN_BYTES + MAX_TEXT_BYTES {
        return None;
    }
    let (tests, found) = match TESTS.captures(question).or_else(|| AGAINST.captures(question)) {
        Some(found) => (true, found),
        None => (false, FINDS.captures(question)?),
    };
    let mut parts = found.iter().skip(1).flatten().map(|part| part.as_str());
    let (written, text) = (parts.next()?, parts.next()?);
    let lower = question.to_lowercase();
    let named = ["regex", "regular expression", "pattern"]
        .iter()
        .any(|word| lower.contains(word));
    let looks = written.contains(['^', '$', '\\', '[', '*', '+', '`', '/', '|']);
    if !named && !looks {
        return None;
    }
    let (pattern, flags) = pattern_of(written);
    let text = unquoted(text).unwrap_or(text);
    if let Some(reason) = foreign(pattern, flags, text) {
        return decline(reason);
    }
    let Ok(regex) = builder(pattern, flags).build() else {
        return decline("the `regex` crate does not take this pattern; another dialect may");
    };
    let answer = if tests {
        // The first match may be shorter than the text where another alternative takes in all of it.
        let whole = builder(&format!(r"\A(?:{pattern})\z"), flags).build();
        let Ok(whole) = whole else {
            return decline("the `regex` crate does not take this pattern; another dialect may");
        };
        tested(&regex, whole.is_match(text), pattern, text)
    } else {
        listed(&regex, pattern, text)
    };
    match answer {
        Some(answer) => Some(Ok(format!("{answer} (Dialect: the Rust `regex` crate.)"))),
        None => decline("dialects differ on matches that are empty"),
    }
}

fn builder(pattern: &str, flags: &str) -> RegexBuilder {
    let mut builder = RegexBuilder::new(pattern);
    builder
        .case_insensitive(flags.contains('i'))
        .multi_line(flags.contains('m'))
        .dot_matches_new_line(flags.contains('s'))
        .size_limit(1 << 20);
    builder
}

/// The pattern without quotes or slashes, and its flags.
fn pattern_of(written: &str) -> (&str, &str) {
    if let Some(inner) = unquoted(written) {
        return (inner, "");
    }
    if let Some((inner, flags)) = written.strip_prefix('/').and_then(|rest| rest.rsplit_once('/')) {
        return (inner, flags);
    }
    (written, "")
}

/// Why a pattern is left alone: what dialects read differently.
fn foreign(pattern: &str, flags: &str, text: &str) -> Option<&'static str> {
    if pattern.len() > MAX_PATTERN_BYTES || text.len() > MAX_TEXT_BYTES {
        return Some("the pattern or the text is too long");
    }
    if flags.chars().any(|flag| !matches!(flag, 'g' | 'i' | 'm' | 's')) {
        return Some("a flag of the pattern is not known here");
    }
    if !text.is_ascii() || text.contains('\n') {
        return Some("dialects differ on letters beyond ASCII and on line ends");
    }
    let odd = [
        "(?=", "(?!", "(?<=", "(?<!", r"\1", r"\2", r"\<", r"\>", "&&", "--", "~~", r"\Z", r"\z", r"\G", r"\K", "(?>",
        "*+", "++", "?+", "}+", "(?#", "(?x", "(?U", "(?-", "[[", "{,",
    ];
    odd.iter().any(|mark| pattern.contains(mark)).then_some("the pattern uses what dialects read differently (look-around, back-references, possessive quantifiers or set operations)")
}

/// None where the match is empty but the text is not: who asks means something else.
fn tested(regex: &Regex, whole: bool, pattern: &str, text: &str) -> Option<String> {
    Some(match regex.find(text) {
        _ if whole => format!("Yes: `{pattern}` matches all of \"{text}\"."),
        None => format!("No: `{pattern}` matches nothing in \"{text}\"."),
        Some(found) if found.is_empty() => return None,
        Some(found) => format!(
            "Yes, in part: `{pattern}` matches \"{}\" at {}, not all of \"{text}\".",
            found.as_str(),
            place(found.start(), found.end())
        ),
    })
}

/// None where a match is empty: some dialects find one behind each other match, some do not.
fn listed(regex: &Regex, pattern: &str, text: &str) -> Option<String> {
    let found: Vec<_> = regex.find_iter(text).take(MAX_MATCHES + 1).collect();
    if found.is_empty() {
        return Some(format!("`{pattern}` matches nothing in \"{text}\"."));
    }
    let empty_at = |at| {
        regex
            .find_at(text, at)
            .is_some_and(|next| next.is_empty() && next.start() == at)
    };
    if found.iter().any(|one| one.is_empty() || empty_at(one.end())) {
        return None;
    }
    let more = if found.len() > MAX_MATCHES { " and more" } else { "" };
    let rows: Vec<String> = found
        .iter()
        .take(MAX_MATCHES)
        .map(|found| format!("\"{}\" at {}", found.as_str(), place(found.start(), found.end())))
        .collect();
    Some(format!("`{pattern}` matches {}{more}.", rows.join(", ")))
}

/// Offsets of ASCII text, as a person counts: from 1.
fn place(start: usize, end: usize) -> String {
    match end - start {
        1 => format!("position {}", start + 1),
        _ => format!("positions {} to {end}", start + 1),
    }
}
