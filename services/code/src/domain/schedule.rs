//! The five fields of a cron expression.

/// One of the five fields.
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) low: u32,
    pub(super) high: u32,
    pub(super) names: &'static [&'static str],
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 8] = [
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];

pub(super) static FIELDS: [Field; 5] = [
    Field {
        name: "minute",
        low: 0,
        high: 59,
        names: &[],
    },
    Field {
        name: "hour",
        low: 0,
        high: 23,
        names: &[],
    },
    Field {
        name: "day of the month",
        low: 1,
        high: 31,
        names: &[],
    },
    Field {
        name: "month",
        low: 1,
        high: 12,
        names: &MONTHS,
    },
    Field {
        name: "day of the week",
        low: 0,
        high: 7,
        names: &DAYS,
    },
];

/// One item of a field: `a-b/step`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) from: u32,
    pub(super) to: u32,
    pub(super) step: u32,
    /// Written with a star.
    pub(super) star: bool,
}

impl Item {
    pub(super) fn is_any(&self) -> bool {
        self.star && self.step == 1
    }
}

/// A number, or the three letters of a month or a day.
pub(super) fn number(field: &Field, text: &str) -> Option<u32> {
    if let Ok(number) = text.parse() {
        return Some(number);
    }
    let index = field
        .names
        .iter()
        .position(|name| text.len() == 3 && name[..3].eq_ignore_ascii_case(text))?;
    u32::try_from(index).ok().map(|index| index + field.low)
}

/// The items of a field, or what is wrong with it.
pub(super) fn parse(field: &Field, text: &str) -> Result<Vec<Item>, String> {
    text.split(',').map(|item| parse_item(field, item)).collect()
}

fn parse_item(field: &Field, text: &str) -> Result<Item, String> {
    let wrong = || {
        format!(
            "`{text}` does not fit the {} field ({} to {})",
            field.name, field.low, field.high
        )
    };
    let (range, step) = match text.split_once('/') {
        Some((range, step)) => (range, step.parse().map_err(|_| wrong())?),
        None => (text, 1),
    };
    let stepped = text.contains('/');
    let (from, to, star) = match range.split_once('-') {
        _ if range == "*" => (field.low, field.high, true),
        Some((from, to)) => (
            number(field, from).ok_or_else(wrong)?,
            number(field, to).ok_or_else(wrong)?,
            false,
        ),
        None => {
            let one = number(field, range).ok_or_else(wrong)?;
            // "5/15" means from 5 to the end in the crons that take it.
            (one, if stepped { field.high } else { one }, false)
        }
    };
    let fits = (field.low..=field.high).contains(&from) && (field.low..=field.high).contains(&to) && from <= to;
    if !fits || step == 0 || step > field.high {
        return Err(wrong());
    }
    Ok(Item { from, to, step, star })
}
