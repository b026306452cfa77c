//! Whether a text speaks of a result that stands before it.

use crate::Piece;
use crate::mask::Mask;
use crate::words::{Word, words};

/// A stretch of a text that stands for an earlier result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Anaphor {
    /// Bytes `start..end` name the result: "it", "the result", "that number".
    One { start: usize, end: usize },
    /// The bytes name all results so far: "both results", "them".
    All { start: usize, end: usize },
    /// The operand is left out: "add 10", "multiply by 3", "double". The bytes are the verb.
    Elided { verb_start: usize, verb_end: usize },
}

/// What a result may be called.
#[rustfmt::skip]
const NOUNS: &[&str] = &[
    "result", "answer", "output", "outcome", "number", "value", "sum", "product", "total", "difference",
    "quotient", "amount", "figure", "solution", "remainder", "conclusion", "translation", "summary", "sentence",
    "word",
];

/// Plurals of the same.
#[rustfmt::skip]
const PLURALS: &[&str] = &[
    "results", "answers", "outputs", "numbers", "values", "figures", "totals", "sums",
];

/// Nouns that after "the" mostly name something else.
#[rustfmt::skip]
const AMBIGUOUS: &[&str] = &[
    "sentence", "word", "number", "value", "amount", "figure", "translation", "summary",
];

/// After "it" these open a clause.
#[rustfmt::skip]
const CLAUSE: &[&str] = &[
    "is", "was", "has", "does", "takes", "would", "will", "can", "works", "rains", "means",
];

/// Before "it" these open a clause.
#[rustfmt::skip]
const CONDITION: &[&str] = &[
    "if", "that", "when", "because", "whether", "so", "as", "what",
];

/// What may follow "that" as an object.
#[rustfmt::skip]
const JOINING: &[&str] = &[
    "by", "to", "from", "in", "into", "with", "and", "as", "up", "for",
];

/// Verbs whose object may be "that".
#[rustfmt::skip]
const ACTING: &[&str] = &[
    "double", "triple", "halve", "square", "cube", "multiply", "divide", "add", "subtract", "convert", "round",
    "translate", "explain", "reverse", "format", "turn", "summarise", "summarize", "take", "is", "rewrite",
];

/// Verbs that need nothing but the number before them.
#[rustfmt::skip]
const UNARY: &[&str] = &[
    "double", "triple", "quadruple", "halve", "square", "cube", "negate",
];

/// Whether the text refers to an earlier result: "double it", "add 10 to that", "square the result".
pub fn refers_back(text: &str) -> bool {
    let text = crate::substitute::without_openers(text);
    find(text).is_some()
}

/// The earlier parts that part `index` needs.
pub(crate) fn depends_on(piece: &Piece<'_>, index: usize) -> Vec<usize> {
    match find(crate::substitute::without_openers(piece.text)) {
        Some(Anaphor::All { .. }) => (0..index).collect(),
        Some(_) => vec![index - 1],
        None if piece.continues || does_it(piece.text) => vec![index - 1],
        None => Vec::new(),
    }
}

/// "a function that does it": the doing that came before, which no result can stand for.
fn does_it(text: &str) -> bool {
    let words = words(text, &Mask::of(text), 0);
    words
        .windows(2)
        .any(|pair| pair[0].is_one_of(&["does", "do"]) && pair[1].is("it"))
}

/// The first anaphor of a text.
pub(crate) fn find(text: &str) -> Option<Anaphor> {
    if text.len() > crate::MAX_QUERY_BYTES {
        return None;
    }
    let mask = Mask::of(text);
    let words = words(text, &mask, 0);
    (0..words.len())
        .find_map(|at| at_word(text, &words, at))
        .or_else(|| elided(text, &words))
}

fn at_word(text: &str, words: &[Word<'_>], at: usize) -> Option<Anaphor> {
    let word = words[at];
    let next = words.get(at + 1);
    let before = at.checked_sub(1).and_then(|before| words.get(before));
    let one = |end: usize| Some(Anaphor::One { start: word.start, end });
    let of_follows = |index: usize| words.get(index).is_some_and(|word| word.is("of"));
    if word.is("it") {
        return is_object_it(text, words, at).then_some(Anaphor::One {
            start: word.start,
            end: word.end,
        });
    }
    if word.is_one_of(&["them", "both", "all"]) {
        return plural(words, at);
    }
    if word.is_one_of(&["those", "these", "the"]) && next.is_some_and(|n| n.is_one_of(PLURALS)) && !of_follows(at + 2) {
        return Some(Anaphor::All {
            start: word.start,
            end: next?.end,
        });
    }
    if word.is("the") && next.is_some_and(|n| n.is_one_of(&["two", "three", "previous"])) {
        let noun = words.get(at + 2)?;
        if noun.is_one_of(PLURALS) {
            return Some(Anaphor::All {
                start: word.start,
                end: noun.end,
            });
        }
        return if noun.is_one_of(NOUNS) { one(noun.end) } else { None };
    }
    if word.is_one_of(&["the", "that", "this"]) && next.is_some_and(|n| n.is_one_of(NOUNS)) && !of_follows(at + 2) {
        let noun = next?;
        // "this sentence: ..." carries its own; "the word apple", "the number 7" too.
        let generic = noun.is_one_of(AMBIGUOUS);
        let rest = text[noun.end..].trim_start();
        let followed =
            rest.starts_with([':', '\'', '"', '`', '“', '‘', '(']) || rest.starts_with(|c: char| c.is_ascii_digit());
        let clause = words
            .get(at + 2)
            .is_some_and(|w| w.is_one_of(&["that", "which", "where", "for", "if"]));
        let object = at == 1 && (rest.is_empty() || rest.starts_with("by "));
        if followed || (generic && word.is("the") && !object) || clause {
            return None;
        }
        return one(noun.end);
    }
    if word.is("that") && is_demonstrative(text, before, next, word) {
        return one(word.end);
    }
    if word.is("my") && next.is_some_and(|n| n.is_one_of(&["choice", "decision"])) {
        return one(next?.end);
    }
    None
}

/// "both results", "both of them", "them", "all of these".
fn plural(words: &[Word<'_>], at: usize) -> Option<Anaphor> {
    let word = words[at];
    let end = match (words.get(at + 1), words.get(at + 2)) {
        (Some(of), Some(them)) if of.is("of") && them.is_one_of(&["them", "these", "those"]) => them.end,
        (Some(noun), _) if !word.is("them") && noun.is_one_of(PLURALS) => noun.end,
        (Some(the), Some(noun)) if the.is_one_of(&["the", "these", "those"]) && noun.is_one_of(PLURALS) => noun.end,
        _ if word.is("them") && at > 0 && !words[..at].iter().any(|w| w.text.ends_with('s') && w.text.len() > 3) => {
            word.end
        }
        (None, _) if word.is("both") => word.end,
        _ => return None,
    };
    Some(Anaphor::All { start: word.start, end })
}

/// "it" as something that was named before, not as in "is it raining".
fn is_object_it(text: &str, words: &[Word<'_>], at: usize) -> bool {
    #[rustfmt::skip]
    const EMPTY: &[&str] = &[
        "raining", "snowing", "sunny", "cold", "hot", "possible", "better", "ok", "okay", "worth", "safe",
        "legal", "necessary", "important", "common", "normal", "wise", "time", "true", "that", "about", "good",
        "bad", "to", "take", "called", "like", "mean", "cost", "easier", "cheaper", "smart", "still", "too",
        "ethical", "wrong", "right", "fair", "rude",
    ];
    let next = words.get(at + 1);
    let before = at.checked_sub(1).and_then(|before| words.get(before));
    let inverted = before.is_some_and(|w| w.is_one_of(&["is", "was", "does", "did", "will", "would", "can", "has"]));
    if inverted {
        // Only a question that opens with it: "is it prime?"; not "what time is it in Rome?".
        let opens = at == 1;
        let rest = if next.is_some_and(|w| w.is_one_of(&["a", "an", "the"])) {
            words.get(at + 2)
        } else {
            next
        };
        return opens && rest.is_some_and(|w| !w.is_one_of(EMPTY));
    }
    let clause = next.is_some_and(|w| w.is_one_of(CLAUSE));
    let condition = before.is_some_and(|w| w.is_one_of(CONDITION));
    // "a function that takes a list and sorts it": the thing is named in the same part.
    let own = words[..at].iter().any(|w| w.is_one_of(&["that", "which", "who"]))
        && !before.is_some_and(|w| w.is_one_of(&["explain", "about"]));
    at > 0
        && !clause
        && !condition
        && !own
        && !text[words[at].end..].starts_with('\'')
        && !words[..at.saturating_sub(1)]
            .iter()
            .any(|w| w.is_one_of(&["a", "an"]) && at > 5)
        || (at > 0 && before.is_some_and(|w| w.is_one_of(&["about", "explain", "of"])) && !clause)
}

/// "to that", "double that", "that by 3"; not "a function that ...", "prove that ...".
fn is_demonstrative(text: &str, before: Option<&Word<'_>>, next: Option<&Word<'_>>, word: Word<'_>) -> bool {
    let Some(before) = before else { return false };
    let ends = next.is_none() || text[word.end..].trim_start().starts_with(['.', ',', '?', '!', ';']);
    let joined = next.is_some_and(|w| w.is_one_of(JOINING));
    let preposition = before.is_one_of(&["to", "from", "of", "by", "with", "than", "on"]);
    let verb = before.is_one_of(ACTING);
    (ends || joined) && (preposition || verb) || preposition && next.is_some_and(|w| w.is_one_of(&["is", "are"]))
}

/// An arithmetic request that leaves out what it works on.
fn elided(text: &str, words: &[Word<'_>]) -> Option<Anaphor> {
    let verb = words.first()?;
    let found = Anaphor::Elided {
        verb_start: verb.start,
        verb_end: verb.end,
    };
    let has = |list: &[&str]| words.iter().skip(1).any(|word| word.is_one_of(list));
    let bare = words.len() == 1 && text.trim_end_matches(['.', '!']).trim().len() == verb.end;
    if bare && verb.is_one_of(UNARY) {
        return Some(found);
    }
    let second = words.get(1)?;
    let by = verb.is_one_of(&["multiply", "divide", "increase", "decrease", "reduce"]) && second.is("by");
    let number = second.text.starts_with(|c: char| c.is_ascii_digit()) && !text.contains(['+', '*', '/', '^', '=']);
    let plain = verb.is_one_of(&["add", "subtract"])
        && number
        && !has(&["to", "from", "and", "with"])
        && words.len() <= 3
        && !text.contains(',');
    let round = verb.is("round") && second.is_one_of(&["to", "up", "down"]) && words.len() <= 6;
    let convert = verb.is("convert") && second.is_one_of(&["to", "into"]);
    (by || plain || round || convert).then_some(found)
}
