//! How what is seen of engines changes the order in which they are asked. Pure, and bounded:
//!
//! - An engine counts as dearer than its price says where its answers are, or where its calls fail, by a bounded factor.
//! - One in trouble, or too slow for the time that is left, is asked after all others; it stays the last resort.
//! - The strongest stays the first for what the others are too weak for, unless it fails or is too slow for the time left.
//! - Exact engines are never touched.

use std::time::Duration;

use super::order::{Index, Order};
use crate::{
    engine::EngineInfo,
    live::{Trouble, View, short},
    size::Size,
};

/// An order that was adapted.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Adapted {
    pub(super) order: Order,
    /// What changed, one sentence each.
    pub(super) sentences: Vec<String>,
    /// Engines that others are asked before, though their prices say otherwise; and why.
    pub(super) passed_over: Vec<(Index, String)>,
    /// The engine that is asked in its turn only to see how it does.
    pub(super) probe: Option<Index>,
}

/// Adapts an order to what is seen of the engines: `views`, one for each of `engines`. `left` is the time that is left, if it
/// is limited.
pub(super) fn adapt(
    order: &Order,
    engines: &[&EngineInfo],
    views: &[View],
    size: Size,
    left: Option<Duration>,
) -> Adapted {
    let (exact, models): (Vec<Index>, Vec<Index>) =
        order.sequence.iter().partition(|index| engines[**index].is_exact());
    let strongest = order.ranked.last().filter(|_| !order.in_need.is_empty());
    let why = |index: Index| {
        let View {
            trouble, first_word, ..
        } = views[index];
        if let (Some(left), Some(first_word)) = (left, first_word)
            && first_word > left
        {
            let (first_word, left) = (short(first_word), short(left));
            return Some(format!(
                "its first words take about {first_word} lately, and {left} are left"
            ));
        }
        match trouble? {
            Trouble::Slow { .. } if strongest == Some(&index) => None,
            trouble => Some(trouble.to_string()),
        }
    };
    let in_need = |index: &Index| order.in_need.contains(index);
    // One at a time: a question need not go through all that are in trouble.
    let probe = models
        .iter()
        .copied()
        .find(|index| !in_need(index) && views[*index].probe_due && why(*index).is_some());
    let troubled = |index: &Index| Some(*index) != probe && why(*index).is_some();

    let mut by_price = models.clone();
    by_price.retain(|index| !in_need(index));
    let price = |index: &Index| size.cost(engines[*index]) * views[*index].price_factor;
    // Stable: of engines that count the same, the price decides, then the configuration.
    by_price.sort_by(|a, b| price(a).total_cmp(&price(b)));
    by_price.extend(&order.in_need);
    let (well, late): (Vec<Index>, Vec<Index>) = by_price.into_iter().partition(|index| !troubled(index));
    let sequence: Vec<Index> = exact.into_iter().chain(well).chain(late).collect();

    let place = |sequence: &[Index], index: Index| sequence.iter().position(|one| *one == index);
    let (mut sentences, mut passed_over) = (Vec::new(), Vec::new());
    for index in models.iter().copied() {
        let before = |other: &&Index| {
            place(&order.sequence, index) < place(&order.sequence, **other)
                && place(&sequence, **other) < place(&sequence, index)
        };
        let others: Vec<&str> = sequence
            .iter()
            .filter(before)
            .map(|other| engines[*other].name.as_str())
            .collect();
        let view = &views[index];
        // The one that moved is the one with a reason.
        let reason = match why(index).filter(|_| troubled(&index)) {
            None if view.price_factor > 1.0 => view.dear(),
            None => continue,
            Some(why) => why,
        };
        if others.is_empty() {
            continue;
        }
        let what = format!("asked after {}: {reason}", list(&others));
        sentences.push(format!("engine {} is {what}", engines[index].name));
        if troubled(&index) {
            passed_over.push((index, what));
        }
    }
    Adapted {
        order: Order {
            sequence,
            ..order.clone()
        },
        sentences,
        passed_over,
        probe,
    }
}

/// `a`, `a and b`, `a, b and c`.
fn list(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

#[cfg(test)]
mod tests;
