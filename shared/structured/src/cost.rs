//! How much work checking by a schema can be, found out before anybody pays for it. Pure.
//!
//! References make a small schema large: ten definitions that each name the next one twice are checked a thousand times over,
//! and what names itself twice for the same place doubles with every level of the answer. They make it deep as well, and who
//! follows them by recursion runs out of stack. So both are counted for every depth of an answer: how often one value is
//! looked at, and how many schemas are being looked at meanwhile.

mod graph;

use serde_json::Value;

use self::graph::{Graph, Node, peel};

/// Levels of the deepest JSON that is read.
const LEVELS: usize = 128;
/// Most keywords that one value may be held against, references followed.
const MAX_CHECKS: u64 = 2_000;
/// Most schemas within each other, references followed; those that refer to each other in a circle count together. Compiling
/// takes about that much stack.
const MAX_NESTED: usize = 256;
/// Most schemas that are being looked at at the same time. Checking takes that much stack.
const MAX_STACK: u64 = 512;
/// How many times the schemas for the same value are asked where it matters what they have left unevaluated: to check, and
/// twice to find that out.
const UNEVALUATED: u64 = 3;

/// What checking costs, for answers of every depth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cost {
    /// Most checks of one value, within an answer of that many levels.
    checks: Vec<u64>,
    /// Schemas that are looked at at the same time, for an answer of that many levels.
    stack: Vec<u64>,
}

impl Cost {
    /// Most checks of all values of an answer, and whether it is nested too deeply to be checked.
    pub(crate) fn of(&self, size: &Size) -> (u64, bool) {
        let at = |levels: &[u64]| levels.get(size.levels).or(levels.last()).copied().unwrap_or(u64::MAX);
        let checks = at(&self.checks).saturating_mul(size.values);
        (checks, at(&self.stack) > MAX_STACK)
    }
}

/// How large an answer is.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Size {
    /// Values in it, itself included.
    values: u64,
    /// Levels below the outermost value.
    levels: usize,
}

impl Size {
    pub(crate) fn of(value: &Value) -> Self {
        let mut size = Self::default();
        size.add(value, 0);
        size
    }

    /// What is read from a text has 128 levels at most, so this ends in time.
    fn add(&mut self, value: &Value, level: usize) {
        self.values += 1;
        self.levels = self.levels.max(level);
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.add(item, level + 1)),
            Value::Object(members) => members.values().for_each(|member| self.add(member, level + 1)),
            _ => {}
        }
    }
}

/// What checking by a schema costs; refused where it could take for ever, or more stack than there is.
pub(crate) fn affordable(schema: &Value) -> Result<Cost, String> {
    let graph = Graph::of(schema)?;
    if graph.nested() > MAX_NESTED {
        return Err("references are nested too deeply".to_owned());
    }
    let same: Vec<Vec<usize>> = graph.nodes.iter().map(|node| node.same.clone()).collect();
    let mut left = vec![true; same.len()];
    let order = peel(&same, &mut left).order;
    if left.contains(&true) {
        return Err("a schema refers to itself for the same value".to_owned());
    }
    let cost = by_level(&graph.nodes, &order);
    if cost.checks.iter().any(|checks| *checks > MAX_CHECKS) {
        return Err(format!(
            "takes more than {MAX_CHECKS} checks of one value, references followed"
        ));
    }
    if cost.stack.first().is_some_and(|stack| *stack > MAX_STACK) {
        return Err("references are nested too deeply".to_owned());
    }
    Ok(cost)
}

/// The cost of the first node for each depth of an answer; `order` has what is asked of the same value first.
fn by_level(nodes: &[Node], order: &[usize]) -> Cost {
    let mut cost = Cost {
        checks: Vec::with_capacity(LEVELS),
        stack: Vec::with_capacity(LEVELS),
    };
    let (mut above_checks, mut above_stack) = (vec![0; nodes.len()], vec![0; nodes.len()]);
    let mut most = 0;
    for level in 0..LEVELS {
        let (mut checks, mut stack) = (vec![0_u64; nodes.len()], vec![0_u64; nodes.len()]);
        for index in order.iter().copied() {
            let node = &nodes[index];
            // A value inside is one of those that exclude each other, and may be all of the others.
            let one = node.one_of.iter().map(|inner| above_checks[*inner]).max().unwrap_or(0);
            let all = sum(node.all_of.iter().map(|inner| above_checks[*inner]));
            let own = if level == 0 {
                node.checks
            } else {
                all.saturating_add(one)
            };
            let same = sum(node.same.iter().map(|same| checks[*same]));
            let factor = if node.unevaluated { UNEVALUATED } else { 1 };
            checks[index] = own.saturating_add(same.saturating_mul(factor));

            let inside = node.one_of.iter().chain(&node.all_of).map(|inner| above_stack[*inner]);
            let same = node.same.iter().map(|same| stack[*same]);
            stack[index] = inside.chain(same).max().unwrap_or(0) + 1;
        }
        most = checks.first().copied().unwrap_or(0).max(most);
        cost.checks.push(most);
        cost.stack.push(stack.first().copied().unwrap_or(0));
        // Deeper levels are the same again.
        if checks == above_checks && stack == above_stack {
            break;
        }
        (above_checks, above_stack) = (checks, stack);
    }
    cost
}

fn sum(numbers: impl Iterator<Item = u64>) -> u64 {
    numbers.fold(0, u64::saturating_add)
}

#[cfg(test)]
mod tests;
