//! The functions of expressions.

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Signed, Zero};

use crate::Declined;
use crate::ball::Ball;
use crate::eval::{UNSURE, Value, ZERO, exact_root, gcd, near, sine_of_degrees};
use crate::expr::Func;
use crate::limits::{MAX_BITS, Work};
use crate::number::{Q, bits, int};

const NOT_REAL: Declined = Declined::of("the root of a negative number is not real");
const LOGARITHM: Declined = Declined::of("the logarithm of a number that is not positive is undefined");
const ANGLE: Declined = Declined::of("degrees or radians: the angle has no unit");

/// Applies a function; the parser has counted the arguments.
pub(crate) fn call(function: Func, values: &[Value], work: &mut Work) -> Result<Value, Declined> {
    let size: u64 = values.iter().filter_map(Value::exact).map(bits).sum();
    work.spend(size * 2)?;
    let Some(value) = values.first() else {
        return Err(UNSURE);
    };
    match function {
        Func::Sqrt => root(value, 2),
        Func::Cbrt => root(value, 3),
        Func::Abs => match value {
            Value::Exact(q) => Ok(Value::Exact(q.abs())),
            _ => near(value.ball()?.map(f64::abs, |_, _| 1.0)),
        },
        Func::Sin | Func::Cos | Func::Tan => trigonometric(function, value),
        Func::Exp => match value.exact() {
            Some(q) if q.is_zero() => Ok(Value::Exact(int(1))),
            _ => near(value.ball()?.exp()),
        },
        Func::Ln => match value.exact() {
            Some(q) if q.is_one() => Ok(Value::Exact(int(0))),
            _ => near(Some(logarithm(value)?)),
        },
        Func::Log => match values.get(1) {
            Some(base) => log(value, base),
            None => log(value, &Value::Exact(int(10))),
        },
        Func::Log2 => log(value, &Value::Exact(int(2))),
        Func::Floor | Func::Ceil => {
            let q = value.exact().ok_or(UNSURE)?;
            Ok(Value::Exact(if function == Func::Floor { q.floor() } else { q.ceil() }))
        }
        Func::Min | Func::Max => {
            let exact: Option<Vec<&Q>> = values.iter().map(Value::exact).collect();
            let exact = exact.ok_or(UNSURE)?.into_iter();
            let found = if function == Func::Min {
                exact.min()
            } else {
                exact.max()
            };
            found.cloned().map(Value::Exact).ok_or(UNSURE)
        }
        Func::Gcd | Func::Lcm => {
            let whole = whole_numbers(values)?;
            let mut result = if function == Func::Gcd {
                BigInt::zero()
            } else {
                BigInt::one()
            };
            for n in whole {
                result = if function == Func::Gcd {
                    gcd(&result, n)
                } else {
                    result.lcm(n)
                };
                work.spend(result.bits())?;
                work.fits(result.bits())?;
            }
            Ok(Value::Exact(Q::from_integer(result)))
        }
    }
}

fn whole_numbers(values: &[Value]) -> Result<Vec<&BigInt>, Declined> {
    let whole = |v: &Value| v.exact().is_some_and(|q| q.is_integer() && q.is_positive());
    if !values.iter().all(whole) {
        return Err(Declined::of("divisors of other than positive whole numbers"));
    }
    Ok(values.iter().filter_map(Value::exact).map(Q::numer).collect())
}

fn root(value: &Value, n: u32) -> Result<Value, Declined> {
    if let Some(q) = value.exact() {
        let odd = n % 2 == 1;
        if q.is_negative() && !odd {
            return Err(NOT_REAL);
        }
        if let Some(root) = exact_root(&q.abs(), n) {
            return Ok(Value::Exact(if q.is_negative() { -root } else { root }));
        }
    }
    let ball = value.ball()?;
    if n == 3 {
        return near(ball.map(f64::cbrt, |low, high| {
            (low.abs().min(high.abs())).powf(-2.0 / 3.0) / 3.0
        }));
    }
    if ball.value - ball.error <= 0.0 {
        return Err(if ball.value < 0.0 { NOT_REAL } else { UNSURE });
    }
    near(ball.map(f64::sqrt, |low, _| 0.5 / low.sqrt()))
}

fn logarithm(value: &Value) -> Result<Ball, Declined> {
    let ball = value.ball()?;
    if ball.value <= 0.0 {
        return Err(LOGARITHM);
    }
    ball.ln().ok_or(UNSURE)
}

fn log(value: &Value, base: &Value) -> Result<Value, Declined> {
    if let (Some(x), Some(b)) = (value.exact(), base.exact()) {
        if !x.is_positive() || !b.is_positive() || b.is_one() {
            return Err(LOGARITHM);
        }
        if let Some(exponent) = exact_log(x, b) {
            return Ok(Value::Exact(int(exponent)));
        }
    }
    let (x, b) = (logarithm(value)?, logarithm(base)?);
    near(b.recip().and_then(|b| x.mul(b)))
}

/// The whole exponent with `base^exponent = x`, found from the sizes and then checked exactly.
fn exact_log(x: &Q, base: &Q) -> Option<i64> {
    let (x_log, base_log) = (Ball::from_exact(x)?.ln()?, Ball::from_exact(base)?.ln()?);
    let guess = (x_log.value / base_log.value).round();
    if guess.abs() > 1200.0 || x.is_one() {
        return x.is_one().then_some(0);
    }
    if bits(base) as f64 * guess.abs() > 2.0 * MAX_BITS as f64 {
        return None;
    }
    (base.pow(guess as i32) == *x).then_some(guess as i64)
}

fn trigonometric(function: Func, value: &Value) -> Result<Value, Declined> {
    let degrees = match value {
        Value::Exact(q) if q.is_zero() => Some(int(0)),
        Value::Exact(_) => return Err(ANGLE),
        Value::Pi(q) => Some(q * int(180)),
        Value::Degrees(q) => Some(q.clone()),
        Value::Near(_) => return Err(ANGLE),
    };
    if let Some(d) = &degrees {
        let (sine, cosine) = (sine_of_degrees(d), sine_of_degrees(&(d + int(90))));
        let right_angle = cosine.as_ref().is_some_and(Zero::is_zero);
        match function {
            Func::Sin if sine.is_some() => return sine.map(Value::Exact).ok_or(UNSURE),
            Func::Cos if cosine.is_some() => return cosine.map(Value::Exact).ok_or(UNSURE),
            Func::Tan if right_angle => return Err(ZERO),
            Func::Tan => {
                if let Some(eighth) = tangent(d) {
                    return Ok(Value::Exact(eighth));
                }
            }
            _ => {}
        }
    }
    let angle = value.ball()?;
    near(match function {
        Func::Sin => angle.sin(),
        Func::Cos => angle.cos(),
        _ => angle
            .sin()
            .zip(angle.cos())
            .and_then(|(s, c)| c.recip().and_then(|c| s.mul(c))),
    })
}

fn tangent(degrees: &Q) -> Option<Q> {
    let half = int(180);
    let within = degrees - (degrees / &half).floor() * half;
    match crate::number::small(&within)? {
        0 => Some(int(0)),
        45 => Some(int(1)),
        135 => Some(int(-1)),
        _ => None,
    }
}
