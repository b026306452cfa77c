//! The sides of a claim: the longest end (or beginning) of a passage that is an expression.

use super::Shown;
use super::context::may_begin;
use crate::expr::{Expr, Func};
use crate::number::int;
use crate::parse::{Reading, parse};
use crate::token::{Kind, Token};
use crate::units::{Unit, unit};

/// How far a side reaches, in tokens.
const MAX_SIDE: usize = 60;
/// How many beginnings are tried.
const MAX_TRIES: usize = 12;
/// The most words of a noun between a number and a sign.
const MAX_NOUN: usize = 4;

/// A side: the expression, where it starts and ends among the tokens, and what its numbers count.
#[derive(Debug)]
pub(super) struct Side {
    pub(super) expr: Expr,
    pub(super) from: usize,
    pub(super) to: usize,
    /// The nouns after its numbers.
    pub(super) nouns: Vec<String>,
    pub(super) units: Vec<Unit>,
    /// One of the nouns is a single letter, perhaps an unknown.
    pub(super) letter: bool,
}

pub(super) const READING: Reading = Reading {
    unknowns: false,
    lenient: true,
};

fn is_operator(token: &Token) -> bool {
    "+-*/)".chars().any(|c| token.is(c))
}

fn is_math(token: &Token) -> bool {
    match &token.kind {
        Kind::Number(_) => true,
        Kind::Sign(c) => "+-*/^()%!".contains(*c),
        Kind::Word(w) => {
            w == "pi"
                || w == "half"
                || Func::ALL
                    .iter()
                    .any(|(name, f)| w == name && !matches!(f, Func::Min | Func::Max))
        }
    }
}

/// Nouns found on the way, kept apart from the expression.
#[derive(Default)]
struct Nouns {
    texts: Vec<String>,
    units: Vec<Unit>,
    letter: bool,
}

impl Nouns {
    fn add(&mut self, tokens: &[Token]) {
        let words: Vec<&str> = tokens.iter().filter_map(Token::word).collect();
        // A single letter may be an unknown: `2g + 80 - 4g`.
        let ordinal = |w: &str| ["st", "nd", "rd", "th"].contains(&w);
        self.letter |= words
            .iter()
            .any(|w| (w.chars().count() == 1 && *w != "a") || ordinal(w));
        if let Some(unit) = unit(tokens) {
            self.units.push(unit);
        }
        self.texts.push(words.join(" ").to_lowercase());
    }
}

/// The expression that ends where the passage ends.
pub(super) fn left(tokens: &[Token], from: usize, to: usize) -> Option<Side> {
    let mut kept: Vec<usize> = Vec::new();
    let mut nouns = Nouns::default();
    let mut at = to;
    let least = from.max(to.saturating_sub(MAX_SIDE));
    while at > least {
        let token = &tokens[at - 1];
        if is_math(token) {
            kept.push(at - 1);
            at -= 1;
            continue;
        }
        // `500 cm^3 / 2`: the power belongs to the unit.
        if let [.., n, caret] = kept.as_slice()
            && tokens[*caret].is('^')
            && tokens[*n].number().is_some()
            && unit(&tokens[at - 1..=*n]).is_some()
        {
            kept.truncate(kept.len() - 2);
        }
        let open = kept.last().is_none_or(|next| is_operator(&tokens[*next]));
        if token.is_word("of") && !open {
            kept.push(at - 1);
            at -= 1;
            continue;
        }
        let words = (least..at)
            .rev()
            .take(MAX_NOUN + 1)
            .take_while(|i| is_noun(tokens, *i))
            .count();
        let counted = at > words + least && tokens[at - words - 1].number().is_some();
        if !open || words == 0 || words > MAX_NOUN || !counted {
            break;
        }
        nouns.add(&tokens[at - words..at]);
        at -= words;
    }
    kept.reverse();
    longest(tokens, &kept, from, to, nouns)
}

fn is_noun(tokens: &[Token], at: usize) -> bool {
    let word = |i: Option<usize>| i.and_then(|i| tokens.get(i)).is_some_and(|t| t.word().is_some());
    // `rooms/floor`
    if tokens[at].is('/') {
        return word(at.checked_sub(1)) && word(Some(at + 1)) && tokens[at].glued_to(&tokens[at - 1]);
    }
    let token = &tokens[at];
    // `72 °F`
    if token.is('°') {
        return word(Some(at + 1));
    }
    const NOT: &[&str] = &[
        "is", "are", "and", "so", "then", "or", "but", "if", "equals", "was", "were", "gives", "get", "gets", "we",
        "than", "plus", "minus",
    ];
    token.word().is_some_and(|w| {
        w.chars().all(|c| c.is_alphabetic() || c == '\'') && !NOT.iter().any(|n| w.eq_ignore_ascii_case(n))
    }) || token.is('¢')
}

fn longest(tokens: &[Token], kept: &[usize], from: usize, to: usize, nouns: Nouns) -> Option<Side> {
    let mut tries = 0;
    for (i, start) in kept.iter().enumerate() {
        let first = &tokens[*start];
        let opens = first.number().is_some() || first.is('(') || first.word().is_some() && !first.is_word("of");
        // A sign belongs to the number when it touches it and nothing stands before it.
        let negative = first.is('-')
            && kept.get(i + 1).is_some_and(|next| tokens[*next].glued_to(first))
            && (*start == 0 || !tokens[start - 1].glued_to(first) || tokens[start - 1].is('('));
        if !(opens || negative) || !may_begin(&tokens[..*start], first) {
            continue;
        }
        tries += 1;
        if tries > MAX_TRIES {
            return None;
        }
        let part: Vec<Token> = kept[i..].iter().map(|k| tokens[*k].clone()).collect();
        if let Ok(expr) = parse(&part, READING) {
            let Nouns { texts, units, letter } = nouns;
            // The first number of a passage without a noun of its own: a year, an item of a list.
            debug_assert!(*start >= from);
            return Some(Side {
                expr,
                from: *start,
                to,
                nouns: texts,
                units,
                letter,
            });
        }
    }
    None
}

/// The expression with which the passage begins, and its first number.
pub(super) fn right(tokens: &[Token], from: usize, to: usize) -> Option<(Side, Option<Shown>)> {
    let most = to.min(from + MAX_SIDE);
    let mut kept: Vec<usize> = Vec::new();
    let mut nouns = Nouns::default();
    let mut best: Option<(Expr, usize)> = None;
    let mut at = from;
    let mut tries = 0;
    while at < most {
        if is_math(&tokens[at]) {
            kept.push(at);
            at += 1;
        } else {
            let words = (at..most)
                .take(MAX_NOUN + 1)
                .take_while(|i| is_noun(tokens, *i))
                .count();
            let counted = kept.last().is_some_and(|last| tokens[*last].number().is_some());
            let goes_on = tokens
                .get(at + words)
                .is_some_and(|t| is_operator(t) && at + words < to);
            if words == 0 || words > MAX_NOUN || !counted || !goes_on {
                break;
            }
            nouns.add(&tokens[at..at + words]);
            at += words;
        }
        let complete = kept.last().is_some_and(|last| {
            let t = &tokens[*last];
            t.number().is_some() || t.is(')') || t.is('%') || t.is('!') || t.is_word("pi")
        });
        let followed = tokens.get(at).is_some_and(|t| at < to && (t.is('%') || t.is('!')));
        if complete && !followed && tries < 2 * MAX_TRIES {
            tries += 1;
            let part: Vec<Token> = kept.iter().map(|k| tokens[*k].clone()).collect();
            if let Ok(expr) = parse(&part, READING) {
                best = Some((expr, at));
            }
        }
    }
    let (expr, end) = best?;
    let first = shown(&tokens[from..to]);
    let Nouns { texts, units, letter } = nouns;
    Some((
        Side {
            expr,
            from,
            to: end,
            nouns: texts,
            units,
            letter,
        },
        first,
    ))
}

/// The number with which tokens begin.
pub(super) fn shown(tokens: &[Token]) -> Option<Shown> {
    let (negative, rest) = match tokens {
        [minus, rest @ ..] if minus.is('-') => (true, rest),
        tokens => (false, tokens),
    };
    let number = rest.first()?.number().filter(|n| !n.odd)?;
    let mut value = number.value.clone();
    let mut used = 1;
    // `4 1/2`
    if let [_, n, slash, d, ..] = rest
        && slash.is('/')
        && value.is_integer()
        && let (Some(n), Some(d)) = (n.number(), d.number())
        && n.value < d.value
        && n.value > int(0)
    {
        value += &n.value / &d.value;
        used = 4;
    }
    let percent = rest.get(used).is_some_and(|t| t.is('%'));
    let scaled = number.places == 0 && !value.is_integer() && used == 1;
    let written = rest[0].end - rest[0].start;
    let digits = value.numer().to_string().len();
    let scaled =
        scaled || (value.is_integer() && used == 1 && !number.grouped && number.money.is_none() && digits > written);
    let value = if negative { -value } else { value };
    Some(Shown {
        value,
        places: if used == 4 { 6 } else { number.places },
        percent,
        scaled,
    })
}
