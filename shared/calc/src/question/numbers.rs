//! Properties and functions of whole numbers, roots and logarithms in words.

use num_traits::{Signed, ToPrimitive, Zero};

use super::Form;
use super::amount::{exact, operand, plain, words};
use super::arithmetic::answer_expr;
use crate::expr::{Expr, Func, Op};
use crate::integers::{divisors, is_prime, prime_factors};
use crate::number::{Q, int, small};
use crate::parse::{Reading, parse};
use crate::token::Token;
use crate::{Answer, Declined};

pub(super) const FORMS: &[Form] = &[
    ("is {} a? prime number?", |s| prime(s[0], true)),
    ("is {} a? composite number?", |s| prime(s[0], false)),
    ("is {} an? even number?", |s| parity(s[0], true)),
    ("is {} an? odd number?", |s| parity(s[0], false)),
    ("is {} divisible by {}", |s| divisible(s[0], s[1])),
    ("is {} a multiple of {}", |s| divisible(s[0], s[1])),
    ("is {} a factor|divisor of {}", |s| divisible(s[1], s[0])),
    ("is {} a? perfect square", |s| square(s[0])),
    (
        "the? prime factors|factorization|factorisation|decomposition of {}",
        |s| factors(s[0]),
    ),
    ("factorize|factorise|factor {}", |s| factors(s[0])),
    ("factorize|factorise|factor {} into primes", |s| factors(s[0])),
    ("list? all? the? factors|divisors of {}", |s| all_divisors(s[0])),
    ("the? factorial of {}", |s| {
        unary(s[0], |e| Expr::Factorial(Box::new(e)))
    }),
    ("{} factorial", |s| unary(s[0], |e| Expr::Factorial(Box::new(e)))),
    ("the? square root of {}", |s| call(s[0], Func::Sqrt)),
    ("square|sqrt root? of {}", |s| call(s[0], Func::Sqrt)),
    ("the? cube root of {}", |s| call(s[0], Func::Cbrt)),
    ("the? square of {}", |s| power(s[0], 2)),
    ("the? cube of {}", |s| power(s[0], 3)),
    ("square {}", |s| power(s[0], 2)),
    ("cube {}", |s| power(s[0], 3)),
    ("the? absolute value of {}", |s| call(s[0], Func::Abs)),
    ("the? reciprocal|inverse of {}", |s| reciprocal(s[0])),
    ("the? natural log|logarithm of {}", |s| call(s[0], Func::Ln)),
    ("the? log|logarithm base {} of {}", |s| log(s[1], s[0])),
    ("the? log|logarithm of {} in|to|with the? base {}", |s| log(s[0], s[1])),
    ("the? remainder|modulus of|when|if {} is? / {}", |s| {
        binary(s[0], s[1], Op::Mod)
    }),
    ("the? remainder|modulus of|when|if {} is divided by {}", |s| {
        binary(s[0], s[1], Op::Mod)
    }),
    ("double {}", |s| times(s[0], int(2))),
    ("twice {}", |s| times(s[0], int(2))),
    ("triple {}", |s| times(s[0], int(3))),
    ("quadruple {}", |s| times(s[0], int(4))),
    ("halve {}", |s| part(s[0], 1, 2)),
    ("a|1 half of {}", |s| part(s[0], 1, 2)),
    ("half of? {}", |s| part(s[0], 1, 2)),
    ("a|1 third of {}", |s| part(s[0], 1, 3)),
    ("2 thirds of {}", |s| part(s[0], 2, 3)),
    ("a|1 quarter|fourth of {}", |s| part(s[0], 1, 4)),
    ("3 quarters|fourths of {}", |s| part(s[0], 3, 4)),
    ("a|1 fifth of {}", |s| part(s[0], 1, 5)),
    ("a|1 tenth of {}", |s| part(s[0], 1, 10)),
    (
        "the? sum of all? the? whole|natural|integer? numbers|integers? from? {} to|through {}",
        |s| series(s[0], s[1]),
    ),
    ("add all? the? numbers|integers? from {} to|through {}", |s| {
        series(s[0], s[1])
    }),
    (
        "the? sum of the? first {} natural|positive numbers|integers|whole?",
        |s| first(s[0]),
    ),
    ("{} choose {}", |s| choose(s[0], s[1])),
    ("the? number of? combinations of {} from {}", |s| choose(s[1], s[0])),
];

const ONE_TO_64_BITS: Declined = Declined::of("only for whole numbers below 2^64");

fn natural(tokens: &[Token]) -> Result<u64, Declined> {
    let q = plain(tokens)?;
    if !q.is_integer() || !q.is_positive() {
        return Err(Declined::of("only for positive whole numbers"));
    }
    q.numer().to_u64().ok_or(ONE_TO_64_BITS)
}

fn yes(holds: bool) -> &'static str {
    if holds { "yes" } else { "no" }
}

fn product(factors: &[u64]) -> String {
    let mut text = String::new();
    let mut rest = factors;
    while let Some(p) = rest.first() {
        let count = rest.iter().take_while(|q| *q == p).count();
        let sign = if text.is_empty() { "" } else { " × " };
        text += &if count > 1 {
            format!("{sign}{p}^{count}")
        } else {
            format!("{sign}{p}")
        };
        rest = &rest[count..];
    }
    text
}

fn prime(tokens: &[Token], asked_prime: bool) -> Result<Answer, Declined> {
    let n = natural(tokens)?;
    let prime = is_prime(n);
    let composite = !prime && n > 1;
    let result = yes(if asked_prime { prime } else { composite });
    let text = if prime {
        format!("{result}, {n} is prime")
    } else if n == 1 {
        format!("{result}, 1 is neither prime nor composite")
    } else {
        let factors = prime_factors(n).ok_or(Declined::TOO_BIG)?;
        let verb = if asked_prime { "is not prime" } else { "is composite" };
        format!("{result}, {n} {verb}: {n} = {}", product(&factors))
    };
    Ok(words(text, result))
}

fn parity(tokens: &[Token], even: bool) -> Result<Answer, Declined> {
    let q = plain(tokens)?;
    if !q.is_integer() {
        return Err(Declined::of("only whole numbers are even or odd"));
    }
    let is_even = (&q / int(2)).is_integer();
    let result = yes(is_even == even);
    Ok(words(
        format!("{result}, {} is {}", q.numer(), if is_even { "even" } else { "odd" }),
        result,
    ))
}

fn divisible(n: &[Token], by: &[Token]) -> Result<Answer, Declined> {
    let (n, by) = (plain(n)?, plain(by)?);
    if !n.is_integer() || !by.is_integer() || !by.is_positive() || n.is_negative() {
        return Err(Declined::UNREAD);
    }
    let remainder = n.numer() % by.numer();
    let result = yes(remainder.is_zero());
    let (n, by) = (n.numer(), by.numer());
    let text = if remainder.is_zero() {
        format!("yes, {n} / {by} = {}", n / by)
    } else {
        format!("no, {n} mod {by} = {remainder}")
    };
    Ok(words(text, result))
}

fn square(tokens: &[Token]) -> Result<Answer, Declined> {
    let q = plain(tokens)?;
    if !q.is_integer() || q.is_negative() {
        return Err(Declined::UNREAD);
    }
    let root = q.numer().sqrt();
    let holds = &root * &root == *q.numer();
    let text = if holds {
        format!("yes, {root}^2 = {}", q.numer())
    } else {
        format!("no, {} lies between {root}^2 and {}^2", q.numer(), &root + 1)
    };
    Ok(words(text, yes(holds)))
}

fn factors(tokens: &[Token]) -> Result<Answer, Declined> {
    let n = natural(tokens)?;
    let factors = prime_factors(n).ok_or(Declined::TOO_BIG)?;
    if n == 1 {
        return Ok(words("1 has no prime factors".to_owned(), "none"));
    }
    if factors.len() == 1 {
        return Ok(words(format!("{n} is prime"), n.to_string()));
    }
    let product = product(&factors);
    Ok(words(format!("{n} = {product}"), product))
}

fn all_divisors(tokens: &[Token]) -> Result<Answer, Declined> {
    let n = natural(tokens)?;
    let divisors = divisors(n, 200).ok_or(Declined::TOO_BIG)?;
    let list: Vec<String> = divisors.iter().map(u64::to_string).collect();
    let list = list.join(", ");
    Ok(words(format!("the divisors of {n} are {list}"), list))
}

/// One operand as an expression.
fn one(tokens: &[Token]) -> Result<Expr, Declined> {
    operand(tokens)?;
    parse(tokens, Reading::default())
}

fn unary(tokens: &[Token], make: fn(Expr) -> Expr) -> Result<Answer, Declined> {
    answer_expr(&make(one(tokens)?))
}

fn call(tokens: &[Token], function: Func) -> Result<Answer, Declined> {
    answer_expr(&Expr::Call(function, vec![one(tokens)?]))
}

fn power(tokens: &[Token], exponent: i64) -> Result<Answer, Declined> {
    answer_expr(&Expr::bin(Op::Pow, one(tokens)?, Expr::Num(int(exponent))))
}

fn reciprocal(tokens: &[Token]) -> Result<Answer, Declined> {
    answer_expr(&Expr::bin(Op::Div, Expr::Num(int(1)), one(tokens)?))
}

fn log(x: &[Token], base: &[Token]) -> Result<Answer, Declined> {
    answer_expr(&Expr::Call(Func::Log, vec![one(x)?, one(base)?]))
}

fn binary(a: &[Token], b: &[Token], op: Op) -> Result<Answer, Declined> {
    answer_expr(&Expr::bin(op, one(a)?, one(b)?))
}

fn times(tokens: &[Token], factor: Q) -> Result<Answer, Declined> {
    answer_expr(&Expr::bin(Op::Mul, Expr::Num(factor), one(tokens)?))
}

fn part(tokens: &[Token], n: i64, d: i64) -> Result<Answer, Declined> {
    let part = Expr::bin(Op::Div, Expr::Num(int(n)), Expr::Num(int(d)));
    let expr = Expr::bin(Op::Of, part, one(tokens)?);
    let amount = super::amount::operand(tokens)?;
    let value = amount.with(&amount.value * crate::number::ratio(n, d));
    Ok(value.answer(format!("{expr} {}", value.equals())))
}

fn series(from: &[Token], to: &[Token]) -> Result<Answer, Declined> {
    let (from, to) = (plain(from)?, plain(to)?);
    if !from.is_integer() || !to.is_integer() || from >= to {
        return Err(Declined::UNREAD);
    }
    let count = &to - &from + int(1);
    let sum = (&from + &to) * &count / int(2);
    let (a, b) = (from.numer(), to.numer());
    let text = format!(
        "{a} + ... + {b} = ({a} + {b}) × {} / 2 = {}",
        count.numer(),
        sum.numer()
    );
    Ok(exact(text, sum))
}

fn first(count: &[Token]) -> Result<Answer, Declined> {
    let n = plain(count)?;
    if !n.is_integer() || !n.is_positive() {
        return Err(Declined::UNREAD);
    }
    let sum = &n * (&n + int(1)) / int(2);
    Ok(exact(format!("{0} × ({0} + 1) / 2 = {1}", n.numer(), sum.numer()), sum))
}

fn choose(n: &[Token], k: &[Token]) -> Result<Answer, Declined> {
    let n = small(&plain(n)?)
        .filter(|n| (0..=1000).contains(n))
        .ok_or(Declined::TOO_BIG)?;
    let k = small(&plain(k)?)
        .filter(|k| (0..=n).contains(k))
        .ok_or(Declined::UNREAD)?;
    let value = (0..k.min(n - k)).fold(int(1), |value, i| value * int(n - i) / int(i + 1));
    Ok(exact(format!("C({n}, {k}) = {}", value.numer()), value))
}
