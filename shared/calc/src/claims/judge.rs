//! Recomputing a claim.

use num_traits::{Signed, Zero};

use super::{Claim, Equality, Shown, Verdict, What};
use crate::ball::Ball;
use crate::eval::{Value, eval};
use crate::expr::{Expr, Op};
use crate::limits::Work;
use crate::number::{Q, exact_decimal, int, places, ratio, round_half_even, round_half_up, show, significant};

/// Recomputes a claim.
pub fn verify(claim: &Claim) -> Verdict {
    match &claim.what {
        What::Equal(equality) => equality.verdict(),
        What::Conversion {
            from: (value, unit),
            to: (shown, to),
            about,
        } => {
            let Some(true_value) = unit.convert(value, to) else {
                return Verdict::Unknown;
            };
            if shown.scaled || shown.percent {
                return Verdict::Unknown;
            }
            let off = distance(&true_value, &shown.value);
            // Conventions: working days, cups of other countries, rounded factors.
            let kind = if unit.is_volume() { ratio(1, 4) } else { ratio(1, 100) };
            if shown.shows(&true_value) || (*about && off <= ratio(1, 100)) {
                Verdict::Holds
            } else if off <= kind
                || unit.is_calendar()
                || to.is_calendar()
                || unit.is_decimal_data()
                || to.is_decimal_data()
            {
                Verdict::Unknown
            } else {
                Verdict::Wrong {
                    expected: format!("{} {}", significant(&true_value, 8), to.symbol),
                }
            }
        }
        What::Solution { unknown, root, given } => {
            if given.shows(root) || given.scaled {
                Verdict::Holds
            } else if distance(root, &given.value) <= ratio(1, 100) && given.places > 0 {
                Verdict::Unknown
            } else {
                let (text, exact) = show(root);
                Verdict::Wrong {
                    expected: format!("{unknown} {} {text}", if exact { "=" } else { "≈" }),
                }
            }
        }
    }
}

/// The difference, relative to the true value.
fn distance(truth: &Q, other: &Q) -> Q {
    let difference = (truth - other).abs();
    if truth.is_zero() {
        if difference.is_zero() { difference } else { int(1) }
    } else {
        difference / truth.abs()
    }
}

impl Shown {
    /// Is this the value, or the value rounded to the digits shown?
    pub(super) fn shows(&self, value: &Q) -> bool {
        // Sixteen digits of a float are as good as all of them.
        *value == self.value
            || (self.places >= 10 && distance(value, &self.value) < Q::new(1.into(), crate::number::ten(10)))
            || round_half_up(value, self.places) == self.value
            || round_half_even(value, self.places) == self.value
    }
}

impl Equality {
    fn verdict(&self) -> Verdict {
        let mut work = Work::claim();
        let Ok(left) = eval(&self.left, &mut work) else {
            return Verdict::Unknown;
        };
        let right = eval(&self.right, &mut work).ok();
        let verdict = match (&left, right) {
            (Value::Exact(left), right) => self.exact(left, right.as_ref().and_then(Value::exact)),
            (left, Some(Value::Exact(_))) => match left.ball() {
                Ok(ball) => self.near(ball),
                Err(_) => Verdict::Unknown,
            },
            _ => Verdict::Unknown,
        };
        match verdict {
            Verdict::Wrong { .. } if self.lenient => Verdict::Unknown,
            verdict => verdict,
        }
    }

    /// The number on the right, where the whole right side is one.
    fn literal(&self) -> bool {
        let inner = match &self.right {
            Expr::Percent(inner) => inner,
            other => other,
        };
        inner.is_literal()
    }

    fn exact(&self, left: &Q, right: Option<&Q>) -> Verdict {
        // 3.33... is a number cut off, not rounded.
        let tolerance = if self.about { ratio(1, 100) } else { int(0) };
        let mut candidates = vec![left.clone()];
        let percents = has_percent(&self.left);
        let shown_percent = self.first.as_ref().is_some_and(|f| f.percent) || matches!(self.right, Expr::Percent(_));
        if shown_percent != percents && (shown_percent || all_percent(&self.left)) {
            candidates.push(if shown_percent {
                left / int(100)
            } else {
                left * int(100)
            });
        }
        let holds = candidates.iter().any(|value| {
            let whole = right.is_some_and(|r| r == value || distance(value, r) <= tolerance || self.scientific(value));
            whole
                || self
                    .first
                    .as_ref()
                    .is_some_and(|first| self.shows(first, value, &tolerance))
        });
        if holds {
            return Verdict::Holds;
        }
        let Some(right) = right else { return Verdict::Unknown };
        let off = candidates
            .iter()
            .map(|v| distance(v, right))
            .min()
            .unwrap_or_else(|| int(1));
        let small = ratio(1, 100);
        if self.first.as_ref().is_some_and(|f| f.scaled) && off <= ratio(1, 20) {
            return Verdict::Unknown;
        }
        // Roundings carried along: `33.33 × 3 = 100.00`, `10 / 3 × 3 = 3.33 × 3`.
        let carried = if self.literal() {
            self.multiplies_decimals() && off <= ratio(1, 200)
        } else {
            off <= small
        };
        if carried || (self.about && off <= ratio(1, 20)) {
            return Verdict::Unknown;
        }
        Verdict::Wrong {
            expected: self.expected(left, shown_percent && !percents),
        }
    }

    /// What should stand on the right: exactly, or rounded.
    fn expected(&self, left: &Q, percent: bool) -> String {
        let left = &(if percent { left * int(100) } else { left.clone() });
        let text = match exact_decimal(left) {
            Some(text) if places(left, 6).is_some() => text,
            _ => significant(left, 8),
        };
        if percent { format!("{text}%") } else { text }
    }

    fn shows(&self, shown: &Shown, value: &Q, tolerance: &Q) -> bool {
        let shown = if shown.percent {
            &Shown {
                value: &shown.value / int(100),
                places: shown.places + 2,
                percent: false,
                scaled: shown.scaled,
            }
        } else {
            shown
        };
        if shown.scaled {
            return distance(value, &shown.value) <= ratio(1, 100);
        }
        let unit = Q::new(1.into(), crate::number::ten(shown.places));
        let cut = self.cut && (value - &shown.value).abs() < unit;
        cut || shown.shows(value) || distance(value, &shown.value) <= *tolerance
    }

    /// `1.27 × 10^30`: right to the digits of its first factor.
    fn scientific(&self, value: &Q) -> bool {
        let Expr::Bin(Op::Mul, mantissa, power) = &self.right else {
            return false;
        };
        let (Expr::Num(mantissa), Expr::Bin(Op::Pow, ten, exponent)) = (&**mantissa, &**power) else {
            return false;
        };
        let Ok(Value::Exact(scale)) = eval(&Expr::Bin(Op::Pow, ten.clone(), exponent.clone()), &mut Work::claim())
        else {
            return false;
        };
        let Some(places) = places(mantissa, 12) else {
            return false;
        };
        **ten == Expr::Num(int(10)) && !scale.is_zero() && round_half_up(&(value / scale), places) == *mantissa
    }

    /// Does the left side multiply or divide numbers that may have been rounded before?
    fn multiplies_decimals(&self) -> bool {
        let decimal = self
            .left
            .any(&|e| matches!(e, Expr::Num(q) | Expr::Money(q, _) if !q.is_integer()));
        let product = self
            .left
            .any(&|e| matches!(e, Expr::Bin(Op::Mul | Op::Div | Op::Pow | Op::Of, ..)));
        decimal && product
    }

    fn near(&self, left: Ball) -> Verdict {
        let Some(shown) = self
            .first
            .as_ref()
            .filter(|f| !f.percent && !f.scaled && self.literal())
        else {
            return Verdict::Unknown;
        };
        match left.rounds_to(&shown.value, shown.places) {
            Some(true) => Verdict::Holds,
            Some(false) => {
                let Some(truth) = Q::from_float(left.value) else {
                    return Verdict::Unknown;
                };
                if distance(&truth, &shown.value) <= ratio(1, 100) {
                    return if self.about || self.cut {
                        Verdict::Holds
                    } else {
                        Verdict::Unknown
                    };
                }
                left.show()
                    .map_or(Verdict::Unknown, |text| Verdict::Wrong { expected: text })
            }
            None => Verdict::Unknown,
        }
    }
}

fn has_percent(expr: &Expr) -> bool {
    expr.any(&|e| matches!(e, Expr::Percent(_)))
}

/// A sum of nothing but percentages.
fn all_percent(expr: &Expr) -> bool {
    match expr {
        Expr::Percent(_) => true,
        Expr::Bin(Op::Add | Op::Sub, a, b) => all_percent(a) && all_percent(b),
        Expr::Bin(Op::Mul, a, b) => all_percent(a) != all_percent(b) && (b.is_literal() || a.is_literal()),
        _ => false,
    }
}
