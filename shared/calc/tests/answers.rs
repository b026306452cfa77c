//! Questions in plain words: what is answered, with which text, and what must be declined.

use plexus_calc::{Verdict, answer, claims, verify};

/// Question, text of the answer, bare result.
const ANSWERED: &[(&str, &str, &str)] = &[
    // percentages
    ("What is 15% of 240?", "15% of 240 = 36", "36"),
    ("compute 12.5% of 80", "12.5% of 80 = 10", "10"),
    ("what percent of 80 is 20", "20 / 80 = 25%", "25%"),
    ("20 is what percent of 80?", "20 / 80 = 25%", "25%"),
    ("20 is 25% of what number?", "25% of 80 = 20", "80"),
    ("increase 80 by 25%", "80 + 25% of 80 = 100", "100"),
    ("decrease 80 by 25 percent", "80 - 25% of 80 = 60", "60"),
    ("percentage increase from 50 to 75", "(75 - 50) / 50 = 50%", "50%"),
    ("1/4 as a percentage", "1/4 = 25%", "25%"),
    ("100% - 20%", "100% - 20% = 0.8", "0.8"),
    // money
    (
        "18% tip on $84.50",
        "18% of $84.50 = $15.21 tip; total $84.50 + $15.21 = $99.71",
        "15.21",
    ),
    (
        "What's an 18% tip on an $84.50 bill?",
        "18% of $84.50 = $15.21 tip; total $84.50 + $15.21 = $99.71",
        "15.21",
    ),
    (
        "Calculate a 15% tip on $23.45",
        "15% of $23.45 ≈ $3.52 tip (rounded to the cent); total $23.45 + $3.52 = $26.97",
        "3.52",
    ),
    ("split $120 among 4 people", "$120 / 4 = $30.00 each", "30"),
    ("split $100 among 3 people", "$100 / 3 ≈ $33.33 each (rounded)", "33.33"),
    ("20% off $50", "20% off $50: $50 - $10.00 = $40.00", "40"),
    ("$19.99 * 3", "$19.99 × 3 = $59.97", "59.97"),
    (
        "simple interest on $1000 at 5% for 3 years",
        "$1000 × 5% × 3 = $150.00 simple interest; total $1150.00",
        "150",
    ),
    // arithmetic
    (
        "2^100",
        "2^100 = 1267650600228229401496703205376",
        "1267650600228229401496703205376",
    ),
    ("what's 1/3 + 1/6", "1/3 + 1/6 = 1/2 = 0.5", "0.5"),
    ("2/3 + 1/6?", "2/3 + 1/6 = 5/6 ≈ 0.8333333333", "5/6"),
    ("10/3", "10/3 ≈ 3.333333333", "10/3"),
    ("simplify 12/18", "12/18 = 2/3 ≈ 0.6666666667", "2/3"),
    ("0.1 + 0.2", "0.1 + 0.2 = 0.3", "0.3"),
    ("12 times 12", "12 × 12 = 144", "144"),
    ("7 plus 8 minus 3", "7 + 8 - 3 = 12", "12"),
    ("(3 + 4) × 2 − 1", "(3 + 4) × 2 - 1 = 13", "13"),
    ("10 ÷ 4", "10/4 = 2.5", "2.5"),
    ("3 x 4", "3 × 4 = 12", "12"),
    ("1,234 + 1", "1234 + 1 = 1235", "1235"),
    ("-2^2", "-2^2 = -4", "-4"),
    ("2^3^2", "2^3^2 = 512", "512"),
    ("5² + 1", "5^2 + 1 = 26", "26"),
    ("17 mod 5", "17 mod 5 = 2", "2"),
    ("17 % 5", "17 mod 5 = 2", "2"),
    ("2 + 2 =", "2 + 2 = 4", "4"),
    ("what does 2 + 2 equal?", "2 + 2 = 4", "4"),
    ("Hey, can you please tell me what 7 times 8 is?", "7 × 8 = 56", "56"),
    ("two plus two", "2 + 2 = 4", "4"),
    ("what is two hundred and five times three?", "205 × 3 = 615", "615"),
    ("half of 36", "1/2 of 36 = 18", "18"),
    ("double 21", "2 × 21 = 42", "42"),
    ("then double (2/3)", "2 × (2/3) = 4/3 ≈ 1.333333333", "4/3"),
    ("is 2 + 2 = 5?", "no, 2 + 2 = 4, not 5", "no"),
    // roots, powers, functions
    ("sqrt(144)", "sqrt(144) = 12", "12"),
    ("square root of 2", "sqrt(2) ≈ 1.414213562", "1.414213562"),
    ("√(9/4)", "sqrt(9/4) = 3/2 = 1.5", "1.5"),
    ("cube root of 27", "cbrt(27) = 3", "3"),
    ("sin(30°)", "sin(30°) = 0.5", "0.5"),
    ("log(1000)", "log10(1000) = 3", "3"),
    ("ln(2)", "ln(2) ≈ 0.6931471806", "0.6931471806"),
    ("factorial of 20", "20! = 2432902008176640000", "2432902008176640000"),
    ("what is 5!", "5! = 120", "120"),
    // whole numbers
    ("is 97 prime", "yes, 97 is prime", "yes"),
    ("is 91 a prime number?", "no, 91 is not prime: 91 = 7 × 13", "no"),
    ("prime factors of 360", "360 = 2^3 × 3^2 × 5", "2^3 × 3^2 × 5"),
    ("gcd of 12 and 18", "gcd(12, 18) = 6", "6"),
    ("lcm of 4, 6 and 10", "lcm(4, 6, 10) = 60", "60"),
    ("(2 + 3) mod 4", "(2 + 3) mod 4 = 1", "1"),
    ("2 * 3 mod 4", "2 × 3 mod 4 = 2", "2"),
    ("round -2.4", "-2.4 ≈ -2", "-2"),
    (
        "100 mb in kb",
        "100 MB = 100000 kB (1 kB = 1000 bytes, 1 KiB = 1024 bytes)",
        "100000",
    ),
    ("XIV in decimal", "XIV = 14", "14"),
    ("roman numeral cd", "CD = 400", "400"),
    (
        "what date is 30 days after 2024-01-31?",
        "30 days after 2024-01-31: 2024-03-01",
        "2024-03-01",
    ),
    ("average of the numbers 1, 2 and 6", "(1 + 2 + 6) / 3 = 3", "3"),
    ("remainder when 17 is divided by 5", "17 mod 5 = 2", "2"),
    ("10 choose 3", "C(10, 3) = 120", "120"),
    ("sum of 1 to 100", "1 + ... + 100 = (1 + 100) × 100 / 2 = 5050", "5050"),
    // lists
    ("average of 3, 4, 5", "(3 + 4 + 5) / 3 = 4", "4"),
    ("sum of 3 and 4", "3 + 4 = 7", "7"),
    ("product of 6 and 7", "6 × 7 = 42", "42"),
    ("difference between 3 and 10", "10 - 3 = 7", "7"),
    ("subtract 5 from 12", "12 - 5 = 7", "7"),
    ("median of 5, 1, 9", "median(5, 1, 9) = 5", "5"),
    // units
    ("what is 72 F in C", "72 °F = 22.22 °C (exactly 200/9 °C)", "200/9"),
    ("-40 F to C", "-40 °F = -40 °C", "-40"),
    ("convert 5 miles to km", "5 miles = 8.04672 km", "8.04672"),
    ("how many seconds in a week", "1 week = 604800 s", "604800"),
    ("how many ounces are there in a pound?", "1 lb = 16 oz", "16"),
    ("5 feet 11 inches in cm", "5 ft 11 in = 180.34 cm", "180.34"),
    ("what is 3/8 of a litre in millilitres?", "0.375 L = 375 mL", "375"),
    ("36 km/h in m/s", "36 km/h = 10 m/s", "10"),
    ("5 in to cm", "5 in = 12.7 cm", "12.7"),
    // bases, dates, rounding, comparison
    ("convert 255 to hex", "255 in hexadecimal is 0xFF", "0xFF"),
    ("255 in binary", "255 in binary is 0b11111111", "0b11111111"),
    ("0x1F in decimal", "0x1F in decimal is 31", "31"),
    ("2024 in roman numerals", "2024 in Roman numerals is MMXXIV", "MMXXIV"),
    (
        "days between 2024-02-28 and 2024-03-01",
        "from 2024-02-28 to 2024-03-01: 2 days",
        "2",
    ),
    (
        "how many days between March 1, 2023 and 1 March 2024?",
        "from 2023-03-01 to 2024-03-01: 366 days",
        "366",
    ),
    ("round 3.14159 to 2 decimal places", "3.14159 ≈ 3.14", "3.14"),
    ("which is bigger, 9.11 or 9.9?", "9.9: 9.11 is less than 9.9", "9.9"),
    // equations
    ("3x + 5 = 20", "3x + 5 = 20, so x = 5", "5"),
    ("solve 3x + 5 = 20 for x", "3x + 5 = 20, so x = 5", "5"),
    (
        "Solve for x: 2(x - 1) = 3x + 4",
        "2 × (x - 1) = 3x + 4, so x = -6",
        "-6",
    ),
    ("3x = 2", "3x = 2, so x = 2/3 ≈ 0.6666666667", "2/3"),
    ("x^2 - 5x + 6 = 0", "x^2 - 5x + 6 = 0, so x = 2 or x = 3", "2 or 3"),
    ("x² = 2", "x^2 = 2, so x = ±√2 ≈ 1.414213562 or -1.414213562", "±√2"),
    (
        "x^2 - x - 1 = 0",
        "x^2 - x - 1 = 0, so x = (1 ± √5)/2 ≈ 1.618033989 or -0.6180339887",
        "(1 ± √5)/2",
    ),
    (
        "x^2 + x + 1 = 0",
        "x^2 + x + 1 = 0 has no real solutions (discriminant -3)",
        "no real solutions",
    ),
    ("2x + 3 = 2x + 4", "2x + 3 = 2x + 4 has no solution", "no solution"),
    ("x + y = 10, x - y = 2", "x = 6, y = 4", "x = 6, y = 4"),
    ("Solve x + y = 10 and x - y = 2 for y.", "x = 6, y = 4", "4"),
];

/// What is no question of arithmetic, ambiguous, or too big.
const DECLINED: &[&str] = &[
    "",
    "?",
    "what is the best 2 of 3 strategy?",
    "what happened in 1984",
    "1984",
    "write 3 poems",
    "I have 3 apples and eat 2 of my 5 pears. How many apples are left?",
    "is 2+2=5 a good novel?",
    "what is 24/7?",
    "what is 9/11",
    "call 555-1234",
    "555-1234",
    "1-800-555-1234",
    "2024-02-28",
    "100 + 10%",
    "50 plus 10 percent",
    "15% of 80 plus 20",
    "6/2(1+2)",
    "10% 3",
    "1,23 + 1",
    "3.14.15 + 1",
    "007 + 1",
    "what is 5 + 5!",
    "sin(30)",
    "-7 mod 3",
    "0^0",
    "1/0",
    "sqrt(-4)",
    "sqrt(2)^2 - 2",
    "negative five squared",
    "square root of 16 plus 9",
    "double 3 plus 4",
    "sum of 100,200 and 300",
    "average of one hundred and five and seven",
    "9^9^9^9",
    "2^100000000",
    "100000!",
    "1e300^1e300",
    "how many days in a year",
    "how many oz in a cup",
    "5 tons in kg",
    "5 pounds in dollars",
    "$5 in euros",
    "$20 + 5",
    "-300 C to F",
    "03/04/2024 to 05/06/2024",
    "days between 03/04/2024 and 05/06/2024",
    "how many days between 2024-02-30 and 2024-03-01",
    "x = 5",
    "y = 2x + 3",
    "E = mc^2",
    "x^3 = 8",
    "2x + 3",
    "1/x = 2",
    "x + y = 3, x + z = 4",
    "is 3.5 even",
    "is -7 prime",
    "how many feet does a dog have",
    "how many feet are in the room",
    "who is number 1 in the world",
    "top 10 films of 2020",
    "what is 2 + 2 in the novel 1984",
    "what is 2 + 2, and why?",
    "explain 2 + 2",
    "not 2 + 2",
    "def f(x): return x + 1",
    "a == b",
    "x += 1",
    "for i in 1..10",
    "what time is it in 2 hours",
    "3 men and a baby",
    "catch 22",
    "7 up",
    "is 7 lucky?",
    "one",
    "no one plus me",
    "((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((1))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))",
    "1 +",
    "+",
    "()",
    "√",
    "%",
    "$",
    "5 $",
    "= 5",
    "2 2",
    "2 1/2 + 1",
    "convert 5 miles",
    "5 miles to bananas",
    "5 km to 3 m",
    "compound interest on $1000 at 5% for 3 years",
    "2 cubed squared",
    "2^3 squared",
    "5!!",
    "2 + 3 mod 4",
    "17 mod 5 * 2",
    "50% of 20 mod 3",
    "round -2.5",
    "round -1250 to the nearest hundred",
    "1 Mg in g",
    "1 ML in L",
    "1 NM in km",
    "1 b in bytes",
    "1 mb in bits",
    "CD in decimal",
    "mix in decimal",
];

#[test]
fn answers() {
    for (question, text, result) in ANSWERED {
        match answer(question) {
            Ok(answer) => assert_eq!(
                (answer.text.as_str(), answer.result.as_str()),
                (*text, *result),
                "{question}"
            ),
            Err(reason) => panic!("{question}: declined, {reason}"),
        }
    }
}

#[test]
fn declines() {
    for question in DECLINED {
        match answer(question) {
            Ok(answer) => panic!("{question}: answered {}", answer.text),
            Err(reason) => {
                assert!(!reason.0.is_empty() && !reason.0.ends_with('.'), "{reason}");
                assert!(
                    reason
                        .0
                        .starts_with(|c: char| c.is_lowercase() || c.is_numeric() || c == 'R'),
                    "{reason}"
                );
            }
        }
    }
}

#[test]
fn wrapping_changes_nothing() {
    for (question, text, _) in ANSWERED
        .iter()
        .filter(|(q, ..)| !q.contains(['?', '!', '=']) && !q.starts_with(char::is_uppercase))
    {
        for wrapped in [
            format!("{question}?"),
            format!("  {question}  "),
            format!("please {question}"),
            format!("Can you tell me {question} please?"),
            format!("Hey, {question}"),
            format!("{question}, thanks"),
        ] {
            assert_eq!(answer(&wrapped).map(|a| a.text).as_deref(), Ok(*text), "{wrapped}");
        }
    }
}

#[test]
fn an_unknown_word_declines() {
    for (question, ..) in ANSWERED {
        for spoiled in [
            format!("{question} bananas"),
            format!("bananas {question}"),
            format!("{question} if it rains"),
        ] {
            assert!(answer(&spoiled).is_err(), "{spoiled}");
        }
    }
}

#[test]
fn answers_hold_by_their_own_claims() {
    for (_, text, _) in ANSWERED.iter().filter(|(.., result)| *result != "no") {
        for claim in claims(text) {
            assert!(!matches!(verify(&claim), Verdict::Wrong { .. }), "{text}: {claim:?}");
        }
    }
}

#[test]
fn marks_what_is_rounded() {
    for (question, exact) in [
        ("2 + 2", true),
        ("10/3", true),
        ("sqrt(2)", false),
        ("split $100 among 3 people", false),
        ("18% tip on $84.50", true),
    ] {
        assert_eq!(answer(question).unwrap().exact, exact, "{question}");
    }
}

#[test]
fn hard_input_declines_at_once() {
    let long = "9".repeat(4000);
    let inputs = [
        "(".repeat(4000),
        "-".repeat(4000),
        "2^".repeat(2000),
        "1+".repeat(2000) + "1",
        "9*".repeat(2000) + "9",
        format!("{long}*{long}"),
        format!("1/{long}"),
        format!("{}1", "1/7+".repeat(900)),
        format!("average of {}", "1/9973, ".repeat(500)),
        "sqrt(".repeat(800),
        "x*".repeat(1500) + "x = 1",
        "(x+1)^8*(x+2)^8 = 1".to_owned(),
        "what is ".repeat(500),
        "a|b ".repeat(1000),
        "10 in ".repeat(600),
        "1 to ".repeat(800),
        "and ".repeat(1000),
        "5 miles ".repeat(500) + "to km",
        "prime factors of 18446744073709551557".to_owned(),
        "prime factors of 18446744030759878681".to_owned(),
    ];
    for input in &inputs {
        let started = std::time::Instant::now();
        let _ = answer(input);
        assert!(started.elapsed().as_secs() < 5, "{}", &input[..40.min(input.len())]);
    }
}
