//! Digits to numbers: thousands, decimals, exponents, bases; and what only looks like a number.

use num_bigint::BigInt;

use crate::lex::Lexer;
use crate::number::{Q, decimal, ten};
use crate::token::{Kind, Literal};

impl Lexer<'_> {
    pub(crate) fn digits(&self, from: usize) -> usize {
        (from..).take_while(|i| self.peek(*i).is_ascii_digit()).count()
    }

    pub(crate) fn number(&mut self) {
        if let Some(length) = self.lookalike() {
            let text = self.chars[self.at..self.at + length].iter().collect();
            return self.push(Kind::Word(text), length);
        }
        if self.peek(0) == '0' && self.based() {
            return;
        }
        let mut length = self.digits(0);
        let mut text: String = self.chars[self.at..self.at + length].iter().collect();
        let leading_zero = length > 1 && text.starts_with('0');
        let separates = self.lists.last().copied().unwrap_or(false);
        let mut grouped = false;
        let group = |l: &Self, at: usize| l.peek(at) == ',' && l.digits(at + 1) == 3;
        if (1..=3).contains(&length) && !separates {
            while group(self, length) {
                text.extend(&self.chars[self.at + length + 1..self.at + length + 4]);
                length += 4;
                grouped = true;
            }
        }
        let mut places = 0;
        if self.peek(length) == '.' && self.digits(length + 1) > 0 {
            places = self.digits(length + 1);
            text.push('.');
            text.extend(&self.chars[self.at + length + 1..self.at + length + 1 + places]);
            length += 1 + places;
        }
        // A comma with other than three digits after it: a decimal comma or a list, nobody knows.
        let comma = !separates && self.peek(length) == ',' && self.peek(length + 1).is_ascii_digit();
        let Some(mut value) = decimal(&text) else {
            return self.push(Kind::Sign('.'), 1);
        };
        if let Some((exponent, more)) = self.exponent(length) {
            let scale = Q::from_integer(ten(exponent.unsigned_abs() as usize));
            value = if exponent < 0 { value / scale } else { value * scale };
            length += more;
        }
        let odd = (leading_zero && !text.starts_with("0.")) || text.len() > 1200;
        let odd = odd || (comma && grouped);
        self.push(
            Kind::Number(Literal {
                grouped,
                odd,
                places,
                ..Literal::plain(value)
            }),
            length,
        );
    }

    /// `e5`, `E-3` glued to a number and to nothing else.
    fn exponent(&self, from: usize) -> Option<(i32, usize)> {
        if !matches!(self.peek(from), 'e' | 'E') {
            return None;
        }
        let sign = usize::from(matches!(self.peek(from + 1), '+' | '-'));
        let digits = self.digits(from + 1 + sign);
        let after = self.peek(from + 1 + sign + digits);
        if !(1..=3).contains(&digits) || after.is_alphanumeric() || after == '.' {
            return None;
        }
        let text: String = self.chars[self.at + from + 1..self.at + from + 1 + sign + digits]
            .iter()
            .collect();
        let exponent: i32 = text.parse().ok()?;
        (exponent.abs() <= 300).then_some((exponent, 1 + sign + digits))
    }

    /// Dates, times, versions: digits that are no number. Returns their length.
    fn lookalike(&self) -> Option<usize> {
        let first = self.digits(0);
        let separator = self.peek(first);
        let second = self.digits(first + 1);
        if second == 0 {
            return None;
        }
        let third = self.digits(first + second + 2);
        let same = self.peek(first + second + 1) == separator && third > 0;
        let date = match separator {
            '-' => same && first == 4 && second == 2 && third == 2,
            '/' => same && first <= 2 && second <= 2 && third == 4,
            '.' => same,
            ':' => true,
            _ => false,
        };
        if !date {
            return None;
        }
        let mut length = first + 1 + second;
        while matches!(self.peek(length), c if c == separator) && self.peek(length + 1).is_ascii_digit() {
            length += 1 + self.digits(length + 1);
        }
        Some(length)
    }

    /// `0x1F`, `0b101`, `0o17`.
    fn based(&mut self) -> bool {
        let radix = match self.peek(1) {
            'x' | 'X' => 16,
            'b' | 'B' => 2,
            'o' | 'O' => 8,
            _ => return false,
        };
        let digits = (2..).take_while(|i| self.peek(*i).is_digit(radix)).count();
        if digits == 0 || digits > 600 || self.peek(2 + digits).is_alphanumeric() {
            return false;
        }
        let text: String = self.chars[self.at + 2..self.at + 2 + digits].iter().collect();
        let Some(value) = BigInt::parse_bytes(text.as_bytes(), radix) else {
            return false;
        };
        self.push(Kind::Number(Literal::plain(Q::from_integer(value))), 2 + digits);
        true
    }
}
