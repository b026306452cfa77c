//! Which engines are asked for a question, and in which order. Pure.
//!
//! First come exact engines, then models in the order of what they are expected to cost for this question. A caller's tiers
//! and regions, a context window that is too small, too little time: engines that these rule out are never asked. Those
//! that the question is too complex for are passed over, but stay at hand in case all others fail, the strongest first.

use std::{cmp::Ordering, time::Duration};

use crate::{
    engine::{EngineInfo, Question},
    size::Size,
};

/// An engine's place among those of a specialist.
pub(super) type Index = usize;

/// Who is asked, and who is not.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Order {
    /// Those to ask, in this order.
    pub(super) sequence: Vec<Index>,
    /// The same from the cheapest to the dearest, which is taken for the strongest.
    pub(super) ranked: Vec<Index>,
    /// Those that the question is too complex for, the strongest first.
    pub(super) in_need: Vec<Index>,
    /// Those that are not asked, or only in need, and why.
    pub(super) skipped: Vec<(Index, String)>,
}

impl Order {
    /// Ways up from the engine at `place`, in order: stronger ones that the question is not too complex for, as far as they
    /// would be asked before a weaker one.
    pub(super) fn up(&self, place: usize) -> impl Iterator<Item = Index> {
        let rank = |index: &Index| self.ranked.iter().position(|one| one == index);
        let own = self.sequence.get(place).and_then(rank);
        let after = self.sequence.iter().skip(place + 1);
        let stronger = after.take_while(move |index| rank(index) > own);
        stronger.filter(|index| !self.in_need.contains(index)).copied()
    }
}

/// Orders the engines for a question. `left` is the time that it may take, if that is limited.
pub(super) fn order(engines: &[&EngineInfo], question: &Question, size: Size, left: Option<Duration>) -> Order {
    let mut skipped = Vec::new();
    let mut allowed: Vec<Index> = Vec::new();
    for (index, info) in engines.iter().enumerate() {
        match ruled_out(info, question, size, left) {
            Some(why) => skipped.push((index, why)),
            None => allowed.push(index),
        }
    }
    // A stable sort: of engines that cost the same, the configuration says which comes first.
    allowed.sort_by(|a, b| by_cost(engines[*a], engines[*b], size));
    let strongest = allowed.last().copied();
    let too_complex = |index: &Index| {
        let info = engines[*index];
        let limit = question
            .max_complexity
            .unwrap_or(1.0)
            .min(f64::from(info.max_complexity));
        let complexity = question.complexity.filter(|complexity| *complexity > limit)?;
        let passed_over = Some(*index) != strongest && !info.is_exact();
        passed_over.then(|| match limit > 0.0 {
            true => format!("the query is too complex for it: {complexity:.2} is above {limit:.2}"),
            false => "the strongest engine is wanted".to_owned(),
        })
    };
    let (mut sequence, mut in_need) = (Vec::new(), Vec::new());
    for index in &allowed {
        match too_complex(index) {
            Some(why) => {
                skipped.push((*index, why));
                in_need.push(*index);
            }
            None => sequence.push(*index),
        }
    }
    in_need.reverse();
    sequence.extend(&in_need);
    Order {
        sequence,
        ranked: allowed,
        in_need,
        skipped,
    }
}

fn by_cost(a: &EngineInfo, b: &EngineInfo, size: Size) -> Ordering {
    let exact_first = b.is_exact().cmp(&a.is_exact());
    exact_first.then(size.cost(a).total_cmp(&size.cost(b)))
}

fn ruled_out(info: &EngineInfo, question: &Question, size: Size, left: Option<Duration>) -> Option<String> {
    let constraints = &question.constraints;
    if !constraints.allows(info.tier) {
        return Some(format!(
            "runs in tier {}, which the caller does not allow",
            info.tier.name()
        ));
    }
    if !info.is_exact() && !constraints.allows_region(&info.region) {
        return Some(match info.region.as_str() {
            "" => "states no region, and the caller allows only some".to_owned(),
            region => format!("runs in region {region}, which the caller does not allow"),
        });
    }
    let window = info.context_window.map(u64::from);
    if window.is_some_and(|window| size.input >= window) {
        return Some(format!(
            "about {} tokens do not fit its context window of {}",
            size.input,
            window.unwrap_or_default()
        ));
    }
    if left.is_some_and(|left| left < info.expected_latency) {
        return Some(format!(
            "takes about {:?}, and less time is left",
            info.expected_latency
        ));
    }
    None
}

#[cfg(test)]
mod tests;
