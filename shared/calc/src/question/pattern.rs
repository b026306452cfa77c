//! Patterns over tokens: `what % of {} is {}`, with `a|b` for alternatives, `word?` for what may be missing, `2` for
//! that number however written.

use crate::number::small;
use crate::token::Token;

/// The steps that one match may take; patterns have few slots, so that honest questions need far less.
const MAX_STEPS: usize = 20_000;
/// The most ways in which one pattern is read.
const MAX_MATCHES: usize = 16;

/// All ways in which the pattern takes in all tokens: the tokens of each slot, in order.
pub(super) fn matches<'t>(pattern: &str, tokens: &'t [Token]) -> Vec<Vec<&'t [Token]>> {
    // Most patterns fail at their first or last word: those cost nothing more.
    if !may_stand(pattern.split(' ').next(), tokens.first()) || !may_stand(pattern.rsplit(' ').next(), tokens.last()) {
        return Vec::new();
    }
    let items: Vec<&str> = pattern.split(' ').collect();
    let mut search = Search {
        found: Vec::new(),
        slots: Vec::new(),
        steps: 0,
    };
    search.go(&items, tokens);
    search.found
}

/// Can an item at an end of the pattern take in the token at the same end?
fn may_stand(item: Option<&str>, token: Option<&Token>) -> bool {
    match item {
        Some(item) if item != "{}" && !item.ends_with('?') => token.is_some_and(|token| literal(item, token)),
        _ => true,
    }
}

/// Does the pattern take in all tokens, without a slot?
pub(super) fn is(pattern: &str, tokens: &[Token]) -> bool {
    !matches(pattern, tokens).is_empty()
}

struct Search<'t> {
    found: Vec<Vec<&'t [Token]>>,
    slots: Vec<&'t [Token]>,
    steps: usize,
}

impl<'t> Search<'t> {
    fn go(&mut self, items: &[&str], tokens: &'t [Token]) {
        self.steps += 1;
        if self.steps > MAX_STEPS || self.found.len() >= MAX_MATCHES {
            return;
        }
        let Some((item, rest)) = items.split_first() else {
            if tokens.is_empty() {
                self.found.push(self.slots.clone());
            }
            return;
        };
        if *item == "{}" {
            for length in 1..=tokens.len() {
                // The next literal decides at once where this slot may end.
                if let Some(next) = rest.first().filter(|next| **next != "{}" && !next.ends_with('?'))
                    && !tokens.get(length).is_some_and(|token| literal(next, token))
                {
                    continue;
                }
                if rest.is_empty() && length < tokens.len() {
                    continue;
                }
                self.slots.push(&tokens[..length]);
                self.go(rest, &tokens[length..]);
                self.slots.pop();
            }
            return;
        }
        let (words, optional) = item.strip_suffix('?').map_or((*item, false), |words| (words, true));
        if let Some((first, after)) = tokens.split_first()
            && literal(words, first)
        {
            self.go(rest, after);
        }
        if optional {
            self.go(rest, tokens);
        }
    }
}

fn literal(words: &str, token: &Token) -> bool {
    words.split('|').any(|word| {
        if word.starts_with(|c: char| c.is_ascii_digit())
            && let Ok(n) = word.parse()
        {
            return token.number().is_some_and(|number| small(&number.value) == Some(n));
        }
        let mut signs = word.chars();
        match (signs.next(), signs.next()) {
            (Some(sign), None) if !sign.is_alphabetic() => token.is(sign),
            _ => token.is_word(word),
        }
    })
}
