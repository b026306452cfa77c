//! Numbers in other bases, and Roman numerals.

use num_bigint::BigInt;
use num_traits::Signed;

use super::Form;
use super::amount::{exact, plain, words};
use crate::number::{Q, int, small};
use crate::token::{Kind, Token};
use crate::{Answer, Declined};

pub(super) const FORMS: &[Form] = &[
    (
        "convert|change|write|express? {} to|in|into|as a? hex|hexadecimal number|notation|form?",
        |s| to_base(s[0], 16),
    ),
    (
        "convert|change|write|express? {} to|in|into|as a? binary number|notation|form?",
        |s| to_base(s[0], 2),
    ),
    (
        "convert|change|write|express? {} to|in|into|as a? octal number|notation|form?",
        |s| to_base(s[0], 8),
    ),
    ("convert|change? decimal {} to|in|into hex|hexadecimal", |s| {
        to_base(s[0], 16)
    }),
    ("convert|change? decimal {} to|in|into binary", |s| to_base(s[0], 2)),
    ("convert|change? {} from decimal to|into binary", |s| to_base(s[0], 2)),
    ("convert|change? {} from decimal to|into hex|hexadecimal", |s| {
        to_base(s[0], 16)
    }),
    ("convert|change? binary {} to|in|into a? decimal number?", |s| {
        from_base(s[0], 2)
    }),
    ("convert|change? {} from binary to|in|into decimal", |s| {
        from_base(s[0], 2)
    }),
    ("convert|change? {} binary to|in|into decimal", |s| from_base(s[0], 2)),
    (
        "convert|change? hex|hexadecimal {} to|in|into a? decimal number?",
        |s| from_base(s[0], 16),
    ),
    ("convert|change? {} from hex|hexadecimal to|in|into decimal", |s| {
        from_base(s[0], 16)
    }),
    ("convert|change? {} hex|hexadecimal to|in|into decimal", |s| {
        from_base(s[0], 16)
    }),
    ("convert|change? octal {} to|in|into decimal", |s| from_base(s[0], 8)),
    ("convert|change? {} to|in|into|as a? decimal number|form?", |s| {
        decimal(s[0])
    }),
    (
        "convert|change|write|express? {} to|in|into|as a? roman numeral|numerals",
        |s| to_roman(s[0]),
    ),
    (
        "convert|change? the? roman numeral|numerals? {} to|in|into|as a|an? decimal|arabic|number|integer|digits|numerals numerals|numeral?",
        |s| from_roman(s[0]),
    ),
    (
        "convert|change? {} to|in|into|as a|an? decimal|arabic|number|integer|digits|numerals numerals|numeral?",
        |s| bare_roman(s[0]),
    ),
    ("the? roman numeral {}", |s| from_roman(s[0])),
    ("the? roman numeral|numerals for|of {}", |s| to_roman(s[0])),
    ("convert|write|express|change|turn {} to|as|into a? fraction", |s| {
        fraction(s[0])
    }),
    ("{} to|as|in|into a? fraction in? simplest|lowest? form|terms?", |s| {
        fraction(s[0])
    }),
    ("the? fraction {} in simplest|lowest form|terms", |s| fraction(s[0])),
];

fn name(base: u32) -> &'static str {
    match base {
        2 => "binary",
        8 => "octal",
        _ => "hexadecimal",
    }
}

fn prefix(base: u32) -> &'static str {
    match base {
        2 => "0b",
        8 => "0o",
        _ => "0x",
    }
}

fn to_base(tokens: &[Token], base: u32) -> Result<Answer, Declined> {
    let q = plain(tokens)?;
    if !q.is_integer() || q.is_negative() || q.numer().bits() > 512 {
        return Err(Declined::of("only whole numbers are written in other bases"));
    }
    let digits = q.numer().to_str_radix(base).to_uppercase();
    let text = format!("{} in {} is {}{digits}", q.numer(), name(base), prefix(base));
    Ok(Answer {
        value: Some(q),
        ..words(text, format!("{}{digits}", prefix(base)))
    })
}

/// Digits of a base, written without a prefix (or with it).
fn from_base(tokens: &[Token], base: u32) -> Result<Answer, Declined> {
    let (Some(first), Some(last)) = (tokens.first(), tokens.last()) else {
        return Err(Declined::UNREAD);
    };
    let glued = tokens.windows(2).all(|w| w[1].glued_to(&w[0]));
    let mut digits = String::new();
    for token in tokens {
        match &token.kind {
            // Only the digits as they were written count: no separators, signs or points.
            Kind::Number(n) if n.value.is_integer() && !n.grouped && n.places == 0 && n.money.is_none() => {
                let text = n.value.numer().to_string();
                digits += &"0".repeat((token.end - token.start).saturating_sub(text.len()));
                digits += &text;
            }
            Kind::Word(w) => digits += w,
            _ => return Err(Declined::UNREAD),
        }
    }
    if !glued || digits.len() != last.end - first.start || digits.len() > 128 {
        return Err(Declined::UNREAD);
    }
    let value = BigInt::parse_bytes(digits.as_bytes(), base);
    let value = value.filter(|_| digits.chars().all(|c| c.is_digit(base)));
    let value = value.ok_or(Declined::of("a digit that the base does not have"))?;
    let text = format!("{}{} in decimal is {value}", prefix(base), digits.to_uppercase());
    Ok(exact(text, Q::from_integer(value)))
}

/// `0x1F` and the like, or an expression, as a decimal number.
fn decimal(tokens: &[Token]) -> Result<Answer, Declined> {
    if let [token] = tokens {
        let n = token
            .number()
            .filter(|n| n.value.is_integer() && !n.odd)
            .ok_or(Declined::UNREAD)?;
        let length = token.end - token.start;
        let value = n.value.numer();
        let shape = |base: u32| 2 + value.to_str_radix(base).len() == length;
        // Only a literal with a prefix is longer by two than its digits in that base.
        let base = [16, 2, 8]
            .into_iter()
            .find(|b| shape(*b) && value.to_string().len() != length);
        let base = base.ok_or(Declined::UNREAD)?;
        let text = format!(
            "{}{} in decimal is {value}",
            prefix(base),
            value.to_str_radix(base).to_uppercase()
        );
        return Ok(exact(text, n.value.clone()));
    }
    let expr = crate::parse::parse(tokens, crate::parse::Reading::default())?;
    if !expr.is_fraction() {
        return Err(Declined::UNREAD);
    }
    super::arithmetic::answer_expr(&expr)
}

fn fraction(tokens: &[Token]) -> Result<Answer, Declined> {
    let amount = super::amount::operand(tokens)?;
    if amount.money.is_some() || amount.value.is_integer() {
        return Err(Declined::UNREAD);
    }
    let fraction = crate::number::fraction(&amount.value);
    if amount.text == fraction {
        return Ok(Answer {
            result: fraction.clone(),
            ..exact(format!("{fraction} is in lowest terms"), amount.value)
        });
    }
    let text = format!("{} = {fraction}", amount.text);
    Ok(Answer {
        result: fraction,
        ..exact(text, amount.value)
    })
}

const ROMAN: &[(i64, &str)] = &[
    (1000, "M"),
    (900, "CM"),
    (500, "D"),
    (400, "CD"),
    (100, "C"),
    (90, "XC"),
    (50, "L"),
    (40, "XL"),
    (10, "X"),
    (9, "IX"),
    (5, "V"),
    (4, "IV"),
    (1, "I"),
];

fn roman(mut n: i64) -> String {
    let mut text = String::new();
    for (value, letters) in ROMAN {
        while n >= *value {
            text += letters;
            n -= value;
        }
    }
    text
}

fn to_roman(tokens: &[Token]) -> Result<Answer, Declined> {
    let n = small(&plain(tokens)?).filter(|n| (1..4000).contains(n));
    let n = n.ok_or(Declined::of("Roman numerals reach from 1 to 3999"))?;
    let numeral = roman(n);
    Ok(words(format!("{n} in Roman numerals is {numeral}"), numeral))
}

/// Letters that nobody calls Roman: capitals, and no hexadecimal digits.
fn bare_roman(tokens: &[Token]) -> Result<Answer, Declined> {
    let word = tokens.first().and_then(Token::word).ok_or(Declined::UNREAD)?;
    let plain = word.chars().all(|c| c.is_ascii_uppercase()) && !word.chars().all(|c| c.is_ascii_hexdigit());
    if plain {
        from_roman(tokens)
    } else {
        Err(Declined::UNREAD)
    }
}

fn from_roman(tokens: &[Token]) -> Result<Answer, Declined> {
    let [token] = tokens else {
        return Err(Declined::UNREAD);
    };
    let word = token.word().ok_or(Declined::UNREAD)?.to_ascii_uppercase();
    if word.len() > 15 {
        return Err(Declined::UNREAD);
    }
    // The one number that is written like this, if any.
    let n = (1..4000)
        .find(|n| roman(*n) == word)
        .ok_or(Declined::of("not a Roman numeral"))?;
    Ok(exact(format!("{word} = {n}"), int(n)))
}
