//! Random expressions against an independent evaluation, and no panic on any text.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{Signed, Zero};
use plexus_calc::{Verdict, answer, claims, conclusion, verify};
use proptest::prelude::*;

/// An expression of the test's own: evaluated directly, written in ways that the crate must read.
#[derive(Debug, Clone)]
enum Tree {
    Whole(u32),
    Decimal(u32, u8),
    Percent(u16),
    Neg(Box<Tree>),
    Bin(char, Box<Tree>, Box<Tree>),
    Pow(Box<Tree>, u8),
}

impl Tree {
    fn value(&self) -> Option<BigRational> {
        let whole = |n: u32| BigRational::from_integer(BigInt::from(n));
        Some(match self {
            Tree::Whole(n) => whole(*n),
            Tree::Decimal(n, places) => whole(*n) / whole(10).pow(i32::from(*places)),
            Tree::Percent(n) => whole(u32::from(*n)) / whole(100),
            Tree::Neg(a) => -a.value()?,
            Tree::Pow(a, n) => {
                let a = a.value()?;
                let mut product = whole(1);
                for _ in 0..*n {
                    product *= &a;
                }
                product
            }
            Tree::Bin(op, a, b) => {
                let (a, b) = (a.value()?, b.value()?);
                match op {
                    '+' => a + b,
                    '-' => a - b,
                    '*' => a * b,
                    _ if b.is_zero() => return None,
                    _ => a / b,
                }
            }
        })
    }

    fn binds(&self) -> u8 {
        match self {
            Tree::Bin('+' | '-', ..) => 1,
            Tree::Bin(..) => 2,
            Tree::Neg(_) => 3,
            Tree::Pow(..) => 4,
            _ => 5,
        }
    }

    /// With the fewest parentheses, in one of several spellings of the signs.
    fn text(&self, spelling: usize) -> String {
        let within = |tree: &Tree, least: u8| {
            let text = tree.text(spelling);
            if tree.binds() < least {
                format!("({text})")
            } else {
                text
            }
        };
        match self {
            Tree::Whole(n) if spelling == 2 => grouped(*n),
            Tree::Whole(n) => n.to_string(),
            Tree::Decimal(n, places) => {
                let digits = format!("{n:0>width$}", width = usize::from(*places) + 1);
                let (whole, fraction) = digits.split_at(digits.len() - usize::from(*places));
                if *places == 0 {
                    whole.to_owned()
                } else {
                    format!("{whole}.{fraction}")
                }
            }
            Tree::Percent(n) => format!("{n}%"),
            Tree::Neg(a) => format!("-{}", within(a, 4)),
            Tree::Pow(a, n) => format!("{}^{n}", within(a, 5)),
            Tree::Bin(op, a, b) => {
                let left = if matches!(op, '+' | '-') { 1 } else { 2 };
                let sign = match (spelling, op) {
                    (1, '*') => "×",
                    (1, '/') => "÷",
                    (1, '-') => "−",
                    (3, '+') => "plus",
                    (3, '-') => "minus",
                    (3, '*') => "times",
                    (3, '/') => "divided by",
                    (_, '+') => "+",
                    (_, '-') => "-",
                    (_, '*') => "*",
                    _ => "/",
                };
                // A percentage is no term of a sum: what it would mean is not settled.
                format!("{} {sign} {}", within(a, left), within(b, left + 1))
            }
        }
    }

    fn is_percent(&self) -> bool {
        match self {
            Tree::Percent(_) => true,
            Tree::Neg(a) => a.is_percent(),
            _ => false,
        }
    }

    /// A percentage where nobody argues about its meaning: inside products and quotients.
    fn settled(&self) -> bool {
        match self {
            Tree::Bin(op, a, b) => {
                a.settled() && b.settled() && (matches!(op, '*' | '/') || !(a.is_percent() || b.is_percent()))
            }
            Tree::Neg(a) => a.settled(),
            Tree::Pow(a, _) => a.settled() && !matches!(**a, Tree::Percent(_)),
            _ => true,
        }
    }
}

fn grouped(n: u32) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(c);
    }
    text
}

fn trees() -> impl Strategy<Value = Tree> {
    let leaf = prop_oneof![
        4 => (0..2_000_000u32).prop_map(Tree::Whole),
        4 => (0..100u32).prop_map(Tree::Whole),
        2 => ((0..100_000u32), (0..5u8)).prop_map(|(n, places)| Tree::Decimal(n, places)),
        1 => (1..300u16).prop_map(Tree::Percent),
    ];
    leaf.prop_recursive(5, 40, 2, |inner| {
        prop_oneof![
            6 => (prop_oneof![Just('+'), Just('-'), Just('*'), Just('/')], inner.clone(), inner.clone())
                .prop_map(|(op, a, b)| Tree::Bin(op, Box::new(a), Box::new(b))),
            1 => inner.clone().prop_map(|a| Tree::Neg(Box::new(a))),
            1 => (inner, 2..4u8).prop_map(|(a, n)| Tree::Pow(Box::new(a), n)),
        ]
    })
}

/// Reads a result: a whole number, a decimal or a fraction.
fn read(result: &str) -> BigRational {
    let whole = |digits: &str| digits.parse::<BigInt>().expect("a result is written in digits");
    if let Some((n, d)) = result.split_once('/') {
        return BigRational::new(whole(n), whole(d));
    }
    let (before, after) = result.split_once('.').unwrap_or((result, ""));
    BigRational::new(
        whole(&format!("{before}{after}")),
        BigInt::from(10).pow(after.len() as u32),
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, max_global_rejects: 100_000, ..ProptestConfig::default() })]

    #[test]
    fn expressions_are_exact(tree in trees(), spelling in 0..4usize) {
        prop_assume!(matches!(tree, Tree::Bin(..)) && tree.settled());
        let text = tree.text(spelling);
        match (answer(&format!("what is {text}?")), tree.value()) {
            (Ok(answer), Some(value)) => {
                prop_assert_eq!(answer.value.as_ref(), Some(&value), "{}", text);
                prop_assert_eq!(read(&answer.result), value, "{}", text);
                prop_assert!(answer.exact);
            }
            (Ok(answer), None) => prop_assert!(false, "{text} has no value, answered {}", answer.text),
            // Only what is too big, undefined, or a saying may be declined.
            (Err(reason), value) => prop_assert!(
                value.is_none() || ["too big", "zero", "name"].iter().any(|r| reason.0.contains(r)) || text.len() > 300,
                "{text}: {reason}"
            ),
        }
    }

    #[test]
    fn a_true_equation_holds_and_a_false_one_does_not(tree in trees(), off in 1..50i64) {
        prop_assume!(matches!(tree, Tree::Bin(..)) && tree.settled());
        let Some(value) = tree.value() else { return Ok(()) };
        prop_assume!(value.is_integer() && value.numer().bits() < 100);
        let text = tree.text(0);
        for claim in claims(&format!("Now {text} = {}, as we see.", value.numer())) {
            prop_assert_ne!(verify(&claim), Verdict::Unknown, "{:?}", claim);
            prop_assert_eq!(verify(&claim), Verdict::Holds, "{:?}", claim);
        }
        let wrong = value.numer() + BigInt::from(off);
        let found = claims(&format!("Now {text} = {wrong}, as we see."));
        for claim in &found {
            prop_assert_ne!(verify(claim), Verdict::Holds, "{:?}", claim);
        }
    }

    #[test]
    fn linear_equations_are_solved(a in -50..50i64, b in -500..500i64, c in -50..50i64, d in -500..500i64) {
        let question = format!("solve {a}x + {b} = {c}x + {d}").replace("+ -", "- ");
        let answer = answer(&question).unwrap();
        if a == c {
            prop_assert_eq!(answer.result, if b == d { "every number" } else { "no solution" });
        } else {
            let root = BigRational::new(BigInt::from(d - b), BigInt::from(a - c));
            prop_assert_eq!(answer.value, Some(root), "{}", question);
        }
    }

    #[test]
    fn quadratics_have_their_roots(p in -40..40i64, q in -40..40i64, a in 1..5i64) {
        let question = format!("{a}x^2 + {}x + {} = 0", -a * (p + q), a * p * q).replace("+ -", "- ");
        let answer = answer(&question).unwrap();
        let expected = if p == q { p.to_string() } else { format!("{} or {}", p.min(q), p.max(q)) };
        prop_assert_eq!(answer.result, expected, "{}", question);
    }

    #[test]
    fn roots_are_within_their_digits(n in 2..1_000_000u64) {
        let answer = answer(&format!("sqrt({n})")).unwrap();
        let root = answer.value.unwrap();
        let square = &root * &root - BigRational::from_integer(n.into());
        let bound = if answer.exact { BigRational::zero() } else { BigRational::new(n.into(), 1_000_000_000.into()) };
        prop_assert!(square.abs() <= bound, "{}", n);
    }

    #[test]
    fn money_is_rounded_to_the_nearest_cent(cents in 1..10_000_000u64, percent in 1..100u64) {
        let bill = format!("{}.{:02}", cents / 100, cents % 100);
        let answer = answer(&format!("{percent}% tip on ${bill}")).unwrap();
        let tip = (cents * percent * 2 + 100) / 200;
        prop_assert_eq!(read(&answer.result), BigRational::new(tip.into(), 100.into()), "{} of {}", percent, bill);
        let total = format!("= ${}.{:02}", (cents + tip) / 100, (cents + tip) % 100);
        prop_assert!(answer.text.contains(&total), "{}", answer.text);
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,200}") {
        let exact = answer("2 + 2").unwrap();
        let _ = answer(&text);
        let _ = conclusion(&text, &exact);
        for claim in claims(&text) {
            let _ = verify(&claim);
        }
    }

    #[test]
    fn no_sentence_of_its_words_panics(words in prop::collection::vec(prop::sample::select(WORDS), 0..25), spaced in any::<bool>()) {
        let text = words.join(if spaced { " " } else { "" });
        let exact = answer("2 + 2").unwrap();
        // Whatever is answered holds by its own claims.
        if let Ok(answer) = answer(&text) {
            for claim in claims(&answer.text).iter().filter(|_| !answer.text.starts_with("no, ")) {
                prop_assert!(!matches!(verify(claim), Verdict::Wrong { .. }), "{}: {}", text, answer.text);
            }
        }
        let _ = conclusion(&text, &exact);
        for claim in claims(&text) {
            let _ = verify(&claim);
        }
    }
}

const WORDS: &[&str] = &[
    "what",
    "is",
    "1",
    "2",
    "3.5",
    "0",
    "100",
    "1,000",
    "$5",
    "%",
    "of",
    "+",
    "-",
    "*",
    "/",
    "^",
    "(",
    ")",
    "=",
    "x",
    "y",
    "plus",
    "times",
    "minus",
    "divided by",
    "sqrt",
    "the",
    "square root",
    "sum",
    "and",
    ",",
    "average",
    "km",
    "miles",
    "in",
    "to",
    "how many",
    "seconds",
    "a",
    "week",
    "percent",
    "half",
    "double",
    "tip",
    "on",
    "off",
    "split",
    "among",
    "people",
    "!",
    "?",
    "°",
    "F",
    "C",
    "prime",
    "factors",
    "gcd",
    "mod",
    "log",
    "base",
    "pi",
    "e",
    "two",
    "hundred",
    "thousand",
    "2024-02-29",
    "days",
    "between",
    "round",
    "decimal",
    "places",
    "hex",
    "0xFF",
    "≈",
    "\\frac{1}{2}",
    "{",
    "}",
    "<<",
    ">>",
    "**",
    "²",
    "½",
    "solve",
    "for",
    "\n",
    "```",
    "…",
    "for",
];
