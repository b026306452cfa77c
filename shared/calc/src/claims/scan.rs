//! The claims of one line.

use super::context::{lenient_line, modified, supposed};
use super::doubt::{ambiguous, continues, ends, mixed, noun_after, year};
use super::plain::{Plain, plain};
use super::sides::{Side, left, right, shown};
use super::solution::Collector;
use super::{Claim, Equality, What};
use crate::expr::Expr;
use crate::lex;
use crate::limits::MAX_CLAIMS;
use crate::phrases::rewrite_signs;
use crate::token::Token;
use crate::units::{Unit, unit};

/// Finds the claims of a line.
pub(super) fn line(text: &str, number: u32, found: &mut Vec<Claim>, solutions: &mut Collector) {
    let relation = text.contains(['=', '≈', '≅', '~']) || text.contains("equal") || text.contains("approx");
    let verb = text.contains(" is ") && text.bytes().any(|b| b.is_ascii_digit());
    if !relation && !verb {
        return;
    }
    let chars: Vec<char> = text.chars().collect();
    let mut from = 0;
    while from < chars.len() {
        let window = &chars[from..chars.len().min(from + MAX_WINDOW)];
        // Longer lines are cut at a space; a claim that spans the cut is not seen.
        let cut = if from + window.len() == chars.len() {
            None
        } else {
            window.iter().rposition(|c| *c == ' ')
        };
        let window = &window[..cut.map_or(window.len(), |at| at + 1)];
        let (main, annotations) = plain(window);
        let at = Start {
            text: window,
            line: number,
            column: from,
        };
        passage(&main, at, found, Some(&mut *solutions));
        for annotation in &annotations {
            passage(annotation, at, found, None);
        }
        from += window.len();
    }
}

/// How much of a line is read at once, in characters.
const MAX_WINDOW: usize = 16 * 1024;

/// Where a passage stands.
#[derive(Clone, Copy)]
struct Start<'a> {
    text: &'a [char],
    line: u32,
    column: usize,
}

fn passage(plain: &Plain, at: Start<'_>, found: &mut Vec<Claim>, solutions: Option<&mut Collector>) {
    let tokens = rewrite_signs(lex::lex(&plain.chars));
    let lenient = lenient_line(&tokens);
    let mut relations: Vec<usize> = Vec::new();
    for (i, token) in tokens.iter().enumerate() {
        if token.is('=') || token.is('≈') || token.is_word("is") || token.is('≷') {
            relations.push(i);
        }
    }
    let place = Place {
        tokens: &tokens,
        plain,
        start: at,
    };
    for (i, at) in relations.iter().enumerate() {
        if found.len() >= MAX_CLAIMS {
            return;
        }
        let from = if i == 0 { 0 } else { relations[i - 1] + 1 };
        let mut to = relations.get(i + 1).copied().unwrap_or(tokens.len());
        // `2 + 2 == 4` and `a >= b` are code or no equations.
        let other = |k: usize| tokens.get(k).is_some_and(|t| t.is('≷'));
        if other(*at) || (i > 0 && other(relations[i - 1]) && from == *at) {
            continue;
        }
        if tokens[*at].is('=') && tokens.get(*at + 1).is_some_and(|t| t.is('≈') || t.is('=')) {
            to = relations.get(i + 2).copied().unwrap_or(tokens.len());
        }
        if let Some(claim) = place.claim(from, *at, to, lenient) {
            found.push(claim);
        }
    }
    if let Some(solutions) = solutions {
        solutions.line(&place, &relations);
    }
}

/// A line's tokens and where they stand.
pub(super) struct Place<'a> {
    pub(super) tokens: &'a [Token],
    plain: &'a Plain,
    start: Start<'a>,
}

impl Place<'_> {
    /// A claim about the tokens between two places.
    pub(super) fn mark(&self, from: usize, to: usize, what: What) -> Claim {
        let start = self
            .tokens
            .get(from)
            .and_then(|t| self.plain.columns.get(t.start))
            .copied()
            .unwrap_or(0);
        let last = to.checked_sub(1).and_then(|i| self.tokens.get(i));
        let end = last
            .and_then(|t| self.plain.columns.get(t.end.saturating_sub(1)))
            .map_or(start, |c| c + 1);
        let passage = self.start.text.get(start..end.min(start + 200)).unwrap_or_default();
        let excerpt: String = passage.iter().collect();
        Claim {
            excerpt: excerpt.trim().to_owned(),
            line: self.start.line,
            column: u32::try_from(self.start.column + start + 1).unwrap_or(u32::MAX),
            what,
        }
    }

    /// The claim that a relation makes, if it makes one.
    fn claim(&self, from: usize, at: usize, to: usize, lenient: bool) -> Option<Claim> {
        let tokens = self.tokens;
        let mut begin = at + 1;
        let mut about = tokens[at].is('≈');
        while let Some(t) = tokens.get(begin).filter(|_| begin < to) {
            let word = [
                "about",
                "approximately",
                "roughly",
                "around",
                "approx",
                "nearly",
                "almost",
            ]
            .iter()
            .any(|w| t.is_word(w));
            if !(word || t.is('≈') || t.is('.') && about || t.is('<')) {
                break;
            }
            about |= word || t.is('≈');
            begin += 1;
        }
        let left = left(tokens, from, at)?;
        let (right, first) = right(tokens, begin, to)?;
        let is = tokens[at].is_word("is");
        let after = &tokens[right.to..];
        // `3x + 5 = 20`: an equation.
        if left.nouns.iter().any(|n| {
            n.chars().count() == 1
                && !matches!(
                    n.as_str(),
                    "a" | "m" | "g" | "s" | "h" | "l" | "c" | "f" | "k" | "w" | "j" | "¢"
                )
        }) {
            return None;
        }
        let dash = matches!(after, [minus, word, ..] if minus.is('-') && word.word().is_some());
        if right.letter || after.first().is_some_and(|t| t.is('?')) || continues(after, &tokens[right.to - 1]) {
            return None;
        }
        let tail = noun_after(&tokens[right.to..to]);
        if left.expr.is_literal() {
            return self.conversion(&left, &right, &tokens[right.to..to], about || is, at, lenient);
        }
        let operation = left.expr.any(&|e| matches!(e, Expr::Bin(..)));
        if is && !(operation && ends(after) && !after.iter().any(|t| t.is('?'))) {
            return None;
        }
        if !operation
            && !left
                .expr
                .any(&|e| matches!(e, Expr::Percent(_) | Expr::Factorial(_) | Expr::Call(..)))
        {
            return None;
        }
        let cut = after
            .first()
            .is_some_and(|t| t.is('…') && t.glued_to(&tokens[right.to - 1]));
        let lenient = lenient
            || supposed(&tokens[..left.from])
            || modified(after)
            || left.letter
            || dash
            || mixed(&left, &right, tail.as_deref())
            || ambiguous(&left.expr)
            || (!left.nouns.is_empty() && year(&tokens[..left.from], &tokens[left.from]));
        let end = right.to;
        let equality = Equality {
            left: left.expr,
            right: right.expr,
            first,
            about,
            cut,
            lenient,
        };
        Some(self.mark(left.from, end, What::Equal(equality)))
    }

    /// `72 °F = 22.22 °C`: two quantities of one kind.
    fn conversion(
        &self,
        left: &Side,
        right: &Side,
        after: &[Token],
        about: bool,
        at: usize,
        lenient: bool,
    ) -> Option<Claim> {
        let number = left.to.min(at);
        // `5 feet 11 inches = …`: only the end of a quantity.
        let before = &self.tokens[..left.from];
        let mut clause = before
            .iter()
            .rev()
            .take(4)
            .take_while(|t| t.number().is_some() || t.word().is_some());
        if clause.any(|t| t.number().is_some()) {
            return None;
        }
        // The number's own unit: the words between the first token after it and the relation.
        let start = (left.from..number).find(|i| self.tokens[*i].number().is_some())? + 1;
        let (from_unit, value) = (
            unit(&self.tokens[start..at])?,
            crate::eval::eval(&left.expr, &mut crate::limits::Work::claim()).ok()?,
        );
        let (to_unit, used) = unit_prefix(after)?;
        let given = shown(&self.tokens[right.from..right.to])?;
        let negated = lenient || supposed(&self.tokens[..left.from]) || modified(&after[used..]);
        if negated || !from_unit.comparable(&to_unit) || !right.expr.is_literal() {
            return None;
        }
        // `5 feet 11 inches` goes on with a second number.
        if after.get(used).is_some_and(|t| t.number().is_some()) || from_unit == to_unit {
            return None;
        }
        let what = What::Conversion {
            from: (value.exact()?.clone(), from_unit),
            to: (given, to_unit),
            about,
        };
        Some(self.mark(left.from, right.to + used, what))
    }
}

/// The longest unit with which tokens begin.
fn unit_prefix(tokens: &[Token]) -> Option<(Unit, usize)> {
    (1..=tokens.len().min(5))
        .rev()
        .find_map(|n| unit(&tokens[..n]).map(|u| (u, n)))
}
