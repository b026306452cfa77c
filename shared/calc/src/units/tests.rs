//! The table against an independent one: fend's.

use super::*;
use crate::lex::lex;

fn named(text: &str) -> Unit {
    unit(&lex(&text.chars().collect::<Vec<_>>())).unwrap_or_else(|| panic!("no unit {text}"))
}

/// Our symbol, fend's name for the same thing.
const SAME: &[(&str, &str)] = &[
    ("US gallons", "gallon"),
    ("US quarts", "quart"),
    ("US pints", "pint"),
    ("US cups", "cup"),
    ("US fl oz", "floz"),
    ("US tbsp", "tablespoon"),
    ("US tsp", "teaspoon"),
    ("imperial gallons", "(4.54609 litre)"),
    ("imperial pints", "(0.56826125 litre)"),
    ("short tons", "short_ton"),
    ("nautical miles", "nautical_mile"),
    ("ha", "hectare"),
    ("months", "month"),
    ("km/h", "(km/hour)"),
    ("Mbit/s", "(megabit/second)"),
    ("Gbit/s", "(gigabit/second)"),
    ("kbit", "kilobit"),
    ("Mbit", "megabit"),
    ("Gbit", "gigabit"),
    ("Wh", "(watt hour)"),
    ("kWh", "(kilowatt hour)"),
    ("cc", "(cm^3)"),
    ("carats", "(0.2 g)"),
    ("dm", "decimeter"),
    ("µm", "micrometer"),
    ("µg", "microgram"),
    ("µs", "microsecond"),
    ("kn", "knot"),
    ("in", "inch"),
    ("stone", "stone"),
];

#[test]
fn sizes_agree_with_fend() {
    let fend_name = |symbol: &'static str| {
        SAME.iter()
            .find(|(ours, _)| *ours == symbol)
            .map_or(symbol, |(_, name)| name)
    };
    let mut context = fend_core::Context::new();
    let mut compared = 0;
    for (symbol, _, _, dimension) in UNITS {
        let Some((base, ..)) = UNITS.iter().find(|row| row.3 == *dimension && row.0 != *symbol) else {
            continue;
        };
        let question = format!("(1 {}) to {} to fraction", fend_name(symbol), fend_name(base));
        let theirs = fend_core::evaluate(&question, &mut context).map(|r| r.get_main_result().to_owned());
        let theirs = theirs
            .unwrap_or_else(|e| panic!("{question}: {e}"))
            .replace("approx. ", "");
        let theirs = theirs.split(' ').next().unwrap_or_default();
        let ours = named_row(symbol).size / named_row(base).size;
        let ours_by_fend = fend_core::evaluate(&format!("({}) to fraction", ours), &mut context).unwrap();
        assert_eq!(ours_by_fend.get_main_result(), theirs, "{question}");
        compared += 1;
    }
    assert!(compared > 70);
}

fn named_row(symbol: &str) -> Unit {
    lookup(symbol).unwrap_or_else(|| panic!("no unit {symbol}"))
}

#[test]
fn every_name_means_its_row() {
    for (symbol, names, ..) in UNITS {
        for name in names.split(' ').filter(|n| !n.is_empty()) {
            let found = named(&name.replace('_', " "));
            let ambiguous = ["kb"].contains(&name);
            assert!(
                found.symbol == *symbol || ambiguous,
                "{name} is {}, not {symbol}",
                found.symbol
            );
        }
    }
}

#[test]
fn products_and_ratios() {
    for (text, symbol, in_base) in [
        ("square feet", "ft²", ratio(9290304, 100_000_000)),
        ("m^2", "m²", int(1)),
        ("cubic meters", "m³", int(1)),
        ("km/h", "km/h", ratio(5, 18)),
        ("miles per hour", "mph", ratio(44704, 100_000)),
        ("m/s", "m/s", int(1)),
        ("degrees celsius", "°C", int(1)),
        ("° F", "°F", int(1)),
    ] {
        let unit = named(text);
        assert_eq!((unit.symbol.as_str(), unit.size), (symbol, in_base), "{text}");
    }
    for text in [
        "ton",
        "bananas",
        "square",
        "per hour",
        "km per",
        "square seconds",
        "dollars",
    ] {
        assert_eq!(unit(&lex(&text.chars().collect::<Vec<_>>())), None, "{text}");
    }
}

#[test]
fn temperatures() {
    let (c, f, k) = (named("C"), named("F"), named("K"));
    assert_eq!(f.convert(&int(72), &c), Some(ratio(200, 9)));
    assert_eq!(c.convert(&int(100), &f), Some(int(212)));
    assert_eq!(c.convert(&int(0), &k), Some(ratio(27315, 100)));
    assert_eq!(f.convert(&int(-40), &c), Some(int(-40)));
    assert_eq!(c.convert(&int(-300), &f), None, "below absolute zero");
    assert_eq!(c.convert(&int(1), &named("km")), None);
}
