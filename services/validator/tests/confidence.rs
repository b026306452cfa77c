//! The confidence: what the service sees is what its weights were fitted to, and nothing makes it panic or dawdle.

use plexus_validator::domain::{
    VerdictResult,
    confidence::{Part, check, features},
};
use proptest::prelude::*;
use serde_json::Value;

/// Written by `training/train.py --vectors`.
const VECTORS: &str = include_str!("confidence_vectors.jsonl");

#[test]
fn features_and_confidence_are_those_of_training() {
    let vectors: Vec<Value> = VECTORS
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(vectors.len() >= 40, "{}", vectors.len());
    let mut parts = [0, 0, 0];
    for vector in &vectors {
        let text = |key: &str| vector[key].as_str().unwrap_or_default();
        let (question, answer) = (text("question"), text("answer"));
        let seen = features(question, answer);
        let expected = vector.get("part").and_then(Value::as_str);
        assert_eq!(seen.as_ref().map(|seen| seen.part.name()), expected, "{question}");
        let Some(seen) = seen else {
            parts[2] += 1;
            continue;
        };
        parts[usize::from(seen.part == Part::Choice)] += 1;
        for (name, value) in &seen.values {
            let expected = vector["features"][name].as_f64().unwrap();
            assert!(
                (value - expected).abs() < 1e-6,
                "{name} {value} {expected}: {question} {answer}"
            );
        }
        let expected = vector["confidence"].as_f64().unwrap();
        assert!((seen.confidence() - expected).abs() < 1e-6, "{question} {answer}");
    }
    assert!(parts.iter().all(|count| *count >= 5), "{parts:?}");
}

#[test]
fn the_longest_texts_of_one_sign_end() {
    let question = "How many are 2 and 3? ";
    for part in [
        "9", "=", "(", "-", "1=", "(1+", "1+1=3 ", "<<", "<", "####", "$", ",1", "\n- ", "\\(", "x ",
    ] {
        for size in [60_000, 1 << 20] {
            let text = part.repeat(size / part.len());
            check(question, &format!("1 + 1 = 2 {text}"));
            check(&format!("{question}{text}"), "1 + 1 = 2");
            check(&format!("{question}\nA. 1\nB. {text}"), "");
        }
    }
}

fn sums() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        "[0-9]{1,17}",
        "[-+*/=()%$.,#<> \n]{1,3}",
        "(how many|is|of|x|A\\.|B\\.|however|####|<<|>>|≈|×)",
        "\\PC{0,3}",
    ];
    prop::collection::vec(part, 0..60).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn any_text_has_a_confidence_between_nought_and_nine_tenths_or_none(query in sums(), answer in sums()) {
        let report = check(&format!("How many are 2 and 3? {query}"), &answer);
        prop_assert_ne!(report.judgement, VerdictResult::Fail);
        if let Some(confidence) = report.confidence {
            prop_assert!((0.0..=0.9).contains(&confidence), "{}", confidence);
            prop_assert_eq!(report.judgement == VerdictResult::Pass, confidence >= 0.8);
        } else {
            prop_assert!(report.reason.starts_with("no opinion"));
        }
    }

    #[test]
    fn an_equation_that_is_made_wrong_makes_an_answer_less_probable(a in 2_u32..90, b in 2_u32..90, off in 5_u32..50) {
        let query = format!("Ida buys {a} boxes of {b} nails. How many nails has she?");
        let said = |result: u32| {
            let answer = format!("She has {a} * {b} = {result} nails.");
            check(&query, &answer).confidence
        };
        let (right, wrong) = (said(a * b), said(a * b + off));
        prop_assert!(wrong < right, "{:?} {:?}", wrong, right);
    }
}
