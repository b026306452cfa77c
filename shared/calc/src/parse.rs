//! Tokens to an expression. Everything ambiguous is an error, never a guess.

use crate::Declined;
use crate::atoms::{constant, function, unknown};
use crate::expr::{Expr, Op};
use crate::limits::MAX_DEPTH;
use crate::number::int;
use crate::token::{Kind, Token};

/// What the text around allows.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Reading {
    /// Single letters are unknowns.
    pub(crate) unknowns: bool,
    /// An answer, not a question: `2 (3 + 4)` multiplies, "of" reaches as far as a product does.
    pub(crate) lenient: bool,
}

/// The expression that the tokens are, all of them.
pub(crate) fn parse(tokens: &[Token], reading: Reading) -> Result<Expr, Declined> {
    let mut parser = Parser {
        tokens,
        at: 0,
        depth: 0,
        reading,
    };
    let expr = parser.sum()?;
    if parser.at < tokens.len() {
        return Err(UNREAD);
    }
    Ok(expr)
}

pub(crate) const UNREAD: Declined = Declined::of("not an expression");
/// "2 + 3 mod 4" is 1 to mathematicians and 5 to programmers.
const MODULO: Declined = Declined::of("how far the \"mod\" reaches is ambiguous");
const PERCENT: Declined = Declined::of("adding a percentage to a number is ambiguous");

pub(crate) struct Parser<'a> {
    pub(crate) tokens: &'a [Token],
    pub(crate) at: usize,
    pub(crate) depth: usize,
    pub(crate) reading: Reading,
}

impl Parser<'_> {
    pub(crate) fn next(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    pub(crate) fn is(&self, sign: char) -> bool {
        self.next().is_some_and(|t| t.is(sign))
    }

    fn glued(&self) -> bool {
        self.at > 0 && self.next().is_some_and(|t| t.glued_to(&self.tokens[self.at - 1]))
    }

    pub(crate) fn take(&mut self, sign: char) -> Result<(), Declined> {
        if !self.is(sign) {
            return Err(UNREAD);
        }
        self.at += 1;
        Ok(())
    }

    pub(crate) fn deeper(&mut self) -> Result<(), Declined> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            Err(Declined::of("nested too deeply"))
        } else {
            Ok(())
        }
    }

    pub(crate) fn sum(&mut self) -> Result<Expr, Declined> {
        self.deeper()?;
        let start = self.at;
        let mut left = self.product()?;
        let mut closed = self.tokens[start].is('(') && self.tokens[self.at - 1].is(')');
        let mut terms = 0;
        while let Some(op) = self.next().and_then(|t| match t.kind {
            Kind::Sign('+') => Some(Op::Add),
            Kind::Sign('-') => Some(Op::Sub),
            _ => None,
        }) {
            self.at += 1;
            terms += 1;
            if terms > 500 {
                return Err(Declined::of("too long"));
            }
            let right = self.product()?;
            if !self.reading.lenient {
                let (l, r) = (percent(&left), percent(&right));
                if l != r && !(left == Expr::Percent(Box::new(Expr::Num(int(100))))) {
                    return Err(PERCENT);
                }
                if trailing_of(&left) && !closed && !trailing_of(&right) {
                    return Err(Declined::of("how far the \"of\" reaches is ambiguous"));
                }
            }
            left = Expr::bin(op, left, right);
            closed = false;
        }
        if terms > 0 && !self.reading.lenient && modulo(&self.tokens[start..self.at]) {
            return Err(MODULO);
        }
        self.depth -= 1;
        Ok(left)
    }

    fn product(&mut self) -> Result<Expr, Declined> {
        let mut left = self.signed()?;
        let mut divided = false;
        let mut reduced = false;
        let mut factors = 0;
        while let Some(token) = self.next() {
            factors += 1;
            if factors > 500 {
                return Err(Declined::of("too long"));
            }
            if reduced && !self.reading.lenient {
                let more = matches!(token.kind, Kind::Sign('*' | '/' | '%')) || is_modulo(token);
                return if more { Err(MODULO) } else { Ok(left) };
            }
            let op = match &token.kind {
                Kind::Sign('*') => Op::Mul,
                Kind::Sign('/') => Op::Div,
                Kind::Word(_) if is_modulo(token) => {
                    if matches!(left, Expr::Bin(Op::Of, ..)) && !self.reading.lenient {
                        return Err(MODULO);
                    }
                    reduced = true;
                    Op::Mod
                }
                Kind::Word(w) if w.eq_ignore_ascii_case("over") => Op::Div,
                Kind::Word(w) if w.eq_ignore_ascii_case("of") => {
                    let part = matches!(left, Expr::Percent(_)) || left.is_fraction() || half(&left);
                    if !part {
                        return Err(UNREAD);
                    }
                    self.at += 1;
                    if self.next().is_some_and(|t| t.is_word("the")) && self.reading.lenient {
                        self.at += 1;
                    }
                    let whole = self.signed()?;
                    left = Expr::bin(Op::Of, left, whole);
                    continue;
                }
                Kind::Sign('%') => {
                    self.at += 1;
                    left = Expr::bin(Op::Mod, left, self.signed()?);
                    continue;
                }
                _ if self.implicit(&left)? => {
                    if divided {
                        return Err(Declined::of("a division before a product without a sign is ambiguous"));
                    }
                    let right = self.power()?;
                    left = Expr::bin(Op::Mul, left, right);
                    continue;
                }
                _ => break,
            };
            self.at += 1;
            // "6 / 2 / 3" is read from the left by everyone; "6 / 2(3)" by nobody alike.
            divided = op == Op::Div;
            let right = self.signed()?;
            left = Expr::bin(op, left, right);
        }
        Ok(left)
    }

    /// Does a factor follow without a sign: `3x`, `2(4 + 1)`, `2pi`?
    fn implicit(&self, left: &Expr) -> Result<bool, Declined> {
        let Some(token) = self.next() else {
            return Ok(false);
        };
        let number = matches!(left, Expr::Num(_) | Expr::Neg(_)) && self.tokens[self.at - 1].number().is_some();
        let closed = self.tokens[self.at - 1].is(')');
        Ok(match &token.kind {
            Kind::Sign('(') => {
                (self.glued() && (number || closed || self.reading.unknowns))
                    || (self.reading.lenient && (number || closed))
            }
            Kind::Word(w) => {
                let unknown = self.reading.unknowns && unknown(w).is_some();
                let constant = constant(w).is_some();
                let function = function(w).is_some() && number;
                (number || closed || self.reading.unknowns) && (unknown || constant || function)
            }
            _ => false,
        })
    }

    fn signed(&mut self) -> Result<Expr, Declined> {
        if self.is('-') {
            self.deeper()?;
            self.at += 1;
            let inner = self.signed()?;
            self.depth -= 1;
            return Ok(Expr::Neg(Box::new(inner)));
        }
        if self.is('+') && self.at == 0 {
            self.at += 1;
        }
        self.power()
    }

    fn power(&mut self) -> Result<Expr, Declined> {
        let base = self.postfix()?;
        if !self.is('^') {
            return Ok(base);
        }
        self.deeper()?;
        self.at += 1;
        let exponent = if self.is('-') { self.signed()? } else { self.power()? };
        self.depth -= 1;
        Ok(Expr::bin(Op::Pow, base, exponent))
    }

    pub(crate) fn postfix(&mut self) -> Result<Expr, Declined> {
        let mut inner = self.primary()?;
        for _ in 0..4 {
            if self.is('!') {
                // "5!!" is the double factorial to some, and the factorial of one to nobody.
                if self.tokens[self.at - 1].is('!') {
                    return Err(Declined::of("two exclamation marks may be a double factorial"));
                }
                self.at += 1;
                inner = Expr::Factorial(Box::new(inner));
            } else if self.is('°') || self.next().is_some_and(|t| t.is_word("degrees")) {
                self.at += 1;
                inner = Expr::Degrees(Box::new(inner));
            } else if self.is('%') && self.percent()? {
                self.at += 1;
                inner = Expr::Percent(Box::new(inner));
            } else {
                break;
            }
        }
        Ok(inner)
    }

    /// Is this `%` a percent sign (or a remainder)? Spaces alike on both sides of it, before a number: a remainder.
    fn percent(&self) -> Result<bool, Declined> {
        let Some(after) = self.tokens.get(self.at + 1) else {
            return Ok(true);
        };
        if !(after.number().is_some() || after.is('(')) {
            return Ok(true);
        }
        let sign = &self.tokens[self.at];
        if self.glued() == after.glued_to(sign) {
            Ok(false)
        } else {
            Err(Declined::of("the percent sign before a number is ambiguous"))
        }
    }
}

fn is_modulo(token: &Token) -> bool {
    token.is_word("mod") || token.is_word("modulo")
}

/// Does the word stand in the tokens, outside of all parentheses?
fn modulo(tokens: &[Token]) -> bool {
    let mut depth = 0_usize;
    tokens.iter().any(|token| {
        match token.kind {
            Kind::Sign('(') => depth += 1,
            Kind::Sign(')') => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && is_modulo(token)
    })
}

fn percent(expr: &Expr) -> bool {
    matches!(expr, Expr::Percent(_))
        || matches!(expr, Expr::Bin(Op::Add | Op::Sub, a, b) if percent(a) && percent(b))
        || matches!(expr, Expr::Neg(a) if percent(a))
}

/// Does the expression end in an "of" that could reach further?
fn trailing_of(expr: &Expr) -> bool {
    match expr {
        Expr::Bin(Op::Of, ..) => true,
        Expr::Bin(Op::Add | Op::Sub, _, b) => trailing_of(b),
        _ => false,
    }
}

fn half(expr: &Expr) -> bool {
    matches!(expr, Expr::Num(q) if *q < int(1) && *q > int(0))
}
