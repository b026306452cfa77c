//! Days between dates, in the proleptic Gregorian calendar.

use super::Form;
use super::amount::{exact, plain, words};
use crate::number::{int, small};
use crate::token::{Kind, Token};
use crate::{Answer, Declined};

pub(super) const FORMS: &[Form] = &[
    ("how many days are|is? there? between {} and {}", |s| {
        between(s[0], s[1], 1)
    }),
    ("the? number? of? days between {} and {}", |s| between(s[0], s[1], 1)),
    ("how many days are|is? there? from {} to|until|till {}", |s| {
        between(s[0], s[1], 1)
    }),
    ("days from {} to|until {}", |s| between(s[0], s[1], 1)),
    ("how many weeks are|is? there? between {} and {}", |s| {
        between(s[0], s[1], 7)
    }),
    ("what|which day of the week is|was|will {} be?", |s| weekday(s[0])),
    ("the? day of the week is|was|of|on|for? {}", |s| weekday(s[0])),
    ("what|which weekday|day is|was {}", |s| weekday(s[0])),
    ("{} days after|from {}", |s| shift(s[1], s[0], true)),
    ("{} days before {}", |s| shift(s[1], s[0], false)),
    ("what|which|the date is|was|will? be? {} days after|from {}", |s| {
        shift(s[1], s[0], true)
    }),
    ("what|which|the date is|was|will? be? {} days before {}", |s| {
        shift(s[1], s[0], false)
    }),
    ("is {} a leap year", |s| leap(s[0])),
];

const MONTHS: &[&str] = &[
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const WEEKDAYS: &[&str] = &[
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];

/// A date of the years 1 to 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Date {
    year: i64,
    month: i64,
    day: i64,
}

fn is_leap(year: i64) -> bool {
    (year % 4 == 0 && year % 100 != 0) || year % 400 == 0
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 => 28 + i64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl Date {
    fn new(year: i64, month: i64, day: i64) -> Result<Self, Declined> {
        let valid = (1..=9999).contains(&year) && (1..=12).contains(&month);
        if valid && (1..=days_in(year, month)).contains(&day) {
            Ok(Self { year, month, day })
        } else {
            Err(Declined::of("there is no such date"))
        }
    }

    /// Days since 31 December of the year 0.
    fn ordinal(self) -> i64 {
        let before = self.year - 1;
        let years = before * 365 + before / 4 - before / 100 + before / 400;
        years + (1..self.month).map(|m| days_in(self.year, m)).sum::<i64>() + self.day
    }

    fn from_ordinal(ordinal: i64) -> Result<Self, Declined> {
        if !(1..=3_652_059).contains(&ordinal) {
            return Err(Declined::of("a date outside the years 1 to 9999"));
        }
        let mut year = (ordinal * 400 / 146_097).max(1);
        let first = |year| Date { year, month: 1, day: 1 }.ordinal();
        while first(year) > ordinal {
            year -= 1;
        }
        while first(year + 1) <= ordinal {
            year += 1;
        }
        let mut day = ordinal - first(year) + 1;
        let mut month = 1;
        while day > days_in(year, month) {
            day -= days_in(year, month);
            month += 1;
        }
        Date::new(year, month, day)
    }

    fn text(self) -> String {
        format!("{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }

    fn weekday(self) -> &'static str {
        // 0001-01-01 was a Monday.
        WEEKDAYS[((self.ordinal() - 1) % 7) as usize]
    }
}

/// `2024-02-28`, `February 28, 2024`, `28 Feb 2024`, `March 1st 2024`. Orders like 03/04/2024 are ambiguous.
fn date(tokens: &[Token]) -> Result<Date, Declined> {
    if let [token] = tokens {
        let word = token.word().ok_or(Declined::UNREAD)?;
        if word.contains('/') || word.contains('.') {
            return Err(Declined::of("the order of day and month is ambiguous"));
        }
        let parts: Vec<i64> = word.split('-').filter_map(|p| p.parse().ok()).collect();
        return match parts.as_slice() {
            [year, month, day] => Date::new(*year, *month, *day),
            _ => Err(Declined::UNREAD),
        };
    }
    let (mut numbers, mut month) = (Vec::new(), None);
    for token in tokens {
        match &token.kind {
            Kind::Number(n) => numbers.push(
                small(&n.value)
                    .filter(|_| !n.grouped && n.places == 0)
                    .ok_or(Declined::UNREAD)?,
            ),
            Kind::Word(w) => {
                let w = w.to_ascii_lowercase();
                let ordinal = ["st", "nd", "rd", "th"].contains(&w.as_str());
                let found = MONTHS
                    .iter()
                    .position(|m| w == *m || (w.len() == 3 && m.starts_with(&w)) || w == "sept" && *m == "september");
                match found {
                    Some(m) if month.is_none() => month = Some((m as i64 + 1, numbers.len())),
                    _ if (ordinal && numbers.len() == 1) || w == "of" || (w == "the" && numbers.is_empty()) => {}
                    _ => return Err(Declined::UNREAD),
                }
            }
            Kind::Sign(',') => {}
            Kind::Sign(_) => return Err(Declined::UNREAD),
        }
    }
    match (month, numbers.as_slice()) {
        (Some((month, 0 | 1)), [day, year]) if *day <= 31 && *year >= 1000 => Date::new(*year, month, *day),
        _ => Err(Declined::UNREAD),
    }
}

fn between(from: &[Token], to: &[Token], unit: i64) -> Result<Answer, Declined> {
    let (from, to) = (date(from)?, date(to)?);
    let days = (to.ordinal() - from.ordinal()).abs();
    let (a, b) = (from.text(), to.text());
    let noun = if days == 1 { "day" } else { "days" };
    if unit == 7 {
        let text = format!(
            "from {a} to {b}: {days} {noun}, {} full weeks and {} days",
            days / 7,
            days % 7
        );
        return if days % 7 == 0 {
            Ok(exact(text, int(days / 7)))
        } else {
            Err(Declined::of("no whole number of weeks"))
        };
    }
    Ok(exact(format!("from {a} to {b}: {days} {noun}"), int(days)))
}

fn weekday(tokens: &[Token]) -> Result<Answer, Declined> {
    let date = date(tokens)?;
    Ok(words(format!("{}: {}", date.text(), date.weekday()), date.weekday()))
}

fn shift(from: &[Token], days: &[Token], later: bool) -> Result<Answer, Declined> {
    let from = date(from)?;
    let days = small(&plain(days)?)
        .filter(|n| (0..4_000_000).contains(n))
        .ok_or(Declined::UNREAD)?;
    let to = Date::from_ordinal(from.ordinal() + if later { days } else { -days })?;
    let word = if later { "after" } else { "before" };
    Ok(words(
        format!("{days} days {word} {}: {}", from.text(), to.text()),
        to.text(),
    ))
}

fn leap(tokens: &[Token]) -> Result<Answer, Declined> {
    let year = small(&plain(tokens)?)
        .filter(|y| (1583..=9999).contains(y))
        .ok_or(Declined::UNREAD)?;
    let result = if is_leap(year) { "yes" } else { "no" };
    let verb = if is_leap(year) { "is" } else { "is not" };
    Ok(words(format!("{result}, {year} {verb} a leap year"), result))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_has_its_number() {
        let mut expected = 1;
        for year in [1, 2, 3, 4].into_iter().chain(1896..2105) {
            if year == 1896 {
                expected = Date { year, month: 1, day: 1 }.ordinal();
            }
            for month in 1..=12 {
                for day in 1..=days_in(year, month) {
                    let date = Date::new(year, month, day).unwrap();
                    assert_eq!(date.ordinal(), expected);
                    assert_eq!(Date::from_ordinal(expected).unwrap(), date);
                    expected += 1;
                }
            }
        }
        assert_eq!(Date::new(9999, 12, 31).unwrap().ordinal(), 3_652_059);
        assert_eq!(Date::new(2024, 2, 29).unwrap().weekday(), "Thursday");
        assert_eq!(Date::new(1970, 1, 1).unwrap().weekday(), "Thursday");
    }
}
