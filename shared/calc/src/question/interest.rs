//! Simple and compound interest, where every term is named.

use num_traits::{Signed, ToPrimitive};

use super::Form;
use super::amount::{operand, plain};
use crate::number::{fixed, int, places, round_half_up, show};
use crate::token::Token;
use crate::{Answer, Declined};

pub(super) const FORMS: &[Form] = &[
    (
        "the? simple interest on|for|of {} at {} % per|a|each year interest? for|over {} years|year",
        |s| simple(s),
    ),
    (
        "the? simple interest on|for|of {} at {} % annual|annually|yearly|p.a? interest|rate? for|over {} years|year",
        |s| simple(s),
    ),
    (
        "the? simple interest on|for|of {} at {} % interest|rate? for|over|after {} years|year",
        |s| simple(s),
    ),
    (
        "the? simple interest on|for|of {} for|over {} years|year at {} % per? annum|year|annually|interest?",
        |s| simple(&[s[0], s[2], s[1]]),
    ),
    (
        "the? compound interest on|for|of {} at {} % compounded annually|yearly for|over|after {} years|year",
        |s| compound(s, 1),
    ),
    (
        "the? compound interest on|for|of {} at {} % compounded monthly for|over|after {} years|year",
        |s| compound(s, 12),
    ),
    (
        "the? compound interest on|for|of {} at {} % compounded quarterly for|over|after {} years|year",
        |s| compound(s, 4),
    ),
    (
        "the? compound interest on|for|of {} at {} % for|over|after {} years|year ,? compounded annually|yearly",
        |s| compound(s, 1),
    ),
    (
        "the? compound interest on|for|of {} at {} % for|over|after {} years|year ,? compounded monthly",
        |s| compound(s, 12),
    ),
    (
        "the? compound interest on|for|of {} at {} % for|over|after {} years|year ,? compounded quarterly",
        |s| compound(s, 4),
    ),
];

fn simple(slots: &[&[Token]]) -> Result<Answer, Declined> {
    let [principal, rate, years] = slots else {
        return Err(Declined::UNREAD);
    };
    let (principal, rate, years) = (operand(principal)?, plain(rate)?, plain(years)?);
    if [&principal.value, &rate, &years].iter().any(|q| !q.is_positive()) {
        return Err(Declined::UNREAD);
    }
    let interest = principal.with(&principal.value * &rate / int(100) * &years);
    let sum = principal.with(&principal.value + &interest.value);
    let text = format!(
        "{} × {}% × {} {} simple interest; total {}",
        principal.text,
        show(&rate).0,
        show(&years).0,
        interest.equals(),
        sum.shown().0
    );
    Ok(interest.answer(text))
}

fn compound(slots: &[&[Token]], periods: i64) -> Result<Answer, Declined> {
    let [principal, rate, years] = slots else {
        return Err(Declined::UNREAD);
    };
    let (principal, rate, years) = (operand(principal)?, plain(rate)?, plain(years)?);
    let count = (&years * int(periods)).to_i32().filter(|n| (1..=600).contains(n));
    let count = count.filter(|_| years.is_integer()).ok_or(Declined::UNREAD)?;
    if !principal.value.is_positive() || !rate.is_positive() || rate > int(100) || places(&rate, 4).is_none() {
        return Err(Declined::UNREAD);
    }
    let growth = int(1) + rate.clone() / int(100 * periods);
    let exact = &principal.value * growth.pow(count);
    let sum = principal.with(round_half_up(&exact, 2));
    let interest = principal.with(&sum.value - &principal.value);
    let per = if periods == 1 {
        String::new()
    } else {
        format!(" / {periods}")
    };
    let text = format!(
        "{} × (1 + {}%{per})^{count} ≈ {} (rounded to the cent), of which interest {}",
        principal.text,
        show(&rate).0,
        principal.money.map_or_else(|| fixed(&sum.value, 2), |_| sum.shown().0),
        principal
            .money
            .map_or_else(|| fixed(&interest.value, 2), |_| interest.shown().0),
    );
    Ok(Answer {
        exact: false,
        ..interest.answer(text)
    })
}
