//! Encodings, hashes, times, patterns, schedules.

use plexus_testkit::oracle::Dice;

use super::{Asked, python};

/// A text for double quotes.
fn text(dice: &mut Dice) -> String {
    let pieces = [
        "a", "Hello", " ", "world", "é", "1", "/", "?", "&x=1", "%", "+", "#", "~", "-", "_", ".", "ß", "日本", "'",
        "=", "😀", ":", "\\", "*", "!", "(", ")", "@", "$", ",", ";", "[", "]",
    ];
    let count = dice.between(1, 8);
    let text: String = (0..count).map(|_| dice.pick(&pieces)).collect();
    if text.trim().is_empty() { "x".to_owned() } else { text }
}

pub(crate) fn encodings(dice: &mut Dice) -> Asked {
    let text = text(dice);
    let (codec, check) = dice.pick(&[
        ("base64", "base64_of"),
        ("hex", "hex_of"),
        ("url", "url_of"),
        ("percent", "url_of"),
    ]);
    let question = dice.pick(&[
        "{c} encode \"{}\"",
        "encode \"{}\" in {c}",
        "encode the string \"{}\" as {c}",
        "{c}-encode: \"{}\"",
    ]);
    let question = question.replace("{c}", codec).replace("{}", &text);
    Some((question, format!("{check}({})", python(&text))))
}

/// One plain word, encoded by hand here, so that Python need not be asked twice.
pub(crate) fn decodings(dice: &mut Dice) -> Asked {
    let text = text(dice);
    let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
    let (codec, given) = match dice.between(1, 3) {
        1 => ("hex", hex),
        2 => ("url", text.bytes().map(|byte| format!("%{byte:02X}")).collect()),
        _ => ("base64", base64(text.as_bytes())),
    };
    let question = dice.pick(&[
        "{c} decode {}",
        "decode this {c}: {}",
        "decode '{}' from {c}",
        "{c} decode \"{}\"?",
    ]);
    let question = question.replace("{c}", codec).replace("{}", &given);
    Some((question, format!("ticked({})", python(&text))))
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for group in bytes.chunks(3) {
        let bits = group.iter().fold(0_usize, |bits, byte| bits << 8 | usize::from(*byte)) << (8 * (3 - group.len()));
        for at in 0..4 {
            let digit = char::from(DIGITS[bits >> (18 - 6 * at) & 63]);
            out.push(if at > group.len() { '=' } else { digit });
        }
    }
    out
}

pub(crate) fn hashes(dice: &mut Dice) -> Asked {
    let text = text(dice);
    let question = dice.pick(&[
        "what is the sha256 of \"{}\"?",
        "sha-256 hash of \"{}\"",
        "compute the SHA256 of the string \"{}\"",
    ]);
    Some((question.replace("{}", &text), format!("sha256_of({})", python(&text))))
}

pub(crate) fn times(dice: &mut Dice) -> Asked {
    if dice.one_in(2) {
        let seconds = dice.between(0, 4_000_000_000);
        let question = dice.pick(&[
            "convert epoch {} to a date",
            "what date is unix timestamp {}?",
            "Unix time {} in UTC",
        ]);
        return Some((
            question.replace("{}", &seconds.to_string()),
            format!("time_of({seconds})"),
        ));
    }
    let (year, month, day) = (dice.between(1970, 2300), dice.between(1, 12), dice.between(1, 28));
    let (hour, minute, second) = (dice.between(0, 23), dice.between(0, 59), dice.between(0, 59));
    let date = format!("{year}-{month:02}-{day:02}");
    let time = format!("{hour:02}:{minute:02}:{second:02}");
    Some(match dice.between(1, 3) {
        1 => (
            format!("what is the unix timestamp of {date}T{time}Z?"),
            format!("seconds_of({year},{month},{day},{hour},{minute},{second})"),
        ),
        2 => (
            format!("convert {date} {time} to a unix timestamp"),
            format!("seconds_of({year},{month},{day},{hour},{minute},{second})"),
        ),
        _ => (
            format!("unix time for {date}"),
            format!("seconds_of({year},{month},{day})"),
        ),
    })
}

fn pattern(dice: &mut Dice) -> String {
    let pieces = [
        "a", "b", "ab", "[ab]", "[^a]", "\\d", "\\w", "\\s", ".", "(a|ab)", "(?:b|c)", "1", "[a-c1-3]", "(ab)", "\\b",
        "c", "(a|b|)", "(?:a*b)", "\\D", "\\.",
    ];
    let counts = ["", "", "", "*", "+", "?", "{2}", "{1,2}", "*?", "+?", "{1,}"];
    let parts = dice.between(1, 4);
    let mut pattern = dice.pick(&["", "", "", "^"]).to_owned();
    for part in 0..parts {
        if part > 0 && dice.one_in(6) {
            pattern.push('|');
        }
        let piece = dice.pick(&pieces);
        pattern.push_str(piece);
        pattern.push_str(if piece == "\\b" { "" } else { dice.pick(&counts) });
    }
    pattern.push_str(dice.pick(&["", "", "", "$"]));
    pattern
}

/// A text for single quotes.
fn subject(dice: &mut Dice) -> String {
    let count = dice.between(1, 9);
    (0..count)
        .map(|_| dice.pick(&["a", "b", "c", "1", "2", "ab", " x", "."]))
        .collect()
}

pub(crate) fn tests(dice: &mut Dice) -> Asked {
    let (pattern, text) = (pattern(dice), subject(dice));
    let question = dice.pick(&[
        "does the regex `{p}` match '{}'?",
        "Does `{p}` match '{}'?",
        "does the regex `{p}` fully match '{}'?",
        "test the regex `{p}` against '{}'",
        "check whether the pattern `{p}` matches the string '{}'",
    ]);
    let question = question.replace("{p}", &pattern).replace("{}", &text);
    Some((question, format!("tested({}, {})", python(&pattern), python(&text))))
}

pub(crate) fn matches(dice: &mut Dice) -> Asked {
    let (pattern, text) = (pattern(dice), subject(dice));
    let question = dice.pick(&[
        "find all matches of `{p}` in '{}'",
        "what does the regex `{p}` match in '{}'?",
        "list the matches of the regex `{p}` in '{}'",
    ]);
    let question = question.replace("{p}", &pattern).replace("{}", &text);
    Some((question, format!("listed({}, {})", python(&pattern), python(&text))))
}

pub(crate) fn crons(dice: &mut Dice) -> Asked {
    let field = |dice: &mut Dice, high| {
        let over = if dice.one_in(25) { 40 } else { 0 };
        (dice.between(0, high) + over).to_string()
    };
    let (minute, hour) = (field(dice, 59), field(dice, 23));
    let star = |dice: &mut Dice, high| {
        if dice.one_in(2) {
            "*".to_owned()
        } else {
            field(dice, high)
        }
    };
    let (day, month) = (star(dice, 31), star(dice, 12));
    let weekday = if dice.one_in(4) {
        "1,5".to_owned()
    } else {
        star(dice, 7)
    };
    let fields = format!("{minute} {hour} {day} {month} {weekday}");
    let question = dice.pick(&[
        "what does cron {} mean?",
        "Explain the cron expression `{}`",
        "when does the cron job '{}' run?",
    ]);
    Some((question.replace("{}", &fields), format!("cron({})", python(&fields))))
}
