//! Rational numbers: reading, rounding, writing.

use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};

/// An exact number.
pub(crate) type Q = BigRational;

/// The most decimal places with which an exact decimal is written.
const MAX_PLACES: usize = 15;
/// The digits of a value that is not written exactly.
pub(crate) const SHOWN_DIGITS: usize = 10;

/// A whole number.
pub(crate) fn int(n: i64) -> Q {
    Q::from_integer(BigInt::from(n))
}

/// Numerator over denominator; the denominator is a literal of ours and never zero.
pub(crate) fn ratio(n: i64, d: i64) -> Q {
    Q::new(BigInt::from(n), BigInt::from(if d == 0 { 1 } else { d }))
}

/// Ten to the power of a place, at most a few hundred.
pub(crate) fn ten(exponent: usize) -> BigInt {
    num_traits::pow(BigInt::from(10), exponent)
}

/// Reads digits with an optional fraction: `12`, `12.5`, `.5`.
pub(crate) fn decimal(text: &str) -> Option<Q> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = format!("{whole}{fraction}");
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let numerator: BigInt = digits.parse().ok()?;
    Some(Q::new(numerator, ten(fraction.len())))
}

/// How many bits numerator and denominator take together.
pub(crate) fn bits(q: &Q) -> u64 {
    q.numer().bits() + q.denom().bits()
}

/// The number as an `i64`, where it is one.
pub(crate) fn small(q: &Q) -> Option<i64> {
    if q.is_integer() { q.numer().to_i64() } else { None }
}

/// Decimal places that write the number exactly, if at most `most` do.
pub(crate) fn places(q: &Q, most: usize) -> Option<usize> {
    let mut denominator = q.denom().clone();
    // Larger denominators need more places than anyone asks for; no division of huge numbers.
    if denominator.bits() > 4 * most as u64 + 4 {
        return None;
    }
    let mut count = |p: u32| -> usize {
        let p = BigInt::from(p);
        let mut n = 0;
        while denominator.is_multiple_of(&p) {
            denominator /= &p;
            n += 1;
        }
        n
    };
    let needed = count(2).max(count(5));
    (denominator.is_one() && needed <= most).then_some(needed)
}

/// Rounded to decimal places, halves away from zero.
pub(crate) fn round_half_up(q: &Q, places: usize) -> Q {
    let scale = ten(places);
    let doubled: BigInt = (q.numer().abs() * &scale * 2 + q.denom()) / (q.denom() * 2);
    let signed = if q.is_negative() { -doubled } else { doubled };
    Q::new(signed, scale)
}

/// Rounded to decimal places, halves to the even neighbour.
pub(crate) fn round_half_even(q: &Q, places: usize) -> Q {
    let up = round_half_up(q, places);
    let unit = Q::new(BigInt::one(), ten(places));
    let tie = (&up - q).abs() * int(2) == unit;
    let odd = (&up / &unit).to_integer().is_odd();
    if tie && odd {
        if q.is_negative() { up + unit } else { up - unit }
    } else {
        up
    }
}

/// Written with exactly so many decimal places; the caller has rounded.
pub(crate) fn fixed(q: &Q, places: usize) -> String {
    let scaled = round_half_up(q, places) * Q::from_integer(ten(places));
    let digits = scaled.to_integer().abs().to_string();
    let digits = format!("{digits:0>width$}", width = places + 1);
    let (whole, fraction) = digits.split_at(digits.len() - places);
    let sign = if scaled.is_negative() { "-" } else { "" };
    if places == 0 {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{fraction}")
    }
}

/// The shortest exact text: a whole number or a short decimal; none where neither is.
pub(crate) fn exact_decimal(q: &Q) -> Option<String> {
    places(q, MAX_PLACES).map(|n| fixed(q, n))
}

/// `n/d`, or the whole number.
pub(crate) fn fraction(q: &Q) -> String {
    if q.is_integer() {
        q.numer().to_string()
    } else {
        format!("{}/{}", q.numer(), q.denom())
    }
}

/// Rounded to significant digits, trailing zeros dropped.
pub(crate) fn significant(q: &Q, digits: usize) -> String {
    if q.is_zero() {
        return "0".to_owned();
    }
    let exponent = magnitude(q);
    let places = digits as i64 - 1 - exponent;
    if !(-(digits as i64)..=30).contains(&places) {
        return scientific(q, exponent, digits);
    }
    let text = fixed(q, places.max(0) as usize);
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

fn scientific(q: &Q, exponent: i64, digits: usize) -> String {
    let scale = Q::from_integer(ten(exponent.unsigned_abs() as usize));
    let mantissa = if exponent < 0 { q * scale } else { q / scale };
    format!("{}e{exponent}", significant(&mantissa, digits))
}

/// The exponent of the leading decimal digit; the number is not zero.
pub(crate) fn magnitude(q: &Q) -> i64 {
    let estimate = (q.numer().bits() as f64 - q.denom().bits() as f64) * std::f64::consts::LOG10_2;
    let mut exponent = estimate.floor() as i64 - 1;
    // The estimate is at most one too low per bit of rounding: step up until the next power is larger.
    let at_least = |e: i64| {
        let power = ten(e.unsigned_abs() as usize);
        if e < 0 {
            q.numer().abs() * power >= *q.denom()
        } else {
            q.numer().abs() >= q.denom() * power
        }
    };
    while at_least(exponent + 1) {
        exponent += 1;
    }
    exponent
}

/// The value for a person, and whether the text is exact.
pub(crate) fn show(q: &Q) -> (String, bool) {
    match exact_decimal(q) {
        Some(text) => (text, true),
        None => (significant(q, SHOWN_DIGITS), false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_writes_decimals() {
        for text in ["0", "12", "12.5", "0.125", "100000000000000000000000001"] {
            assert_eq!(exact_decimal(&decimal(text).unwrap()).unwrap(), text);
        }
        assert_eq!(decimal("1.2.3"), None);
        assert_eq!(decimal("."), None);
        assert_eq!(exact_decimal(&ratio(1, 3)), None);
    }

    #[test]
    fn rounds_halves_both_ways() {
        for (n, d, places, up, even) in [
            (5, 2, 0, "3", "2"),
            (7, 2, 0, "4", "4"),
            (-5, 2, 0, "-3", "-2"),
            (1, 3, 2, "0.33", "0.33"),
            (2, 3, 2, "0.67", "0.67"),
            (125, 1000, 2, "0.13", "0.12"),
        ] {
            let q = ratio(n, d);
            assert_eq!(fixed(&round_half_up(&q, places), places), up);
            assert_eq!(fixed(&round_half_even(&q, places), places), even);
        }
    }

    #[test]
    fn writes_significant_digits() {
        assert_eq!(significant(&ratio(1, 3), 10), "0.3333333333");
        assert_eq!(significant(&ratio(200, 9), 4), "22.22");
        assert_eq!(significant(&ratio(2000, 3), 2), "667");
        assert_eq!(significant(&Q::new(1.into(), ten(40)), 3), "1e-40");
        assert_eq!(significant(&(Q::from_integer(ten(40)) / int(3)), 3), "3.33e39");
        for e in -30..30i64 {
            let power = Q::from_integer(ten(e.unsigned_abs() as usize));
            let q = if e < 0 { power.recip() } else { power };
            assert_eq!(magnitude(&q), e);
            assert_eq!(magnitude(&(q * ratio(999, 1000))), e - 1);
        }
    }
}
