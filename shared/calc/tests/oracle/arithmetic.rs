//! Expressions. The question and what Python evaluates have the same signs in the same places, so that Python's own
//! grammar says what binds how.

use plexus_testkit::oracle::Dice;

use super::{Asked, decimal, wrapped};

/// An expression as it is asked and as Python reads it.
type Both = (String, String);

fn leaf(dice: &mut Dice) -> Both {
    let text = match dice.between(1, 8) {
        1 => decimal(dice, 20, 3),
        2 => dice.between(100, 99_999).to_string(),
        3 => format!(".{}", dice.between(1, 9)),
        _ => dice.between(0, 30).to_string(),
    };
    (text.clone(), format!("F('{text}')"))
}

fn join(left: &Both, sign: (&str, &str), right: &Both) -> Both {
    (
        format!("{}{}{}", left.0, sign.0, right.0),
        format!("{}{}{}", left.1, sign.1, right.1),
    )
}

/// A sign as people type it, and Python's.
fn sign(dice: &mut Dice) -> (&'static str, &'static str) {
    dice.pick(&[
        (" + ", "+"),
        ("+", "+"),
        (" - ", "-"),
        (" − ", "-"),
        (" * ", "*"),
        ("*", "*"),
        (" × ", "*"),
        (" x ", "*"),
        (" · ", "*"),
        (" / ", "/"),
        ("/", "/"),
        (" ÷ ", "/"),
    ])
}

fn expression(dice: &mut Dice, depth: u8) -> Both {
    if depth == 0 {
        return leaf(dice);
    }
    match dice.between(1, 10) {
        1 => leaf(dice),
        2 | 3 => {
            let inner = expression(dice, depth - 1);
            (format!("({})", inner.0), format!("({})", inner.1))
        }
        4 => {
            let power = dice.between(0, 4);
            let base = dice.between(1, 12);
            (format!("{base}^{power}"), format!("F({base})**{power}"))
        }
        5 => {
            let (inner, power) = (expression(dice, depth - 1), dice.between(1, 3));
            (format!("({})^{power}", inner.0), format!("({})**{power}", inner.1))
        }
        6 => {
            let inner = leaf(dice);
            (format!("-{}", inner.0), format!("-{}", inner.1))
        }
        _ => {
            let (left, sign, right) = (expression(dice, depth - 1), sign(dice), expression(dice, depth - 1));
            join(&left, sign, &right)
        }
    }
}

pub(crate) fn signs(dice: &mut Dice) -> Asked {
    let depth = dice.pick(&[1, 2, 3]);
    let (left, sign, right) = (expression(dice, depth), sign(dice), expression(dice, depth - 1));
    let (ours, python) = join(&left, sign, &right);
    (wrapped(dice, &ours), format!("number({python})"))
}

pub(crate) fn words(dice: &mut Dice) -> Asked {
    let words = [
        (" plus ", "+"),
        (" minus ", "-"),
        (" times ", "*"),
        (" multiplied by ", "*"),
        (" divided by ", "/"),
        (" over ", "/"),
        (" to the power of ", "**"),
        (" squared plus ", "**2+"),
        (" cubed minus ", "**3-"),
        (" mod ", "%"),
    ];
    let terms = dice.between(1, 3);
    let first = dice.between(1, 99);
    let mut both = (first.to_string(), format!("F({first})"));
    for _ in 0..terms {
        let sign = dice.pick(&words);
        let next = dice.between(1, if sign.1 == "**" { 4 } else { 60 });
        // A power is a whole number to Python, not a fraction.
        let python = if sign.1 == "**" {
            next.to_string()
        } else {
            format!("F({next})")
        };
        both = join(&both, sign, &(next.to_string(), python));
    }
    (wrapped(dice, &both.0), format!("number({})", both.1))
}

/// A whole number below a million in words.
fn spelled(n: i64) -> String {
    const SMALL: [&str; 20] = [
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
    ];
    const TENS: [&str; 10] = [
        "", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
    ];
    let rest = |n: i64, sep: &str| {
        if n == 0 {
            String::new()
        } else {
            format!("{sep}{}", spelled(n))
        }
    };
    match n {
        0..20 => SMALL[usize::try_from(n).unwrap_or(0)].to_owned(),
        20..100 => format!("{}{}", TENS[usize::try_from(n / 10).unwrap_or(0)], rest(n % 10, "-")),
        100..1000 => format!(
            "{} hundred{}",
            spelled(n / 100),
            rest(n % 100, if n % 3 == 0 { " and " } else { " " })
        ),
        _ => format!("{} thousand{}", spelled(n / 1000), rest(n % 1000, " ")),
    }
}

pub(crate) fn number_words(dice: &mut Dice) -> Asked {
    let most = dice.pick(&[20, 100, 999, 50_000]);
    let (a, b) = (dice.between(1, most), dice.between(1, 100));
    let (word, sign) = dice.pick(&[("plus", "+"), ("minus", "-"), ("times", "*"), ("divided by", "/")]);
    let (a_text, b_text) = match dice.between(1, 4) {
        1 => (format!("{a} million"), spelled(b)),
        2 => (spelled(a), b.to_string()),
        _ => (spelled(a), spelled(b)),
    };
    let a = if a_text.ends_with("million") { a * 1_000_000 } else { a };
    (
        wrapped(dice, &format!("{a_text} {word} {b_text}")),
        format!("number(F({a}){sign}F({b}))"),
    )
}

pub(crate) fn functions(dice: &mut Dice) -> Asked {
    let n = dice.between(2, 400);
    let (text, check) = match dice.between(1, 12) {
        1 => (format!("sqrt({n})"), format!("root({n})")),
        2 => (format!("the square root of {n}"), format!("root({n})")),
        3 => (format!("√{n}"), format!("root({n})")),
        4 => (format!("the cube root of {n}"), format!("root({n}, 3)")),
        5 => (format!("{}!", n % 40), format!("number(math.factorial({}))", n % 40)),
        6 => (format!("{n} squared"), format!("number({n}**2)")),
        7 => (format!("the cube of {n}"), format!("number({n}**3)")),
        8 => (format!("ln({n})"), format!("number(F(Decimal({n}).ln()))")),
        9 => (format!("log({n})"), format!("number(F(Decimal({n}).log10()))")),
        10 => (format!("abs(-{n}) + 1"), format!("number({n}+1)")),
        11 => {
            let base = dice.between(2, 12);
            (
                format!("the log base {base} of {n}"),
                format!("number(F(Decimal({n}).ln() / Decimal({base}).ln()).limit_denominator(10**40))"),
            )
        }
        _ => (format!("the reciprocal of {n}"), format!("number(F(1, {n}))")),
    };
    (wrapped(dice, &text), check)
}

pub(crate) fn fractions(dice: &mut Dice) -> Asked {
    let (a, b, c, d) = (
        dice.between(1, 30),
        dice.between(2, 30),
        dice.between(1, 30),
        dice.between(2, 30),
    );
    let places = decimal(dice, 20, 4);
    match dice.between(1, 9) {
        1 => (
            wrapped(dice, &format!("{a}/{b} + {c}/{d}")),
            format!("number(F({a},{b}) + F({c},{d}))"),
        ),
        2 => (
            wrapped(dice, &format!("({a}/{b}) / ({c}/{d})")),
            format!("number(F({a},{b}) / F({c},{d}))"),
        ),
        3 => (
            wrapped(dice, &format!("{a}/{b} of {c}")),
            format!("number(F({a},{b}) * {c})"),
        ),
        4 => (format!("simplify {a}/{b}"), format!("number(F({a},{b}), text=False)")),
        5 => (
            format!("convert {places} to a fraction"),
            format!("fraction(F('{places}'))"),
        ),
        6 => (format!("{a}/{b} as a percentage"), format!("percent(F({a},{b}) * 100)")),
        7 => (
            format!("What is half of {places}?"),
            format!("number(F('{places}') / 2)"),
        ),
        8 => (
            wrapped(dice, &format!("{a}/{b} × {c}/{d}")),
            format!("number(F({a})/{b}*{c}/{d})"),
        ),
        _ => (format!("what is {a}/{b} as a decimal"), format!("number(F({a},{b}))")),
    }
}

pub(crate) fn claims(dice: &mut Dice) -> Asked {
    let (a, b) = (dice.between(2, 99), dice.between(2, 99));
    let (text, value) = dice.pick(&[("+", 0), ("*", 1), ("-", 2)]);
    let right = match value {
        0 => a + b,
        1 => a * b,
        _ => a - b,
    };
    let said = right + dice.pick(&[0, 0, 1, -1, 10]);
    (
        dice.pick(&["is {}?", "is {} true?", "is {} correct?", "does {}?"])
            .replace("{}", &format!("{a} {text} {b} = {said}")),
        format!("yes({a} {text} {b} == {said})"),
    )
}

/// Nothing is right here: any answer is wrong.
pub(crate) fn undefined(dice: &mut Dice) -> Asked {
    let (a, b) = (dice.between(2, 99), dice.between(2, 99));
    let text = dice.pick(&[
        "{a} / 0",
        "{a} / ({b} - {b})",
        "sqrt(-{a})",
        "log(0)",
        "{a} mod 0",
        "(-{a})!",
        "{a}.5!",
        "{a} / 2({b} + 1)",
        "{a} + {b}%",
        "the {a}th of {b}",
        "{a} {b}",
        "{a} apples plus {b} pears",
        "{a} km plus {b} kg",
        "0^0 + {a}",
        "{a} plus or minus {b}",
        "-{a} mod {b}",
        "the average of {a}",
        "the sum of {a} and",
        "{a} km to kg",
        "{a}% of",
        "{a} tons in kg",
        "the day {a} days after 2023-02-{b}",
        "{a} more than {b} people",
        "the root of {a}",
        "-{a} squared",
        "{a} choose {b} balls",
        "gcd of {a}.5 and {b}",
        "{a} in base {b} in Rome",
        "half of {a} plus {b}",
        "double {a} plus {b}",
    ]);
    let text = text
        .replace("{a}", &a.to_string())
        .replace("{b}", &(b + 30).to_string());
    (wrapped(dice, &text), "1/0".to_owned())
}
