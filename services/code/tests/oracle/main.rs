//! Random questions on data, encodings, patterns and schedules, answered here and by Python's standard library.

mod data;
mod text;

use plexus_code::domain::CodeSolver;
use plexus_specialist::exact::ExactSolver;
use plexus_testkit::oracle::{Case, Dice, hold};

/// The share of each kind that must be answered, in percent.
const FLOORS: &[(&str, usize)] = &[
    ("layout", 95),
    ("validity", 95),
    ("json to toml", 60),
    ("toml to json", 90),
    ("yaml to json", 60),
    ("there and back", 80),
    ("encodings", 90),
    ("decodings", 90),
    ("hashes", 90),
    ("unix time", 90),
    ("regex tests", 60),
    ("regex matches", 40),
    ("cron", 90),
];

/// Questions of each kind.
const EACH: usize = 70;

/// A question and the Python expression that judges its answer; none: what leads to the question was declined.
type Asked = Option<(String, String)>;

fn solved(question: &str) -> Option<String> {
    CodeSolver.solve(question).ok().map(|solution| solution.text)
}

/// As Python writes a text: JSON's escapes are Python's too.
fn python(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A kind of question: its name, and what makes one.
type Kind = (&'static str, fn(&mut Dice) -> Asked);

#[test]
fn python_agrees() {
    let mut dice = Dice::seeded();
    let kinds: &[Kind] = &[
        ("layout", data::layout),
        ("validity", data::validity),
        ("json to toml", data::to_toml),
        ("toml to json", data::from_toml),
        ("yaml to json", data::from_yaml),
        ("there and back", data::there_and_back),
        ("encodings", text::encodings),
        ("decodings", text::decodings),
        ("hashes", text::hashes),
        ("unix time", text::times),
        ("regex tests", text::tests),
        ("regex matches", text::matches),
        ("cron", text::crons),
    ];
    let mut cases = Vec::new();
    for (kind, ask) in kinds {
        for _ in 0..EACH {
            let asked = ask(&mut dice);
            let answer = asked
                .as_ref()
                .and_then(|(question, _)| solved(question))
                .map(Into::into);
            let (question, check) = asked.unwrap_or_default();
            cases.push(Case {
                kind,
                question,
                check,
                answer,
            });
        }
    }
    hold(include_str!("oracle.py"), &cases, FLOORS);
}
