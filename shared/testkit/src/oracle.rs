//! Judges answers by a Python script: its standard library knows what is right, and knows nothing of this project.
//!
//! A case carries a Python expression. The script defines the names in it; evaluated, it is a function that takes the
//! answer (a dict) and says whether it is right, or a pair of such a function and what it expects.

use std::{
    collections::BTreeMap,
    env,
    io::{BufRead as _, BufReader, Write as _},
    process::{Child, Command, Stdio},
};

use serde_json::{Value, json};

/// Reads cases as JSON lines, writes a verdict for each.
const SERVE: &str = include_str!("oracle.py");

/// The most wrong answers that are shown.
const MAX_SHOWN: usize = 40;

/// A question, what was answered, and how Python sees it.
#[derive(Debug, Clone)]
pub struct Case {
    /// What sort of question it is: shares are counted by kind.
    pub kind: &'static str,
    /// As it was asked.
    pub question: String,
    /// The Python expression that judges the answer.
    pub check: String,
    /// What was answered; none: declined.
    pub answer: Option<Value>,
}

/// Random choices that are the same in every run.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// From `PLEXUS_TEST_SEED` if it is set, else from a fixed seed.
    pub fn seeded() -> Self {
        let seed = env::var("PLEXUS_TEST_SEED").ok().and_then(|seed| seed.parse().ok());
        Self(seed.unwrap_or(20_250_101))
    }

    /// SplitMix64 (Steele, Lea and Flood, 2014).
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = high.abs_diff(low).saturating_add(1);
        low.saturating_add_unsigned(self.next() % span)
    }

    /// One of several.
    pub fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        let last = i64::try_from(of.len()).expect("few choices") - 1;
        of[usize::try_from(self.between(0, last)).expect("an index")]
    }

    /// True in one of `n` throws.
    pub fn one_in(&mut self, n: i64) -> bool {
        self.between(1, n) == 1
    }
}

/// Holds answers to what Python says.
///
/// `floors`: the share of each kind that must be answered, in percent. Says whether there was a Python to judge.
///
/// # Panics
/// Where an answer is wrong, a kind is answered too rarely, or the kinds of cases and floors are not the same. Without
/// Python, only says so.
pub fn hold(script: &str, cases: &[Case], floors: &[(&str, usize)]) -> bool {
    let python = env::var("PLEXUS_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    // Not by `eprintln!`, which a passing test keeps to itself.
    let mut notice = std::io::stderr();
    let child = Command::new(&python)
        .args(["-c", &format!("{script}\n{SERVE}")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let child = match child {
        Ok(child) => child,
        Err(problem) => {
            let _ = writeln!(
                notice,
                "SKIPPED: {} answers were not judged: cannot start {python} ({problem}); name one by PLEXUS_TEST_PYTHON",
                cases.len()
            );
            return false;
        }
    };
    let wrong = judge(child, cases);
    let mut shares: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for case in cases {
        let (answered, all) = shares.entry(case.kind).or_default();
        *answered += usize::from(case.answer.is_some());
        *all += 1;
    }
    for (kind, (answered, all)) in &shares {
        let _ = writeln!(notice, "{kind}: {answered} of {all} answered");
    }
    assert!(
        wrong.is_empty(),
        "{} wrong answers:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(MAX_SHOWN)].join("\n")
    );
    for (kind, floor) in floors {
        let (answered, all) = shares.remove(kind).unwrap_or_default();
        assert!(
            all > 0 && answered * 100 >= all * floor,
            "{kind}: only {answered} of {all} answered"
        );
    }
    assert!(shares.is_empty(), "kinds without a floor: {shares:?}");
    true
}

/// What is wrong, in words.
fn judge(mut child: Child, cases: &[Case]) -> Vec<String> {
    let asked: Vec<&Case> = cases.iter().filter(|case| case.answer.is_some()).collect();
    let lines: Vec<String> = asked
        .iter()
        .map(|case| json!({"check": case.check, "answer": case.answer}).to_string())
        .collect();
    let mut stdin = child.stdin.take().expect("stdin is piped");
    // Both pipes are small: writing and reading go on at the same time.
    let writer = std::thread::spawn(move || {
        for line in lines {
            writeln!(stdin, "{line}").expect("Python reads what it is told");
        }
    });
    let stdout = BufReader::new(child.stdout.take().expect("stdout is piped"));
    let verdicts: Vec<Value> = stdout
        .lines()
        .map(|line| serde_json::from_str(&line.expect("Python writes text")).expect("a verdict is JSON"))
        .collect();
    writer.join().expect("all cases are written");
    assert!(child.wait().expect("Python ends").success(), "Python failed");
    assert_eq!(verdicts.len(), asked.len(), "every answer gets a verdict");
    let told = |(case, verdict): (&&Case, &Value)| {
        (verdict["right"] != true).then(|| {
            let answer = case.answer.as_ref().expect("only answers are judged");
            format!(
                "[{}] {}\n  said {answer}\n  Python: {} by {}",
                case.kind, case.question, verdict["expected"], case.check
            )
        })
    };
    asked.iter().zip(&verdicts).filter_map(told).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(answer: Option<i64>) -> Case {
        Case {
            kind: "sum",
            question: "1 + 1".into(),
            check: "is_(1 + 1)".into(),
            answer: answer.map(Value::from),
        }
    }

    #[test]
    fn what_is_wrong_is_found() {
        let script = "def is_(n): return (lambda answer: answer == n), n";
        let floors = [("sum", 50)];
        let fails = |cases: Vec<Case>| std::panic::catch_unwind(|| hold(script, &cases, &floors)).is_err();
        if !hold(script, &[sum(Some(2)), sum(None)], &floors) {
            return;
        }
        assert!(fails(vec![sum(Some(2)), sum(Some(3))]), "a wrong answer");
        assert!(fails(vec![sum(Some(2)), sum(None), sum(None)]), "answered too rarely");
        let broken = Case {
            check: "1 / 0".into(),
            ..sum(Some(2))
        };
        assert!(fails(vec![broken]), "an answer where there is none");
        let other = Case {
            kind: "other",
            ..sum(Some(2))
        };
        assert!(fails(vec![sum(Some(2)), other]), "a kind without a floor");
    }

    #[test]
    fn dice_stay_within_their_bounds() {
        let mut dice = Dice(1);
        let thrown: Vec<i64> = (0..200).map(|_| dice.between(-1, 2)).collect();
        assert!((-1..=2).all(|n| thrown.contains(&n)) && thrown.iter().all(|n| (-1..=2).contains(n)));
        assert_eq!(dice.between(5, 5), 5);
    }
}
