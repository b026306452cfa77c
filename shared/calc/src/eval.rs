//! Bounded evaluation: exact where the value is rational, a [`Ball`] where it is not.

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Signed, ToPrimitive, Zero};

use crate::Declined;
use crate::ball::Ball;
use crate::expr::{Expr, Op};
use crate::functions::call;
use crate::limits::Work;
use crate::number::{Q, bits, int, ratio, small};

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Exact(Q),
    /// So many times pi.
    Pi(Q),
    /// So many degrees, only inside trigonometric functions.
    Degrees(Q),
    Near(Ball),
}

pub(crate) const UNSURE: Declined = Declined::of("cannot be computed precisely enough");
pub(crate) const ZERO: Declined = Declined::of("division by zero is undefined");

impl Value {
    /// As a ball, whatever it is.
    pub(crate) fn ball(&self) -> Result<Ball, Declined> {
        match self {
            Value::Exact(q) => Ball::from_exact(q),
            Value::Pi(q) => Ball::from_exact(q).and_then(|b| b.mul(Ball::pi())),
            Value::Degrees(q) => Ball::from_exact(&(q / int(180))).and_then(|b| b.mul(Ball::pi())),
            Value::Near(ball) => Some(*ball),
        }
        .ok_or(UNSURE)
    }

    pub(crate) fn exact(&self) -> Option<&Q> {
        match self {
            Value::Exact(q) => Some(q),
            _ => None,
        }
    }
}

pub(crate) fn near(ball: Option<Ball>) -> Result<Value, Declined> {
    ball.map(Value::Near).ok_or(UNSURE)
}

/// The value of an expression without unknowns.
pub(crate) fn eval(expr: &Expr, work: &mut Work) -> Result<Value, Declined> {
    Ok(match expr {
        Expr::Num(q) | Expr::Money(q, _) => {
            work.fits(bits(q))?;
            Value::Exact(q.clone())
        }
        Expr::Pi => Value::Pi(Q::one()),
        Expr::E => Value::Near(Ball::e()),
        Expr::Var(_) => return Err(Declined::of("an unknown without an equation")),
        Expr::Neg(a) => match eval(a, work)? {
            Value::Exact(q) => Value::Exact(-q),
            Value::Pi(q) => Value::Pi(-q),
            Value::Degrees(q) => Value::Degrees(-q),
            Value::Near(b) => Value::Near(b.neg()),
        },
        Expr::Percent(a) => binary(Op::Div, eval(a, work)?, Value::Exact(int(100)), work)?,
        Expr::Degrees(a) => match eval(a, work)? {
            Value::Exact(q) => Value::Degrees(q),
            _ => return Err(UNSURE),
        },
        Expr::Factorial(a) => Value::Exact(factorial(&eval(a, work)?, work)?),
        Expr::Bin(op, a, b) => {
            let (a, b) = (eval(a, work)?, eval(b, work)?);
            binary(*op, a, b, work)?
        }
        Expr::Call(function, arguments) => {
            let values = arguments.iter().map(|a| eval(a, work)).collect::<Result<Vec<_>, _>>()?;
            call(*function, &values, work)?
        }
    })
}

fn binary(op: Op, a: Value, b: Value, work: &mut Work) -> Result<Value, Declined> {
    if matches!(a, Value::Degrees(_)) || matches!(b, Value::Degrees(_)) {
        return Err(Declined::of("arithmetic with angles"));
    }
    if let (Value::Exact(a), Value::Exact(b)) = (&a, &b)
        && let Some(exact) = exact(op, a, b, work)?
    {
        return Ok(Value::Exact(exact));
    }
    work.spend(64)?;
    match (op, &a, &b) {
        (Op::Add, Value::Pi(a), Value::Pi(b)) => return Ok(Value::Pi(a + b)),
        (Op::Sub, Value::Pi(a), Value::Pi(b)) => return Ok(Value::Pi(a - b)),
        (Op::Mul | Op::Of, Value::Pi(a), Value::Exact(b)) | (Op::Mul | Op::Of, Value::Exact(a), Value::Pi(b)) => {
            work.spend(bits(a) + bits(b))?;
            return Ok(Value::Pi(a * b));
        }
        (Op::Div, Value::Pi(a), Value::Exact(b)) if !b.is_zero() => return Ok(Value::Pi(a / b)),
        (Op::Div, Value::Pi(a), Value::Pi(b)) if !b.is_zero() => return Ok(Value::Exact(a / b)),
        _ => {}
    }
    let (x, y) = (a.ball()?, b.ball()?);
    near(match op {
        Op::Add => x.add(y),
        Op::Sub => x.add(y.neg()),
        Op::Mul | Op::Of => x.mul(y),
        Op::Div => y.recip().and_then(|y| x.mul(y)),
        Op::Pow => x.ln().and_then(|l| l.mul(y)).and_then(Ball::exp),
        Op::Mod => return Err(UNSURE),
    })
}

/// The exact result, or none where it is irrational.
fn exact(op: Op, a: &Q, b: &Q, work: &mut Work) -> Result<Option<Q>, Declined> {
    work.spend(bits(a) + bits(b))?;
    let whole = a.is_integer() && b.is_integer();
    let result = match op {
        // Whole numbers need no common denominator.
        Op::Add if whole => Q::from_integer(a.numer() + b.numer()),
        Op::Sub if whole => Q::from_integer(a.numer() - b.numer()),
        Op::Mul | Op::Of if whole => Q::from_integer(a.numer() * b.numer()),
        Op::Add => a + b,
        Op::Sub => a - b,
        Op::Mul | Op::Of => a * b,
        Op::Div if b.is_zero() => return Err(ZERO),
        Op::Div => a / b,
        Op::Mod => remainder(a, b)?,
        Op::Pow => return power(a, b, work),
    };
    work.fits(bits(&result))?;
    Ok(Some(result))
}

fn remainder(a: &Q, b: &Q) -> Result<Q, Declined> {
    if b.is_zero() {
        return Err(ZERO);
    }
    if !a.is_integer() || !b.is_integer() || a.is_negative() || b.is_negative() {
        return Err(Declined::of(
            "the remainder of negative or fractional numbers is a matter of convention",
        ));
    }
    Ok(Q::from_integer(a.numer() % b.numer()))
}

/// `a^b`, exact where it is rational.
fn power(a: &Q, b: &Q, work: &mut Work) -> Result<Option<Q>, Declined> {
    if b.is_zero() {
        return if a.is_zero() {
            Err(Declined::of("0^0 is a matter of convention"))
        } else {
            Ok(Some(Q::one()))
        };
    }
    if a.is_zero() {
        return if b.is_negative() {
            Err(ZERO)
        } else {
            Ok(Some(Q::zero()))
        };
    }
    if a.is_one() {
        return Ok(Some(Q::one()));
    }
    if !b.is_integer() {
        let root = b.denom().to_u32().filter(|n| *n <= 64);
        if a.is_negative() {
            return Err(Declined::of("a root of a negative number is not real"));
        }
        let Some(base) = root.and_then(|n| exact_root(a, n)) else {
            return Ok(None);
        };
        return power(&base, &Q::from_integer(b.numer().clone()), work);
    }
    let exponent = b.numer().to_i32().ok_or(Declined::TOO_BIG)?;
    if (a.numer().magnitude().is_one()) && a.denom().is_one() {
        return Ok(Some(int(if exponent % 2 == 0 { 1 } else { -1 })));
    }
    let size = a.numer().bits().max(a.denom().bits()).saturating_sub(1).max(1);
    let needed = size.saturating_mul(u64::from(exponent.unsigned_abs()));
    work.fits(needed)?;
    work.spend(needed)?;
    let raised = a.pow(exponent);
    work.fits(bits(&raised))?;
    Ok(Some(raised))
}

/// The n-th root, where it is rational; the number is not negative.
pub(crate) fn exact_root(q: &Q, n: u32) -> Option<Q> {
    let root = |b: &BigInt| {
        let root = b.nth_root(n);
        (num_traits::pow(root.clone(), n as usize) == *b).then_some(root)
    };
    if q.is_negative() || n == 0 {
        return None;
    }
    Some(Q::new(root(q.numer())?, root(q.denom())?))
}

fn factorial(value: &Value, work: &mut Work) -> Result<Q, Declined> {
    let n = value.exact().and_then(small).filter(|n| *n >= 0);
    let n = n.ok_or(Declined::of("the factorial of other than a whole number"))?;
    if n > 1100 {
        return Err(Declined::TOO_BIG);
    }
    let product = (2..=n).fold(BigInt::one(), |product, k| product * k);
    work.fits(product.bits())?;
    // As much as the multiplications took.
    work.spend(product.bits())?;
    Ok(Q::from_integer(product))
}

/// The greatest common divisor of whole numbers.
pub(crate) fn gcd(a: &BigInt, b: &BigInt) -> BigInt {
    a.gcd(b)
}

/// The sine of so many degrees where it is rational.
pub(crate) fn sine_of_degrees(degrees: &Q) -> Option<Q> {
    let turn = int(360);
    let within = degrees - (degrees / &turn).floor() * turn;
    Some(match small(&within)? {
        0 | 180 => int(0),
        30 | 150 => ratio(1, 2),
        90 => int(1),
        210 | 330 => ratio(-1, 2),
        270 => int(-1),
        _ => return None,
    })
}
