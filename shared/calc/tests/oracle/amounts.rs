//! Percentages, money, lists of numbers, rounding.

use plexus_testkit::oracle::Dice;

use super::{Asked, decimal};

fn list(dice: &mut Dice, most: i64, places: usize) -> Vec<String> {
    let length = dice.between(2, 7);
    (0..length).map(|_| decimal(dice, most, places)).collect()
}

/// `1, 2 and 3`, as people list.
fn listed(dice: &mut Dice, items: &[String]) -> String {
    let (last, first) = items.split_last().expect("a list has items");
    let and = dice.pick(&[" and ", ", ", ", and "]);
    format!("{}{and}{last}", first.join(", "))
}

/// The same for Python.
fn fractions(items: &[String]) -> String {
    let items: Vec<String> = items.iter().map(|item| format!("F('{item}')")).collect();
    format!("[{}]", items.join(", "))
}

/// Puts `{a}` and `{b}` in.
fn filled(form: (&str, &str), a: &str, b: &str) -> Asked {
    let fill = |text: &str| text.replace("{a}", a).replace("{b}", b);
    let check = form
        .1
        .replace("{a}", &format!("F('{a}')"))
        .replace("{b}", &format!("F('{b}')"));
    (fill(form.0), check)
}

pub(crate) fn percentages(dice: &mut Dice) -> Asked {
    let form = dice.pick(&[
        ("What is {a}% of {b}?", "number({a}*{b}/100)"),
        ("{a} percent of {b}", "number({a}*{b}/100)"),
        ("calculate {a} % of {b}", "number({a}*{b}/100)"),
        ("how much is {a}% of {b}", "number({a}*{b}/100)"),
        ("what percent of {b} is {a}?", "percent({a}/{b}*100)"),
        ("what percentage of {b} is {a}?", "percent({a}/{b}*100)"),
        ("{a} is what percent of {b}?", "percent({a}/{b}*100)"),
        ("what is {a} out of {b} as a percentage?", "percent({a}/{b}*100)"),
        ("{a} is {b}% of what number?", "number({a}*100/{b}, text=False)"),
        ("{a}% of what number is {b}?", "number({b}*100/{a}, text=False)"),
        ("what is {a}% as a decimal?", "number({a}/100)"),
        ("write {a}% as a fraction", "fraction({a}/100)"),
        ("{a} as a percentage of {b}", "percent({a}/{b}*100)"),
        ("Express {a} as a percentage", "percent({a}*100)"),
    ]);
    let (a, b) = (decimal(dice, 120, 2), decimal(dice, 900, 1));
    filled(form, &a, &b)
}

pub(crate) fn changes(dice: &mut Dice) -> Asked {
    let (small, large) = (decimal(dice, 90, 1), decimal(dice, 900, 1));
    let form = dice.pick(&[
        ("increase {b} by {a}%", "number({b}*(100+{a})/100)"),
        ("what is {b} increased by {a} percent?", "number({b}*(100+{a})/100)"),
        ("decrease {b} by {a}%", "number({b}*(100-{a})/100)"),
        ("reduce {b} by {a}%", "number({b}*(100-{a})/100)"),
        ("what is {a}% more than {b}?", "number({b}*(100+{a})/100)"),
        ("{a}% less than {b}", "number({b}*(100-{a})/100)"),
        (
            "what is the percentage change from {a} to {b}?",
            "percent(({b}-{a})/{a}*100)",
        ),
        ("percentage change from {b} to {a}", "percent(({a}-{b})/{b}*100)"),
    ]);
    filled(form, &small, &large)
}

/// Dollars and cents.
fn price(dice: &mut Dice) -> String {
    let (dollars, cents) = (dice.between(1, 2000), dice.between(0, 99));
    if dice.one_in(2) {
        dollars.to_string()
    } else {
        format!("{dollars}.{cents:02}")
    }
}

pub(crate) fn money(dice: &mut Dice) -> Asked {
    let (a, b) = (price(dice), dice.between(1, 60).to_string());
    let form = dice.pick(&[
        ("{b}% tip on ${a}", "money({a}*{b}/100)"),
        ("What's a {b}% tip on a ${a} bill?", "money({a}*{b}/100)"),
        ("calculate a {b}% tip on €{a}", "money({a}*{b}/100)"),
        ("{b}% off ${a}", "money({a} - cents({a}*{b}/100))"),
        ("what is {b}% off of ${a}?", "money({a} - cents({a}*{b}/100))"),
        ("price of ${a} after a {b}% discount", "money({a} - cents({a}*{b}/100))"),
        ("split ${a} among {b} people", "money({a}/{b})"),
        ("split a ${a} bill {b} ways", "money({a}/{b})"),
        ("${a} * {b}", "money({a}*{b})"),
        ("what is ${a} divided by {b}", "money({a}/{b})"),
        ("${a} plus ${b}", "money({a}+{b})"),
        ("{b}% of ${a}", "money({a}*{b}/100)"),
        ("{b}% sales tax on ${a}", "money({a}*{b}/100)"),
        ("increase ${a} by {b}%", "money({a}*(100+{b})/100)"),
    ]);
    filled(form, &a, &b)
}

pub(crate) fn interest(dice: &mut Dice) -> Asked {
    let (sum, rate, years) = (price(dice), decimal(dice, 15, 2), dice.between(1, 30));
    let (word, periods) = dice.pick(&[("annually", 1), ("yearly", 1), ("monthly", 12), ("quarterly", 4)]);
    match dice.between(1, 4) {
        1 => (
            format!("simple interest on ${sum} at {rate}% for {years} years"),
            format!("money(F('{sum}')*F('{rate}')/100*{years})"),
        ),
        2 => (
            format!("What is the compound interest on ${sum} at {rate}% for {years} years, compounded {word}?"),
            format!(
                "number(cents(F('{sum}')*(1+F('{rate}')/100/{periods})**({periods}*{years})) - F('{sum}'), 40, False)"
            ),
        ),
        _ => (
            format!("compound interest on ${sum} at {rate}% compounded {word} for {years} years"),
            format!(
                "number(cents(F('{sum}')*(1+F('{rate}')/100/{periods})**({periods}*{years})) - F('{sum}'), 40, False)"
            ),
        ),
    }
}

pub(crate) fn averages(dice: &mut Dice) -> Asked {
    let items = list(dice, 100, 1);
    let form = dice.pick(&[
        ("average of {}", "statistics.mean"),
        ("What is the mean of {}?", "statistics.mean"),
        ("the average of the numbers {}", "statistics.mean"),
        ("median of {}", "statistics.median"),
        ("What's the median of {}?", "statistics.median"),
    ]);
    (
        form.0.replace("{}", &listed(dice, &items)),
        format!("number({}({}))", form.1, fractions(&items)),
    )
}

pub(crate) fn lists(dice: &mut Dice) -> Asked {
    let items = list(dice, 300, 1);
    let form = dice.pick(&[
        ("sum of {}", "sum"),
        ("What is the sum of {}?", "sum"),
        ("add {}", "sum"),
        ("the product of {}", "math.prod"),
        ("largest of {}", "max"),
        ("What is the smallest of {}?", "min"),
    ]);
    (
        form.0.replace("{}", &listed(dice, &items)),
        format!("number({}({}))", form.1, fractions(&items)),
    )
}

pub(crate) fn rounding(dice: &mut Dice) -> Asked {
    let (number, places) = (decimal(dice, 5000, 6), dice.between(0, 5));
    let sign = dice.pick(&["", "", "-"]);
    let number = format!("{sign}{number}");
    match dice.between(1, 6) {
        1 => (
            format!("round {number} to the nearest integer"),
            format!("rounded('{number}', 0)"),
        ),
        2 => (
            format!("round {number} to the nearest whole number"),
            format!("rounded('{number}', 0)"),
        ),
        3 => (
            format!("round {number} to the nearest hundred"),
            format!("rounded('{number}', -2)"),
        ),
        4 => (
            format!("round {number} to the nearest tenth"),
            format!("rounded('{number}', 1)"),
        ),
        _ => (
            format!("What is {number} rounded to {places} decimal places?"),
            format!("rounded('{number}', {places})"),
        ),
    }
}

pub(crate) fn comparison(dice: &mut Dice) -> Asked {
    let (a, b) = (decimal(dice, 12, 3), decimal(dice, 12, 3));
    let form = dice.pick(&[
        (
            "which is bigger, {a} or {b}?",
            "word('equal' if {a} == {b} else str(max('{x}', '{y}', key=F)))",
        ),
        (
            "Which number is smaller: {a} or {b}?",
            "word('equal' if {a} == {b} else str(min('{x}', '{y}', key=F)))",
        ),
        ("is {a} greater than {b}?", "yes({a} > {b})"),
        ("is {a} less than {b}", "yes({a} < {b})"),
    ]);
    let (question, check) = filled(form, &a, &b);
    (question, check.replace("{x}", &a).replace("{y}", &b))
}
