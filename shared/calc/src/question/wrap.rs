//! The polite words around a question.

use super::pattern;
use crate::Declined;
use crate::token::Token;

/// What may stand before a question; taken off again and again.
const BEFORE: &[&str] = &[
    "what do|would you|i get if|when you|i",
    "i need|want to know",
    "i need|want|would you to",
    "i'd like to know|you to?",
    "i would like you? to know?",
    "can|could|would|will you please? help? me? with? this?",
    "can i|you get|have",
    "do you know",
    "let me know",
    "help me to?",
    "tell|give|show me",
    "the? exact? value|result|answer of|to|for?",
    "what is|are|was|would|will be?",
    "what|how much do|would",
    "what's|whats|what're",
    "how much is|are|would|will be?",
    "how much's",
    "work|figure|find out",
    "quick|simple|math|maths question",
    "calculate|compute|evaluate|provide|determine|find|simplify|solve|please|hey|hi|hello|ok|okay|so|now|just|quickly|also|and|then|well|thanks",
    ",|:|\"|'|`|“|;",
    "the? following",
    "?|.|!",
];

/// What may stand after it.
const AFTER: &[&str] = &[
    "= what|?",
    "is|are what|how much",
    "is",
    "thank you so? very? much?",
    "for me",
    "please|thanks|exactly",
    "?|.|=|,|\"|'|`|”|:|;",
];

/// The question without its wrapping, and whether any words were around it.
pub(super) fn unwrap(tokens: &[Token]) -> Result<(&[Token], bool), Declined> {
    let mut tokens = tokens;
    let mut words = false;
    // "what does 2 + 2 equal", "what 7 times 8 is", the words around the middle of a question.
    if let Some((start, end)) = around(tokens) {
        tokens = &tokens[start..end];
        words = true;
    }
    loop {
        let before = BEFORE.iter().filter_map(|p| longest(p, tokens, false)).max();
        if let Some(length) = before {
            words |= tokens[..length].iter().any(|t| t.word().is_some());
            tokens = &tokens[length..];
            if let Some((start, end)) = around(tokens) {
                tokens = &tokens[start..end];
            }
            continue;
        }
        let after = AFTER.iter().filter_map(|p| longest(p, tokens, true)).max();
        if let Some(length) = after {
            let kept = tokens.len() - length;
            words |= tokens[kept..].iter().any(|t| t.word().is_some());
            tokens = &tokens[..kept];
            continue;
        }
        break;
    }
    if tokens.is_empty() {
        return Err(Declined::UNREAD);
    }
    exclamation(tokens, words).map(|tokens| (tokens, words))
}

/// The middle of `what does … equal` and `what … is`.
fn around(tokens: &[Token]) -> Option<(usize, usize)> {
    let start = (1..=2).rev().find(|n| {
        let beginning = &tokens[..tokens.len().min(*n)];
        beginning.len() == *n && (pattern::is("what|how does|do|much", beginning) || pattern::is("what", beginning))
    })?;
    let end = tokens.iter().rposition(|t| !t.is('?') && !t.is('.'))?;
    let verb = tokens[end].is('=')
        || ["equal", "make", "makes", "give", "gives", "is", "are"]
            .iter()
            .any(|v| tokens[end].is_word(v));
    (verb && start < end).then_some((start, end))
}

/// A final `!`: a factorial after a number, unless words make it an exclamation.
fn exclamation(tokens: &[Token], words: bool) -> Result<&[Token], Declined> {
    match tokens {
        [rest @ .., last] if last.is('!') => match rest {
            [.., n] if n.word().is_some() => Ok(rest),
            [n] if n.number().is_some() => Ok(tokens),
            [.., n] if words && n.number().is_some() => Err(Declined::of("the exclamation mark may be a factorial")),
            _ => Ok(tokens),
        },
        _ => Ok(tokens),
    }
}

/// The longest beginning (or end) that the pattern takes in, which leaves something over.
fn longest(pattern: &str, tokens: &[Token], end: bool) -> Option<usize> {
    let most = (tokens.len()).min(8);
    (1..=most).rev().find(|n| {
        let part = if end {
            &tokens[tokens.len() - n..]
        } else {
            &tokens[..*n]
        };
        pattern::is(pattern, part)
    })
}
