//! An equation and its solution in one text: checked where the text has one unknown and one value for it.

use super::scan::Place;
use super::sides::shown;
use super::{Claim, Shown, What};
use crate::atoms::unknown;
use crate::expr::Expr;
use crate::limits::Work;
use crate::number::{Q, int};
use crate::parse::{Reading, parse};
use crate::poly::{Poly, poly};
use crate::token::{Kind, Token};

/// The most tokens of one side.
const MAX_SIDE: usize = 40;
/// A text with more equations has no single solution.
const MAX_EQUATIONS: usize = 200;
const READING: Reading = Reading {
    unknowns: true,
    lenient: true,
};

/// What a text says of its unknown.
#[derive(Default)]
pub(super) struct Collector {
    unknowns: Vec<char>,
    /// The first equation that is no assignment.
    equation: Option<Poly>,
    values: Vec<Q>,
    last: Option<(Claim, char, Shown)>,
    /// The text has something that is not understood: no verdict.
    lost: bool,
    count: usize,
}

/// Letters that are unknowns and no articles, units or names.
fn letter(token: &Token) -> Option<char> {
    token.word().and_then(unknown).filter(|c| "xyznktpqwuv".contains(*c))
}

fn is_part(token: &Token) -> bool {
    match &token.kind {
        Kind::Number(_) => true,
        Kind::Sign(c) => "+-*/^()".contains(*c),
        Kind::Word(_) => letter(token).is_some(),
    }
}

/// A value that the text computes: `x = 15 / 3`.
fn computed(value: Q) -> Shown {
    Shown {
        value,
        places: 12,
        percent: false,
        scaled: false,
    }
}

impl Collector {
    /// Reads the equations of a line.
    pub(super) fn line(&mut self, place: &Place<'_>, relations: &[usize]) {
        if self.lost || !place.tokens.iter().any(|t| letter(t).is_some()) {
            return;
        }
        for (i, at) in relations.iter().enumerate() {
            if !place.tokens[*at].is('=') {
                continue;
            }
            let from = if i == 0 { 0 } else { relations[i - 1] + 1 };
            let to = relations.get(i + 1).copied().unwrap_or(place.tokens.len());
            self.count += 1;
            self.lost |= self.count > MAX_EQUATIONS;
            if self.lost {
                return;
            }
            self.equation(place, from, *at, to);
        }
    }

    fn equation(&mut self, place: &Place<'_>, from: usize, at: usize, to: usize) {
        let tokens = place.tokens;
        let start = (from..at)
            .rev()
            .take(MAX_SIDE)
            .take_while(|i| is_part(&tokens[*i]))
            .last()
            .unwrap_or(at);
        let end = (at + 1..to)
            .take(MAX_SIDE)
            .take_while(|i| is_part(&tokens[*i]))
            .last()
            .map_or(at + 1, |i| i + 1);
        let (left, right) = (&tokens[start..at], &tokens[at + 1..end]);
        if !left.iter().chain(right).any(|t| letter(t).is_some()) {
            return;
        }
        // Words right before (`2 apples + x`) or a function (`f(x)`) make it something else.
        let open = tokens[..start].last().is_some_and(|t| {
            t.word().is_some()
                && left
                    .first()
                    .is_some_and(|f| f.glued_to(t) || f.is('+') || f.is('*') || f.is('/') || f.is('-'))
        });
        let runs_on = tokens
            .get(end)
            .is_some_and(|t| t.is('%') || t.is('^') || t.is('±') || t.is_word("or"));
        let (Ok(l), Ok(r)) = (parse(left, READING), parse(right, READING)) else {
            self.lost = true;
            return;
        };
        let mut work = Work::claim();
        let (Ok(p), Ok(q)) = (poly(&l, &mut work), poly(&r, &mut work)) else {
            self.lost = true;
            return;
        };
        if open || runs_on {
            self.lost = true;
            return;
        }
        let difference = p.minus(&q);
        for name in difference.unknowns() {
            if !self.unknowns.contains(&name) {
                self.unknowns.push(name);
            }
        }
        match l {
            Expr::Var(name) if q.degree() == 0 => {
                let value = q.of(&[]);
                if self.values.last() != Some(&value) {
                    self.values.push(value);
                }
                let given = if r.is_literal() {
                    shown(right)
                } else {
                    Some(computed(q.of(&[])))
                };
                if let Some(given) = given {
                    let what = What::Solution {
                        unknown: name,
                        root: int(0),
                        given: given.clone(),
                    };
                    self.last = Some((place.mark(start, end, what), name, given));
                }
            }
            _ if self.equation.is_none() => self.equation = Some(difference),
            _ => {}
        }
    }

    /// The one claim that the equations and values make together.
    pub(super) fn finish(self) -> Option<Claim> {
        let (mut claim, name, given) = self.last?;
        let equation = self.equation.filter(|e| e.degree() == 1)?;
        let one_value = self.values.iter().all(|v| *v == given.value || given.shows(v));
        if self.lost || self.unknowns.as_slice() != [name] || !one_value {
            return None;
        }
        let root = -equation.of(&[]) / equation.of(&[name]);
        claim.what = What::Solution {
            unknown: name,
            root,
            given,
        };
        Some(claim)
    }
}
