//! Characters to tokens. Signs of many scripts become one; what is no plain number becomes a word.

use crate::number::ratio;
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

pub(crate) struct Lexer<'a> {
    pub(crate) chars: &'a [char],
    pub(crate) at: usize,
    tokens: Vec<Token>,
    /// For each open parenthesis: does it hold the arguments of a function, so that commas separate?
    pub(crate) lists: Vec<bool>,
}

impl Lexer<'_> {
    pub(crate) fn peek(&self, ahead: usize) -> char {
        self.chars.get(self.at + ahead).copied().unwrap_or('\0')
    }

    pub(crate) fn push(&mut self, kind: Kind, length: usize) {
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

    /// `5--3`: a minus before a negative number.
    fn subtracts_negative(&self) -> bool {
        let operand = self
            .tokens
            .last()
            .is_some_and(|t| t.end == self.at && (t.number().is_some() || t.is(')')));
        operand && (self.peek(2).is_ascii_digit() || self.peek(2) == '(')
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
            ('-', '-') if self.subtracts_negative() => None,
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
