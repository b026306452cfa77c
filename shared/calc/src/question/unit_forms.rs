//! Conversions between units of measure.

use super::Form;
use super::amount::plain;
use crate::number::{Q, decimal, exact_decimal, fixed, fraction, int, magnitude, significant};
use crate::token::Token;
use crate::units::{Unit, unit};
use crate::{Answer, Declined};

pub(super) const FORMS: &[Form] = &[
    ("convert|change|express|turn {} to|into|in|as {}", |s| {
        convert(s[0], s[1])
    }),
    ("{} to|into|in|as|= {}", |s| convert(s[0], s[1])),
    ("{} expressed|converted|measured|equals|be to|in|into {}", |s| {
        convert(s[0], s[1])
    }),
    ("how many|much {} are|is? there? in {}", |s| convert(s[1], s[0])),
    ("how many|much {} are|is|=|make|makes|equals|in {}", |s| {
        convert(s[1], s[0])
    }),
    ("how many|much {} does|do {} have|contain|equal|make", |s| {
        convert(s[1], s[0])
    }),
    ("how many|much {} to a|an|the {}", |s| convert_one(s[1], s[0])),
    ("{} is|are|=|equals how many|much {}", |s| convert(s[0], s[1])),
    ("{} in|to|into how many {}", |s| convert(s[0], s[1])),
    ("the? number of {} in {}", |s| convert(s[1], s[0])),
];

/// `5 feet 11 inches`, `a week`, `3/8 of a litre`: a number in a unit, and its text.
fn quantity(tokens: &[Token]) -> Result<(Q, Unit, String), Declined> {
    let mut parts: Vec<(Q, Unit)> = Vec::new();
    let mut rest = tokens;
    while !rest.is_empty() {
        let next = (1..rest.len()).find(|i| {
            let starts = rest[*i].number().is_some() && rest[i - 1].word().is_some();
            starts && !rest[i - 1].is_word("per") && !rest[i - 1].is_word("of")
        });
        let mut part = &rest[..next.unwrap_or(rest.len())];
        rest = &rest[part.len()..];
        if let [inner @ .., and] = part
            && and.is_word("and")
            && !rest.is_empty()
        {
            part = inner;
        }
        parts.push(one_quantity(part)?);
    }
    let ordered = parts.windows(2).all(|w| w[0].1.larger_than(&w[1].1));
    let Some((_, first)) = parts.first().filter(|_| ordered).cloned() else {
        return Err(Declined::UNREAD);
    };
    let mut total = int(0);
    let mut text = String::new();
    for (value, unit) in &parts {
        total += unit.convert(value, &first).ok_or(Declined::UNREAD)?;
        let shown = exact_decimal(value).unwrap_or_else(|| fraction(value));
        let space = if text.is_empty() { "" } else { " " };
        text += &format!("{space}{shown} {}", name(value, unit));
    }
    Ok((total, first, text))
}

/// The symbol, in the singular after 1.
fn name(value: &Q, unit: &Unit) -> String {
    const PLURALS: &[(&str, &str)] = &[("centuries", "century"), ("millennia", "millennium")];
    if *value != int(1) {
        return match unit.symbol.as_str() {
            "byte" | "bit" => format!("{}s", unit.symbol),
            symbol => symbol.to_owned(),
        };
    }
    if let Some((_, singular)) = PLURALS.iter().find(|(plural, _)| unit.symbol == *plural) {
        return (*singular).to_owned();
    }
    match unit.symbol.strip_suffix('s') {
        Some(singular) if singular.len() > 2 && !singular.ends_with(['/', 'm', 'µ']) => singular.to_owned(),
        _ => unit.symbol.clone(),
    }
}

fn one_quantity(tokens: &[Token]) -> Result<(Q, Unit), Declined> {
    if let [article, rest @ ..] = tokens
        && (article.is_word("a") || article.is_word("an") || article.is_word("1"))
    {
        return unit(rest).map(|u| (int(1), u)).ok_or(Declined::UNREAD);
    }
    for at in 1..tokens.len() {
        let (number, mut rest) = tokens.split_at(at);
        if let [of, article, inner @ ..] = rest
            && of.is_word("of")
            && (article.is_word("a") || article.is_word("an"))
        {
            rest = inner;
        }
        if let Some(unit) = unit(rest)
            && let Ok(value) = plain(number)
        {
            return Ok((value, unit));
        }
    }
    Err(Declined::UNREAD)
}

fn convert(from: &[Token], to: &[Token]) -> Result<Answer, Declined> {
    let written = to;
    let to = match to {
        [the, rest @ ..] if the.is_word("the") && !rest.is_empty() => rest,
        to => to,
    };
    let to = unit(to).ok_or(Declined::UNREAD)?;
    // "in a week", "in one week", "in week": the last is no English, but "in km" after "how many" is no quantity.
    let quantity = quantity(from)?;
    let loose = from.iter().chain(written).any(|token| {
        let word = token.word().unwrap_or_default();
        ["kb", "mb", "gb", "tb"].contains(&word)
    });
    if loose && (to.symbol.contains("bit") || quantity.1.symbol.contains("bit")) {
        return Err(Declined::of("the unit may be of bytes or of bits"));
    }
    answer(quantity, &to)
}

/// "How many feet to a mile".
fn convert_one(from: &[Token], to: &[Token]) -> Result<Answer, Declined> {
    let (from, to) = (unit(from).ok_or(Declined::UNREAD)?, unit(to).ok_or(Declined::UNREAD)?);
    let text = format!("1 {}", name(&int(1), &from));
    answer((int(1), from, text), &to)
}

fn answer((value, from, text): (Q, Unit, String), to: &Unit) -> Result<Answer, Declined> {
    if from.is_calendar() && to.is_calendar() && !from.comparable(to) {
        return Err(Declined::of("months and years differ in length"));
    }
    if from.is_time() && to.is_time() && !from.comparable(to) {
        return Err(Declined::of("months and years differ in length"));
    }
    if !from.comparable(to) {
        return Err(Declined::of("the units measure different things"));
    }
    let result = from
        .convert(&value, to)
        .ok_or(Declined::of("there is no such temperature"))?;
    if magnitude_of(&result).abs() > 40 {
        return Err(Declined::TOO_BIG);
    }
    let mut note = String::new();
    if from.is_decimal_data() != to.is_decimal_data() || (from.is_decimal_data() && from.symbol != to.symbol) {
        note = " (1 kB = 1000 bytes, 1 KiB = 1024 bytes)".to_owned();
    }
    if let Some(shown) = exact_decimal(&result).filter(|t| t.len() <= 20 || result.is_integer()) {
        let text = format!("{text} = {shown} {}{note}", name(&result, to));
        return Ok(Answer {
            text,
            result: shown,
            value: Some(result),
            exact: true,
        });
    }
    let exactly = fraction(&result);
    if to.is_temperature() {
        let shown = fixed(&result, 2);
        let text = format!("{text} = {shown} {0} (exactly {exactly} {0})", to.symbol);
        return Ok(Answer {
            text,
            result: exactly,
            value: Some(result),
            exact: true,
        });
    }
    let short = exactly.len() <= 8;
    let shown = significant(&result, 8);
    let text = format!("{text} ≈ {shown} {}{note}", name(&result, to));
    if short {
        return Ok(Answer {
            text: format!("{text} (exactly {exactly})"),
            result: exactly,
            value: Some(result),
            exact: true,
        });
    }
    let value = decimal(shown.trim_start_matches('-')).map(|v| if shown.starts_with('-') { -v } else { v });
    Ok(Answer {
        text,
        result: shown,
        value,
        exact: false,
    })
}

fn magnitude_of(q: &Q) -> i64 {
    if *q == int(0) { 0 } else { magnitude(q) }
}
