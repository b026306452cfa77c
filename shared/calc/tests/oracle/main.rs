//! Random questions in plain words, answered here and by Python: whatever is answered must be right to the last digit.

mod amounts;
mod arithmetic;
mod equations;
mod numbers;
mod things;

use plexus_calc::answer;
use plexus_testkit::oracle::{Case, Dice, hold};
use serde_json::json;

/// The share of each kind that must be answered, in percent.
const FLOORS: &[(&str, usize)] = &[
    ("arithmetic", 90),
    ("operator words", 70),
    ("number words", 95),
    ("functions", 90),
    ("fractions", 85),
    ("percentages", 95),
    ("changes by percent", 95),
    ("money", 95),
    ("interest", 95),
    ("averages", 95),
    ("lists", 95),
    ("rounding", 95),
    ("comparison", 95),
    ("linear equations", 95),
    ("quadratic equations", 95),
    ("systems", 95),
    ("units", 95),
    ("temperatures", 95),
    ("dates", 95),
    ("bases", 80),
    ("roman numerals", 95),
    ("divisors", 95),
    ("primes", 95),
    ("counting", 95),
    ("true or false", 95),
    ("no answer", 0),
];

/// Questions of each kind.
const EACH: usize = 110;

/// A question and the Python expression that judges its answer.
type Asked = (String, String);

/// As people ask.
fn wrapped(dice: &mut Dice, question: &str) -> String {
    let wrap = dice.pick(&[
        "{}",
        "what is {}?",
        "What's {}?",
        "calculate {}",
        "{} =",
        "How much is {}?",
        "please compute {}",
        "Can you tell me what {} is?",
        "hey, what is {}",
        "{}?",
    ]);
    wrap.replace("{}", question)
}

/// A decimal as text: up to so large, with few places, never written with zeros at its end.
fn decimal(dice: &mut Dice, most: i64, places: usize) -> String {
    let whole = dice.between(1, most);
    match dice.between(0, i64::try_from(places).unwrap_or(0)) {
        0 => whole.to_string(),
        places => {
            let digits: String = (1..places).map(|_| dice.between(0, 9).to_string()).collect();
            format!("{whole}.{digits}{}", dice.between(1, 9))
        }
    }
}

/// A kind of question: its name, and what makes one.
type Kind = (&'static str, fn(&mut Dice) -> Asked);

#[test]
fn python_agrees() {
    let mut dice = Dice::seeded();
    let kinds: &[Kind] = &[
        ("arithmetic", arithmetic::signs),
        ("operator words", arithmetic::words),
        ("number words", arithmetic::number_words),
        ("functions", arithmetic::functions),
        ("fractions", arithmetic::fractions),
        ("true or false", arithmetic::claims),
        ("no answer", arithmetic::undefined),
        ("percentages", amounts::percentages),
        ("changes by percent", amounts::changes),
        ("money", amounts::money),
        ("interest", amounts::interest),
        ("averages", amounts::averages),
        ("lists", amounts::lists),
        ("rounding", amounts::rounding),
        ("comparison", amounts::comparison),
        ("linear equations", equations::linear),
        ("quadratic equations", equations::quadratic),
        ("systems", equations::systems),
        ("units", things::units),
        ("temperatures", things::temperatures),
        ("dates", things::dates),
        ("bases", numbers::bases),
        ("roman numerals", numbers::roman),
        ("divisors", numbers::divisors),
        ("primes", numbers::primes),
        ("counting", numbers::counting),
    ];
    let mut cases = Vec::new();
    for (kind, ask) in kinds {
        for _ in 0..EACH {
            let (question, check) = ask(&mut dice);
            let answer = answer(&question).ok();
            let answer = answer.map(|a| json!({"text": a.text, "result": a.result, "exact": a.exact}));
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
