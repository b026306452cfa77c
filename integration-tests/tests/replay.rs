//! `plexus replay`: recorded answers through a mesh of its own, and figures that can be had again.

#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use std::{fmt::Write as _, time::Duration};

use plexus_integration_tests::run;
use serde_json::{Value, json};

/// A mesh is started and asked a few dozen questions, in a build without optimisation.
const WITHIN: Duration = Duration::from_secs(120);

/// Questions of which the weak engine gets every third wrong, in a way that can be recomputed.
fn recording() -> String {
    let mut text = String::new();
    for index in 0..12 {
        let (boxes, each) = (index + 3, 2 * index + 4);
        let right = boxes * each;
        let said = if index % 3 == 0 { right + 1 } else { right };
        let row = json!({
            "id": format!("boxes-{index}"),
            "prompt": format!("A shop has {boxes} boxes with {each} pears each. How many pears does the shop have?"),
            "engines": {
                "large": {"text": format!("{boxes} * {each} = {right}\n#### {right}"), "correct": true},
                "small": {"text": format!("{boxes} * {each} = {said}\n#### {said}"), "correct": said == right},
            },
        });
        writeln!(text, "{row}").unwrap();
    }
    text
}

async fn replay(data: &str, more: &[&str]) -> Value {
    let args: Vec<&str> = ["replay", "--json", "--data", data]
        .into_iter()
        .chain(more.iter().copied())
        .collect();
    let run = run("plexus", &args, &[], WITHIN).await;
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    serde_json::from_str(&run.stdout).unwrap()
}

#[tokio::test]
async fn what_the_mesh_does_is_what_its_words_made_expect() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("recording.jsonl");
    let decisions = folder.path().join("decisions.jsonl");
    std::fs::write(&data, recording()).unwrap();
    let (data, decisions_path) = (data.display().to_string(), decisions.display().to_string());

    let report = replay(&data, &["--decisions", &decisions_path]).await;
    assert_eq!((&report["weak"], &report["strong"]), (&json!("small"), &json!("large")));
    assert_eq!(report["questions"], 12);
    assert_eq!(report["decisions_that_differ"], 0, "{report:#}");
    assert_eq!(report["unanswered"], 0, "{report:#}");
    // Every wrong answer of the weak engine is found by recomputing, so that only these are paid for twice.
    assert_eq!((&report["rejected"], &report["rejected_wrong"]), (&json!(4), &json!(4)));
    assert_eq!(report["run"]["accuracy"], 1.0);
    let saved = report["saved_at_95"].as_f64().unwrap();
    assert!((0.5..0.75).contains(&saved), "{report:#}");
    assert_eq!(report["baselines"][2]["name"], "oracle");
    for key in ["apgr", "cpt", "curve", "basis", "calls_saved_at_95"] {
        assert!(!report[key].is_null(), "{key}");
    }
    let lines = std::fs::read_to_string(&decisions).unwrap();
    assert_eq!(
        lines
            .lines()
            .filter(|line| line.contains("\"given\":\"strong\""))
            .count(),
        4,
        "{lines}"
    );

    let again = replay(&data, &[]).await;
    for key in ["basis", "decisions_sha256", "saved_at_95"] {
        assert_eq!(report[key], again[key], "{key}");
    }
}

#[tokio::test]
async fn what_is_no_recording_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("broken.jsonl");
    for (text, part) in [
        ("{\"prompt\": \"2 + 2?\"}", "broken.jsonl:1"),
        ("", "has no rows"),
        (
            "{\"prompt\": \"x\", \"engines\": {\"a\": {\"correct\": true}}}",
            "needs two engines",
        ),
    ] {
        std::fs::write(&data, text).unwrap();
        let run = run(
            "plexus",
            &["replay", "--data", &data.display().to_string()],
            &[],
            WITHIN,
        )
        .await;
        assert_eq!(run.code, Some(66), "{}", run.stderr);
        assert!(run.stderr.contains(part), "{}", run.stderr);
    }
}
