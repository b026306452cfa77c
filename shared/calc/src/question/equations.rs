//! Equations in one unknown up to the second degree, and two linear equations in two.

use num_traits::{Signed, Zero};

use super::amount::{exact, words};
use crate::atoms::unknown;
use crate::eval::exact_root;
use crate::expr::Expr;
use crate::limits::Work;
use crate::number::{Q, exact_decimal, fraction, int, significant};
use crate::parse::{Reading, parse};
use crate::poly::{Poly, poly};
use crate::token::Token;
use crate::{Answer, Declined};

/// A value as it is written after `x = `.
fn value(q: &Q) -> String {
    match exact_decimal(q) {
        Some(text) if q.is_integer() || text.len() > 8 => text,
        Some(text) => format!("{} = {text}", fraction(q)),
        None => format!("{} ≈ {}", fraction(q), significant(q, 10)),
    }
}

/// Solves the equations that the question is.
pub(super) fn solve(tokens: &[Token]) -> Result<Answer, Declined> {
    let (tokens, asked) = asked_for(tokens);
    if !tokens.iter().any(|t| t.is('=')) {
        return Err(Declined::UNREAD);
    }
    let equations = equations(tokens)?;
    let mut work = Work::question();
    let mut polys = Vec::new();
    for (left, right) in &equations {
        polys.push(poly(left, &mut work)?.minus(&poly(right, &mut work)?));
    }
    let mut unknowns: Vec<char> = equations.iter().flat_map(|(l, r)| [l, r]).flat_map(letters).collect();
    unknowns.sort_unstable();
    unknowns.dedup();
    if asked.is_some_and(|name| !unknowns.contains(&name)) {
        return Err(Declined::UNREAD);
    }
    match (equations.as_slice(), polys.as_slice(), unknowns.as_slice()) {
        ([(left, right)], [p], [x]) => {
            if matches!(left, Expr::Var(_)) && !right.any(&|e| matches!(e, Expr::Var(_))) && asked.is_none() {
                return Err(Declined::of("an assignment, not an equation"));
            }
            one_unknown(&format!("{left} = {right}"), p, *x)
        }
        ([_, _], [p, q], [x, y]) => two_unknowns(p, q, *x, *y, asked),
        _ => Err(Declined::of("not one equation in one unknown or two in two")),
    }
}

fn letters(expr: &Expr) -> Vec<char> {
    ('A'..='z').filter(|c| expr.any(&|e| *e == Expr::Var(*c))).collect()
}

/// Takes off `for x`, `what is x`, `find x`, `if`, `where`.
fn asked_for(tokens: &[Token]) -> (&[Token], Option<char>) {
    let letter = |t: &Token| t.word().and_then(unknown);
    if let [rest @ .., wanted, x] = tokens
        && (wanted.is_word("for") || wanted.is_word("find"))
        && let Some(x) = letter(x)
    {
        let rest = match rest {
            [inner @ .., comma] if comma.is(',') || comma.is('.') => inner,
            rest => rest,
        };
        return (rest, Some(x));
    }
    // "for x: 3x + 5 = 20", "x if 3x + 5 = 20"
    match tokens {
        [wanted, x, colon, rest @ ..]
            if (wanted.is_word("for") || wanted.is_word("if"))
                && letter(x).is_some()
                && (colon.is(':') || colon.is(',') || colon.is_word("in")) =>
        {
            (rest, letter(x))
        }
        [x, wanted, rest @ ..]
            if letter(x).is_some() && ["if", "when", "in", "where", "given"].iter().any(|w| wanted.is_word(w)) =>
        {
            (rest, letter(x))
        }
        // "if 3x + 5 = 20, what is x"
        [first, rest @ .., comma, what, is, x]
            if first.is_word("if")
                && comma.is(',')
                && (what.is_word("what") && is.is_word("is"))
                && letter(x).is_some() =>
        {
            (rest, letter(x))
        }
        [rest @ .., comma, what, is, x]
            if comma.is(',') && what.is_word("what") && is.is_word("is") && letter(x).is_some() =>
        {
            (rest, letter(x))
        }
        [the, equation, rest @ ..]
            if the.is_word("the") && (equation.is_word("equation") || equation.is_word("system")) =>
        {
            (rest, None)
        }
        tokens => (tokens, None),
    }
}

/// `a = b, c = d`, both sides as expressions.
fn equations(tokens: &[Token]) -> Result<Vec<(Expr, Expr)>, Declined> {
    let reading = Reading {
        unknowns: true,
        lenient: false,
    };
    let mut result = Vec::new();
    for equation in tokens.split(|t| t.is(',') || t.is(';') || t.is_word("and")) {
        if equation.is_empty() {
            continue;
        }
        let mut sides = equation.split(|t| t.is('='));
        let (Some(left), Some(right), None) = (sides.next(), sides.next(), sides.next()) else {
            return Err(Declined::UNREAD);
        };
        let side = |tokens| parse(tokens, reading).map_err(|_| Declined::UNREAD);
        result.push((side(left)?, side(right)?));
    }
    let money = |e: &Expr| e.any(&|e| matches!(e, Expr::Money(..)));
    if result.len() > 2 || result.iter().any(|(l, r)| money(l) || money(r)) {
        return Err(Declined::UNREAD);
    }
    Ok(result)
}

fn one_unknown(equation: &str, p: &Poly, x: char) -> Result<Answer, Declined> {
    let (a, b, c) = (p.of(&[x, x]), p.of(&[x]), p.of(&[]));
    match p.degree() {
        0 if c.is_zero() => Ok(words(format!("{equation} holds for every {x}"), "every number")),
        0 => Ok(words(format!("{equation} has no solution"), "no solution")),
        1 => {
            let root = -c / b;
            Ok(exact(format!("{equation}, so {x} = {}", value(&root)), root))
        }
        2 => quadratic(equation, &a, &b, &c, x),
        _ => Err(Declined::of("an equation of the third or a higher degree")),
    }
}

fn quadratic(equation: &str, a: &Q, b: &Q, c: &Q, x: char) -> Result<Answer, Declined> {
    let discriminant = b * b - int(4) * a * c;
    let shown = exact_decimal(&discriminant).unwrap_or_else(|| fraction(&discriminant));
    if discriminant.is_negative() {
        return Ok(words(
            format!("{equation} has no real solutions (discriminant {shown})"),
            "no real solutions",
        ));
    }
    let middle = -b / (int(2) * a);
    if discriminant.is_zero() {
        return Ok(exact(
            format!("{equation}, so {x} = {} (a double root)", value(&middle)),
            middle,
        ));
    }
    let square = &discriminant / (int(4) * a * a);
    if let Some(root) = exact_root(&square, 2) {
        let (low, high) = (&middle - &root, &middle + &root);
        let text = format!("{equation}, so {x} = {} or {x} = {}", value(&low), value(&high));
        return Ok(words(text, format!("{} or {}", fraction(&low), fraction(&high))));
    }
    surd(equation, &middle, &square, x)
}

/// `x = (p ± q√n) / d`, with the square part taken out where it is small.
fn surd(equation: &str, middle: &Q, square: &Q, x: char) -> Result<Answer, Declined> {
    // middle ± √square over one common denominator d: (m ± √s) / d.
    let d = num_integer::lcm(middle.denom().clone(), square.denom().clone());
    let d = Q::from_integer(d);
    let (m, mut s) = (middle * &d, square * &d * &d);
    let mut outside = int(1);
    if !s.is_integer() || s.numer().bits() > 80 {
        return Err(Declined::TOO_BIG);
    }
    for p in 2..1000 {
        let pp = int(p * p);
        while (&s / &pp).is_integer() {
            s /= &pp;
            outside *= int(p);
        }
    }
    // Shorten all three by what they share.
    let shared = num_integer::gcd(
        num_integer::gcd(m.numer().clone(), outside.numer().clone()),
        d.numer().clone(),
    );
    let shared = Q::from_integer(shared);
    let (m, outside, d) = (m / &shared, outside / &shared, d / &shared);
    let factor = if outside == int(1) {
        String::new()
    } else {
        outside.numer().to_string()
    };
    let root = format!("{factor}√{}", s.numer());
    let root_only = m.is_zero() && d == int(1);
    let closed = match (m.is_zero(), d == int(1)) {
        (true, true) => format!("±{root}"),
        (true, false) => format!("±{root}/{}", d.numer()),
        (false, true) => format!("{} ± {root}", m.numer()),
        (false, false) => format!("({} ± {root})/{}", m.numer(), d.numer()),
    };
    let near = approximate(square).ok_or(Declined::TOO_BIG)?;
    let (low, high) = (significant(&(middle - &near), 10), significant(&(middle + &near), 10));
    let or = if root_only { "" } else { " " };
    let text = format!(
        "{equation}, so {x} = {closed}{or}{}≈ {high} or {low}",
        if root_only { " " } else { "" }
    );
    Ok(words(text, closed))
}

/// The root to forty digits.
fn approximate(square: &Q) -> Option<Q> {
    let scale = crate::number::ten(40);
    let scaled = (square.numer() * &scale * &scale) / square.denom();
    square.is_positive().then(|| Q::new(scaled.sqrt(), scale))
}

fn two_unknowns(p: &Poly, q: &Poly, x: char, y: char, asked: Option<char>) -> Result<Answer, Declined> {
    if p.degree() > 1 || q.degree() > 1 {
        return Err(Declined::of("a system that is not linear"));
    }
    let row = |p: &Poly| (p.of(&[x]), p.of(&[y]), -p.of(&[]));
    let ((a, b, e), (c, d, f)) = (row(p), row(q));
    let determinant = &a * &d - &b * &c;
    if determinant.is_zero() {
        let dependent = &a * &f == &c * &e && &b * &f == &d * &e;
        let proper = |a: &Q, b: &Q| !(a.is_zero() && b.is_zero());
        if !proper(&a, &b) || !proper(&c, &d) {
            return Err(Declined::UNREAD);
        }
        let (text, result) = if dependent {
            ("infinitely many solutions", "infinitely many")
        } else {
            ("no solution", "no solution")
        };
        return Ok(words(format!("the system has {text}"), result));
    }
    let first = (&e * &d - &b * &f) / &determinant;
    let second = (&a * &f - &e * &c) / &determinant;
    let text = format!("{x} = {}, {y} = {}", value(&first), value(&second));
    match asked {
        Some(name) => Ok(exact(text, if name == x { first } else { second })),
        None => Ok(words(
            text,
            format!("{x} = {}, {y} = {}", fraction(&first), fraction(&second)),
        )),
    }
}
