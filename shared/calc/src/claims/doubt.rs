//! What makes a mismatch no error: expressions that go on, things counted in different ways, readings that differ.

use super::context::modified;
use super::sides::Side;
use crate::expr::{Expr, Op};
use crate::token::Token;
use crate::units::unit;
use crate::{lex, number};

/// Does an expression go on after what could be read: `12/x`, `2(x + 1)`, `5x`, `3^n`?
pub(super) fn continues(after: &[Token], last: &Token) -> bool {
    match after {
        [sign, word, ..] if "+-*/^".chars().any(|c| sign.is(c)) => {
            let letter = word.word().is_some_and(|w| w.chars().count() == 1);
            // `= $5/hour` and `= 5 - that is all` end; `= 2 * price` goes on.
            let goes_on = word.word().is_some() && "+*^".chars().any(|c| sign.is(c));
            word.is('(') || letter || goes_on
        }
        [next, ..] => {
            let letter = next.word().is_some_and(|w| {
                (next.glued_to(last) && unit(std::slice::from_ref(next)).is_none())
                    || matches!(w, "x" | "y" | "z" | "n" | "i")
            });
            letter
                || next.is('^')
                || next.is('_')
                || (next.is('(') && next.glued_to(last))
                || next.number().is_some() && next.glued_to(last)
        }
        [] => false,
    }
}

/// Does a sentence end here, but for a noun?
pub(super) fn ends(after: &[Token]) -> bool {
    let stop = |t: Option<&Token>| t.is_none_or(|t| ".,;:!)".chars().any(|c| t.is(c)));
    stop(after.first()) || (after.first().is_some_and(|t| t.word().is_some()) && stop(after.get(1)) && !modified(after))
}

/// The word right after a side.
pub(super) fn noun_after(after: &[Token]) -> Option<String> {
    after.first().and_then(Token::word).map(str::to_lowercase)
}

/// Do the numbers count different things, so that plain arithmetic says nothing?
pub(super) fn mixed(left: &Side, right: &Side, tail: Option<&str>) -> bool {
    const MULTIPLES: &[&str] = &[
        "dozen", "dozens", "pair", "pairs", "score", "gross", "couple", "couples",
    ];
    const COINS: &[&str] = &["cents", "cent", "¢", "pennies", "dimes", "quarters", "nickels"];
    let mut nouns: Vec<&str> = left.nouns.iter().chain(&right.nouns).map(String::as_str).collect();
    let coin = nouns
        .iter()
        .copied()
        .chain(tail)
        .any(|n| n.split([' ', '/']).any(|w| COINS.contains(&w)));
    if coin || nouns.iter().any(|n| n.split(' ').any(|w| MULTIPLES.contains(&w))) {
        return true;
    }
    let tail_unit = tail.and_then(|t| {
        let chars: Vec<char> = t.chars().collect();
        unit(&lex::lex(&chars))
    });
    let mut units: Vec<&str> = left
        .units
        .iter()
        .chain(&right.units)
        .chain(&tail_unit)
        .map(|u| u.symbol.as_str())
        .collect();
    units.sort_unstable();
    units.dedup();
    if units.len() > 1 {
        return true;
    }
    // Terms that are added count the same thing, and no boxes of it.
    if left.expr.any(&|e| matches!(e, Expr::Bin(Op::Add | Op::Sub, ..))) {
        nouns.truncate(left.nouns.len());
        let mut last: Vec<&str> = nouns
            .iter()
            .filter_map(|n| n.rsplit(' ').next())
            .map(singular)
            .collect();
        last.sort_unstable();
        last.dedup();
        return last.len() > 1
            && last
                .iter()
                .any(|n| CONTAINERS.contains(n) || left.units.len() == left.nouns.len());
    }
    false
}

const CONTAINERS: &[&str] = &[
    "box", "bag", "pack", "package", "packet", "case", "carton", "bundle", "set", "group", "row", "team", "couple",
    "crate", "jar", "bottle", "roll", "stack", "tray", "batch", "week", "month", "year", "day", "hour", "minute",
    "piece", "half",
];

fn singular(noun: &str) -> &str {
    let noun = noun.strip_suffix('s').unwrap_or(noun);
    ["box", "batch", "inch"]
        .into_iter()
        .find(|n| noun.strip_suffix('e') == Some(n))
        .unwrap_or(noun)
}

/// Percentages added to numbers; an "of" whose reach is open.
pub(super) fn ambiguous(expr: &Expr) -> bool {
    let percent = |e: &Expr| matches!(e, Expr::Percent(_));
    let of = |e: &Expr| e.any(&|e| matches!(e, Expr::Bin(Op::Of, ..)));
    expr.any(&|e| match e {
        Expr::Bin(Op::Add | Op::Sub, a, b) => percent(a) != percent(b) || of(a) || of(b),
        Expr::Bin(Op::Mod, ..) => true,
        // `28 / 1/5` is meant as 28 divided by a fifth.
        Expr::Bin(Op::Div, a, _) => matches!(**a, Expr::Bin(Op::Div, ..)),
        _ => false,
    })
}

/// "In 2020 sales * 3": a year is no factor.
pub(super) fn year(before: &[Token], first: &Token) -> bool {
    let year = first
        .number()
        .and_then(|n| number::small(&n.value))
        .is_some_and(|n| (1900..2100).contains(&n));
    year && before
        .last()
        .is_some_and(|t| ["in", "since", "by", "year", "of"].iter().any(|w| t.is_word(w)))
}
