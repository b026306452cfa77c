//! Text turned round, put in another case, sorted and compared.

use std::sync::LazyLock;

use regex::Regex;
use unicode_segmentation::UnicodeSegmentation;

use super::question::{compile, plain, subject};
use super::{Answer, said};

const THING: &str =
    r"(?:the |this |that )?(?:following )?(?:text|sentence|phrase|word|string|title|name|letters (?:of|in))?";

static REVERSE: LazyLock<Regex> = LazyLock::new(|| {
    compile(&format!(
        r"^(?:reverse|spell backwards|write backwards)\b ?{THING} ?(:?)\s*(.+?)(?: backwards)?$"
    ))
});
static REVERSE_WORDS: LazyLock<Regex> = LazyLock::new(|| {
    compile(
        r"^reverse the (?:order of (?:the )?words|words|word order)(?: (?:in|of))? ?(?:the |this )?(?:sentence|text|phrase)? ?(:?)\s*(.+)$",
    )
});
static CASE: LazyLock<[Regex; 2]> = LazyLock::new(|| {
    let case = r"(upper|lower|title|all)[ -]?(?:case|caps)";
    [
        compile(&format!(
            r"^(?:convert|turn|change|put|make|write|transform) {THING} ?:? ?(.+?)(?: (?:to|into|in))? {case}\s*[.?]?$"
        )),
        compile(&format!(
            r"^(?:convert to |turn into |to |make |put in )?{case} ?{THING} ?:?\s*(.+)$"
        )),
    ]
});
static SORT: LazyLock<Regex> = LazyLock::new(|| {
    compile(
        r"^(?:sort|alphabeti[sz]e|order)(?: the| these| this)?(?: following)?(?: words| list| list of words| names)?(?: (?:alphabetically|in alphabetical order))?\s*:\s*(.+)$",
    )
});
static PALINDROME: LazyLock<Regex> = LazyLock::new(|| {
    compile(&format!(
        r"^(?:is|check (?:if|whether)|determine (?:if|whether)) {THING} ?(.+?) (?:is )?a palindrome\s*\??$"
    ))
});
static ANAGRAM: LazyLock<Regex> = LazyLock::new(|| {
    let word = r#"(["'“‘][^"'”’]+["'”’]|\w+)"#;
    compile(&format!(
        r"^(?:are|is|check (?:if|whether)) (?:the words )?{word} (?:and|an anagram of) {word}(?: (?:are )?anagrams?(?: of each other)?)?\s*\??$"
    ))
});

pub(super) fn answer(question: &str) -> Answer {
    let question = plain(question);
    let text = anagrams(question)
        .or_else(|| palindrome(question))
        .or_else(|| reverse_words(question))
        .or_else(|| reverse(question))
        .or_else(|| case(question))
        .or_else(|| sort(question))?;
    said(text.clone(), text)
}

/// The text in quotes, behind a colon, or a single word.
fn given(text: &str, colon: bool) -> Option<&str> {
    let word = text.trim().trim_end_matches(['?', '.', '!']);
    subject(text, colon).or_else(|| (!word.contains(char::is_whitespace) && !word.is_empty()).then_some(word))
}

fn reverse(question: &str) -> Option<String> {
    let found = REVERSE.captures(question)?;
    let colon = !found.get(1)?.as_str().is_empty();
    let text = found.get(2)?.as_str();
    // "reverse engineering", "reverse a linked list" have no text to turn round.
    let text = if colon {
        given(text, true)?
    } else {
        subject(text, false).or_else(|| named(question, text))?
    };
    Some(text.graphemes(true).rev().collect())
}

/// A single word that the question calls a word.
fn named<'a>(question: &str, text: &'a str) -> Option<&'a str> {
    let lower = question.to_lowercase();
    (lower.contains(" word ") || lower.contains(" string "))
        .then(|| given(text, false))
        .flatten()
}

fn reverse_words(question: &str) -> Option<String> {
    let found = REVERSE_WORDS.captures(question)?;
    let text = subject(found.get(2)?.as_str(), !found.get(1)?.as_str().is_empty())?;
    Some(text.split_whitespace().rev().collect::<Vec<_>>().join(" "))
}

fn case(question: &str) -> Option<String> {
    let (text, case, colon) = match CASE[0].captures(question) {
        Some(found) => (found.get(1)?.as_str(), found.get(2)?.as_str(), false),
        None => {
            let found = CASE[1].captures(question)?;
            let text = found.get(2)?;
            (
                text.as_str(),
                found.get(1)?.as_str(),
                question[..text.start()].trim_end().ends_with(':'),
            )
        }
    };
    let text = subject(text, colon)?;
    Some(match case.to_lowercase().as_str() {
        "lower" => text.to_lowercase(),
        "title" => title(text),
        _ => text.to_uppercase(),
    })
}

/// Title case after the Chicago Manual's rule of thumb: short function words stay small inside.
fn title(text: &str) -> String {
    const SMALL: [&str; 20] = [
        "a", "an", "the", "and", "but", "or", "nor", "for", "so", "yet", "as", "at", "by", "in", "of", "on", "to",
        "up", "via", "per",
    ];
    let words: Vec<&str> = text.split_whitespace().collect();
    let last = words.len().saturating_sub(1);
    let titled = words.iter().enumerate().map(|(index, word)| {
        let lower = word.to_lowercase();
        if index > 0 && index < last && SMALL.contains(&lower.as_str()) {
            return lower;
        }
        let mut letters = lower.chars();
        letters
            .next()
            .map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
    });
    titled.collect::<Vec<_>>().join(" ")
}

fn sort(question: &str) -> Option<String> {
    let text = SORT.captures(question)?.get(1)?.as_str().trim().trim_end_matches('.');
    let commas = text.contains(',');
    let lower = question.to_lowercase();
    let words: Vec<&str> = if commas {
        text.split(',')
            .map(|item| item.trim().trim_start_matches("and ").trim())
            .filter(|item| !item.is_empty())
            .collect()
    } else {
        text.split_whitespace().collect()
    };
    // "b and c" are two words; "in reverse order", "by length" are none.
    let other = [
        "order",
        "reverse",
        "descending",
        "ascending",
        "backwards",
        "length",
        "and",
    ];
    if words.iter().any(|item| {
        item.split_whitespace()
            .any(|word| other.contains(&word.to_lowercase().as_str()))
    }) {
        return None;
    }
    // Numbers sort otherwise, and a list of one is none; what is sorted must be called words or the order alphabetical.
    let digits = words
        .iter()
        .any(|word| word.starts_with(|c: char| c.is_ascii_digit() || c == '-'));
    let asked = ["word", "alphabet", "name"].iter().any(|word| lower.contains(word));
    if words.len() < 2 || text.contains(';') || digits || !asked || !text.is_ascii() {
        return None;
    }
    let mut sorted = words;
    sorted.sort_by_key(|word| (word.to_lowercase(), (*word).to_owned()));
    Some(sorted.join(if commas { ", " } else { " " }))
}

fn palindrome(question: &str) -> Option<String> {
    let found = PALINDROME.captures(question)?;
    let text = given(found.get(1)?.as_str(), false)?;
    // A number is for another specialist, and "this" for none.
    if !text.chars().any(char::is_alphabetic)
        || matches!(text.to_lowercase().as_str(), "it" | "this" | "that" | "each" | "there")
    {
        return None;
    }
    let letters: Vec<char> = text
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    let same = letters.iter().eq(letters.iter().rev());
    let reversed: String = letters.iter().rev().collect();
    Some(if same {
        format!("Yes, \"{text}\" is a palindrome (spaces, marks and case aside).")
    } else {
        format!("No, \"{text}\" is not a palindrome: backwards it reads \"{reversed}\".")
    })
}

fn anagrams(question: &str) -> Option<String> {
    if !question.to_lowercase().contains("anagram") {
        return None;
    }
    let found = ANAGRAM.captures(question)?;
    let (first, second) = (
        given(found.get(1)?.as_str(), false)?,
        given(found.get(2)?.as_str(), false)?,
    );
    let letters = |text: &str| {
        let mut letters: Vec<char> = text
            .chars()
            .filter(|c| c.is_alphanumeric())
            .flat_map(char::to_lowercase)
            .collect();
        letters.sort_unstable();
        letters
    };
    let equal = first.to_lowercase() == second.to_lowercase();
    Some(if equal {
        format!("No, \"{first}\" and \"{second}\" are the same word.")
    } else if letters(first) == letters(second) {
        format!("Yes, \"{first}\" and \"{second}\" are anagrams: they have the same letters.")
    } else {
        format!("No, \"{first}\" and \"{second}\" are not anagrams: their letters differ.")
    })
}
