//! Worked arithmetic: what an answer that computes with the numbers of its question gives away. Its claims are found and
//! recomputed by `plexus-calc`.

use plexus_calc::Verdict;

use super::numbers::{among, close, whole};
use super::text::{SPACE, plain, unannotated};
use super::tokens::{Token, numbers, tokens};
use super::{Known, known};

/// The features, in order.
pub(super) const FEATURES: [Known; 12] = [
    known("any_bad", "an equation does not hold"),
    known("fin_frac", "the final number is not whole"),
    known("cut", "the text breaks off"),
    known("no_claims", "nothing that could be recomputed"),
    known("many_finals", "several final numbers"),
    known("final_words", "words beside the final number"),
    known("fin_is_last", "the final number is not the last that was computed"),
    known("unused", "a number of the question is not used"),
    known("dangling", "a result is not used"),
    known("hedges", "it hedges"),
    known("h_however", "it goes back on itself"),
    known("q_len", "the question is long"),
];

/// The most claims that are looked at.
const MAX_CLAIMS: usize = 200;
/// The most numbers of a question that are looked at.
const MAX_NUMBERS: usize = 64;

/// Words of doubt.
const HEDGES: [&str; 18] = [
    "however",
    "approximately",
    "assum",
    "cannot",
    "can't",
    "round",
    "unknown",
    "not specified",
    "not given",
    "not enough",
    "unclear",
    "impossible",
    "≈",
    "closest",
    "nearest",
    "note:",
    "note that",
    "should be",
];
/// Numbers in words.
#[rustfmt::skip]
const AMOUNTS: [&str; 32] = [
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
    "fourteen", "fifteen", "sixteen", "twenty", "thirty", "forty", "fifty", "sixty", "hundred", "half", "twice",
    "double", "doubled", "thrice", "triple", "tripled", "quarter", "dozen", "third",
];
/// What asks for an amount.
#[rustfmt::skip]
const ASKS: [&str; 10] = [
    "how many", "how much", "how long", "how far", "how old", "how tall", "how fast", "what percent", "total",
    "altogether",
];
/// What may well come to other than a whole number.
#[rustfmt::skip]
const PARTS: [&str; 9] = [
    "percent", "average", "ratio", "fraction", "probability", "decimal", "nearest", "unit price", "divide",
];

/// `operands = result`.
struct Made {
    operands: Vec<f64>,
    result: f64,
}

/// The features of an answer; none where question and answer are no worked arithmetic.
pub(super) fn features(query: &str, answer: &str) -> Option<[f64; 12]> {
    let raw = answer.trim_matches(SPACE);
    if raw.contains("```") || !raw.bytes().any(|b| b.is_ascii_digit()) {
        return None;
    }
    let question = plain(query).to_ascii_lowercase();
    let asked = tokens(&question);
    let amounts = asked.iter().filter(|token| match token {
        Token::Number(_) => true,
        Token::Word(word) => AMOUNTS.contains(word),
        _ => false,
    });
    if amounts.count() < 2 {
        return None;
    }
    let uncalculated = unannotated(raw);
    let (body, end) = match uncalculated.rsplit_once("####") {
        Some((body, end)) => (body, Some(end)),
        None => (uncalculated.as_str(), None),
    };
    let (made, any_bad) = claims(body);
    let asks = ASKS.iter().any(|part| question.contains(part));
    if made.is_empty() && !asks {
        return None;
    }
    let written = plain(body);
    let shown = numbers(&tokens(&written));
    let ending = end.map(plain);
    let (finals, words) = match &ending {
        Some(end) => ends(end),
        None => (shown.last().copied().into_iter().collect(), 0),
    };
    let last = finals.first().copied();
    let small = plain(raw).to_ascii_lowercase();
    let count = |word: &str| small.matches(word).count();
    let hedges: usize = HEDGES.iter().map(|hedge| count(hedge)).sum();
    let computed = made.last().map(|made| made.result);
    let not_whole = last.is_some_and(|last| !whole(last)) && !speaks_of_parts(&question, &asked);
    let used_last = matches!((computed, last), (Some(computed), Some(last)) if close(computed, last));
    Some([
        f64::from(any_bad),
        f64::from(not_whole),
        f64::from(end.is_none() && is_cut(raw)),
        f64::from(made.is_empty()),
        f64::from(finals.len() > 1),
        words.min(4) as f64 / 4.0,
        f64::from(used_last),
        unused(&asked, &shown).min(4) as f64 / 2.0,
        dangling(&made).min(4) as f64 / 2.0,
        hedges.min(3) as f64,
        f64::from(small.contains("however")),
        ((1 + question.chars().count()) as f64).ln().clamp(3.5, 7.0) - 5.5,
    ])
}

/// What is computed, and whether any of it is wrong.
fn claims(text: &str) -> (Vec<Made>, bool) {
    let mut made = Vec::new();
    let mut any_bad = false;
    for claim in plexus_calc::claims(text).iter().take(MAX_CLAIMS) {
        let Some((left, right)) = claim.excerpt.split_once('=') else {
            continue;
        };
        any_bad |= matches!(plexus_calc::verify(claim), Verdict::Wrong { .. });
        if let Some(result) = ends(&plain(right)).0.first() {
            made.push(Made {
                operands: numbers(&tokens(&plain(left))),
                result: *result,
            });
        }
    }
    (made, any_bad)
}

/// The numbers of a result, the first with its sign, and how many words stand beside them.
fn ends(text: &str) -> (Vec<f64>, usize) {
    let ending = tokens(text);
    let mut finals = numbers(&ending);
    if let (Some(Token::Sign('-')), Some(first)) = (ending.first(), finals.first_mut()) {
        *first = -*first;
    }
    let words = ending.iter().filter(|token| matches!(token, Token::Word(_))).count();
    (finals, words)
}

/// Numbers of the question that the answer never shows.
fn unused(asked: &[Token<'_>], shown: &[f64]) -> usize {
    let mut known: Vec<f64> = Vec::new();
    for number in numbers(asked) {
        if known.len() < MAX_NUMBERS && !known.contains(&number) {
            known.push(number);
        }
    }
    known.iter().filter(|number| !among(**number, shown)).count()
}

/// Results, but the last, that nothing computes with later.
fn dangling(made: &[Made]) -> usize {
    let results = made.iter().enumerate().take(made.len().saturating_sub(1));
    results
        .filter(|(i, one)| !made[i + 1..].iter().any(|later| among(one.result, &later.operands)))
        .count()
}

/// May the result be other than whole, as far as the question says?
fn speaks_of_parts(question: &str, asked: &[Token<'_>]) -> bool {
    let parts = asked.iter().any(|token| match token {
        Token::Sign(sign) => *sign == '/',
        Token::Number(number) => !whole(*number),
        _ => false,
    });
    let words = asked.contains(&Token::Sign('%')) || PARTS.iter().any(|part| question.contains(part));
    parts || (words && !question.contains("how many"))
}

/// Does the text break off?
fn is_cut(raw: &str) -> bool {
    let mut back = raw.chars().rev();
    let (last, before) = (back.next(), back.next());
    let digits = raw.bytes().rev().take_while(u8::is_ascii_digit).count();
    raw.rfind("<<") > raw.rfind(">>")
        || match last {
            Some(',' | '=' | '+' | '-' | '/' | '(' | '<' | ':') => true,
            // Not the end of `*48*` or `$48$`.
            Some('*') => before.is_some_and(|c| SPACE.contains(&c)),
            Some('$') => !before.is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, ')' | '}' | '$')),
            _ => (1..=2).contains(&digits) && raw[..raw.len() - digits].ends_with(','),
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(query: &str, answer: &str) -> Vec<(&'static str, f64)> {
        let found = features(query, answer).unwrap();
        let pairs = FEATURES.iter().map(|known| known.name).zip(found);
        // What is not there, and the question's length, are of no interest.
        pairs
            .filter(|(name, value)| *value != 0.0 && *name != "q_len")
            .collect()
    }

    const QUERY: &str = "Tom has 6 bags of 8 nuts and gives 5 nuts away. How many nuts has he?";

    #[test]
    fn each_feature_sees_what_it_is_named_for() {
        for (answer, expected) in [
            (
                "6 * 8 = 48 nuts, 48 - 5 = 43 nuts.\n#### 43",
                vec![("fin_is_last", 1.0)],
            ),
            (
                "6 * 8 = <<6*8=48>>48 nuts. 48 - 5 = <<48-5=43>>43. It is 43.",
                vec![("fin_is_last", 1.0)],
            ),
            ("6 * 8 = 46, 46 - 5 = 41", vec![("any_bad", 1.0), ("fin_is_last", 1.0)]),
            ("6 * 8 = 48, and with 5 it is 45.5", vec![("fin_frac", 1.0)]),
            ("6 * 8 = 48, 48 - 5 = 43 and", vec![("fin_is_last", 1.0)]),
            (
                "6 * 8 = 48, 48 - 5 = 43 and so,",
                vec![("cut", 1.0), ("fin_is_last", 1.0)],
            ),
            ("6, 8 and 5 make 43.", vec![("no_claims", 1.0)]),
            (
                "6 * 8 = 48\n48 - 5 = 43\n#### 43, 5",
                vec![("many_finals", 1.0), ("fin_is_last", 1.0)],
            ),
            (
                "6 * 8 = 48\n48 - 5 = 43\n#### 43 nuts",
                vec![("final_words", 0.25), ("fin_is_last", 1.0)],
            ),
            ("5 - 6 * 8 = -43\n#### -43", vec![("fin_is_last", 1.0)]),
            ("6 * 8 = 48 nuts.", vec![("fin_is_last", 1.0), ("unused", 0.5)]),
            ("6 * 8 = 48. 6 + 5 = 11.", vec![("fin_is_last", 1.0), ("dangling", 0.5)]),
            (
                "However, 6 * 8 = 48, 48 - 5 = 43.",
                vec![("fin_is_last", 1.0), ("hedges", 1.0), ("h_however", 1.0)],
            ),
        ] {
            assert_eq!(of(QUERY, answer), expected, "{answer}");
        }
    }

    #[test]
    fn results_may_be_parts_where_the_question_speaks_of_them() {
        let frac = |query: &str| of(query, "The result of 7 and 2 is 3.5").contains(&("fin_frac", 1.0));
        assert!(frac("How many of 7 apples does each of 2 people get?"));
        assert!(!frac("How much is 7 / 2 in total?"));
        assert!(!frac("What is the average of 7 and 2 and 0 in total?"));
        assert!(!frac("How much are 7 pens at 0.5 dollars?"));
    }

    #[test]
    fn texts_that_break_off() {
        for text in ["so 3 +", "it costs $", "he has 1,2", "then <<3*4", "3 *"] {
            assert!(is_cut(text), "{text}");
        }
        for text in ["It is $48$", "It is *48*", "**48**", "48.", "1,200"] {
            assert!(!is_cut(text), "{text}");
        }
    }
}
