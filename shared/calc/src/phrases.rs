//! Words that mean a sign or a number: "plus", "divided by", "twenty five", "2.5 million".

use num_traits::One;

use crate::number::{Q, int, ten};
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

const UNITS: &[&str] = &[
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const TENS: &[&str] = &[
    "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
];
const SCALES: &[(&str, usize)] = &[("thousand", 3), ("million", 6), ("billion", 9), ("trillion", 12)];

/// Number words, then signs, then what words say of a number beside them.
pub(crate) fn rewrite(tokens: Vec<Token>) -> Vec<Token> {
    money_words(powers(signs(scales(numbers(tokens)))))
}

/// Only the signs, for running text, where "one" is rarely a number.
pub(crate) fn rewrite_signs(tokens: Vec<Token>) -> Vec<Token> {
    signs(scales(tokens))
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

/// "5 million", "2.5 billion", "3 hundred", "5 dozen".
fn scales(tokens: Vec<Token>) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::with_capacity(tokens.len());
    for t in tokens {
        let scale = match t.word() {
            Some(word) if word.eq_ignore_ascii_case("hundred") => Some(int(100)),
            Some(word) if word.eq_ignore_ascii_case("dozen") => Some(int(12)),
            Some(word) => SCALES
                .iter()
                .find(|(name, _)| word.eq_ignore_ascii_case(name))
                .map(|(_, zeros)| Q::from_integer(ten(*zeros))),
            None => None,
        };
        if let (
            Some(scale),
            Some(Token {
                kind: Kind::Number(literal),
                end,
                ..
            }),
        ) = (scale, out.last_mut())
        {
            literal.value *= scale;
            literal.places = 0;
            *end = t.end;
        } else {
            out.push(t);
        }
    }
    out
}

/// Runs of number words to one number.
fn numbers(tokens: Vec<Token>) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while at < tokens.len() {
        match cardinal(&tokens[at..]) {
            Some((literal, used)) => {
                let (start, end) = (tokens[at].start, tokens[at + used - 1].end);
                out.push(Token {
                    kind: Kind::Number(literal),
                    start,
                    end,
                });
                at += used;
            }
            None => {
                out.push(tokens[at].clone());
                at += 1;
            }
        }
    }
    out
}

fn position(list: &[&str], token: &Token) -> Option<i64> {
    list.iter().position(|word| token.is_word(word)).map(|n| n as i64)
}

/// "ninety", "ninety-nine", "nineteen".
fn below_hundred(tokens: &[Token]) -> Option<(i64, usize)> {
    let first = tokens.first()?;
    let Some(n) = position(TENS, first) else {
        return position(UNITS, first).map(|n| (n, 1));
    };
    let tens = (n + 2) * 10;
    let hyphen = usize::from(tokens.get(1).is_some_and(|t| t.is('-') && t.glued_to(first)));
    match tokens.get(1 + hyphen).and_then(|t| position(UNITS, t)) {
        Some(unit @ 1..10) => Some((tens + unit, 2 + hyphen)),
        _ => Some((tens, 1)),
    }
}

/// "two hundred and five": the value, the tokens, and whether an "and" stands in it.
fn below_thousand(tokens: &[Token]) -> Option<(i64, usize, bool)> {
    let article = tokens.first()?.is_word("a") && tokens.get(1).is_some_and(|t| t.is_word("hundred"));
    let (n, used) = if article { (1, 1) } else { below_hundred(tokens)? };
    if n == 0 || !tokens.get(used).is_some_and(|t| t.is_word("hundred")) {
        return (!article).then_some((n, used, false));
    }
    let used = used + 1;
    let and = tokens.get(used).is_some_and(|t| t.is_word("and"));
    match below_hundred(&tokens[used + usize::from(and)..]) {
        Some((rest, more)) if rest > 0 => Some((n * 100 + rest, used + usize::from(and) + more, and)),
        _ => Some((n * 100, used, false)),
    }
}

/// "two hundred and five thousand point five"; the number and how many tokens it takes.
fn cardinal(tokens: &[Token]) -> Option<(Literal, usize)> {
    let scale = |at: usize| {
        SCALES
            .iter()
            .find(|(name, _)| tokens.get(at).is_some_and(|t| t.is_word(name)))
    };
    let (mut total, mut at, mut with_and, mut below) = (int(0), 0, false, usize::MAX);
    loop {
        let and = at > 0 && tokens.get(at).is_some_and(|t| t.is_word("and"));
        let rest = &tokens[at + usize::from(and)..];
        let article = at == 0 && rest.first().is_some_and(|t| t.is_word("a")) && scale(1).is_some();
        let Some((n, used, inner)) = (if article {
            Some((1, 1, false))
        } else {
            below_thousand(rest)
        }) else {
            break;
        };
        let next = at + usize::from(and) + used;
        match scale(next) {
            Some((_, zeros)) if *zeros < below && n > 0 => {
                total += int(n) * Q::from_integer(ten(*zeros));
                (below, at, with_and) = (*zeros, next + 1, with_and || and || inner);
            }
            Some(_) => break,
            None if at == 0 || n > 0 => {
                total += int(n);
                (at, with_and) = (next, with_and || and || inner);
                break;
            }
            None => break,
        }
    }
    if at == 0 {
        return None;
    }
    let mut literal = Literal {
        and: with_and,
        ..Literal::plain(total)
    };
    // "two point five"
    if tokens.get(at).is_some_and(|t| t.is_word("point")) {
        let digits = tokens[at + 1..]
            .iter()
            .map_while(|t| position(UNITS, t).filter(|n| *n < 10))
            .take(20);
        let mut scale = Q::one();
        let digits: Vec<i64> = digits.collect();
        for digit in &digits {
            scale /= int(10);
            literal.value += int(*digit) * &scale;
        }
        literal.places = digits.len();
        at += if digits.is_empty() { 0 } else { 1 + digits.len() };
    }
    Some((literal, at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lex::lex;
    use crate::number::show;

    fn value(text: &str) -> Option<String> {
        let tokens = rewrite(lex(&text.chars().collect::<Vec<_>>()));
        match tokens.as_slice() {
            [one] => one.number().map(|l| show(&l.value).0),
            _ => None,
        }
    }

    #[test]
    fn number_words() {
        for (text, number) in [
            ("two", "2"),
            ("twenty five", "25"),
            ("twenty-five", "25"),
            ("a hundred", "100"),
            ("one hundred and five", "105"),
            ("two hundred thirty", "230"),
            ("three thousand four hundred and twelve", "3412"),
            ("two million", "2000000"),
            ("5 million", "5000000"),
            ("2.5 billion", "2500000000"),
            ("two point five", "2.5"),
            ("nineteen", "19"),
            ("nine hundred ninety nine thousand nine hundred ninety nine", "999999"),
        ] {
            assert_eq!(value(text).as_deref(), Some(number), "{text}");
        }
    }

    #[test]
    fn no_number_words() {
        for text in [
            "two three",
            "twenty twelve",
            "five and six",
            "hundred",
            "two two",
            "one ten",
            "a",
            "and five",
        ] {
            assert_eq!(value(text), None, "{text}");
        }
    }
}
