//! Which of two numbers is larger.

use std::cmp::Ordering;

use super::Form;
use super::amount::{amount, words};
use crate::token::Token;
use crate::{Answer, Declined};

pub(super) const FORMS: &[Form] = &[
    (
        "which is|number the? bigger|larger|greater|higher :|,|,|? {} or {}",
        |s| pick(s[0], s[1], Ordering::Greater),
    ),
    ("which is|number the? smaller|less|lower|lesser :|,? {} or {}", |s| {
        pick(s[0], s[1], Ordering::Less)
    }),
    ("which number is bigger|larger|greater|higher :|,? {} or {}", |s| {
        pick(s[0], s[1], Ordering::Greater)
    }),
    ("which number is smaller|less|lower :|,? {} or {}", |s| {
        pick(s[0], s[1], Ordering::Less)
    }),
    ("bigger|larger|greater :|,|,? {} or {}", |s| {
        pick(s[0], s[1], Ordering::Greater)
    }),
    ("smaller|less :|,? {} or {}", |s| pick(s[0], s[1], Ordering::Less)),
    ("is {} bigger|larger|greater|more|higher than {}", |s| {
        check(s[0], s[1], Ordering::Greater)
    }),
    ("is {} smaller|less|lower than {}", |s| {
        check(s[0], s[1], Ordering::Less)
    }),
];

fn compare(a: &[Token], b: &[Token]) -> Result<(Ordering, String), Declined> {
    let a = match a {
        // "9.11 , or 9.9"
        [rest @ .., comma] if comma.is(',') => rest,
        a => a,
    };
    let (a, b) = (amount(a)?, amount(b)?);
    if a.money != b.money {
        return Err(Declined::UNREAD);
    }
    let order = a.value.cmp(&b.value);
    let text = match order {
        Ordering::Less => format!("{} is less than {}", a.text, b.text),
        Ordering::Equal => format!("{} and {} are equal", a.text, b.text),
        Ordering::Greater => format!("{} is greater than {}", a.text, b.text),
    };
    Ok((order, text))
}

fn pick(a: &[Token], b: &[Token], wanted: Ordering) -> Result<Answer, Declined> {
    let (order, text) = compare(a, b)?;
    let result = match order {
        Ordering::Equal => "equal".to_owned(),
        order if order == wanted => amount(a)?.text,
        _ => amount(b)?.text,
    };
    let text = if order == Ordering::Equal {
        text
    } else {
        format!("{result}: {text}")
    };
    Ok(words(text, result))
}

fn check(a: &[Token], b: &[Token], wanted: Ordering) -> Result<Answer, Declined> {
    let (order, text) = compare(a, b)?;
    let result = if order == wanted { "yes" } else { "no" };
    Ok(words(format!("{result}, {text}"), result))
}
