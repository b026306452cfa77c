//! What a row measures, and what was promised of it.

use std::fmt;

use serde::Serialize;

/// What was promised of a figure.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// Not more.
    AtMost(f64),
    /// Less.
    Below(f64),
    /// Not less.
    AtLeast(f64),
    /// Neither less nor more.
    Between(f64, f64),
    /// Nothing: it is shown because it explains the others.
    Shown,
}

/// One figure of a row.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Check {
    /// What was counted or timed.
    pub name: &'static str,
    /// The figure.
    pub value: f64,
    /// Its unit; empty for counts.
    pub unit: &'static str,
    /// What was promised.
    pub limit: Limit,
}

/// All figures of a row.
pub type Checks = Vec<Check>;

impl Check {
    /// A figure with a promise.
    pub fn new(name: &'static str, value: f64, unit: &'static str, limit: Limit) -> Self {
        Self {
            name,
            value,
            unit,
            limit,
        }
    }

    /// A count that must not be more.
    pub fn at_most(name: &'static str, count: usize, most: usize) -> Self {
        Self::new(name, count as f64, "", Limit::AtMost(most as f64))
    }

    /// A figure that is only shown.
    pub fn shown(name: &'static str, value: f64, unit: &'static str) -> Self {
        Self::new(name, value, unit, Limit::Shown)
    }

    /// Whether the promise is kept. What is no number keeps none.
    pub fn held(&self) -> bool {
        match self.limit {
            Limit::AtMost(most) => self.value <= most,
            Limit::Below(most) => self.value < most,
            Limit::AtLeast(least) => self.value >= least,
            Limit::Between(least, most) => (least..=most).contains(&self.value),
            Limit::Shown => true,
        }
    }

    /// Of two measurements the one that speaks more against the mesh.
    #[must_use]
    pub fn worse(self, other: Self) -> Self {
        let badness = |check: &Self| match check.limit {
            _ if check.value.is_nan() => f64::INFINITY,
            Limit::AtMost(_) | Limit::Below(_) | Limit::Shown => check.value,
            Limit::AtLeast(_) => -check.value,
            Limit::Between(least, most) => (check.value - (least + most) / 2.0).abs(),
        };
        match badness(&other) > badness(&self) {
            true => other,
            false => self,
        }
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = |value: f64| match value {
            value if value.is_nan() => "none".to_owned(),
            value if value.fract() == 0.0 || value.abs() >= 1_000.0 => format!("{value:.0}"),
            value if value.abs() >= 100.0 => format!("{value:.1}"),
            value => format!("{value:.2}"),
        };
        let unit = match self.unit {
            "" | "x" | "%" => self.unit.to_owned(),
            unit => format!(" {unit}"),
        };
        write!(f, "{} {}{unit}", self.name, number(self.value))?;
        match self.limit {
            Limit::Shown => Ok(()),
            _ if self.held() => Ok(()),
            Limit::AtMost(most) => write!(f, " (**more than {}**)", number(most)),
            Limit::Below(most) => write!(f, " (**not below {}**)", number(most)),
            Limit::AtLeast(least) => write!(f, " (**less than {}**)", number(least)),
            Limit::Between(least, most) => write!(f, " (**not {} to {}**)", number(least), number(most)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_promise_is_kept_or_not_and_the_worst_is_told() {
        let share = |value| Check::new("share", value, "%", Limit::Between(40.0, 60.0));
        assert!(share(40.0).held() && !share(61.0).held());
        assert_eq!(share(45.0).worse(share(52.0)), share(45.0));
        let least = |value| Check::new("goodput", value, "x", Limit::AtLeast(0.9));
        assert_eq!(least(0.95).worse(least(0.8)), least(0.8));
        let failed = |count| Check::at_most("failed", count, 0);
        assert_eq!(failed(0).worse(failed(3)), failed(3));
        assert_eq!(failed(3).to_string(), "failed 3 (**more than 0**)");
        assert_eq!(failed(0).to_string(), "failed 0");
        assert_eq!(least(0.956).to_string(), "goodput 0.96x");
    }

    #[test]
    fn what_was_not_measured_is_not_held_and_worst_of_all() {
        let none = Check::new("p99", f64::NAN, "x", Limit::Below(2.0));
        let some = Check::new("p99", 9.0, "x", Limit::Below(2.0));
        assert!(!none.held());
        assert!(some.worse(none.clone()).value.is_nan());
        assert!(none.to_string().starts_with("p99 none"));
    }
}
