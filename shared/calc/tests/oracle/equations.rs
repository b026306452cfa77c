//! Equations: the roots are put in, or found by Cramer's rule.

use plexus_testkit::oracle::Dice;

use super::Asked;

/// A factor that is not zero.
fn factor(dice: &mut Dice) -> i64 {
    let n = dice.between(1, 12);
    if dice.one_in(4) { -n } else { n }
}

/// `3x`, `-x`, `x`.
fn term(factor: i64, x: &str) -> String {
    match factor {
        1 => x.to_owned(),
        -1 => format!("-{x}"),
        factor => format!("{factor}{x}"),
    }
}

/// ` + 5`, ` - 5`, nothing for zero.
fn plus(n: i64) -> String {
    match n {
        0 => String::new(),
        n if n < 0 => format!(" - {}", -n),
        n => format!(" + {n}"),
    }
}

/// ` + 5x`, ` - x`, nothing for zero.
fn plus_term(n: i64, x: &str) -> String {
    match n {
        0 => String::new(),
        n if n < 0 => format!(" - {}", term(-n, x)),
        n => format!(" + {}", term(n, x)),
    }
}

fn asks(dice: &mut Dice, equation: &str, x: &str) -> String {
    dice.pick(&[
        "{}",
        "solve {}",
        "Solve {} for {x}",
        "solve for {x}: {}",
        "What is {x} if {}?",
        "Find {x} in {}",
    ])
    .replace("{x}", x)
    .replace("{}", equation)
}

pub(crate) fn linear(dice: &mut Dice) -> Asked {
    let x = dice.pick(&["x", "y", "n", "t"]);
    let (a, b, c, d) = (factor(dice), dice.between(-20, 20), factor(dice), dice.between(-20, 20));
    let (equation, check) = match dice.between(1, 5) {
        1 => (
            format!("{}{} = {d}", term(a, x), plus(b)),
            format!("linear({a}, {d} - ({b}))"),
        ),
        2 => (
            format!("{}{} = {}{}", term(a, x), plus(b), term(c, x), plus(d)),
            format!("linear({a} - ({c}), {d} - ({b}))"),
        ),
        3 => (
            format!("{}({x}{}) = {d}", a.abs(), plus(b)),
            format!("linear({0}, {d} - {0} * ({b}))", a.abs()),
        ),
        4 => (
            format!("{x}/{} = {d}", a.abs() + 1),
            format!("linear(F(1, {}), {d})", a.abs() + 1),
        ),
        _ => (
            format!("{}.5{x}{} = {d}", a.abs(), plus(b)),
            format!("linear(F('{}.5'), {d} - ({b}))", a.abs()),
        ),
    };
    // The echo of what holds always or never has no number at its end.
    (asks(dice, &equation, x), check)
}

pub(crate) fn quadratic(dice: &mut Dice) -> Asked {
    let (a, b, c) = match dice.between(1, 3) {
        // With whole roots.
        1 => {
            let (p, q) = (dice.between(-9, 9), dice.between(-9, 9));
            (1, -(p + q), p * q)
        }
        _ => (factor(dice), dice.between(-12, 12), dice.between(-20, 20)),
    };
    let square = dice.pick(&["x^2", "x²", "x**2"]);
    let equation = if dice.one_in(4) {
        format!("{}{} = {}", term(a, square), plus_term(b, "x"), -c)
    } else {
        format!("{}{}{} = 0", term(a, square), plus_term(b, "x"), plus(c))
    };
    (asks(dice, &equation, "x"), format!("quadratic({a}, {b}, {c})"))
}

pub(crate) fn systems(dice: &mut Dice) -> Asked {
    let (a, b, e) = (factor(dice), factor(dice), dice.between(-20, 20));
    let (c, d, f) = (factor(dice), factor(dice), dice.between(-20, 20));
    let row = |a: i64, b: i64, e: i64| format!("{}{} = {e}", term(a, "x"), plus_term(b, "y"));
    let joined = format!("{}{}{}", row(a, b, e), dice.pick(&[", ", " and ", "; "]), row(c, d, f));
    let question = dice
        .pick(&["{}", "solve {}", "Solve the system {}"])
        .replace("{}", &joined);
    (question, format!("system({a}, {b}, {e}, {c}, {d}, {f})"))
}
