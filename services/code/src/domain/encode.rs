//! Base64, hex, percent-encoding, SHA-256 and Unix time.

use std::sync::LazyLock;
use std::time::{Duration, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use regex::{Regex, RegexBuilder};
use sha2::{Digest, Sha256};

use super::question::unquoted;
use super::{Answer, decline};

/// Everything but the unreserved characters of RFC 3986.
const RESERVED: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

const CODEC: &str = r"(base-?64|hex(?:adecimal)?|url|uri|percent)";
const GIVEN: &str = r#"("[^"]*"|'[^']*'|`[^`]*`|“[^”]*”|\S+)"#;
const THING: &str = r"(?:the |this )?(?:string |text |value )?:? ?";

/// "base64 encode X", "decode X from base64", "what is the sha256 of X".
static CODEC_FIRST: LazyLock<Regex> =
    LazyLock::new(|| asks(&format!(r"(?:please )?{CODEC}[- ](en|de)code:? {THING}{GIVEN}")));
static VERB_FIRST: LazyLock<Regex> = LazyLock::new(|| {
    asks(&format!(
        r"(?:please )?(en|de)code {THING}{GIVEN} (?:in|to|into|as|from|with|using|out of) {CODEC}(?:[- ]encoding)?"
    ))
});
static DECODE_THIS: LazyLock<Regex> = LazyLock::new(|| {
    asks(&format!(
        r"(?:please )?(de)code (?:the |this )?{CODEC}(?:[- ]encoded)?(?: string| text| value)?:? {GIVEN}"
    ))
});
static HASH: LazyLock<Regex> = LazyLock::new(|| {
    asks(&format!(
        r"(?:(?:what is|what's|compute|calculate|give me|get|find) )?(?:the )?sha-?256(?: hash| sum| digest| checksum)?(?: of| for)?:? {THING}{GIVEN}"
    ))
});
static FROM_EPOCH: LazyLock<Regex> = LazyLock::new(|| {
    asks(
        r"(?:(?:what|which) (?:date|time|day|date and time|datetime) is|convert|what is|translate|decode)? ?(?:the )?(?:unix |epoch |posix )(?:time ?stamp |time |epoch )?(?:of )?(\d{1,11})(?: (?:to|into|as|in) (?:a |an )?(?:human[- ]readable )?(?:date|time|datetime|utc|iso ?8601|date and time)(?: in utc)?)?",
    )
});
static TO_EPOCH: LazyLock<Regex> = LazyLock::new(|| {
    asks(
        r#"(?:(?:what is|what's|give me|convert) )?(?:the )?(?:unix|epoch|posix) (?:time ?stamp|time)? ?(?:of|for) ['"]?(\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d:\d\d)?(?:Z| UTC)?)['"]?|convert ['"]?(\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d:\d\d)?(?:Z| UTC)?)['"]? to (?:a |an )?(?:unix|epoch|posix)(?: time ?stamp| time| epoch)?"#,
    )
});

fn asks(pattern: &str) -> Regex {
    RegexBuilder::new(&format!(r"(?s)^(?:{pattern})\s*[?.]?$"))
        .case_insensitive(true)
        .build()
        .expect("the pattern is right")
}

pub(super) fn answer(question: &str) -> Answer {
    let part = |found: &regex::Captures<'_>, index: usize| {
        found.get(index).map_or(String::new(), |part| part.as_str().to_owned())
    };
    if let Some(found) = HASH.captures(question) {
        let given = part(&found, 1);
        if unsure(&given) {
            return decline(UNSURE);
        }
        let digest = Sha256::digest(bare(&given).as_bytes());
        return Some(Ok(format!("`{}` (SHA-256 of the UTF-8 text, in hex)", hex(&digest))));
    }
    if let Some(found) = FROM_EPOCH.captures(question) {
        return from_epoch(&part(&found, 1));
    }
    if let Some(found) = TO_EPOCH.captures(question) {
        return to_epoch(&format!("{}{}", part(&found, 1), part(&found, 2)));
    }
    let (codec, direction, given) = if let Some(found) = CODEC_FIRST.captures(question) {
        (part(&found, 1), part(&found, 2), part(&found, 3))
    } else if let Some(found) = DECODE_THIS.captures(question) {
        (part(&found, 2), part(&found, 1), part(&found, 3))
    } else {
        let found = VERB_FIRST.captures(question)?;
        (part(&found, 3), part(&found, 1), part(&found, 2))
    };
    let encodes = direction.eq_ignore_ascii_case("en");
    if encodes && unsure(&given) {
        return decline(UNSURE);
    }
    // What is encoded has no marks at its end: they are the question's.
    let given = if encodes {
        given.as_str()
    } else {
        given.trim_end_matches(['?', '.'])
    };
    let (codec, given) = (codec.to_lowercase(), bare(given));
    if encodes {
        return Some(Ok(format!("`{}`", encoded(&codec, given))));
    }
    match decoded(&codec, given) {
        Some(text) if text.is_empty() => decline("there is nothing to decode"),
        Some(text) if text.chars().all(|c| !c.is_control() || matches!(c, '\n' | '\t')) && !text.contains('`') => {
            Some(Ok(format!("`{text}`")))
        }
        Some(_) => decline("it decodes to bytes that are not plain text"),
        None => decline("this does not decode, or not to UTF-8 text"),
    }
}

const UNSURE: &str = "it is not clear which text is meant: put it in quotes";

/// Is a word without quotes perhaps no text, or is its end perhaps the question's?
fn unsure(given: &str) -> bool {
    const NOUNS: &[&str] = &[
        "this",
        "that",
        "it",
        "them",
        "these",
        "image",
        "images",
        "file",
        "files",
        "string",
        "strings",
        "text",
        "data",
        "password",
        "passwords",
        "spaces",
        "bytes",
        "something",
        "words",
        "url",
        "urls",
    ];
    unquoted(given).is_none()
        && (given.ends_with(['?', '.', '!', ',', ':', '"', '\''])
            || given.starts_with(['"', '\'', '`'])
            || NOUNS.contains(&given.to_lowercase().as_str()))
}

fn bare(given: &str) -> &str {
    unquoted(given).unwrap_or(given)
}

fn encoded(codec: &str, text: &str) -> String {
    match codec {
        "url" | "uri" | "percent" => utf8_percent_encode(text, &RESERVED).to_string(),
        codec if codec.starts_with("hex") => hex(text.as_bytes()),
        _ => STANDARD.encode(text),
    }
}

fn decoded(codec: &str, text: &str) -> Option<String> {
    match codec {
        // A plus stands for a space in forms, and for itself elsewhere.
        "url" | "uri" | "percent" if text.contains('+') || !escapes(text) => None,
        "url" | "uri" | "percent" => percent_decode_str(text).decode_utf8().ok().map(Into::into),
        codec if codec.starts_with("hex") => {
            let digits = text.trim_start_matches("0x");
            let digits: Vec<u8> = digits
                .chars()
                .map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok()))
                .collect::<Option<_>>()?;
            let pairs: Vec<u8> = digits.chunks_exact(2).map(|pair| pair[0] * 16 + pair[1]).collect();
            digits.len().is_multiple_of(2).then_some(())?;
            String::from_utf8(pairs).ok()
        }
        _ => STANDARD
            .decode(text)
            .or_else(|_| URL_SAFE.decode(text))
            .ok()
            .and_then(|bytes| String::from_utf8(bytes).ok()),
    }
}

/// Whether two hexadecimal digits follow each percent sign.
fn escapes(text: &str) -> bool {
    text.split('%').skip(1).all(|part| {
        let mut digits = part.chars().map(|c| c.is_ascii_hexdigit());
        digits.next() == Some(true) && digits.next() == Some(true)
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn from_epoch(seconds: &str) -> Answer {
    let Ok(seconds) = seconds.parse::<u64>() else {
        return decline("the number is out of range");
    };
    let moment = UNIX_EPOCH.checked_add(Duration::from_secs(seconds))?;
    // The writer of dates ends with the year 9999.
    if seconds > 253_402_300_799 {
        return decline("the date is past the year 9999");
    }
    Some(Ok(format!(
        "{} (UTC, taking the number as seconds)",
        humantime::format_rfc3339_seconds(moment)
    )))
}

fn to_epoch(date: &str) -> Answer {
    let plain = date
        .trim_end_matches("UTC")
        .trim()
        .trim_end_matches(['Z', 'z'])
        .replace('t', "T");
    let full = if plain.len() == 10 {
        format!("{plain}T00:00:00Z")
    } else {
        format!("{}Z", plain.replacen(' ', "T", 1))
    };
    let Ok(moment) = humantime::parse_rfc3339(&full) else {
        return decline("this is no date of the calendar");
    };
    let Ok(since) = moment.duration_since(UNIX_EPOCH) else {
        return decline("the date is before 1970");
    };
    Some(Ok(format!(
        "{} (seconds since 1970, taking the time as UTC)",
        since.as_secs()
    )))
}
