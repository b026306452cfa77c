//! Units, temperatures, dates.

use plexus_testkit::oracle::Dice;

use super::{Asked, decimal};

/// What is measured, and names of units that the script knows too.
const UNITS: &[(&str, &[&str])] = &[
    (
        "length",
        &[
            "km",
            "meters",
            "cm",
            "mm",
            "inches",
            "feet",
            "yards",
            "miles",
            "nautical miles",
            "furlongs",
        ],
    ),
    ("mass", &["kg", "grams", "mg", "pounds", "ounces", "stone", "tonnes"]),
    (
        "time",
        &["seconds", "minutes", "hours", "days", "weeks", "milliseconds"],
    ),
    (
        "area",
        &[
            "square meters",
            "square feet",
            "acres",
            "hectares",
            "square km",
            "square inches",
        ],
    ),
    (
        "volume",
        &[
            "liters",
            "ml",
            "gallons",
            "quarts",
            "pints",
            "cups",
            "cubic meters",
            "tablespoons",
            "imperial pints",
        ],
    ),
    ("speed", &["km/h", "m/s", "mph", "knots"]),
    ("data", &["bytes", "kilobytes", "MB", "GB", "KiB", "MiB", "GiB", "bits"]),
];

pub(crate) fn units(dice: &mut Dice) -> Asked {
    let (what, names) = dice.pick(UNITS);
    let (of, to) = (dice.pick(names), dice.pick(names));
    let value = decimal(dice, 500, 2);
    let question = dice.pick(&[
        "convert {} {of} to {to}",
        "{} {of} in {to}",
        "what is {} {of} in {to}?",
        "How many {to} are in {} {of}?",
        "how many {to} is {} {of}",
        "{} {of} to {to}",
    ]);
    let question = question.replace("{}", &value).replace("{of}", of).replace("{to}", to);
    (question, format!("unit('{what}', '{value}', '{of}', '{to}')"))
}

pub(crate) fn temperatures(dice: &mut Dice) -> Asked {
    let value = dice.between(-100, 400);
    let (of, to) = (dice.pick(&["C", "F"]), dice.pick(&["C", "F", "K"]));
    let question = match dice.between(1, 3) {
        1 => format!("{value} {of} to {to}"),
        2 => format!("convert {value}°{of} to {to}"),
        _ => {
            let name = |scale| match scale {
                "C" => "celsius",
                "F" => "fahrenheit",
                _ => "kelvin",
            };
            let degrees = if dice.one_in(2) { " degrees" } else { "" };
            format!("what is {value}{degrees} {} in {}?", name(of), name(to))
        }
    };
    (question, format!("temperature({value}, '{of}', '{to}')"))
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

/// A date as people write it, and Python's.
fn date(dice: &mut Dice) -> (String, String) {
    let (year, month, day) = (dice.between(1600, 2400), dice.between(1, 12), dice.between(1, 28));
    let day = if dice.one_in(5) && month != 2 { day + 2 } else { day };
    let name = MONTHS[usize::try_from(month - 1).unwrap_or(0)];
    let suffix = match day {
        1 | 21 => "st",
        2 | 22 => "nd",
        3 | 23 => "rd",
        _ => "th",
    };
    let text = match dice.between(1, 6) {
        1 => format!("{name} {day}, {year}"),
        2 => format!("{day} {name} {year}"),
        3 => format!("{} {day}{suffix}, {year}", &name[..3]),
        4 => format!("the {day}{suffix} of {name} {year}"),
        _ => format!("{year}-{month:02}-{day:02}"),
    };
    (text, format!("date({year},{month},{day})"))
}

pub(crate) fn dates(dice: &mut Dice) -> Asked {
    let ((a, python_a), (b, python_b)) = (date(dice), date(dice));
    let n = dice.between(0, 2000);
    let days = format!("number(abs(({python_b} - {python_a}).days), text=False)");
    match dice.between(1, 7) {
        1 => (format!("days between {a} and {b}"), days),
        2 => (format!("How many days are there between {a} and {b}?"), days),
        3 => (format!("what day of the week is {a}?"), format!("weekday({python_a})")),
        4 => (format!("What day of the week was {a}?"), format!("weekday({python_a})")),
        5 => (
            format!("what is {n} days after {a}?"),
            format!("word(({python_a} + timedelta({n})).isoformat())"),
        ),
        6 => (
            format!("what date is {n} days before {a}?"),
            format!("word(({python_a} - timedelta({n})).isoformat())"),
        ),
        _ => {
            let year = n + 1583;
            (
                format!("is {year} a leap year?"),
                format!("yes(calendar.isleap({year}))"),
            )
        }
    }
}
