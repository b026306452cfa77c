//! Polynomials in a few unknowns, as equations need them.

use std::collections::BTreeMap;

use num_traits::Zero;

use crate::Declined;
use crate::eval::{Value, eval};
use crate::expr::{Expr, Op};
use crate::limits::Work;
use crate::number::{Q, bits, int, small};

/// The highest degree that is carried along.
const MAX_DEGREE: usize = 8;

/// Unknowns in order, one entry per power: `xxy`.
type Monomial = Vec<char>;

/// Coefficients by monomial; none of them zero.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Poly(BTreeMap<Monomial, Q>);

impl Poly {
    fn constant(q: Q) -> Self {
        let mut poly = Self::default();
        poly.put(Vec::new(), q);
        poly
    }

    fn put(&mut self, monomial: Monomial, q: Q) {
        let sum = self.0.remove(&monomial).unwrap_or_else(|| int(0)) + q;
        if !sum.is_zero() {
            self.0.insert(monomial, sum);
        }
    }

    /// The unknowns that occur.
    pub(crate) fn unknowns(&self) -> Vec<char> {
        let mut unknowns: Vec<char> = self.0.keys().flatten().copied().collect();
        unknowns.sort_unstable();
        unknowns.dedup();
        unknowns
    }

    /// The highest power of anything.
    pub(crate) fn degree(&self) -> usize {
        self.0.keys().map(Vec::len).max().unwrap_or(0)
    }

    /// The coefficient of a monomial.
    pub(crate) fn of(&self, monomial: &[char]) -> Q {
        self.0.get(monomial).cloned().unwrap_or_else(|| int(0))
    }

    /// This minus another.
    pub(crate) fn minus(&self, other: &Poly) -> Poly {
        let mut result = self.clone();
        for (monomial, q) in &other.0 {
            result.put(monomial.clone(), -q);
        }
        result
    }

    fn times(&self, other: &Poly, work: &mut Work) -> Result<Poly, Declined> {
        let mut result = Poly::default();
        for (a, p) in &self.0 {
            for (b, q) in &other.0 {
                let mut monomial = [a.as_slice(), b.as_slice()].concat();
                if monomial.len() > MAX_DEGREE {
                    return Err(Declined::of("an equation of high degree"));
                }
                monomial.sort_unstable();
                work.spend(64 + bits(p) + bits(q))?;
                result.put(monomial, p * q);
            }
        }
        Ok(result)
    }
}

/// The polynomial that an expression is.
pub(crate) fn poly(expr: &Expr, work: &mut Work) -> Result<Poly, Declined> {
    if !expr.any(&|e| matches!(e, Expr::Var(_))) {
        return match eval(expr, work)? {
            Value::Exact(q) => Ok(Poly::constant(q)),
            _ => Err(Declined::of("an equation with irrational coefficients")),
        };
    }
    Ok(match expr {
        Expr::Var(name) => Poly([(vec![*name], int(1))].into()),
        Expr::Neg(a) => Poly::default().minus(&poly(a, work)?),
        Expr::Bin(Op::Add, a, b) => {
            let negative = Poly::default().minus(&poly(b, work)?);
            poly(a, work)?.minus(&negative)
        }
        Expr::Bin(Op::Sub, a, b) => poly(a, work)?.minus(&poly(b, work)?),
        Expr::Bin(Op::Mul | Op::Of, a, b) => poly(a, work)?.times(&poly(b, work)?, work)?,
        Expr::Bin(Op::Div, a, b) => {
            let divisor = poly(b, work)?;
            if divisor.degree() > 0 {
                return Err(Declined::of("an unknown in a denominator"));
            }
            let divisor = divisor.of(&[]);
            if divisor.is_zero() {
                return Err(crate::eval::ZERO);
            }
            poly(a, work)?.times(&Poly::constant(divisor.recip()), work)?
        }
        Expr::Bin(Op::Pow, a, b) => {
            let exponent = match eval(b, work)? {
                Value::Exact(q) => small(&q).filter(|n| (1..=MAX_DEGREE as i64).contains(n)),
                _ => None,
            };
            let exponent = exponent.ok_or(Declined::of("an unknown under an unusual power"))?;
            let base = poly(a, work)?;
            let mut result = base.clone();
            for _ in 1..exponent {
                result = result.times(&base, work)?;
            }
            result
        }
        Expr::Percent(a) => poly(a, work)?.times(&Poly::constant(crate::number::ratio(1, 100)), work)?,
        _ => return Err(Declined::of("an equation of an unusual kind")),
    })
}
