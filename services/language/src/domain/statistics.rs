//! Words, sentences, characters and letters counted.

use std::sync::LazyLock;

use regex::Regex;
use unicode_segmentation::UnicodeSegmentation;

use super::question::{compile, plain, points, subject};
use super::sentences::sentences;
use super::{Answer, decline, said};

/// Words that an adult reads in a minute (Brysbaert, Journal of Memory and Language 109, 2019: 238 for non-fiction).
const WORDS_PER_MINUTE: usize = 238;

const THING: &str = r"(?:the |this |that |my )?(?:following )?(?:text|sentence|phrase|word|string|paragraph|passage|article|name|line)?";

static HOW_MANY: LazyLock<Regex> = LazyLock::new(|| {
    compile(&format!(
        r"^(?:how many|count(?: the)?(?: number of)?|what is the number of|number of) (words|sentences|characters|chars|letters|vowels|consonants|lines|paragraphs|syllables|digits|spaces)(?: (?:are|is|does))?(?: there)?(?: (?:in|of|from|has))? ?{THING}(?: (?:have|has|contain))?\s*(:?)\s*(.+)$"
    ))
});
static HAVE: LazyLock<Regex> = LazyLock::new(|| compile(r"\s+(?:have|contain)\s*\?*$"));
static LETTER: LazyLock<[Regex; 3]> = LazyLock::new(|| {
    let letter = r#"['"“‘]?(\p{L})['"”’]?"#;
    [
        compile(&format!(
            r"^(?:how many|count(?: the| all)?(?: number of)?) (?:times )?(?:the )?(?:letters? |character )?{letter}(?:['’]?s)?(?: (?:are|is|occur|appear))?(?: there)?(?: (?:in|does))? {THING} ?:? ?(.+?)(?: (?:have|has|contain))?\s*\?*$"
        )),
        compile(&format!(
            r"^how (?:many times|often) (?:does|do|is) (?:the )?(?:letter |character )?{letter} (?:appear|occur|come up|used|found)(?: in)? {THING} ?:? ?(.+?)\s*\?*$"
        )),
        compile(&format!(
            r"^count (?:the )?(?:occurrences|number) of (?:the )?(?:letter |character )?{letter} in {THING} ?:? ?(.+?)\s*\?*$"
        )),
    ]
});
static STATISTICS: LazyLock<Regex> = LazyLock::new(|| {
    compile(
        r"^(?:(?:give me|show|compute|what are) )?(?:the )?(?:text )?(?:statistics|stats)(?: of| for| on)? ?(?:the |this )?(?:following )?(?:text)?\s*:\s*(.+)$",
    )
});
static READING: LazyLock<Regex> = LazyLock::new(|| {
    compile(
        r"^(?:what is |estimate |give me |compute )?(?:the )?(?:reading time|how long (?:does|would) it take to read)(?: of| for)? ?(?:the |this )?(?:following )?(?:text|article)?\s*[:?]\s*(.+)$",
    )
});

pub(super) fn answer(question: &str) -> Answer {
    let question = plain(question);
    if let Some(found) = LETTER.iter().find_map(|ask| ask.captures(question)) {
        return letter(question, found.get(1)?.as_str(), found.get(2)?.as_str());
    }
    if let Some(found) = STATISTICS.captures(question) {
        return said(all(subject(found.get(1)?.as_str(), true)?), "");
    }
    if let Some(found) = READING.captures(question) {
        let words = count_words(subject(found.get(1)?.as_str(), true)?);
        let time = reading_time(words);
        return said(
            format!(
                "{time} ({} at {WORDS_PER_MINUTE} words a minute).",
                counted(words, "word")
            ),
            time,
        );
    }
    let found = HOW_MANY.captures(question)?;
    let unit = found.get(1)?.as_str().to_lowercase();
    let given = found.get(3)?.as_str();
    let colon = found.get(2).is_some_and(|colon| !colon.as_str().is_empty())
        || question[..found.get(3)?.start()].contains('\n');
    // "how many letters does 'apple' have?": no word of the text, unless the text stands there without quotes.
    let given = match HAVE.find(given) {
        Some(have) if !colon => &given[..have.start()],
        _ => given,
    };
    // One bare word is a word; a bare sentence may be a question about the world.
    let word = given.trim_end_matches(['?', '.', '!']).trim();
    let single = !word.contains(char::is_whitespace)
        && matches!(
            unit.as_str(),
            "letters" | "vowels" | "consonants" | "characters" | "chars"
        )
        && named_word(question)
        && !points(word, question);
    let text = match subject(given, colon) {
        Some(text) => text,
        None if single => word,
        None => return None,
    };
    counted_unit(&unit, text)
}

/// "the word strawberry", or a question of nothing but a word.
fn named_word(question: &str) -> bool {
    let lower = question.to_lowercase();
    let plain = lower.contains(" in ") && !lower.contains(" in the ");
    plain || ["word ", "name ", "string "].iter().any(|noun| lower.contains(noun))
}

fn counted_unit(unit: &str, text: &str) -> Answer {
    let vowel = |c: &char| "aeiouAEIOU".contains(*c);
    let latin = text.chars().filter(|c| c.is_alphabetic()).all(|c| c.is_ascii());
    let letters = || text.chars().filter(|c| c.is_alphabetic());
    let (count, one, note) = match unit {
        "words" => (count_words(text), "word", String::new()),
        "sentences" => (sentences(text).len(), "sentence", String::new()),
        "characters" | "chars" => {
            let total = text.graphemes(true).count();
            let dense = text.graphemes(true).filter(|c| !c.trim().is_empty()).count();
            let note = if total == dense {
                String::new()
            } else {
                format!(" ({dense} without spaces)")
            };
            (total, "character", note)
        }
        "letters" => (letters().count(), "letter", String::new()),
        "digits" => (
            text.chars().filter(char::is_ascii_digit).count(),
            "digit",
            String::new(),
        ),
        "spaces" => (text.chars().filter(|c| *c == ' ').count(), "space", String::new()),
        "lines" => (text.lines().count(), "line", String::new()),
        "paragraphs" => (
            text.split("\n\n").filter(|part| !part.trim().is_empty()).count(),
            "paragraph",
            String::new(),
        ),
        "vowels" if latin => (letters().filter(vowel).count(), "vowel", " (a, e, i, o, u)".to_owned()),
        "consonants" if latin => (
            letters().filter(|c| !vowel(c)).count(),
            "consonant",
            " (counting y)".to_owned(),
        ),
        "syllables" => return decline("syllables cannot be counted by rule in English"),
        _ => return decline("vowels and consonants are only counted in English letters"),
    };
    said(format!("{}{note}.", counted(count, one)), count)
}

fn letter(question: &str, letter: &str, given: &str) -> Answer {
    let given = given.trim().trim_end_matches(['?', '.', '!']);
    let text = subject(given, true)?;
    let quoted = text.len() < given.len();
    if !quoted && (text.split_whitespace().count() > 1 || points(text, question)) {
        // "how many a day", "how many a's are there": no word to count in.
        return None;
    }
    let wanted: Vec<char> = letter.chars().flat_map(char::to_lowercase).collect();
    let found = text
        .chars()
        .filter(|c| c.to_lowercase().eq(wanted.iter().copied()))
        .count();
    let times = if found == 1 {
        "once".to_owned()
    } else {
        format!("{found} times")
    };
    said(
        format!(
            "The letter \"{}\" appears {times} in \"{text}\".",
            letter.to_lowercase()
        ),
        found,
    )
}

fn all(text: &str) -> String {
    let words = count_words(text);
    let count = sentences(text).len();
    let total = text.graphemes(true).count();
    let dense = text.graphemes(true).filter(|c| !c.trim().is_empty()).count();
    let mut lines = vec![
        format!("- words: {words}"),
        format!("- sentences: {count}"),
        format!("- characters: {total} ({dense} without spaces)"),
    ];
    if count > 0 {
        lines.push(format!("- words per sentence: {:.1}", words as f64 / count as f64));
    }
    lines.push(format!(
        "- reading time: {} at {WORDS_PER_MINUTE} words a minute",
        reading_time(words)
    ));
    lines.join("\n")
}

/// Words are what stands between white space and holds a letter or a digit.
fn count_words(text: &str) -> usize {
    text.split_whitespace()
        .filter(|word| word.chars().any(char::is_alphanumeric))
        .count()
}

fn counted(count: usize, unit: &str) -> String {
    if count == 1 {
        format!("1 {unit}")
    } else {
        format!("{count} {unit}s")
    }
}

fn reading_time(words: usize) -> String {
    let seconds = (words * 60).div_ceil(WORDS_PER_MINUTE);
    match (seconds / 60, seconds % 60) {
        (0, seconds) => counted(seconds, "second"),
        (minutes, 0) => counted(minutes, "minute"),
        (minutes, seconds) => format!("{} {}", counted(minutes, "minute"), counted(seconds, "second")),
    }
}
