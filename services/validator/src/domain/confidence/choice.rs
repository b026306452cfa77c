//! Multiple choice: what a question with lettered options says of how hard it is.

use std::collections::BTreeSet;

use super::text::{SPACE, words};
use super::{Known, known};

/// The features, in order.
pub(super) const FEATURES: [Known; 10] = [
    known("uniq", "the question repeats its words"),
    known("s_len", "the question is long"),
    known("o_ratio", "the options are short beside the question"),
    known("digits", "many digits"),
    known("o_because", "options that state conditions or reasons"),
    known("cond", "the question supposes something"),
    known("o_anynum", "options with numbers"),
    known("o_short", "options of several words"),
    known("o_jacmax", "options that are much alike"),
    known("passage", "no passage to read from"),
];

/// The features of a question; none where it has fewer than two options.
pub(super) fn features(query: &str) -> Option<[f64; 10]> {
    let query = query.trim_matches(SPACE);
    let query = query
        .strip_suffix("Answer:")
        .map_or(query, |query| query.trim_end_matches(SPACE));
    let (stem, options) = split(query);
    if options.len() < 2 {
        return None;
    }
    let share = |is: &dyn Fn(&String) -> bool| options.iter().filter(|o| is(o)).count() as f64 / options.len() as f64;
    let small = query.to_ascii_lowercase();
    let pieces = pieces(&small);
    let distinct: BTreeSet<&str> = pieces.iter().copied().collect();
    let small_stem = stem.to_ascii_lowercase();
    let any = |parts: &[&str]| parts.iter().any(|part| small_stem.contains(part));
    let small_options: Vec<String> = options.iter().map(|option| option.to_ascii_lowercase()).collect();
    let sets: Vec<BTreeSet<&str>> = small_options.iter().map(|option| words(option).collect()).collect();
    let reasons = sets
        .iter()
        .filter(|set| {
            ["because", "if", "unless", "only"]
                .iter()
                .any(|word| set.contains(word))
        })
        .count();
    let (length, stem_length) = (
        options.iter().map(|option| option.chars().count()).sum::<usize>() as f64,
        stem.chars().count() as f64,
    );
    let digits = query.bytes().filter(u8::is_ascii_digit).count() as f64;
    let supposes = words(&small_stem).any(|word| word == "if") || any(&["suppose", "assum", "given"]);
    let reads = any(&["passage", "excerpt", "refer to", "refers to"]);
    Some([
        distinct.len() as f64 / pieces.len().max(1) as f64,
        (1.0 + stem_length).ln() - 5.0,
        ((1.0 + length) / (1.0 + stem_length)).ln(),
        digits / query.chars().count().max(1) as f64 * 10.0,
        reasons as f64 / options.len() as f64,
        f64::from(supposes),
        share(&|option| option.bytes().any(|b| b.is_ascii_digit())),
        share(&|option| option.split(SPACE).filter(|word| !word.is_empty()).count() <= 2),
        most_alike(&sets),
        f64::from(reads),
    ])
}

/// Stem and options. A line that is no option goes on with the one before it.
fn split(query: &str) -> (String, Vec<String>) {
    let mut stem: Vec<&str> = Vec::new();
    let mut options: Vec<String> = Vec::new();
    for line in query.split('\n') {
        match (option(line, options.len()), options.last_mut()) {
            (Some(text), _) => options.push(text.to_owned()),
            (None, Some(last)) => {
                last.push(' ');
                last.push_str(line);
            }
            (None, None) => stem.push(line),
        }
    }
    (stem.join("\n"), options)
}

/// The text of an option, where the line is the one that is expected next: `A. …`, `(A) …`, `A: …`; the last is J.
fn option(line: &str, index: usize) -> Option<&str> {
    let line = line.trim_matches(SPACE);
    let line = line.strip_prefix('(').unwrap_or(line);
    let letter = ('A'..='J').nth(index)?;
    let text = line.strip_prefix(letter)?.strip_prefix(['.', ')', ':'])?;
    Some(text.trim_matches(SPACE))
}

/// Words, and each other sign by itself.
fn pieces(small: &str) -> Vec<&str> {
    let within = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let mut pieces = Vec::new();
    let mut rest = small;
    while let Some(c) = rest.chars().next() {
        let word = rest.find(|c| !within(c)).unwrap_or(rest.len());
        let length = if word > 0 { word } else { c.len_utf8() };
        if !SPACE.contains(&c) {
            pieces.push(&rest[..length]);
        }
        rest = &rest[length..];
    }
    pieces
}

/// How alike the two options are that are most alike: the share of their words that both have.
fn most_alike(sets: &[BTreeSet<&str>]) -> f64 {
    let pairs = sets
        .iter()
        .enumerate()
        .flat_map(|(i, a)| sets[..i].iter().map(move |b| (a, b)));
    let alike = pairs.map(|(a, b)| {
        let both = a.intersection(b).count();
        both as f64 / (a.len() + b.len() - both).max(1) as f64
    });
    alike.fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_found_in_order_only() {
        let found = |query: &str| split(query).1;
        assert_eq!(
            found("Q\nA. one\n  two\n(B) three\nC: four"),
            ["one   two", "three", "four"]
        );
        assert_eq!(found("Q\nB. one\nC. two"), [""; 0]);
        assert_eq!(found("Q\nA. one\nC. two"), ["one C. two"]);
        assert!(features("Q\nA. one").is_none());
    }

    #[test]
    fn the_features_of_a_question() {
        let found = features("If it rains?\nA) red car\nB) red bus 2, because\nAnswer:").unwrap();
        let expected = [
            13.0 / 15.0,
            13_f64.ln() - 5.0,
            (26.0_f64 / 13.0).ln(),
            10.0 / 45.0,
            0.5,
            1.0,
            0.5,
            0.5,
            1.0 / 5.0,
            0.0,
        ];
        for ((found, expected), known) in found.iter().zip(expected).zip(FEATURES) {
            assert!((found - expected).abs() < 1e-12, "{}: {found} {expected}", known.name);
        }
    }
}
