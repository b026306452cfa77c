//! Parent links to rows: the order in which a trace is shown, as a tree. Pure, and safe on any input.

use std::{collections::HashMap, hash::Hash};

/// One span, as far as the shape of the tree is concerned.
#[derive(Debug, Clone, Copy)]
pub struct Node<K> {
    /// Its id.
    pub id: K,
    /// The id of its parent; none for a root.
    pub parent: Option<K>,
    /// What orders siblings, usually the start time.
    pub start: u64,
}

/// One line of the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// Position of the node in the input.
    pub index: usize,
    /// How far from the root; 0 is a root.
    pub depth: usize,
    /// No sibling follows.
    pub last: bool,
    /// It names a parent that is not there (or is its own ancestor), and so stands as a root.
    pub orphan: bool,
}

/// Every node exactly once, depth first, siblings by start. Nodes without a parent come first, then orphans; of a cycle,
/// the earliest node stands as an orphan. Of two nodes with one id, the first has the children.
pub fn rows<K: Copy + Eq + Hash>(nodes: &[Node<K>]) -> Vec<Row> {
    let mut position = HashMap::with_capacity(nodes.len());
    for (index, node) in nodes.iter().enumerate() {
        position.entry(node.id).or_insert(index);
    }
    let mut children = vec![Vec::new(); nodes.len()];
    let (mut roots, mut orphans) = (Vec::new(), Vec::new());
    for (index, node) in nodes.iter().enumerate() {
        match node.parent.map(|parent| position.get(&parent)) {
            None => roots.push(index),
            Some(None) => orphans.push(index),
            Some(Some(parent)) => children[*parent].push(index),
        }
    }
    let by_start = |list: &mut Vec<usize>| list.sort_by_key(|index| (nodes[*index].start, *index));
    children.iter_mut().for_each(by_start);
    by_start(&mut roots);
    by_start(&mut orphans);

    let mut walk = Walk {
        children: &children,
        seen: vec![false; nodes.len()],
        rows: Vec::with_capacity(nodes.len()),
    };
    walk.from(&roots, false);
    walk.from(&orphans, true);
    if walk.rows.len() < nodes.len() {
        // What is left hangs on cycles.
        let mut left: Vec<usize> = (0..nodes.len()).filter(|index| !walk.seen[*index]).collect();
        by_start(&mut left);
        left.into_iter().for_each(|index| walk.from(&[index], true));
    }
    walk.rows
}

struct Walk<'a> {
    children: &'a [Vec<usize>],
    seen: Vec<bool>,
    rows: Vec<Row>,
}

impl Walk<'_> {
    /// Own stack: a trace may be one chain of thousands of spans.
    fn from(&mut self, tops: &[usize], orphan: bool) {
        let mut stack = Vec::new();
        push(&mut stack, tops, 0, orphan);
        while let Some(row) = stack.pop() {
            if !std::mem::replace(&mut self.seen[row.index], true) {
                self.rows.push(row);
                push(&mut stack, &self.children[row.index], row.depth + 1, false);
            }
        }
    }
}

fn push(stack: &mut Vec<Row>, siblings: &[usize], depth: usize, orphan: bool) {
    stack.extend(siblings.iter().enumerate().rev().map(|(place, index)| Row {
        index: *index,
        depth,
        last: place + 1 == siblings.len(),
        orphan,
    }));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn node(id: u8, parent: Option<u8>, start: u64) -> Node<u8> {
        Node { id, parent, start }
    }

    fn shape(nodes: &[Node<u8>]) -> Vec<(u8, usize, bool)> {
        rows(nodes)
            .iter()
            .map(|row| (nodes[row.index].id, row.depth, row.orphan))
            .collect()
    }

    #[test]
    fn children_follow_their_parent_in_order_of_time() {
        let nodes = [
            node(3, Some(1), 30),
            node(4, Some(2), 25),
            node(2, Some(1), 20),
            node(1, None, 10),
        ];
        assert_eq!(
            shape(&nodes),
            [(1, 0, false), (2, 1, false), (4, 2, false), (3, 1, false)]
        );
    }

    #[test]
    fn orphans_and_cycles_are_shown_once() {
        let nodes = [
            node(1, None, 5),
            node(2, Some(9), 1),
            node(3, Some(4), 2),
            node(4, Some(3), 3),
            node(5, Some(5), 4),
        ];
        assert_eq!(
            shape(&nodes),
            [(1, 0, false), (2, 0, true), (3, 0, true), (4, 1, false), (5, 0, true)]
        );
    }

    proptest! {
        #[test]
        fn every_node_is_shown_once(links in prop::collection::vec((0u8..20, prop::option::of(0u8..20), 0u64..5), 0..40)) {
            let nodes: Vec<_> = links.iter().map(|(id, parent, start)| node(*id, *parent, *start)).collect();
            let mut shown: Vec<_> = rows(&nodes).iter().map(|row| row.index).collect();
            shown.sort_unstable();
            prop_assert_eq!(shown, (0..nodes.len()).collect::<Vec<_>>());
        }
    }
}
