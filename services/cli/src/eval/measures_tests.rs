//! Every measure against values worked out by hand.

use proptest::prelude::*;

use super::*;

fn judged(truth: usize, got: usize, score: f64) -> Judged {
    Judged {
        truth,
        got,
        score,
        strict: truth == got,
        lenient: truth == got,
    }
}

/// Nearly equal.
#[track_caller]
fn near(value: Option<f64>, expected: f64) {
    let value = value.unwrap();
    assert!((value - expected).abs() < 1e-9, "{value}, expected {expected}");
}

#[test]
fn rows_are_judged() {
    let row = Row {
        domains: vec![Domain::Math],
        also_ok: vec![Domain::Reasoning],
        ..Row::default()
    };
    let right = Judged::of(&row, [0.1, 0.5, 0.2, 0.1]).unwrap();
    assert_eq!(
        (right.truth, right.got, right.score, right.strict, right.lenient),
        (1, 1, 0.5, true, true)
    );
    let near = Judged::of(&row, [0.1, 0.25, 0.75, 0.1]).unwrap();
    assert_eq!((near.got, near.strict, near.lenient), (2, false, true));
    let wrong = Judged::of(&row, [0.5, 0.5, 0.5, 0.5]).unwrap();
    assert_eq!(
        (wrong.got, wrong.strict, wrong.lenient),
        (0, false, false),
        "the first of equal ones"
    );
    let compound = Row {
        domains: vec![Domain::Math, Domain::Code],
        ..Row::default()
    };
    assert_eq!(Judged::of(&compound, [1.0; 4]), None);
    assert_eq!(Judged::of(&Row::default(), [1.0; 4]), None);
}

#[test]
fn f1_and_confusion() {
    // code: 2 right, 1 taken for math; math: 1 right; language: 1 taken for code; reasoning: none anywhere.
    let rows = [(0, 0), (0, 0), (0, 1), (1, 1), (3, 0)].map(|(truth, got)| judged(truth, got, 0.9));
    let counts = confusion(&rows);
    assert_eq!(counts, [[2, 1, 0, 0], [0, 1, 0, 0], [0, 0, 0, 0], [1, 0, 0, 0]]);
    let f1 = f1(&counts);
    near(f1[0], 4.0 / 6.0);
    near(f1[1], 2.0 / 3.0);
    assert_eq!(f1[2], None);
    near(f1[3], 0.0);
    near(macro_f1(&counts), 4.0 / 9.0);
    assert_eq!(macro_f1(&confusion(&[])), None);
}

#[test]
fn calibration_error() {
    // Bin 0.8..0.9: scores 0.85 + 0.9 = 1.75, one right: 0.75 off. Bin 0.5..0.6: 0.6, one right: 0.4 off.
    let rows = [judged(0, 0, 0.85), judged(0, 1, 0.9), judged(1, 1, 0.6)];
    near(ece(&rows), (0.75 + 0.4) / 3.0);
    // Errors of opposite sign within a bin cancel, those of two bins do not.
    near(ece(&[judged(0, 0, 0.75), judged(0, 1, 0.75)]), 0.25);
    near(ece(&[judged(0, 0, 0.0), judged(0, 0, 1.0)]), 0.5);
    assert_eq!(ece(&[]), None);
}

#[test]
fn the_surest_come_first() {
    let rows = [
        judged(0, 0, 0.9),
        judged(0, 1, 0.4),
        judged(0, 0, 0.8),
        judged(0, 1, 0.7),
        judged(0, 0, 0.3),
    ];
    let cuts = coverage(&rows);
    let shown: Vec<(f64, f64)> = cuts.iter().map(|cut| (cut.score, cut.strict)).collect();
    // 3, 4, 4, 5 and 5 of 5 rows.
    assert_eq!(
        shown,
        [(0.7, 2.0 / 3.0), (0.4, 0.5), (0.4, 0.5), (0.3, 0.6), (0.3, 0.6)]
    );
    assert!(coverage(&[]).is_empty());
}

#[test]
fn ranks_and_shares() {
    near(auc(&[(0.1, false), (0.4, true), (0.35, false), (0.8, true)]), 1.0);
    near(auc(&[(0.1, false), (0.4, false), (0.35, true), (0.8, true)]), 0.75);
    near(auc(&[(0.5, false), (0.5, true), (0.5, true)]), 0.5);
    assert_eq!(auc(&[(0.5, true)]), None);
    assert_eq!(share([true, true, false, true]), Some(0.75));
    assert_eq!(share([]), None);
    near(mean(&[1.0, 2.0, 6.0]), 3.0);
    let values = [4.0, 1.0, 3.0, 2.0];
    assert_eq!(quantile(&values, 0.5), Some(2.0));
    assert_eq!(quantile(&values, 0.51), Some(3.0));
    assert_eq!(quantile(&values, 0.99), Some(4.0));
    assert_eq!(quantile(&values, 0.0), Some(1.0));
    assert_eq!(quantile(&[], 0.5), None);
}

proptest! {
    #[test]
    fn shares_are_shares(rows in proptest::collection::vec((0..4_usize, 0..4_usize, 0.0..=1.0_f64), 1..60)) {
        let rows: Vec<Judged> = rows.into_iter().map(|(truth, got, score)| judged(truth, got, score)).collect();
        let counts = confusion(&rows);
        prop_assert_eq!(counts.iter().flatten().sum::<usize>(), rows.len());
        for value in [ece(&rows), macro_f1(&counts)].into_iter().flatten() {
            prop_assert!((0.0..=1.0).contains(&value));
        }
        let all = coverage(&rows);
        prop_assert_eq!(Some(all[4].strict), share(rows.iter().map(|one| one.strict)));
    }
}
