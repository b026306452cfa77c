//! The number in which a text ends, against an exact answer.

use num_traits::Signed;

use super::Shown;
use super::plain::plain;
use crate::Answer;
use crate::lex::lex;
use crate::number::{Q, int, ratio};
use crate::phrases::rewrite;
use crate::token::Token;

/// Longer texts have no single conclusion.
const MAX_TEXT: usize = 16 * 1024;

/// What a text concludes, compared with the exact answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Conclusion {
    /// The text ends with the result.
    Agrees,
    /// The text ends with one number, which is clearly another, and the result stands nowhere in it.
    Differs {
        /// The number, as written.
        excerpt: String,
        /// Line in the text, from 1.
        line: u32,
        /// Column in that line, in characters from 1.
        column: u32,
    },
}

/// Compares the end of a text with an exact answer; none where the text leaves the comparison open.
pub fn conclusion(text: &str, exact: &Answer) -> Option<Conclusion> {
    let value = exact.value.as_ref()?;
    if text.len() > MAX_TEXT {
        return None;
    }
    let (last, line) = text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        .last()?;
    let written: Vec<char> = line.chars().collect();
    let (chars, _) = plain(&written);
    let end = numbers(&rewrite(lex(&chars.chars)));
    let percent = exact.result.ends_with('%');
    let is_result = |n: &Found| {
        let shown = Shown {
            value: n.value.clone(),
            places: n.places,
            percent: false,
            scaled: false,
        };
        shown.shows(value) || (percent && shown.shows(&(value / int(100))))
    };
    if end.iter().any(is_result) || end.is_empty() {
        return end.last().map(|_| Conclusion::Agrees);
    }
    let [only] = end.as_slice() else { return None };
    // The numbers of the answer itself, a total beside a tip for one, are no errors; nor is a result said before.
    let known = numbers(&rewrite(lex(&exact.text.chars().collect::<Vec<_>>())));
    let near = (value - &only.value).abs() <= value.abs() * ratio(1, 50);
    let before = text.lines().take(last).any(|line| {
        numbers(&rewrite(lex(&plain(&line.chars().collect::<Vec<_>>()).0.chars)))
            .iter()
            .any(is_result)
    });
    if near || only.vague || before || known.iter().any(|n| n.value == only.value) {
        return None;
    }
    let start = chars.columns.get(only.start).copied().unwrap_or(0);
    let until = chars.columns.get(only.end.saturating_sub(1)).map_or(start, |c| c + 1);
    let excerpt = line
        .chars()
        .skip(start)
        .take(until.saturating_sub(start).min(200))
        .collect();
    let position = |n: usize| u32::try_from(n + 1).unwrap_or(u32::MAX);
    Some(Conclusion::Differs {
        excerpt,
        line: position(last),
        column: position(start),
    })
}

/// A number of a text.
struct Found {
    value: Q,
    places: usize,
    start: usize,
    end: usize,
    /// Beside it stands something that may change it: a date, a scale, a letter.
    vague: bool,
}

fn numbers(tokens: &[Token]) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let Some(number) = token.number() else {
            at += 1;
            continue;
        };
        let mut value = number.value.clone();
        let negative = at > 0 && tokens[at - 1].is('-') && tokens[at].glued_to(&tokens[at - 1]);
        let (mut places, mut used) = (number.places, 1);
        if let (Some(slash), Some(below)) = (tokens.get(at + 1), tokens.get(at + 2).and_then(Token::number))
            && slash.is('/')
            && below.value > int(0)
        {
            value /= &below.value;
            (places, used) = (30, 3);
        }
        let next = tokens.get(at + used);
        let vague = number.odd
            || next.is_some_and(|t| {
                let touching = t.glued_to(&tokens[at + used - 1]);
                (touching && t.word().is_some()) || t.is('/') || t.is('^') || t.is('*') || t.is(':') || t.is('…')
            });
        let value = if negative { -value } else { value };
        found.push(Found {
            value,
            places,
            start: token.start,
            end: tokens[at + used - 1].end,
            vague,
        });
        at += used;
    }
    found
}
