//! Numbers, signs and words of a plain text.

/// Longer runs of digits are names, not numbers.
const MAX_DIGITS: usize = 15;

/// A token.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Token<'a> {
    Number(f64),
    /// One of `+-*/()=%`.
    Sign(char),
    Word(&'a str),
    /// Anything else.
    Other,
}

/// The tokens of a text. White space and the signs of currencies are none.
pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let bytes = text.as_bytes();
    let digits = |from: usize| bytes[from..].iter().take_while(|b| b.is_ascii_digit()).count();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let mut length = c.len_utf8();
        match c {
            '0'..='9' | '.' => {
                let whole = digits(at);
                let part = match bytes.get(at + whole) {
                    Some(b'.') => digits(at + whole + 1),
                    _ => 0,
                };
                if whole + part > 0 {
                    length = whole + if part > 0 { part + 1 } else { 0 };
                }
                let number = text[at..at + length].parse().ok();
                found.push(match number.filter(|_| length <= MAX_DIGITS) {
                    Some(number) => Token::Number(number),
                    None => Token::Other,
                });
            }
            '+' | '-' | '*' | '/' | '(' | ')' | '=' | '%' => found.push(Token::Sign(c)),
            'a'..='z' | 'A'..='Z' => {
                length = bytes[at..].iter().take_while(|b| b.is_ascii_alphabetic()).count();
                let word = &text[at..at + length];
                let times = word.eq_ignore_ascii_case("x")
                    && matches!(found.last(), Some(Token::Number(_) | Token::Word(_) | Token::Sign(')')));
                found.push(if times { Token::Sign('*') } else { Token::Word(word) });
            }
            '$' | '€' | '£' | ' ' | '\t' | '\r' | '\u{b}' | '\u{c}' => {}
            _ => found.push(Token::Other),
        }
        at += length;
    }
    found
}

/// The numbers among tokens.
pub(super) fn numbers(tokens: &[Token<'_>]) -> Vec<f64> {
    let numbers = tokens.iter().filter_map(|token| match token {
        Token::Number(number) => Some(*number),
        _ => None,
    });
    numbers.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_signs_and_words() {
        use Token::{Number, Other, Sign, Word};
        assert_eq!(
            tokens("$3.50 x 2.5.1 = .5% x, y"),
            [
                Number(3.5),
                Sign('*'),
                Number(2.5),
                Number(0.1),
                Sign('='),
                Number(0.5),
                Sign('%'),
                Word("x"),
                Other,
                Word("y")
            ]
        );
        assert_eq!(tokens("5. é 1234567890123456"), [Number(5.0), Other, Other, Other]);
    }
}
