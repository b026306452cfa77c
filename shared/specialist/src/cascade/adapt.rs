//! How what is seen of engines changes the order in which they are asked. Pure, and bounded:
//!
//! - An engine counts as dearer than its price says where its answers are, or where its calls fail, by a bounded factor.
//! - One in trouble, or too slow for the time that is left, is asked after all others; it stays the last resort.
//! - The strongest stays the first for what the others are too weak for, unless it fails or is too slow for the time left.
//! - Exact engines are never touched.

use std::{sync::Arc, time::Duration};

use super::order::{self, Index, Order};
use crate::{
    engine::{Engine, EngineInfo, Question},
    live::{Trouble, View, short},
    size::Size,
};

/// An order that was adapted.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Adapted {
    pub(super) order: Order,
    /// Engines that others are asked before, though their prices say otherwise.
    pub(super) moved: Vec<Moved>,
    /// The engine that is asked in its turn only to see how it does.
    pub(super) probe: Option<Index>,
}

/// An engine that others are asked before.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Moved {
    pub(super) index: Index,
    /// Whom, and why.
    pub(super) why: String,
    /// It is left for now: for this question, or until it is well.
    pub(super) left: bool,
}

impl Moved {
    /// The same as a sentence.
    pub(super) fn sentence(&self, engines: &[&EngineInfo]) -> String {
        format!("engine {} is {}", engines[self.index].name, self.why)
    }
}

/// What is seen of the engines, one view for each, and the time that is left, if it is limited.
struct Seen<'a> {
    views: &'a [View],
    left: Option<Duration>,
    /// The strongest, where others are too weak for the question.
    strongest: Option<Index>,
}

impl Seen<'_> {
    /// Why an engine cannot say its first word in time.
    fn late(&self, index: Index) -> Option<String> {
        let (left, first_word) = (self.left?, self.views[index].first_word?);
        let (told, rest) = (short(first_word), short(left));
        (first_word > left).then(|| format!("its first words take about {told} lately, and {rest} are left"))
    }

    /// Why an engine is not to be asked in its turn.
    fn trouble(&self, index: Index) -> Option<String> {
        let late = self.late(index);
        late.or_else(|| match self.views[index].trouble? {
            Trouble::Slow { .. } if self.strongest == Some(index) => None,
            trouble => Some(trouble.to_string()),
        })
    }

    /// Whether this question may be the one that tries an engine in trouble: not if it could not wait for the answer.
    fn may_try(&self, index: Index) -> bool {
        let view = &self.views[index];
        view.probe_due && view.trouble.is_some() && self.late(index).is_none() && self.trouble(index).is_some()
    }
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
    let seen = Seen {
        views,
        left,
        strongest: order.ranked.last().copied().filter(|_| !order.in_need.is_empty()),
    };
    let (exact, models): (Vec<Index>, Vec<Index>) =
        order.sequence.iter().partition(|index| engines[**index].is_exact());
    let in_need = |index: &Index| order.in_need.contains(index);
    // One at a time: a question need not go through all that are in trouble.
    let probe = models
        .iter()
        .copied()
        .find(|index| !in_need(index) && seen.may_try(*index));
    let trouble = |index: Index| seen.trouble(index).filter(|_| Some(index) != probe);

    let mut by_price = models.clone();
    by_price.retain(|index| !in_need(index));
    let price = |index: &Index| size.cost(engines[*index]) * views[*index].price_factor;
    // Stable: of engines that count the same, the price decides, then the configuration.
    by_price.sort_by(|a, b| price(a).total_cmp(&price(b)));
    by_price.extend(&order.in_need);
    let (well, late): (Vec<Index>, Vec<Index>) = by_price.into_iter().partition(|index| trouble(*index).is_none());
    let sequence: Vec<Index> = exact.into_iter().chain(well).chain(late).collect();

    let moved = models.into_iter().filter_map(|index| {
        let trouble = trouble(index);
        let left = trouble.is_some();
        // The one that moved is the one with a reason.
        let reason = trouble.or_else(|| (views[index].price_factor > 1.0).then(|| views[index].dear()))?;
        let others: Vec<&str> = overtaking(index, &order.sequence, &sequence)
            .map(|other| engines[other].name.as_str())
            .collect();
        let why = format!("asked after {}: {reason}", list(&others));
        (!others.is_empty()).then_some(Moved { index, why, left })
    });
    Adapted {
        moved: moved.collect(),
        order: Order {
            sequence,
            ..order.clone()
        },
        probe,
    }
}

/// Those that came after an engine in the sequence before, and come before it in the one after.
fn overtaking<'a>(index: Index, before: &'a [Index], after: &'a [Index]) -> impl Iterator<Item = Index> + 'a {
    let ahead = after.iter().take_while(move |other| **other != index);
    let behind = move |other: &Index| before.iter().skip_while(|one| **one != index).any(|one| one == other);
    ahead.copied().filter(behind)
}

/// For each engine: why it is asked later than its price says, for a question of usual size that has time.
pub(crate) fn asked_later(engines: &[Arc<dyn Engine>]) -> Vec<Option<String>> {
    let infos: Vec<&EngineInfo> = engines.iter().map(|engine| engine.info()).collect();
    let look = |engine: &Arc<dyn Engine>| View {
        // Who is tried now and then is left all the same.
        probe_due: false,
        ..engine.live().map(|live| live.look()).unwrap_or_default()
    };
    let views: Vec<View> = engines.iter().map(look).collect();
    let usual = Question::default();
    let size = Size::USUAL;
    let mut later = vec![None; engines.len()];
    for moved in adapt(&order::order(&infos, &usual, size, None), &infos, &views, size, None).moved {
        later[moved.index] = Some(moved.why);
    }
    later
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
