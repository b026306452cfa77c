//! Irrational values: a float and a bound on how far it is from the true value.

use num_bigint::BigInt;
use num_traits::{Signed, ToPrimitive};

use crate::number::{Q, SHOWN_DIGITS, significant};

/// What one float operation may be off by, relatively; the libm functions used here stay well below.
const ULP: f64 = 1e-15;

/// `value`, at most `error` away from the truth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Ball {
    pub(crate) value: f64,
    pub(crate) error: f64,
}

impl Ball {
    fn new(value: f64, error: f64) -> Option<Self> {
        let error = error + value.abs() * ULP;
        (value.is_finite() && error.is_finite() && value.abs() < 1e290 && (value == 0.0 || value.abs() > 1e-290))
            .then_some(Self { value, error })
    }

    /// The nearest float to an exact number.
    pub(crate) fn from_exact(q: &Q) -> Option<Self> {
        if q.numer().bits() < 900 && q.denom().bits() < 900 {
            return Self::new(q.to_f64()?, 0.0);
        }
        // Shift both down to where floats reach; 100 bits of each are far more than a float holds.
        let (n, d) = (shift(q.numer()), shift(q.denom()));
        let exponent = i32::try_from(n.1 - d.1).ok().filter(|e| e.abs() < 900)?;
        Self::new(n.0 / d.0 * 2f64.powi(exponent), 0.0)
    }

    pub(crate) fn pi() -> Self {
        Self {
            value: std::f64::consts::PI,
            error: 2e-16,
        }
    }

    pub(crate) fn e() -> Self {
        Self {
            value: std::f64::consts::E,
            error: 2e-16,
        }
    }

    pub(crate) fn neg(self) -> Self {
        Self {
            value: -self.value,
            ..self
        }
    }

    pub(crate) fn add(self, other: Self) -> Option<Self> {
        Self::new(self.value + other.value, self.error + other.error)
    }

    pub(crate) fn mul(self, other: Self) -> Option<Self> {
        let error = self.value.abs() * other.error + other.value.abs() * self.error + self.error * other.error;
        Self::new(self.value * other.value, error)
    }

    /// None where zero is among the possible divisors.
    pub(crate) fn recip(self) -> Option<Self> {
        let least = self.value.abs() - self.error;
        if least <= 0.0 {
            return None;
        }
        Self::new(self.value.recip(), self.error / (least * self.value.abs()))
    }

    /// A function, and a bound of its derivative over the ball.
    pub(crate) fn map(self, f: impl Fn(f64) -> f64, slope: impl Fn(f64, f64) -> f64) -> Option<Self> {
        let (low, high) = (self.value - self.error, self.value + self.error);
        Self::new(f(self.value), self.error * slope(low, high).abs())
    }

    pub(crate) fn ln(self) -> Option<Self> {
        (self.value - self.error > 0.0).then_some(())?;
        let ball = self.map(f64::ln, |low, _| 1.0 / low)?;
        Some(Self {
            error: ball.error + 1e-15,
            ..ball
        })
    }

    pub(crate) fn exp(self) -> Option<Self> {
        (self.value < 600.0).then_some(())?;
        self.map(f64::exp, |_, high| high.exp())
    }

    pub(crate) fn sin(self) -> Option<Self> {
        self.angle()?.map(f64::sin, |_, _| 1.0).map(Self::blur)
    }

    pub(crate) fn cos(self) -> Option<Self> {
        self.angle()?.map(f64::cos, |_, _| 1.0).map(Self::blur)
    }

    fn angle(self) -> Option<Self> {
        (self.value.abs() < 1e6).then_some(self)
    }

    fn blur(self) -> Self {
        Self {
            error: self.error + 2e-16,
            ..self
        }
    }

    /// Ten digits (fewer where fewer are sure) and none where not even six are.
    pub(crate) fn show(self) -> Option<String> {
        if self.value == 0.0 || self.error > self.value.abs() * 1e-7 {
            return None;
        }
        let (exact, error) = (Q::from_float(self.value)?, Q::from_float(self.error)?);
        let (low, high) = (&exact - &error, &exact + &error);
        (6..=SHOWN_DIGITS).rev().find_map(|digits| {
            let text = significant(&low, digits);
            (text == significant(&high, digits)).then_some(text)
        })
    }

    /// Does the ball hold the number within the rounding to its places?
    pub(crate) fn rounds_to(self, shown: &Q, places: usize) -> Option<bool> {
        let (value, error) = (Q::from_float(self.value)?, Q::from_float(self.error)?);
        let slack = error + Q::new(1.into(), crate::number::ten(places)) / Q::from_integer(2.into());
        Some((value - shown).abs() <= slack)
    }
}

fn shift(n: &BigInt) -> (f64, i64) {
    let excess = n.bits().saturating_sub(100);
    ((n >> excess).to_f64().unwrap_or(f64::NAN), excess as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::ratio;

    #[test]
    fn shows_only_what_is_sure() {
        let two = Ball::from_exact(&ratio(2, 1)).unwrap();
        let root = two.map(f64::sqrt, |low, _| 0.5 / low.sqrt()).unwrap();
        assert_eq!(root.show().unwrap(), "1.414213562");
        let nothing = root.mul(root).unwrap().add(two.neg()).unwrap();
        assert_eq!(nothing.show(), None, "a difference that cancels is not shown");
        assert_eq!(two.show().as_deref(), Some("2"));
        assert_eq!(nothing.recip(), None);
    }

    #[test]
    fn takes_huge_numbers() {
        let huge = Q::from_integer(crate::number::ten(280)) / ratio(3, 1);
        let ball = Ball::from_exact(&huge).unwrap();
        assert!((ball.value / 3.333_333_333_333_333e279 - 1.0).abs() < 1e-14);
        assert_eq!(Ball::from_exact(&Q::from_integer(crate::number::ten(2000))), None);
    }
}
