//! Words that mean a sign or a number: "plus", "divided by", "twenty five", "2.5 million".

use crate::cardinals::{numbers, scales};
use crate::number::int;
use crate::token::{Kind, Literal, Token};

/// Sequences of words and what they become; longer ones first.
const SIGNS: &[(&[&str], char)] = &[
    (&["is", "equal", "to"], '='),
    (&["is", "equals", "to"], '='),
    (&["to", "the", "power", "of"], '^'),
    (&["raised", "to", "the", "power", "of"], '^'),
    (&["raised", "to", "the", "power"], '^'),
    (&["to", "the", "power"], '^'),
    (&["raised", "to"], '^'),
    (&["multiplied", "by"], '*'),
    (&["multiplied", "with"], '*'),
    (&["divided", "by"], '/'),
    (&["equal", "to"], '='),
    (&["equals", "to"], '='),
    (&["equals"], '='),
    (&["per", "cent"], '%'),
    (&["percent"], '%'),
    (&["pct"], '%'),
    (&["plus"], '+'),
    (&["minus"], '-'),
    (&["times"], '*'),
];

/// Number words, then signs, then what words say of a number beside them.
pub(crate) fn rewrite(tokens: Vec<Token>) -> Vec<Token> {
    money_words(powers(signs(scales(numbers(tokens), true))))
}

/// Only the signs, for running text, where "one" is rarely a number.
pub(crate) fn rewrite_signs(tokens: Vec<Token>) -> Vec<Token> {
    signs(scales(tokens, false))
}

fn sign(c: char, from: &Token, to: &Token) -> Token {
    Token {
        kind: Kind::Sign(c),
        start: from.start,
        end: to.end,
    }
}

fn signs(tokens: Vec<Token>) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while at < tokens.len() {
        let rest = &tokens[at..];
        let found = SIGNS.iter().find(|(words, _)| {
            words.len() <= rest.len() && words.iter().zip(rest).all(|(word, token)| token.is_word(word))
        });
        let last = out.last();
        match found {
            // "five times" at the end, or before a verb or a sign, is no multiplication.
            Some((words, '*')) if !operand_follows(&rest[words.len()..]) || last.is_none() => {
                out.push(rest[0].clone());
                at += 1;
            }
            Some((words, c)) => {
                out.push(sign(*c, &rest[0], &rest[words.len() - 1]));
                at += words.len();
            }
            None if rest[0].is_word("negative") && rest.get(1).is_some_and(|t| t.number().is_some()) => {
                out.push(sign('-', &rest[0], &rest[0]));
                at += 1;
            }
            None => {
                out.push(rest[0].clone());
                at += 1;
            }
        }
    }
    out
}

fn operand_follows(rest: &[Token]) -> bool {
    const FUNCTIONS: &[&str] = &[
        "sqrt", "pi", "e", "sin", "cos", "tan", "log", "ln", "x", "y", "the", "a", "half",
    ];
    rest.first().is_some_and(|t| match &t.kind {
        Kind::Number(_) => true,
        Kind::Sign(c) => matches!(c, '(' | '-'),
        Kind::Word(w) => FUNCTIONS.iter().any(|f| w.eq_ignore_ascii_case(f)),
    })
}

/// "squared", "cubed", "to the 10th".
fn powers(tokens: Vec<Token>) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut at = 0;
    let value = |n: i64, t: &Token| Token {
        kind: Kind::Number(Literal::plain(int(n))),
        start: t.start,
        end: t.end,
    };
    while at < tokens.len() {
        let t = &tokens[at];
        let power = if t.is_word("squared") {
            Some(2)
        } else if t.is_word("cubed") {
            Some(3)
        } else {
            None
        };
        if let Some(power) = power.filter(|_| !out.is_empty()) {
            // "negative five squared": 25 or -25.
            if let [
                before @ ..,
                minus,
                Token {
                    kind: Kind::Number(base),
                    ..
                },
            ] = out.as_mut_slice()
                && minus.is('-')
                && before.last().is_none_or(|t| !(t.number().is_some() || t.is(')')))
            {
                base.odd = true;
            }
            // "2 cubed squared", "2 to the power of 3 squared": of the power, or of the exponent.
            if let [
                ..,
                caret,
                Token {
                    kind: Kind::Number(exponent),
                    ..
                },
            ] = out.as_mut_slice()
                && caret.is('^')
            {
                exponent.odd = true;
            }
            out.push(sign('^', t, t));
            out.push(value(power, t));
            at += 1;
            continue;
        }
        if let [to, the, n, th, rest @ ..] = &tokens[at..]
            && to.is_word("to")
            && the.is_word("the")
            && n.number().is_some()
            && ["st", "nd", "rd", "th"].iter().any(|s| th.is_word(s))
            && th.glued_to(n)
        {
            out.push(sign('^', to, the));
            out.push(n.clone());
            at += 4 + usize::from(rest.first().is_some_and(|t| t.is_word("power")));
            continue;
        }
        out.push(t.clone());
        at += 1;
    }
    out
}

/// "84.50 dollars", "50 euros".
fn money_words(tokens: Vec<Token>) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::with_capacity(tokens.len());
    for t in tokens {
        let currency = match t.word().map(str::to_ascii_lowercase).as_deref() {
            Some("dollar" | "dollars" | "usd" | "bucks") => Some('$'),
            Some("euro" | "euros" | "eur") => Some('€'),
            _ if t.is('€') => Some('€'),
            _ => None,
        };
        if let (
            Some(c),
            Some(Token {
                kind: Kind::Number(literal),
                end,
                ..
            }),
        ) = (currency, out.last_mut())
            && literal.money.is_none_or(|m| m == c)
        {
            literal.money = Some(c);
            *end = t.end;
        } else {
            out.push(t);
        }
    }
    out
}
