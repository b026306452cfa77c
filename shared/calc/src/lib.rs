//! Exact mathematics: expressions, questions in plain words, claims.
//!
//! [`answer`] answers a question in plain words exactly or declines; [`claims`] finds the arithmetic claims of a text,
//! [`verify`] recomputes one, and [`conclusion`] compares the end of a text with an exact answer. All of it is pure,
//! bounded by construction (see [`limits`]) and never panics; rational numbers are exact, irrational ones carry the
//! bound of their error and show only sure digits.

use std::borrow::Cow;
use std::fmt;

use num_rational::BigRational;

mod atoms;
mod ball;
mod cardinals;
mod claims;
mod eval;
mod expr;
mod functions;
mod integers;
mod lex;
pub mod limits;
mod number;
mod numerals;
mod parse;
mod phrases;
mod poly;
mod question;
mod token;
mod units;

pub use claims::{Claim, Conclusion, Verdict, claims, conclusion, verify};
pub use question::answer;

/// An answer that is right.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// For a person: short, with the claim in a form that can be checked, such as `15% of 240 = 36`.
    pub text: String,
    /// The bare result, to be put into a later question: `36`, `15.21`, `2/3`, `yes`, `2024-03-01`. Put a fraction or a
    /// negative number into parentheses.
    pub result: String,
    /// The result as a number, where it is one; for a result that is not exact, the number that `result` shows.
    pub value: Option<BigRational>,
    /// Is `result` exact, or was it rounded (as the text says)?
    pub exact: bool,
}

/// Why there is no answer: lower case, without a full stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declined(pub Cow<'static, str>);

impl Declined {
    pub(crate) const TOO_BIG: Declined = Declined::of("too big to compute exactly");
    pub(crate) const UNREAD: Declined =
        Declined::of("not a question of exact arithmetic that is understood as a whole");

    pub(crate) const fn of(reason: &'static str) -> Self {
        Self(Cow::Borrowed(reason))
    }
}

impl fmt::Display for Declined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Declined {}
