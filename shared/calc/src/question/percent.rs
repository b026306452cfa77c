//! Percentages: shares, changes, what a part belongs to.

use num_traits::{Signed, Zero};

use super::Form;
use super::amount::{Amount, exact, operand, plain};
use crate::eval::ZERO;
use crate::number::{Q, int, show};
use crate::token::Token;
use crate::{Answer, Declined};

pub(super) const FORMS: &[Form] = &[
    ("what|which %|percent|percentage of {} is|are|= {}", |s| {
        share(s[1], s[0])
    }),
    ("{} is|are|= what|which|how %|percentage of {}", |s| share(s[0], s[1])),
    ("{} is|are|= what|which|how much|many? %|percentage of {}", |s| {
        share(s[0], s[1])
    }),
    ("what|which %|percentage is|are {} of|from {}", |s| share(s[0], s[1])),
    ("what|which %|percentage is|are {} out of {}", |s| share(s[0], s[1])),
    ("{} as|to|in a|the? %|percentage of {}", |s| share(s[0], s[1])),
    ("{} out of {} as|in|to|into a? %|percentage", |s| share(s[0], s[1])),
    ("the? percentage of {} out of {}", |s| share(s[0], s[1])),
    ("{} is|are|= {} % of what|which number?", |s| whole(s[0], s[1])),
    ("{} % of what number? is|are|= {}", |s| whole(s[1], s[0])),
    ("{} is|are|= {} % of a|the number , what is the number", |s| {
        whole(s[0], s[1])
    }),
    ("increase|raise {} by {} %", |s| change(s[0], s[1], true)),
    ("{} increased|raised by {} %", |s| change(s[0], s[1], true)),
    ("decrease|reduce|lower {} by {} %", |s| change(s[0], s[1], false)),
    ("{} decreased|reduced|lowered by {} %", |s| change(s[0], s[1], false)),
    ("{} % more|greater|higher than {}", |s| change(s[1], s[0], true)),
    ("{} % less|lower|smaller than {}", |s| change(s[1], s[0], false)),
    ("the? %|percentage increase|growth from {} to {}", |s| {
        difference(s[0], s[1], Some(true))
    }),
    ("the? %|percentage decrease|reduction|drop from {} to {}", |s| {
        difference(s[0], s[1], Some(false))
    }),
    (
        "the? price went from {} to {} , what|percent? is? the? %|percentage change",
        |s| difference(s[0], s[1], None),
    ),
    ("the? %|percentage change from {} to {}", |s| {
        difference(s[0], s[1], None)
    }),
    ("{} % as|to|in|into a? decimal|number", |s| as_decimal(s[0])),
    ("{} % as|to|in|into a? fraction", |s| as_fraction(s[0])),
    (
        "convert|change|turn|write|express {} % as|to|into a? decimal|number",
        |s| as_decimal(s[0]),
    ),
    ("convert|change|turn|write|express {} % as|to|into a? fraction", |s| {
        as_fraction(s[0])
    }),
    ("{} as|to|in|into a? %|percentage", |s| as_percent(s[0])),
    ("convert|change|turn|write|express {} as|to|into a? %|percentage", |s| {
        as_percent(s[0])
    }),
];

/// The value as `n%`, with the sign that fits.
fn percentage(value: &Q) -> (String, Q) {
    let percent = value * int(100);
    let (text, exact) = show(&percent);
    (format!("{} {text}%", if exact { "=" } else { "≈" }), percent)
}

/// An answer whose result is written `25%`, rounded where it has no short decimal.
fn in_percent(text: String, percent: Q) -> Answer {
    let (shown, is_exact) = show(&percent);
    Answer {
        result: format!("{shown}%"),
        exact: is_exact,
        ..exact(text, percent)
    }
}

fn same_kind(a: &Amount, b: &Amount) -> Result<(), Declined> {
    if a.money == b.money {
        Ok(())
    } else {
        Err(Declined::UNREAD)
    }
}

fn share(part: &[Token], whole: &[Token]) -> Result<Answer, Declined> {
    let (part, whole) = (operand(part)?, operand(whole)?);
    same_kind(&part, &whole)?;
    if whole.value.is_zero() {
        return Err(ZERO);
    }
    let (text, percent) = percentage(&(&part.value / &whole.value));
    Ok(in_percent(format!("{} / {} {text}", part.text, whole.text), percent))
}

fn whole(part: &[Token], percent: &[Token]) -> Result<Answer, Declined> {
    let (part, percent) = (operand(part)?, plain(percent)?);
    if percent.is_zero() {
        return Err(ZERO);
    }
    let whole = part.with(&part.value * int(100) / &percent);
    let (shown, _) = whole.shown();
    let shown_percent = show(&percent).0;
    let rounded = if whole.equals().starts_with('=') { "=" } else { "≈" };
    Ok(whole.answer(format!("{shown_percent}% of {shown} {rounded} {}", part.text)))
}

/// A change by percent, as a sum.
pub(super) fn change(base: &[Token], percent: &[Token], up: bool) -> Result<Answer, Declined> {
    let (base, percent) = (operand(base)?, plain(percent)?);
    if percent.is_negative() || base.value.is_negative() {
        return Err(Declined::UNREAD);
    }
    let delta = &base.value * &percent / int(100);
    let result = base.with(if up { &base.value + delta } else { &base.value - delta });
    let sign = if up { "+" } else { "-" };
    let text = format!(
        "{0} {sign} {1}% of {0} {2}",
        base.text,
        show(&percent).0,
        result.equals()
    );
    Ok(result.answer(text))
}

fn difference(from: &[Token], to: &[Token], up: Option<bool>) -> Result<Answer, Declined> {
    let (from, to) = (operand(from)?, operand(to)?);
    same_kind(&from, &to)?;
    if !from.value.is_positive() || up.is_some_and(|up| up != (to.value >= from.value)) {
        return Err(Declined::of("a change that the question names the other way round"));
    }
    let ratio = (&to.value - &from.value) / &from.value;
    let ratio = if up == Some(false) { -ratio } else { ratio };
    let (text, percent) = percentage(&ratio);
    let formula = match up {
        Some(false) => format!("({} - {}) / {}", from.text, to.text, from.text),
        _ => format!("({} - {}) / {}", to.text, from.text, from.text),
    };
    Ok(in_percent(format!("{formula} {text}"), percent))
}

fn as_decimal(percent: &[Token]) -> Result<Answer, Declined> {
    let percent = plain(percent)?;
    let value = &percent / int(100);
    let (text, is_exact) = show(&value);
    let sign = if is_exact { "=" } else { "≈" };
    Ok(exact(format!("{}% {sign} {text}", show(&percent).0), value))
}

fn as_fraction(percent: &[Token]) -> Result<Answer, Declined> {
    let percent = plain(percent)?;
    let value = &percent / int(100);
    let fraction = crate::number::fraction(&value);
    let mut answer = exact(format!("{}% = {fraction}", show(&percent).0), value);
    answer.result = fraction;
    Ok(answer)
}

fn as_percent(number: &[Token]) -> Result<Answer, Declined> {
    let amount = super::amount::amount(number)?;
    if amount.money.is_some() {
        return Err(Declined::UNREAD);
    }
    let (text, percent) = percentage(&amount.value);
    Ok(in_percent(format!("{} {text}", amount.text), percent))
}
