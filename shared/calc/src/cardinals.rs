//! Numbers in words: "twenty five", "two hundred and five", "2.5 million".

use num_traits::One;

use crate::number::{Q, int, ten};
use crate::token::{Kind, Literal, Token};

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

/// "5 million", "2.5 billion", "3 hundred"; "5 dozen" only in questions.
pub(crate) fn scales(tokens: Vec<Token>, dozens: bool) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::with_capacity(tokens.len());
    for t in tokens {
        let scale = match t.word() {
            Some(word) if word.eq_ignore_ascii_case("hundred") => Some(int(100)),
            Some(word) if dozens && word.eq_ignore_ascii_case("dozen") => Some(int(12)),
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
pub(crate) fn numbers(tokens: Vec<Token>) -> Vec<Token> {
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
    use crate::lex::lex;
    use crate::number::show;
    use crate::phrases::rewrite;

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
