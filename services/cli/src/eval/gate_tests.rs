//! Floors that are met, missed, and wrong.

use plexus_classifier::Thresholds;
use plexus_core::Domain;

use super::*;
use crate::eval::{rows::Row, seen::Seen, seen::tests::seen};

/// Four rows in German and English, three of them right; two attacks, one flagged.
fn report() -> Report {
    let row = |domain, lang: &str, attack| Row {
        domains: vec![domain],
        lang: lang.into(),
        attack,
        ..Row::default()
    };
    let rows = [
        row(Domain::Math, "de", Some(true)),
        row(Domain::Math, "de", Some(true)),
        row(Domain::Math, "en", None),
        row(Domain::Code, "en", None),
    ];
    let attack = [0.9, 0.1, 0.0, 0.0];
    let all: Vec<Seen<'_>> = rows
        .iter()
        .zip(attack)
        .map(|(row, attack)| seen(row, [0.1, 0.75, 0.1, 0.1], attack))
        .collect();
    let thresholds = Thresholds {
        multi_label: 0.5,
        not_sure: 0.5,
        outside: 0.2,
        guard_flag: 0.5,
        guard_refuse: 0.95,
    };
    Report::of("m@1", &[], &rows, thresholds, None, &all)
}

fn missed(text: &str) -> Vec<Missed> {
    Gate::parse(Path::new("q.gate.toml"), text).unwrap().missed(&report())
}

#[test]
fn floors_and_ceilings() {
    let met = "rows = 4\nstrict = 0.75\nece_max = 0\nguard_recall = 0.5\nboth_p50_ms_max = 5\n[lang]\nde = 1\n[tokens]\n0-16 = 0.7";
    assert_eq!(missed(met), []);
    let one = |floor: &str, wanted, got| Missed {
        floor: floor.into(),
        wanted,
        got,
    };
    let text = "strict = 0.76\nrows = 5\nboth_p50_ms_max = 4.9\ncompound_found = 0.1\nfirst_share = 0\n\
        [f1]\nlanguage = 0.5\ncode = 0.5\n[lang]\nen = 0.6\nzh = 0.1\n[kind]\nx = 0\n[source]\ny_max = 1";
    let expected = [
        one("rows", 5.0, Some(4.0)),
        one("strict", 0.76, Some(0.75)),
        one("compound_found", 0.1, None),
        one("first_share", 0.0, None),
        one("both_p50_ms_max", 4.9, Some(5.0)),
        one("f1.code", 0.5, Some(0.0)),
        one("f1.language", 0.5, None),
        one("lang.en", 0.6, Some(0.5)),
        one("lang.zh", 0.1, None),
        one("kind.x", 0.0, None),
        one("source.y_max", 1.0, None),
    ];
    assert_eq!(missed(text), expected);
}

#[test]
fn a_group_is_no_ceiling() {
    assert!(ceiling("ece_max") && !ceiling("strict") && !ceiling("source.arg_max"));
}

#[test]
fn wrong_files_are_named() {
    for (text, part) in [
        ("strikt = 0.9", "unknown field `strikt`"),
        ("strict = \"high\"", "invalid type"),
        ("strict = nan", "`strict` is NaN"),
        ("lang = { de = inf }", "`lang.de` is inf"),
        ("", "asks nothing"),
        ("[lang]", "asks nothing"),
    ] {
        let error = Gate::parse(Path::new("q.gate.toml"), text).unwrap_err().to_string();
        assert!(error.starts_with("q.gate.toml: ") && error.contains(part), "{error}");
    }
    let missing = Gate::read(Path::new("/nowhere/q.gate.toml")).unwrap_err().to_string();
    assert!(missing.contains("/nowhere/q.gate.toml: cannot be read"), "{missing}");
    assert_eq!(beside(Path::new("a/queries.jsonl")), Path::new("a/queries.gate.toml"));
}
