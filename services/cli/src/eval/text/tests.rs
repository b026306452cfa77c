//! A report card as a person sees it.

use plexus_classifier::Thresholds;
use plexus_core::Domain;
use plexus_encoder::{FirstStage, PerHead};

use super::*;
use crate::eval::{against::Against, baselines, gate::Missed, rows::Row, seen::Seen, seen::tests::seen};

fn rows() -> Vec<Row> {
    let row = |domains: &[Domain], lang: &str, attack, subtype: &str| Row {
        domains: domains.to_vec(),
        lang: lang.into(),
        source: "s\x1b[31m".into(),
        attack,
        subtype: subtype.into(),
        ..Row::default()
    };
    vec![
        row(&[Domain::Math], "en", None, ""),
        row(&[Domain::Math], "de", Some(false), "plain"),
        row(&[Domain::Code], "en", None, ""),
        row(&[Domain::Math, Domain::Code], "en", None, ""),
        row(&[], "", Some(true), "planted"),
    ]
}

fn report(rows: &[Row]) -> Report {
    let all: Vec<Seen<'_>> = rows
        .iter()
        .map(|row| {
            seen(
                row,
                [0.1, 0.8, 0.1, 0.1],
                if row.attack == Some(true) { 0.6 } else { 0.0 },
            )
        })
        .collect();
    let one = PerHead {
        domain: 1.0,
        guard: 1.0,
        complexity: 1.0,
    };
    let rule = FirstStage {
        temperature: one,
        sure: 0.93,
        others: 0.2,
        attack: 0.02,
        weight: one,
    };
    let thresholds = Thresholds {
        multi_label: 0.5,
        not_sure: 0.5,
        outside: 0.2,
        guard_flag: 0.5,
        guard_refuse: 0.9,
    };
    let mut report = Report::of("m@1", &["q.jsonl".into()], rows, thresholds, Some(rule), &all);
    report.ways = baselines::own(&all);
    report
}

fn plain(report: &Report) -> String {
    anstream::adapter::strip_str(&render(report)).to_string()
}

#[track_caller]
fn holds(text: &str, lines: &[&str]) {
    for line in lines {
        assert!(
            text.lines().any(|one| one.trim() == *line),
            "`{line}` is not in\n{text}"
        );
    }
}

#[test]
fn every_section_is_there() {
    let rows = rows();
    let mut report = report(&rows);
    report.against = Some(Against {
        model: "m@0".into(),
        strict: 0.75,
        other_strict: 0.5,
        points: 25.0,
        agreement: 0.9,
        only_this: 2,
        only_other: 1,
    });
    report.notes = vec!["told".into()];
    let text = plain(&report);
    holds(
        &text,
        &[
            "report card of m@1: 5 rows, 3 of one domain, 1 compound, 2 for the guard",
            "both stages        66.67     66.67      0.4000    0.1333  5000.0",
            "confusion  strict 66.67 %, told alone 66.67 %",
            "math       0     2     0          0         0.8000",
            "confidence  calibration error 0.1333",
            "en        2     50.00     50.00",
            "1     0.00       100.00            0.00",
            "always encoder     100.00            66.67     5.000    5.000   5.000",
            "flag    0.5000     100.00       100.00    0.00",
            "guard  1 attacks, 1 harmless, AUC 1.0000",
            "latency  one thread, no cache; encoder's pass 1.250 of a bare one",
            "first stage        0.0200           0.0200",
            "against  they agree on 90.00 %, +25.00 points",
            "note: told",
        ],
    );
    assert!(!text.contains('\x1b'), "foreign names cannot drive the terminal");
    assert!(!text.contains("floor"), "nobody asked for floors");
}

#[test]
fn floors_are_told() {
    let rows = rows();
    let mut report = report(&rows);
    report.missed = Some(vec![]);
    assert!(plain(&report).ends_with("every floor is reached\n"));
    let missed = |floor: &str, got| Missed {
        floor: floor.into(),
        wanted: 0.9,
        got,
    };
    report.missed = Some(vec![missed("strict", Some(0.66666)), missed("ece_max", None)]);
    let lines: Vec<String> = super::missed(&report)
        .iter()
        .map(|line| anstream::adapter::strip_str(line).to_string())
        .collect();
    assert_eq!(
        lines,
        [
            "strict is 0.6667, wanted at least 0.9",
            "ece_max is -, wanted at most 0.9"
        ]
    );
    assert!(!plain(&report).contains("every floor"));
}

#[test]
fn the_json_keeps_its_names() {
    let rows = rows();
    let json = serde_json::to_value(report(&rows)).unwrap();
    for path in [
        "/model",
        "/rows/single",
        "/thresholds/guard_flag",
        "/domains/strict",
        "/domains/f1/math",
        "/domains/confusion/1/1",
        "/domains/coverage/0/strict",
        "/domains/languages/0/name",
        "/compound/found",
        "/guard/flag/false_alarms",
        "/guard/planted/flagged",
        "/stages/strict_sure",
        "/stages/curve/0/escalated",
        "/latency/first/p50_us_at_32",
        "/latency/both/p99_ms",
        "/latency/encoder_to_bare",
        "/ways/0/macro_f1",
        "/against",
        "/missed",
    ] {
        assert!(json.pointer(path).is_some(), "{path}: {json:#}");
    }
}

#[test]
fn nothing_measured_is_nothing_shown() {
    let text = plain(&report(&[]));
    assert_eq!(
        text,
        "report card of m@1: 0 rows, 0 of one domain, 0 compound, 0 for the guard\n"
    );
}
