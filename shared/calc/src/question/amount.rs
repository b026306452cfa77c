//! Slots as amounts: a number, perhaps of money.

use num_traits::Signed;

use crate::eval::{Value, eval};
use crate::expr::{Expr, Op};
use crate::limits::Work;
use crate::number::{Q, exact_decimal, fixed, fraction, places, round_half_up, show};
use crate::parse::{Reading, parse};
use crate::token::Token;
use crate::{Answer, Declined};

/// An exact number that a question names.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Amount {
    pub(super) value: Q,
    pub(super) money: Option<char>,
    /// As it is echoed.
    pub(super) text: String,
}

const MIXED: Declined = Declined::of("amounts of money and numbers do not go together like that");

/// The currency of an expression's value; an error where money is used like no money can be.
pub(super) fn currency(expr: &Expr) -> Result<Option<char>, Declined> {
    Ok(match expr {
        Expr::Money(_, c) => Some(*c),
        Expr::Neg(a) => currency(a)?,
        Expr::Percent(a) | Expr::Degrees(a) | Expr::Factorial(a) => none(currency(a)?)?,
        Expr::Call(_, arguments) => {
            for argument in arguments {
                none(currency(argument)?)?;
            }
            None
        }
        Expr::Bin(op, a, b) => match (op, currency(a)?, currency(b)?) {
            (_, None, None) => None,
            (Op::Add | Op::Sub, Some(a), Some(b)) if a == b => Some(a),
            (Op::Mul | Op::Of, None, Some(c)) | (Op::Mul | Op::Div, Some(c), None) => Some(c),
            (Op::Div, Some(a), Some(b)) if a == b => None,
            _ => return Err(MIXED),
        },
        _ => None,
    })
}

fn none(currency: Option<char>) -> Result<Option<char>, Declined> {
    if currency.is_some() { Err(MIXED) } else { Ok(None) }
}

/// One operand in words: a number, a fraction, or something in parentheses; nothing whose end is open.
pub(super) fn operand(tokens: &[Token]) -> Result<Amount, Declined> {
    let amount = amount(tokens)?;
    let expr = parse(tokens, Reading::default())?;
    let enclosed = match tokens {
        [first, middle @ .., last] => first.is('(') && last.is(')') && !middle.iter().any(|t| t.is('(') || t.is(')')),
        _ => false,
    };
    if expr.is_literal() || expr.is_fraction() || enclosed {
        Ok(amount)
    } else {
        Err(Declined::UNREAD)
    }
}

/// An operand that is no money.
pub(super) fn plain(tokens: &[Token]) -> Result<Q, Declined> {
    let amount = operand(tokens)?;
    if amount.money.is_some() {
        Err(Declined::UNREAD)
    } else {
        Ok(amount.value)
    }
}

/// Any expression with an exact value.
pub(super) fn amount(tokens: &[Token]) -> Result<Amount, Declined> {
    let expr = parse(tokens, Reading::default()).map_err(|_| Declined::UNREAD)?;
    let money = currency(&expr)?;
    match eval(&expr, &mut Work::question())? {
        Value::Exact(value) => Ok(Amount {
            value,
            money,
            text: expr.to_string(),
        }),
        _ => Err(Declined::UNREAD),
    }
}

impl Amount {
    /// A result with the currency of this amount.
    pub(super) fn with(&self, value: Q) -> Amount {
        Amount {
            text: String::new(),
            value,
            money: self.money,
        }
    }

    /// The result as text: an equals sign (or `≈` where rounded) and the value.
    pub(super) fn equals(&self) -> String {
        let (text, exact) = self.shown();
        format!("{} {text}", if exact { "=" } else { "≈" })
    }

    /// The value for a person, and whether it is exact.
    pub(super) fn shown(&self) -> (String, bool) {
        match self.money {
            Some(c) => {
                let sign = if self.value.is_negative() { "-" } else { "" };
                let text = format!("{sign}{c}{}", fixed(&self.value.abs(), 2));
                (text, places(&self.value, 2).is_some())
            }
            None => show(&self.value),
        }
    }

    /// The answer with this value as its result.
    pub(super) fn answer(&self, text: String) -> Answer {
        if self.money.is_some() {
            let cents = round_half_up(&self.value, 2);
            let exact = cents == self.value;
            let result = if cents.is_integer() {
                cents.numer().to_string()
            } else {
                fixed(&cents, 2)
            };
            return Answer {
                text,
                result,
                value: Some(cents),
                exact,
            };
        }
        exact(text, self.value.clone())
    }
}

/// An answer with an exact number: a short decimal, or the fraction.
pub(super) fn exact(text: String, value: Q) -> Answer {
    let result = exact_decimal(&value).unwrap_or_else(|| fraction(&value));
    Answer {
        text,
        result,
        value: Some(value),
        exact: true,
    }
}

/// An answer that is no number.
pub(super) fn words(text: String, result: impl Into<String>) -> Answer {
    Answer {
        text,
        result: result.into(),
        value: None,
        exact: true,
    }
}
