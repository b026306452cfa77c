//! The smallest parts of an expression: numbers, names, function calls, parentheses.

use crate::Declined;
use crate::expr::{Expr, Func, Op};
use crate::number::int;
use crate::parse::{Parser, UNREAD};
use crate::token::Kind;

impl Parser<'_> {
    pub(crate) fn primary(&mut self) -> Result<Expr, Declined> {
        let token = self.next().ok_or(UNREAD)?;
        match &token.kind {
            Kind::Number(literal) => {
                if literal.odd {
                    return Err(Declined::of("a number in an unusual form"));
                }
                let value = literal.value.clone();
                let expr = literal
                    .money
                    .map_or(Expr::Num(value.clone()), |c| Expr::Money(value, c));
                self.at += 1;
                Ok(expr)
            }
            Kind::Sign('(') => {
                self.at += 1;
                let inner = self.sum()?;
                self.take(')')?;
                Ok(inner)
            }
            Kind::Word(word) => {
                let word = word.clone();
                self.named(&word)
            }
            Kind::Sign(_) => Err(UNREAD),
        }
    }

    fn named(&mut self, word: &str) -> Result<Expr, Declined> {
        if let Some(function) = function(word) {
            self.at += 1;
            return self.call(function);
        }
        if let Some(constant) = constant(word) {
            self.at += 1;
            return Ok(constant);
        }
        if word.eq_ignore_ascii_case("half") && self.tokens.get(self.at + 1).is_some_and(|t| t.is_word("of")) {
            self.at += 1;
            return Ok(Expr::bin(Op::Div, Expr::Num(int(1)), Expr::Num(int(2))));
        }
        match unknown(word) {
            Some(name) if self.reading.unknowns => {
                self.at += 1;
                Ok(Expr::Var(name))
            }
            _ => Err(UNREAD),
        }
    }

    fn call(&mut self, function: Func) -> Result<Expr, Declined> {
        self.deeper()?;
        let mut arguments = Vec::new();
        if self.is('(') {
            self.at += 1;
            arguments.push(self.sum()?);
            while self.is(',') && arguments.len() < 64 {
                self.at += 1;
                arguments.push(self.sum()?);
            }
            self.take(')')?;
        } else if function.takes_list() {
            return Err(UNREAD);
        } else {
            // `sqrt 16`: one number, nothing that could reach further.
            let argument = self.postfix()?;
            if self.is('^') {
                return Err(Declined::of("how far the function reaches is ambiguous"));
            }
            arguments.push(argument);
        }
        let fits = match function {
            Func::Log => arguments.len() <= 2,
            f if f.takes_list() => arguments.len() >= 2,
            _ => arguments.len() == 1,
        };
        self.depth -= 1;
        if fits {
            Ok(Expr::Call(function, arguments))
        } else {
            Err(UNREAD)
        }
    }
}

/// The function of a name.
pub(crate) fn function(word: &str) -> Option<Func> {
    Func::ALL
        .iter()
        .find(|(name, _)| word.eq_ignore_ascii_case(name))
        .map(|(_, f)| *f)
}

/// Pi and e.
pub(crate) fn constant(word: &str) -> Option<Expr> {
    match word {
        "pi" | "Pi" | "PI" => Some(Expr::Pi),
        "e" => Some(Expr::E),
        _ => None,
    }
}

/// A single letter that may stand for a number; not those with a meaning of their own.
pub(crate) fn unknown(word: &str) -> Option<char> {
    let mut letters = word.chars();
    let letter = letters.next()?;
    (letters.next().is_none() && letter.is_ascii_alphabetic() && !matches!(letter, 'e' | 'i' | 'I' | 'E'))
        .then_some(letter)
}
