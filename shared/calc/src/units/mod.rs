//! Units of measure: exact sizes, products and ratios of units, temperatures.

mod table;

use std::collections::HashMap;
use std::sync::LazyLock;

use num_traits::Pow;

use crate::number::{Q, decimal, int, ratio};
use crate::token::{Kind, Token};
use table::{CALENDAR, DATA, Dimension, Row, TIME, UNITS, VOLUME};

/// A unit of measure.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Unit {
    /// As it is written after a number.
    pub(crate) symbol: String,
    dimension: Dimension,
    size: Q,
    scale: Option<Scale>,
}

/// Temperature scales have a zero of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scale {
    Celsius,
    Fahrenheit,
    Kelvin,
}

impl Scale {
    fn named(name: &str) -> Option<(Self, &'static str)> {
        Some(match name {
            "c" | "C" | "celsius" | "centigrade" => (Scale::Celsius, "°C"),
            "f" | "F" | "fahrenheit" => (Scale::Fahrenheit, "°F"),
            "k" | "K" | "kelvin" | "kelvins" => (Scale::Kelvin, "K"),
            _ => return None,
        })
    }

    fn to_kelvin(self, value: &Q) -> Q {
        match self {
            Scale::Celsius => value + ratio(27315, 100),
            Scale::Fahrenheit => (value + ratio(45967, 100)) * ratio(5, 9),
            Scale::Kelvin => value.clone(),
        }
    }

    fn of_kelvin(self, value: &Q) -> Q {
        match self {
            Scale::Celsius => value - ratio(27315, 100),
            Scale::Fahrenheit => value * ratio(9, 5) - ratio(45967, 100),
            Scale::Kelvin => value.clone(),
        }
    }
}

impl Unit {
    /// So many of this unit in another, exactly; none where they measure different things.
    pub(crate) fn convert(&self, value: &Q, to: &Unit) -> Option<Q> {
        match (self.scale, to.scale) {
            (Some(from), Some(to)) => {
                let kelvin = from.to_kelvin(value);
                (kelvin >= int(0)).then(|| to.of_kelvin(&kelvin))
            }
            (None, None) if self.dimension == to.dimension => Some(value * &self.size / &to.size),
            _ => None,
        }
    }

    /// Do both measure the same thing?
    pub(crate) fn comparable(&self, other: &Unit) -> bool {
        self.scale.is_some() == other.scale.is_some() && self.dimension == other.dimension
    }

    /// Is it a temperature?
    pub(crate) fn is_temperature(&self) -> bool {
        self.scale.is_some()
    }

    /// Volumes of kitchens differ between countries.
    pub(crate) fn is_volume(&self) -> bool {
        self.dimension == VOLUME
    }

    /// Days and longer: a working day is no day.
    pub(crate) fn is_calendar(&self) -> bool {
        self.dimension == CALENDAR || (self.dimension == TIME && self.size >= int(86400))
    }

    /// Time of any length.
    pub(crate) fn is_time(&self) -> bool {
        self.dimension == TIME || self.dimension == CALENDAR
    }

    /// Kilobytes are a thousand bytes to some and 1024 to others.
    pub(crate) fn is_decimal_data(&self) -> bool {
        self.dimension == DATA && self.size >= int(1000) && !self.symbol.contains('i')
    }

    /// Does a number of this size or larger come before one of the other, as in 5 feet 11 inches?
    pub(crate) fn larger_than(&self, other: &Unit) -> bool {
        self.comparable(other) && self.scale.is_none() && self.size > other.size
    }
}

/// The unit that the tokens name, all of them.
pub(crate) fn unit(tokens: &[Token]) -> Option<Unit> {
    if tokens.is_empty() || tokens.len() > 8 {
        return None;
    }
    if let Some(temperature) = temperature(tokens) {
        return Some(temperature);
    }
    let divider = tokens
        .iter()
        .position(|t| t.is('/') || t.is_word("per") || t.is_word("an") || t.is_word("a"));
    let Some(at) = divider else {
        return power(tokens);
    };
    if let Some(whole) = named_exactly(tokens) {
        return Some(whole);
    }
    let (above, below) = (power(&tokens[..at])?, power(&tokens[at + 1..])?);
    let mut dimension = above.dimension;
    for (a, b) in dimension.iter_mut().zip(below.dimension) {
        *a -= b;
    }
    let symbol = format!("{}/{}", above.symbol, singular(&below.symbol));
    Some(Unit {
        symbol,
        dimension,
        size: above.size / below.size,
        scale: None,
    })
}

fn singular(symbol: &str) -> &str {
    match symbol {
        "hours" => "h",
        "minutes" => "min",
        "days" => "day",
        "weeks" => "week",
        symbol => symbol,
    }
}

/// `km/h` is in the table as a whole.
fn named_exactly(tokens: &[Token]) -> Option<Unit> {
    let text = joined(tokens).to_ascii_lowercase();
    let whole = match text.as_str() {
        "km / h" | "km / hr" | "km per hour" | "kilometers per hour" | "kilometres per hour" | "kilometers an hour" => {
            "km/h"
        }
        "mi / h" | "miles per hour" | "miles an hour" | "miles / hour" | "mile per hour" => "mph",
        _ => return None,
    };
    lookup(whole)
}

fn joined(tokens: &[Token]) -> String {
    let words: Vec<String> = tokens
        .iter()
        .map(|t| match &t.kind {
            Kind::Word(w) => w.clone(),
            Kind::Sign(c) => c.to_string(),
            Kind::Number(n) => n.value.to_string(),
        })
        .collect();
    words.join(" ")
}

fn temperature(tokens: &[Token]) -> Option<Unit> {
    let rest = match tokens {
        [first, rest @ ..] if first.is('°') || ["degrees", "degree", "deg"].iter().any(|w| first.is_word(w)) => rest,
        tokens => tokens,
    };
    let [token] = rest else { return None };
    let word = token.word()?;
    let (scale, symbol) = Scale::named(word).or_else(|| Scale::named(&word.to_ascii_lowercase()))?;
    Some(Unit {
        symbol: symbol.to_owned(),
        dimension: [0; 8],
        size: int(1),
        scale: Some(scale),
    })
}

/// A unit, perhaps squared or cubed.
fn power(tokens: &[Token]) -> Option<Unit> {
    let (exponent, rest) = match tokens {
        [first, rest @ ..] if ["square", "sq"].iter().any(|w| first.is_word(w)) && !rest.is_empty() => (2, rest),
        [first, rest @ ..] if ["cubic", "cu"].iter().any(|w| first.is_word(w)) && !rest.is_empty() => (3, rest),
        [rest @ .., caret, n] if caret.is('^') => (
            crate::number::small(&n.number()?.value).filter(|n| (2..=3).contains(n))?,
            rest,
        ),
        // `m2`, `cm3`: a letter symbol with its exponent.
        [token] => match token.word() {
            Some(word @ ("m2" | "km2" | "cm2" | "mm2" | "ft2" | "m3" | "cm3" | "mm3" | "ft3")) => {
                let (symbol, exponent) = word.split_at(word.len() - 1);
                return raise(lookup(symbol)?, exponent.parse().ok()?);
            }
            _ => (1, tokens),
        },
        tokens => (1, tokens),
    };
    let rest = match rest {
        [dotted, dot] if dot.is('.') => std::slice::from_ref(dotted),
        rest => rest,
    };
    raise(lookup(&joined(rest))?, exponent)
}

fn raise(unit: Unit, exponent: i64) -> Option<Unit> {
    if exponent == 1 {
        return Some(unit);
    }
    let power = i8::try_from(exponent).ok()?;
    let length = unit.dimension == table::LENGTH;
    length.then(|| Unit {
        symbol: format!("{}{}", unit.symbol, if exponent == 2 { "²" } else { "³" }),
        dimension: unit.dimension.map(|d| d * power),
        size: unit.size.pow(exponent as i32),
        scale: None,
    })
}

/// Rows by name; names in lower case beside those as written, where they are free.
static NAMES: LazyLock<HashMap<String, &'static Row>> = LazyLock::new(|| {
    let mut names = HashMap::new();
    let all = |row: &'static Row| std::iter::once(row.0).chain(row.1.split(' ')).filter(|n| !n.is_empty());
    for row in UNITS {
        for name in all(row) {
            names.insert(name.replace(' ', "_"), row);
        }
    }
    for row in UNITS {
        for name in all(row) {
            names.entry(name.replace(' ', "_").to_lowercase()).or_insert(row);
        }
    }
    // "MB" and "mb" are both meant as bytes; "Mb" is not.
    for row in UNITS.iter().filter(|row| ["kB", "MB", "GB", "TB"].contains(&row.0)) {
        names.insert(row.0.to_lowercase(), row);
    }
    names
});

fn lookup(name: &str) -> Option<Unit> {
    if name.is_empty() || name.len() > 40 {
        return None;
    }
    let name = name.replace(' ', "_");
    // Capitals mean something else there: megagrams, megalitres, nautical miles; "b" is a bit or a byte.
    let other = (name.starts_with('M') && name.len() <= 2 && !NAMES.contains_key(&name)) || name == "NM" || name == "b";
    if other {
        return None;
    }
    let row = NAMES.get(&name).or_else(|| NAMES.get(&name.to_lowercase()))?;
    let size = match row.2.split_once('/') {
        Some((n, d)) => decimal(n)? / decimal(d)?,
        None => decimal(row.2)?,
    };
    Some(Unit {
        symbol: row.0.to_owned(),
        dimension: row.3,
        size,
        scale: None,
    })
}

#[cfg(test)]
mod tests;
