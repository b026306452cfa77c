//! Rounding to places, to the nearest unit, to significant digits; halves go away from zero.

use num_traits::{Signed, Zero};

use super::Form;
use super::amount::{exact, plain};
use crate::number::{Q, fixed, int, magnitude, round_half_up, show, small, ten};
use crate::token::Token;
use crate::{Answer, Declined};

pub(super) const FORMS: &[Form] = &[
    ("round off? {} to {} decimals", |s| to_places(s[0], s[1])),
    ("round off? {} to {} decimal|d places|place|p|point|points", |s| {
        to_places(s[0], s[1])
    }),
    ("round off? {} to {} dp", |s| to_places(s[0], s[1])),
    ("{} rounded to {} decimal places|place|points?", |s| {
        to_places(s[0], s[1])
    }),
    ("round off? {} to {} significant figures|digits|figure", |s| {
        to_digits(s[0], s[1])
    }),
    ("round off? {}", |s| to_unit(s[0], 0, true)),
    ("round off? {} to the nearest integer|whole|unit|1 number?", |s| {
        to_unit(s[0], 0, true)
    }),
    ("{} rounded to the nearest integer|whole|unit number?", |s| {
        to_unit(s[0], 0, true)
    }),
    ("round off? {} to the nearest 10|tens", |s| to_unit(s[0], 1, true)),
    ("round off? {} to the nearest hundred|hundreds", |s| {
        to_unit(s[0], 2, true)
    }),
    ("round off? {} to the nearest 1? thousand|thousands", |s| {
        to_unit(s[0], 3, true)
    }),
    ("round off? {} to the nearest {}", |s| to_multiple(s[0], s[1])),
    ("round off? {} to the nearest 1? tenth", |s| to_unit(s[0], 1, false)),
    ("round off? {} to the nearest 1? hundredth", |s| to_unit(s[0], 2, false)),
    ("round off? {} to the nearest 1? thousandth", |s| {
        to_unit(s[0], 3, false)
    }),
    ("round off? {} to 1 decimal place", |s| to_unit(s[0], 1, false)),
];

fn count(tokens: &[Token]) -> Result<usize, Declined> {
    let n = small(&plain(tokens)?).filter(|n| (0..=30).contains(n));
    n.and_then(|n| usize::try_from(n).ok()).ok_or(Declined::UNREAD)
}

/// The answer, where the number is not halfway between two and negative: there "up" is towards zero to some and away from
/// it to others.
fn rounded(from: &Q, to: Q, unit: &Q, text: &str) -> Result<Answer, Declined> {
    if from.is_negative() && (from - &to).abs() * int(2) == *unit {
        return Err(Declined::of(
            "halves of negative numbers are rounded in more than one way",
        ));
    }
    let sign = if *from == to { "=" } else { "≈" };
    let mut answer = exact(format!("{} {sign} {text}", show(from).0), to);
    answer.result = text.to_owned();
    Ok(answer)
}

/// Ten to a power of either sign.
fn power_of_ten(exponent: i64) -> Q {
    let power = Q::from_integer(ten(exponent.unsigned_abs() as usize));
    if exponent < 0 { power.recip() } else { power }
}

fn to_places(number: &[Token], places: &[Token]) -> Result<Answer, Declined> {
    let (q, places) = (value(number)?, count(places)?);
    let to = round_half_up(&q, places);
    let text = fixed(&to, places);
    rounded(&q, to, &power_of_ten(-(places as i64)), &text)
}

fn value(number: &[Token]) -> Result<Q, Declined> {
    // "round up" and "round down" are other questions.
    plain(number)
}

fn to_digits(number: &[Token], digits: &[Token]) -> Result<Answer, Declined> {
    let (q, digits) = (value(number)?, count(digits)?);
    if digits == 0 || q.is_zero() {
        return Err(Declined::UNREAD);
    }
    let places = digits as i64 - 1 - magnitude(&q);
    if places.abs() > 30 {
        return Err(Declined::UNREAD);
    }
    let to = nearest(&q, places);
    let unit = power_of_ten(-places);
    // Rounding up to the next power of ten leaves one digit more than asked for.
    let places = if magnitude(&to) > magnitude(&q) {
        places - 1
    } else {
        places
    };
    let text = fixed(&to, usize::try_from(places).unwrap_or(0));
    rounded(&q, to, &unit, &text)
}

fn nearest(q: &Q, places: i64) -> Q {
    let unit = Q::from_integer(ten(places.unsigned_abs() as usize));
    if places >= 0 {
        round_half_up(q, places as usize)
    } else {
        round_half_up(&(q / &unit), 0) * unit
    }
}

fn to_unit(number: &[Token], exponent: i64, larger: bool) -> Result<Answer, Declined> {
    let q = value(number)?;
    let places = if larger { -exponent } else { exponent };
    let to = nearest(&q, places);
    let text = fixed(&to, if larger { 0 } else { exponent as usize });
    rounded(&q, to, &power_of_ten(-places), &text)
}

fn to_multiple(number: &[Token], unit: &[Token]) -> Result<Answer, Declined> {
    let (q, unit) = (value(number)?, plain(unit)?);
    if unit <= int(0) {
        return Err(Declined::UNREAD);
    }
    let to = round_half_up(&(&q / &unit), 0) * &unit;
    let text = crate::number::exact_decimal(&to).ok_or(Declined::UNREAD)?;
    rounded(&q, to, &unit, &text)
}
