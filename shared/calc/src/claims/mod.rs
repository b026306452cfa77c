//! Arithmetic claims in a running text: `lhs = rhs` and its kin, found and recomputed. When in doubt, no verdict.

mod conclusion;
mod context;
mod doubt;
mod judge;
mod plain;
mod scan;
mod sides;
mod solution;

use crate::expr::Expr;
use crate::limits::{MAX_CLAIMS, MAX_TEXT};
use crate::number::Q;
use crate::units::Unit;

pub use conclusion::{Conclusion, conclusion};
pub use judge::verify;

/// A claim that a text makes.
#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    /// The passage, as written.
    pub excerpt: String,
    /// Line in the text, from 1.
    pub line: u32,
    /// Column in that line, in characters from 1.
    pub column: u32,
    what: What,
}

/// What recomputing a claim says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is right, or rightly rounded to the digits shown.
    Holds,
    /// It is wrong.
    Wrong {
        /// What should stand there instead.
        expected: String,
    },
    /// It cannot be told: units, conventions or roundings that the text does not state.
    Unknown,
}

/// What is claimed.
#[derive(Debug, Clone, PartialEq)]
enum What {
    Equal(Equality),
    Conversion {
        from: (Q, Unit),
        to: (Shown, Unit),
        about: bool,
    },
    /// The solution of an equation: the root that it has, and the one that the text gives.
    Solution {
        unknown: char,
        root: Q,
        given: Shown,
    },
}

/// `left = right`.
#[derive(Debug, Clone, PartialEq)]
struct Equality {
    left: Expr,
    /// The whole right side, as far as it can be read.
    right: Expr,
    /// The first number of the right side, where the text may run on after it.
    first: Option<Shown>,
    /// `≈`, "about".
    about: bool,
    /// `3.33...`
    cut: bool,
    /// Something in the text makes a mismatch no error.
    lenient: bool,
}

/// A number as a text shows it.
#[derive(Debug, Clone, PartialEq)]
struct Shown {
    value: Q,
    places: usize,
    percent: bool,
    /// Written with a scale word or an exponent: the places do not say how exact it is.
    scaled: bool,
}

/// Finds the arithmetic claims of a text. Linear in its length; reads at most [`MAX_TEXT`] bytes and finds at most
/// [`MAX_CLAIMS`].
pub fn claims(text: &str) -> Vec<Claim> {
    let mut end = text.len().min(MAX_TEXT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let mut found = Vec::new();
    let mut solutions = solution::Collector::default();
    let mut fence: Option<&str> = None;
    for (number, line) in text[..end].lines().enumerate() {
        let trimmed = line.trim_start();
        if let Some(mark) = ["```", "~~~"].into_iter().find(|mark| trimmed.starts_with(mark)) {
            fence = match fence {
                None => Some(mark),
                Some(open) if open == mark => None,
                open => open,
            };
            continue;
        }
        if fence.is_some() || found.len() >= MAX_CLAIMS {
            continue;
        }
        let number = u32::try_from(number + 1).unwrap_or(u32::MAX);
        scan::line(line, number, &mut found, &mut solutions);
    }
    found.truncate(MAX_CLAIMS);
    found.extend(solutions.finish());
    found
}
