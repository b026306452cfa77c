//! Tokens: numbers, words and signs of a question or an answer.

use crate::number::Q;

/// A number as it was written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Literal {
    pub(crate) value: Q,
    /// `$`, `€` or `£` before it, or `dollars` and the like after it.
    pub(crate) money: Option<char>,
    /// Commas between thousands.
    pub(crate) grouped: bool,
    /// Leading zeros and other forms that are no plain number: never computed with.
    pub(crate) odd: bool,
    /// Digits after the decimal point.
    pub(crate) places: usize,
    /// Written as a number word, "a hundred and five" with its "and".
    pub(crate) and: bool,
}

impl Literal {
    /// A plain number.
    pub(crate) fn plain(value: Q) -> Self {
        Self {
            value,
            money: None,
            grouped: false,
            odd: false,
            places: 0,
            and: false,
        }
    }
}

/// What a token is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    Number(Literal),
    /// Letters, as written; also what only looks like a number (dates, times, versions).
    Word(String),
    /// One of `+ - * / ^ % ! ( ) = ≈ ° ,` or any other sign.
    Sign(char),
}

/// A token and where it stands, in characters.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl Token {
    /// Is this word, in any case?
    pub(crate) fn is_word(&self, word: &str) -> bool {
        matches!(&self.kind, Kind::Word(w) if w.eq_ignore_ascii_case(word))
    }

    /// Is this sign?
    pub(crate) fn is(&self, sign: char) -> bool {
        self.kind == Kind::Sign(sign)
    }

    /// The word as written.
    pub(crate) fn word(&self) -> Option<&str> {
        match &self.kind {
            Kind::Word(word) => Some(word),
            _ => None,
        }
    }

    /// The number.
    pub(crate) fn number(&self) -> Option<&Literal> {
        match &self.kind {
            Kind::Number(literal) => Some(literal),
            _ => None,
        }
    }

    /// Does this token follow the other without a space?
    pub(crate) fn glued_to(&self, before: &Token) -> bool {
        self.start == before.end
    }
}
