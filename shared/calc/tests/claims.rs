//! Claims in running texts: what is found where, what is wrong, and what must raise no alarm.

use plexus_calc::{Conclusion, Verdict, answer, claims, conclusion, verify};

/// Texts whose every claim holds, and how many there are.
const RIGHT: &[(&str, usize)] = &[
    ("2 + 2 = 4", 1),
    ("So 12 × 12 = 144.", 1),
    ("15% of 240 = 36", 1),
    ("15% of 240 is 36.", 1),
    ("2 + 2 equals 4, of course", 1),
    ("3 times 4 is equal to 12", 1),
    ("She pays 4 * $2.50 = $10 in total", 1),
    ("5 * 6 = 30 + 4 = 34", 2),
    ("15% of $80 = (15/100)*$80 = $12", 2),
    ("48/2 = <<48/2=24>>24 clips", 2),
    ("$2 \\times 3 = 6$ and $\\frac{1}{2} + \\frac{1}{4} = \\frac{3}{4}$", 2),
    ("\\[ 10{,}000 \\div 4 = 2{,}500 \\]", 1),
    ("**Total: 3 + 4 = 7**", 1),
    ("- 3 + 4 = 7", 1),
    ("1. 10 - 3 = 7", 1),
    ("10 / 3 = 3.33", 1),
    ("10 / 3 = 3.3333333333333335", 1),
    ("10 / 3 ≈ 3.3", 1),
    ("10 / 3 = 3.33...", 1),
    ("20 / 3 = 6.66...", 1),
    ("1/8 = 0.12", 1),
    ("1/8 = 0.13", 1),
    ("2**10 = 1024", 1),
    ("2^100 = 1.27 × 10^30", 1),
    ("sqrt(2) ≈ 1.414", 1),
    ("5! = 120", 1),
    ("20 / 80 = 25%", 1),
    ("9 / 2 = 4 1/2", 1),
    ("48 cookies + 12 cookies = 60 cookies", 1),
    ("4 cakes per day * 6 days = 24 cakes", 1),
    ("72 °F = 22.22 °C", 1),
    ("5 miles = 8.05 km", 1),
    ("1 mile is about 1.6 km", 1),
    ("3x + 5 = 20, so x = 5", 1),
    ("3x + 5 = 20\n3x = 15\nx = 15 / 3 = 5", 2),
    ("-4 + 9 = 5", 1),
    ("3 - -2 = 5", 1),
    ("99.1 plus 0.9 equals 100", 1),
    ("1,250 + 750 = 2,000", 1),
];

/// Texts with one wrong claim: its passage, its line and column, and what should stand there.
const WRONG: &[(&str, &str, u32, u32, &str)] = &[
    ("12 × 12 = 145", "12 × 12 = 145", 1, 1, "144"),
    ("Well,\nso 2 + 2 = 5 apples.", "2 + 2 = 5", 2, 4, "4"),
    ("15% of 240 is 35.", "15% of 240 is 35", 1, 1, "36"),
    ("2 + 2 equals 5", "2 + 2 equals 5", 1, 1, "4"),
    ("10 / 3 = 3.34", "10 / 3 = 3.34", 1, 1, "3.3333333"),
    ("20 / 80 = 20%", "20 / 80 = 20%", 1, 1, "25%"),
    ("Total: $4.50 + $3.20 = $7.80", "$4.50 + $3.20 = $7.80", 1, 8, "7.7"),
    ("48/2 = <<48/2=24>>25", "48/2 = <<48/2=24>>25", 1, 1, "24"),
    ("$2 \\times 3 = 7$", "$2 \\times 3 = 7", 1, 1, "6"),
    ("72 °F = 25 °C", "72 °F = 25 °C", 1, 1, "22.222222 °C"),
    ("3x + 5 = 20, so x = 6", "x = 6", 1, 17, "x = 5"),
    (
        "48 cookies + 12 cookies = 61 cookies",
        "48 cookies + 12 cookies = 61",
        1,
        1,
        "60",
    ),
    ("sqrt(2) = 1.5", "sqrt(2) = 1.5", 1, 1, "1.414213562"),
    ("Ünïcödé first, then 3 * 3 = 10", "3 * 3 = 10", 1, 21, "9"),
];

/// Texts without a wrong claim: nothing is claimed, or the words leave doubt.
const NO_ALARM: &[&str] = &[
    "",
    "n = 5",
    "x = 5",
    "Let y = 3 and z = 4",
    "a == b",
    "if 2 + 2 == 5 then",
    "2 + 2 != 5",
    "2 + 2 ≠ 5",
    "x += 3",
    "3 <= 5",
    "y = 2x + 1",
    "f(2) + 3 = 7",
    "f(x) = 2x + 1, f(3) = 7",
    "a[2] = 5",
    "x_1 + 2 = 7",
    "3x = 12",
    "2X-3 = 17",
    "2g + 80 - 4g = 70",
    "21 - 3 = 2 * S",
    "21 = 2 * S + 3",
    "75 - 35 = 5C - 3C",
    "cost * 3 = 9",
    "price - 2 = 8",
    "apples + 4 = 9",
    "On 2024-02-28 = Wednesday",
    "from 10:30 - 9:00 = 1:30",
    "version 1.2 = 3",
    "pages 3-5 = the introduction",
    "1 hour + 30 minutes = 90 minutes",
    "2 dozen + 3 eggs = 27 eggs",
    "50 cents * 4 = $2",
    "3 dozen * $68 = $204",
    "2 feet * 12 inches = 24 inches",
    "1 week = 5 days",
    "1 cup = 240 ml",
    "100 + 10% = 110",
    "7 / 2 = 3 remainder 1",
    "17 mod 5 = 3",
    "10 + 5 = 3 (mod 12)",
    "1 + 1 = 10 in binary",
    "It is wrong that 2 + 2 = 5.",
    "Suppose 2 + 2 = 5.",
    "Is 2 + 2 = 5?",
    "2 + 2 = ?",
    "2 + 2 = x",
    "20% of 50 is 8 less than 18",
    "15% of the total is 40",
    "half of 36 + 4 = 20",
    "28 / 1/5 = 140",
    "33.33 * 3 = 100.00",
    "5 ft 11 in = 180.34 cm",
    "1 + 2 + ... + 100 = 5050",
    "1 + 2 + … + n = n(n+1)/2",
    "```\n2 + 2 = 5\n```",
    "~~~ python\n2 + 2 = 5\n~~~",
    "H2 + O2 = 2",
    "3 + 4 = 7x",
    "her 25 friends + her 1 teacher + 1 = 27",
    "the 3rd + 4 = 9",
    "#3 + 4 = 9",
    "3 < 4 = true",
    "2x + 3 = 7 or x^2 = 4, x = 5",
    "x = 2 or x = 3 solve x^2 - 5x + 6 = 0",
];

#[test]
fn right_claims_hold() {
    for (text, count) in RIGHT {
        let found = claims(text);
        for claim in &found {
            assert_eq!(verify(claim), Verdict::Holds, "{text}: {claim:?}");
        }
        assert_eq!(found.len(), *count, "{text}: {found:?}");
    }
}

#[test]
fn wrong_claims_are_placed() {
    for (text, excerpt, line, column, should) in WRONG {
        let wrong: Vec<_> = claims(text)
            .into_iter()
            .filter_map(|claim| match verify(&claim) {
                Verdict::Wrong { expected } => Some((claim, expected)),
                _ => None,
            })
            .collect();
        let [(claim, expected)] = wrong.as_slice() else {
            panic!("{text}: {wrong:?}")
        };
        assert_eq!(
            (claim.excerpt.as_str(), claim.line, claim.column),
            (*excerpt, *line, *column),
            "{text}"
        );
        assert_eq!(expected, should, "{text}");
    }
}

#[test]
fn doubt_raises_no_alarm() {
    for text in NO_ALARM {
        for claim in claims(text) {
            assert!(!matches!(verify(&claim), Verdict::Wrong { .. }), "{text}: {claim:?}");
        }
    }
}

#[test]
fn long_lines_keep_their_columns() {
    let text = format!("{}2 + 2 = 5", "word ".repeat(20_000));
    let found = claims(&text);
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].column, found[0].excerpt.as_str()), (100_001, "2 + 2 = 5"));
}

#[test]
fn conclusions() {
    let exact = answer("What is 15% of 240?").unwrap();
    let differs = |text: &str| matches!(conclusion(text, &exact), Some(Conclusion::Differs { .. }));
    assert_eq!(conclusion("It is 36.", &exact), Some(Conclusion::Agrees));
    assert_eq!(conclusion("Thirty-six.", &exact), Some(Conclusion::Agrees));
    assert!(differs("It is 35."));
    assert!(differs("First I multiply.\n\nThe answer is **42**\n"));
    for open in [
        "",
        "No idea.",
        "It is 36.\nBut 7 of them are odd.",
        "Between 30 and 40",
        "It is 35 or 36, or 37",
        "In 2024-01-01",
    ] {
        assert!(!differs(open), "{open}");
    }
}
