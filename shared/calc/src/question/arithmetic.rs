//! The whole question is one expression.

use super::amount::{Amount, currency, exact};
use crate::eval::{Value, eval};
use crate::expr::{Expr, Op};
use crate::limits::Work;
use crate::number::{Q, fraction, int, show};
use crate::parse::{Reading, parse};
use crate::token::{Kind, Token};
use crate::{Answer, Declined};

/// Longer expressions are not echoed.
const MAX_ECHO: usize = 200;
/// Ratios that are names, dates or sayings.
const SAYINGS: &[(i64, i64)] = &[
    (24, 7),
    (9, 11),
    (50, 50),
    (20, 20),
    (4, 20),
    (365, 24),
    (7, 11),
    (80, 20),
];

/// Answers an expression; `asked` says that words around it ask for a result.
pub(super) fn solve(tokens: &[Token], asked: bool) -> Result<Answer, Declined> {
    if let Some(sides) = split_equation(tokens) {
        return check(sides.0, sides.1);
    }
    let expr = match parse(tokens, Reading::default()) {
        Ok(expr) => expr,
        // A reason to decline counts only where the question is nothing but an expression.
        Err(reason) if tokens.iter().all(|t| t.word().is_none() || is_operator(t)) && looks_like(tokens) => {
            return Err(reason);
        }
        Err(_) => return Err(Declined::UNREAD),
    };
    if expr.is_literal() {
        return Err(Declined::UNREAD);
    }
    if is_saying(&expr, tokens) || (!asked && hyphenated(tokens)) {
        return Err(Declined::of("this may be a name or a number of another kind"));
    }
    answer_expr(&expr)
}

/// Answers an expression that is the question.
pub(super) fn answer_expr(expr: &Expr) -> Result<Answer, Declined> {
    let money = currency(expr)?;
    let value = eval(expr, &mut Work::question())?;
    let echo = echo(expr);
    match (value, money) {
        (Value::Exact(value), Some(c)) => {
            let amount = Amount {
                value,
                money: Some(c),
                text: String::new(),
            };
            let text = format!("{echo} {}", amount.equals());
            Ok(amount.answer(text))
        }
        (Value::Exact(value), None) => Ok(exact(format!("{echo}{}", equals(expr, &value)), value)),
        (value, None) => approximate(&echo, &value),
        _ => Err(Declined::UNREAD),
    }
}

/// ` = 1/2 = 0.5`, ` = 36`, ` ≈ 3.333333333`.
pub(super) fn equals(expr: &Expr, value: &Q) -> String {
    let (shown, exact) = show(value);
    let decimal = format!("{} {shown}", if exact { "=" } else { "≈" });
    let fraction = fraction(value);
    let fractions = if expr.is_fraction() {
        // `1/3` stays itself, `6/8` is 3/4, and `100/8` is asked for as 12.5.
        fraction != expr.to_string() && (!exact || *value < int(1))
    } else {
        !exact || expr.any(&|e| e.is_fraction())
    };
    if value.is_integer() || !fractions || fraction.len() > 40 {
        return format!(" {decimal}");
    }
    format!(" = {fraction} {decimal}")
}

fn approximate(echo: &str, value: &Value) -> Result<Answer, Declined> {
    let ball = value.ball()?;
    let shown = ball.show().ok_or(Declined::of("cannot be computed precisely enough"))?;
    if shown.contains('e') {
        return Err(Declined::TOO_BIG);
    }
    let multiple = match value {
        Value::Pi(q) if !echo.ends_with("pi") || echo.contains(' ') => {
            format!(" = {}", Expr::bin(Op::Mul, Expr::Num(q.clone()), Expr::Pi))
        }
        _ => String::new(),
    };
    let text = format!("{echo}{multiple} ≈ {shown}");
    let value = crate::number::decimal(shown.trim_start_matches('-'));
    let value = value.map(|v| if shown.starts_with('-') { -v } else { v });
    Ok(Answer {
        text,
        result: shown,
        value,
        exact: false,
    })
}

fn echo(expr: &Expr) -> String {
    let text = expr.to_string();
    if text.len() > MAX_ECHO {
        "the result".to_owned()
    } else {
        text
    }
}

/// Both sides of `2 + 2 = 5`, where neither is empty.
fn split_equation(tokens: &[Token]) -> Option<(&[Token], &[Token])> {
    let tokens = match tokens {
        [is, rest @ ..] if is.is_word("is") || is.is_word("does") => rest,
        tokens => tokens,
    };
    let tokens = match tokens {
        [rest @ .., last] if ["true", "correct", "right"].iter().any(|w| last.is_word(w)) => rest,
        tokens => tokens,
    };
    let mut signs = tokens.iter().enumerate().filter(|(_, t)| t.is('=')).map(|(i, _)| i);
    let at = signs.next()?;
    (signs.next().is_none() && at > 0 && at + 1 < tokens.len()).then(|| (&tokens[..at], &tokens[at + 1..]))
}

/// Is the claim true?
fn check(left: &[Token], right: &[Token]) -> Result<Answer, Declined> {
    let side = |tokens| -> Result<(Expr, Q), Declined> {
        let expr: Expr = parse(tokens, Reading::default()).map_err(|_| Declined::UNREAD)?;
        if currency(&expr)?.is_some() {
            return Err(Declined::UNREAD);
        }
        match eval(&expr, &mut Work::question())? {
            Value::Exact(q) => Ok((expr, q)),
            _ => Err(Declined::UNREAD),
        }
    };
    let (left, a) = side(left)?;
    let (right, b) = side(right)?;
    if left.is_literal() && right.is_literal() {
        return Err(Declined::UNREAD);
    }
    let (verdict, result) = if a == b {
        (format!("yes, {left} = {right}"), "yes")
    } else {
        (format!("no, {left}{}, not {right}", equals(&left, &a)), "no")
    };
    Ok(super::amount::words(verdict, result))
}

fn is_operator(token: &Token) -> bool {
    ["mod", "modulo", "of", "over", "pi", "e"]
        .iter()
        .any(|w| token.is_word(w))
        || token.word().is_some_and(|w| {
            crate::expr::Func::ALL
                .iter()
                .any(|(name, _)| w.eq_ignore_ascii_case(name))
        })
}

fn looks_like(tokens: &[Token]) -> bool {
    tokens.iter().any(|t| t.number().is_some())
        && tokens
            .iter()
            .all(|t| !matches!(t.kind, Kind::Sign(c) if !"+-*/^%!()°,".contains(c)))
}

fn is_saying(expr: &Expr, tokens: &[Token]) -> bool {
    let glued = tokens.windows(2).all(|w| w[1].glued_to(&w[0]));
    glued
        && tokens.len() == 3
        && matches!(expr, Expr::Bin(Op::Div, a, b) if SAYINGS.iter().any(|(n, d)| **a == Expr::Num(int(*n)) && **b == Expr::Num(int(*d))))
}

/// `555-1234`, `1-800-555`: more likely a telephone number.
fn hyphenated(tokens: &[Token]) -> bool {
    let glued = tokens.windows(2).all(|w| w[1].glued_to(&w[0]));
    let numbers: Vec<&Q> = tokens.iter().filter_map(Token::number).map(|n| &n.value).collect();
    glued
        && tokens.iter().all(|t| t.number().is_some() || t.is('-'))
        && (numbers.len() > 2 || numbers.iter().all(|n| (int(100)..int(10_000)).contains(*n)))
}
