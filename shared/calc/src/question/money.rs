//! Tips, taxes, discounts, shares of a bill.

use num_traits::Signed;

use super::Form;
use super::amount::{Amount, operand, plain};
use crate::number::{Q, fixed, int, round_half_up, show};
use crate::token::Token;
use crate::{Answer, Declined};

pub(super) const FORMS: &[Form] = &[
    (
        "a|an|the? {} % tip|gratuity on|for|of a|an|the|my? bill|meal|tab|check? of? {}",
        |s| extra(s[1], s[0], "tip"),
    ),
    (
        "a|an|the? {} % tip|gratuity on|for a|an|the|my? {} bill|meal|tab|check|dinner|lunch",
        |s| extra(s[1], s[0], "tip"),
    ),
    (
        "tip|gratuity of? {} % on|for a|an|the|my? bill|meal|tab|check? of? {}",
        |s| extra(s[1], s[0], "tip"),
    ),
    (
        "tip {} % on|for a|an|the|my? {} bill|meal|tab|check|dinner|lunch",
        |s| extra(s[1], s[0], "tip"),
    ),
    (
        "a|the? tip on|for a|the|my? {} bill|meal|tab|check? at|of|with {} %",
        |s| extra(s[0], s[1], "tip"),
    ),
    (
        "how much to? tip on|for a|an|the|my? {} bill|meal|tab|check? at {} %",
        |s| extra(s[0], s[1], "tip"),
    ),
    ("a|an|the? {} % sales? tax|vat on|for {}", |s| extra(s[1], s[0], "tax")),
    ("sales? tax of {} % on|for {}", |s| extra(s[1], s[0], "tax")),
    ("{} with|plus {} % tip|gratuity", |s| total(s[0], s[1], "tip")),
    ("{} with|plus a|an? {} % sales? tax|vat", |s| total(s[0], s[1], "tax")),
    ("{} % off of? {}", |s| off(s[1], s[0])),
    ("{} % discount on|off|from a|an|the? {}", |s| off(s[1], s[0])),
    ("a {} % discount on|off|from a|an|the? {}", |s| off(s[1], s[0])),
    ("{} with|after|minus|less a|an? {} % discount|off", |s| off(s[0], s[1])),
    ("{} at|, {} % off", |s| off(s[0], s[1])),
    ("the? sale? price of {} with|after a|an? {} % discount|off", |s| {
        off(s[0], s[1])
    }),
    (
        "split|divide|share a|an|the? {} bill|tab|check|equally|evenly? between|among|amongst|by|across|with|for {} people|persons|friends|guests|diners|ways",
        |s| split(s[0], s[1], None),
    ),
    (
        "split|divide|share {} equally|evenly between|among|amongst|by|across|for {} people|persons|friends|guests|diners|ways|kids|children|students",
        |s| split(s[0], s[1], None),
    ),
    (
        "split|divide|share {} between|among|amongst|across|for {} people|persons|friends|guests|diners|of|kids|children|students|siblings us? equally|evenly",
        |s| split(s[0], s[1], None),
    ),
    (
        "split|divide|share {} between|among|amongst|across|for {} people|persons|friends|guests|diners|of|kids|children|students|siblings us?",
        |s| split(s[0], s[1], None),
    ),
    ("split|divide a|an|the? {} bill|tab|check? {} ways|way", |s| {
        split(s[0], s[1], None)
    }),
    (
        "split {} bill|tab|check? between|among|by {} people|persons|friends|ways with|plus a|an? {} % tip",
        |s| split(s[0], s[1], Some(s[2])),
    ),
    ("split|divide|share {} between|among {}", |s| split(s[0], s[1], None)),
    (
        "{} split|divided|shared between|among {} people|persons|friends|guests",
        |s| split(s[0], s[1], None),
    ),
    ("{} split {} ways", |s| split(s[0], s[1], None)),
];

/// A positive amount of money (dollars where no currency is named and one is needed) and a percentage.
fn bill(amount: &[Token], percent: &[Token]) -> Result<(Amount, Q), Declined> {
    let (mut bill, percent) = (operand(amount)?, plain(percent)?);
    if !bill.value.is_positive() || percent.is_negative() || percent > int(1000) {
        return Err(Declined::UNREAD);
    }
    if bill.money.is_none() {
        bill.text = show(&bill.value).0;
    }
    Ok((bill, percent))
}

/// Money in cents; other amounts as they are.
fn cents(amount: &Amount, value: Q) -> Amount {
    // A tip or a discount without a currency is money all the same: two places, without a sign.
    amount.with(round_half_up(&value, 2))
}

fn written(amount: &Amount) -> String {
    match amount.money {
        Some(_) => amount.shown().0,
        None if amount.value.is_integer() => amount.shown().0,
        None => fixed(&amount.value, 2),
    }
}

/// What a percentage adds: the part, and the total beside it.
fn extra(amount: &[Token], percent: &[Token], name: &str) -> Result<Answer, Declined> {
    let (bill, percent) = bill(amount, percent)?;
    let value = &bill.value * &percent / int(100);
    let part = cents(&bill, value.clone());
    let sum = bill.with(&bill.value + &part.value);
    let (sign, rounded) = if part.value == value {
        ("=", "")
    } else {
        ("≈", " (rounded to the cent)")
    };
    let text = format!(
        "{}% of {} {sign} {} {name}{rounded}; total {} + {} = {}",
        show(&percent).0,
        bill.text,
        written(&part),
        bill.text,
        written(&part),
        written(&sum)
    );
    Ok(Answer {
        exact: part.value == value,
        ..part.answer(text)
    })
}

/// The sum with what a percentage adds.
fn total(amount: &[Token], percent: &[Token], name: &str) -> Result<Answer, Declined> {
    let part = extra(amount, percent, name)?;
    let sum = operand(amount)?;
    let value = part.value.ok_or(Declined::UNREAD)? + &sum.value;
    Ok(Answer {
        exact: part.exact,
        ..sum.with(value).answer(part.text)
    })
}

/// The price after a discount.
fn off(amount: &[Token], percent: &[Token]) -> Result<Answer, Declined> {
    let (price, percent) = bill(amount, percent)?;
    if percent > int(100) {
        return Err(Declined::UNREAD);
    }
    let value = &price.value * &percent / int(100);
    let saved = cents(&price, value.clone());
    let left = price.with(&price.value - &saved.value);
    let rounded = if saved.value == value {
        ""
    } else {
        " (rounded to the cent)"
    };
    let text = format!(
        "{}% off {}: {} - {} = {}{rounded}",
        show(&percent).0,
        price.text,
        price.text,
        written(&saved),
        written(&left)
    );
    Ok(Answer {
        exact: saved.value == value,
        ..left.answer(text)
    })
}

fn split(amount: &[Token], people: &[Token], tip: Option<&[Token]>) -> Result<Answer, Declined> {
    let (amount, people) = (operand(amount)?, plain(people)?);
    if !people.is_integer() || !people.is_positive() || !amount.value.is_positive() {
        return Err(Declined::UNREAD);
    }
    let mut whole = amount.clone();
    let mut before = String::new();
    if let Some(tip) = tip {
        let tip = plain(tip)?;
        whole = cents(&amount, &amount.value * (int(100) + &tip) / int(100));
        whole.text = written(&whole);
        let exact = whole.value == &amount.value * (int(100) + &tip) / int(100);
        let sign = if exact { "=" } else { "≈" };
        before = format!("{0} + {1}% of {0} {sign} {2}; ", amount.text, show(&tip).0, whole.text);
    }
    let share = whole.with(&whole.value / &people);
    let exact = share.equals().starts_with('=');
    let rounded = if exact { "" } else { " (rounded)" };
    let text = format!(
        "{before}{} / {} {} each{rounded}",
        whole.text,
        people.numer(),
        share.equals()
    );
    Ok(share.answer(text))
}
