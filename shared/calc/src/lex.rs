//! Characters to tokens. Signs of many scripts become one; what is no plain number becomes a word.

use num_bigint::BigInt;

use crate::number::{Q, decimal, ratio, ten};
use crate::token::{Kind, Literal, Token};

/// Tokens of a text. Linear in its length.
pub(crate) fn lex(chars: &[char]) -> Vec<Token> {
    let mut lexer = Lexer {
        chars,
        at: 0,
        tokens: Vec::new(),
        lists: Vec::new(),
    };
    while lexer.at < chars.len() {
        lexer.step();
    }
    lexer.tokens
}

struct Lexer<'a> {
    chars: &'a [char],
    at: usize,
    tokens: Vec<Token>,
    /// For each open parenthesis: does it hold the arguments of a function, so that commas separate?
    lists: Vec<bool>,
}

impl Lexer<'_> {
    fn peek(&self, ahead: usize) -> char {
        self.chars.get(self.at + ahead).copied().unwrap_or('\0')
    }

    fn push(&mut self, kind: Kind, length: usize) {
        self.tokens.push(Token {
            kind,
            start: self.at,
            end: self.at + length,
        });
        self.at += length;
    }

    fn step(&mut self) {
        let c = self.peek(0);
        if c.is_whitespace() || matches!(c, '\u{200b}' | '\u{feff}') {
            self.at += 1;
        } else if c.is_ascii_digit() || (c == '.' && self.peek(1).is_ascii_digit()) {
            self.number();
        } else if self.multiplies(c) {
            self.push(Kind::Sign('*'), 1);
        } else if c.is_alphabetic() && c != 'º' && c != 'ª' || c == '_' {
            self.word();
        } else if matches!(c, '$' | '€' | '£') && self.money_follows() {
            self.money(c);
        } else {
            self.sign(c);
        }
    }

    /// `x` between two factors: `3x4`, `3 x 4`, `3 x (4 + 1)`.
    fn multiplies(&self, c: char) -> bool {
        if !matches!(c, 'x' | 'X' | '×') {
            return false;
        }
        let Some(last) = self.tokens.last() else {
            return false;
        };
        let factor = match &last.kind {
            Kind::Number(_) => true,
            Kind::Sign(s) => matches!(s, ')' | '%'),
            Kind::Word(_) => c == '×',
        };
        let spaced = last.end < self.at && self.peek(1) == ' ';
        let next = self.chars[self.at + 1..]
            .iter()
            .copied()
            .find(|c| *c != ' ')
            .unwrap_or('\0');
        factor
            && (c == '×'
                || ((spaced || last.end == self.at && self.peek(1) == next)
                    && (next.is_ascii_digit() || matches!(next, '$' | '.' | '€' | '£')))
                || (spaced && next == '('))
    }

    fn money_follows(&self) -> bool {
        let after = self.peek(1);
        after.is_ascii_digit()
            || (after == '.' && self.peek(2).is_ascii_digit())
            || (after == ' ' && self.peek(2).is_ascii_digit())
    }

    fn money(&mut self, currency: char) {
        let start = self.at;
        self.at += if self.peek(1) == ' ' { 2 } else { 1 };
        self.number();
        if let Some(token) = self.tokens.last_mut() {
            token.start = start;
            if let Kind::Number(literal) = &mut token.kind {
                literal.money = Some(currency);
            }
        }
    }

    fn digits(&self, from: usize) -> usize {
        (from..).take_while(|i| self.peek(*i).is_ascii_digit()).count()
    }

    fn number(&mut self) {
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

    fn word(&mut self) {
        if self.peek(0) == 'π' {
            return self.push(Kind::Word("pi".to_owned()), 1);
        }
        let part = |l: &Self, i: usize| {
            let c = l.peek(i);
            c.is_alphanumeric() && !is_superscript(c) && vulgar(c).is_none() && c != 'π'
                || c == '_'
                || (matches!(c, '\'' | '’') && l.peek(i + 1).is_alphabetic())
        };
        let length = (1..).take_while(|i| part(self, *i)).count() + 1;
        let text = self.chars[self.at..self.at + length]
            .iter()
            .map(|c| if *c == '’' { '\'' } else { *c });
        let text: String = text.collect();
        self.push(Kind::Word(text), length);
    }

    fn sign(&mut self, c: char) {
        if is_superscript(c) {
            self.tokens.push(Token {
                kind: Kind::Sign('^'),
                start: self.at,
                end: self.at,
            });
            let length = (1..6).take_while(|i| is_superscript(self.peek(*i))).count() + 1;
            let digits = self.chars[self.at..self.at + length]
                .iter()
                .filter_map(|c| superscript(*c));
            let power = digits.fold(0, |power, digit| power * 10 + digit);
            return self.push(Kind::Number(Literal::plain(ratio(power, 1))), length);
        }
        if let Some((n, d)) = vulgar(c) {
            return self.push(Kind::Number(Literal::plain(ratio(n, d))), 1);
        }
        let pair = (c, self.peek(1));
        let double = match pair {
            ('*', '*') => Some('^'),
            ('=', '=') | ('!', '=') | ('<', '=') | ('>', '=') | ('=', '>') | (':', '=') => Some('≷'),
            ('+' | '-', '=') | ('-', '>') | ('-', '-') | ('+', '+') | ('<', '-') => Some('≷'),
            ('.', '.') => Some('…'),
            _ => None,
        };
        if let Some(sign) = double {
            let run = (2..)
                .take_while(|i| self.peek(*i) == c && matches!(c, '=' | '.' | '-'))
                .count();
            return self.push(Kind::Sign(sign), 2 + run);
        }
        match c {
            '(' => {
                let call = self
                    .tokens
                    .last()
                    .is_some_and(|t| t.end == self.at && t.word().is_some());
                self.lists.push(call);
            }
            ')' => {
                self.lists.pop();
            }
            _ => {}
        }
        match c {
            '√' => self.push(Kind::Word("sqrt".to_owned()), 1),
            '·' | '⋅' | '∙' | '•' | '✕' | '✖' | '⨯' | '×' => self.push(Kind::Sign('*'), 1),
            '÷' | '∕' => self.push(Kind::Sign('/'), 1),
            '−' | '–' | '‐' | '‑' => self.push(Kind::Sign('-'), 1),
            '≈' | '~' | '≅' | '≃' => self.push(Kind::Sign('≈'), 1),
            'º' | '˚' => self.push(Kind::Sign('°'), 1),
            '[' => self.push(Kind::Sign('['), 1),
            other => self.push(Kind::Sign(other), 1),
        }
    }
}

fn is_superscript(c: char) -> bool {
    superscript(c).is_some()
}

fn superscript(c: char) -> Option<i64> {
    "⁰¹²³⁴⁵⁶⁷⁸⁹".chars().position(|s| s == c).map(|n| n as i64)
}

fn vulgar(c: char) -> Option<(i64, i64)> {
    Some(match c {
        '½' => (1, 2),
        '⅓' => (1, 3),
        '⅔' => (2, 3),
        '¼' => (1, 4),
        '¾' => (3, 4),
        '⅕' => (1, 5),
        '⅛' => (1, 8),
        _ => return None,
    })
}
