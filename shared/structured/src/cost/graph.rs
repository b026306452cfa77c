//! A schema as a graph: which schemas a value is held against, and which ones the values in it are. Built without recursion.

use std::{collections::HashMap, ptr};

use serde_json::{Map, Value};

/// Keywords whose value is a schema, or a list of schemas, for the same value as the schema itself.
const SAME: [&str; 8] = ["allOf", "anyOf", "oneOf", "not", "if", "then", "else", "extends"];
/// Keywords whose value names schemas for the same value.
const SAME_NAMED: [&str; 2] = ["dependentSchemas", "dependencies"];
/// Keywords whose value is a schema, a list or names of schemas for values inside, one of them for each at most.
const ONE_OF: [&str; 4] = ["items", "prefixItems", "additionalItems", "additionalProperties"];
/// Keywords whose value is a schema for values inside that others of all these keywords may be about too.
const ALL_OF: [&str; 5] = [
    "contains",
    "propertyNames",
    "unevaluatedItems",
    "unevaluatedProperties",
    "contentSchema",
];
/// Keywords by which a reference can mean something else than what stands at its path.
const MOVING: [&str; 5] = [
    "$dynamicRef",
    "$recursiveRef",
    "$dynamicAnchor",
    "$recursiveAnchor",
    "$anchor",
];
/// Names of members, or values, are compared so many times as fast as a keyword is checked.
const COMPARED: u64 = 16;

/// A schema and the schemas in it, by their places in the graph.
#[derive(Debug, Default)]
pub(super) struct Node {
    /// Checks of one value, but for those of other schemas.
    pub(super) checks: u64,
    /// Schemas for the same value.
    pub(super) same: Vec<usize>,
    /// Schemas for values inside, of which one is for each at most.
    pub(super) one_of: Vec<usize>,
    /// Schemas for values inside, of which all may be for the same one.
    pub(super) all_of: Vec<usize>,
    /// Whether it asks what the schemas for the same value have evaluated.
    pub(super) unevaluated: bool,
}

/// All schemas that are reached from one, that one first.
#[derive(Debug)]
pub(super) struct Graph {
    pub(super) nodes: Vec<Node>,
}

impl Graph {
    /// # Errors
    /// A reference that leads nowhere or elsewhere, and keywords by which one could.
    pub(super) fn of(root: &Value) -> Result<Self, String> {
        let mut found = Found {
            root,
            // Of the oldest draft that is known, which says it without the dollar.
            id: match root.get("$schema").and_then(Value::as_str) {
                Some(draft) if draft.contains("draft-04") => "id",
                _ => "$id",
            },
            places: HashMap::new(),
            schemas: Vec::new(),
        };
        found.place(root);
        let mut nodes = Vec::new();
        while let Some(schema) = found.schemas.get(nodes.len()).copied() {
            nodes.push(found.node(schema)?);
        }
        Ok(Self { nodes })
    }

    /// Most schemas within each other on any way through the references; those that circles go through count together.
    pub(super) fn nested(&self) -> usize {
        let next: Vec<Vec<usize>> = self
            .nodes
            .iter()
            .map(|node| [&node.same[..], &node.one_of, &node.all_of].concat())
            .collect();
        let mut left = vec![true; next.len()];
        let behind = peel(&next, &mut left).layers;
        let before = peel(&turned(&next), &mut left).layers;
        before + left.iter().filter(|left| **left).count() + behind
    }
}

/// What was taken from a graph.
pub(super) struct Peeled {
    /// In this order.
    pub(super) order: Vec<usize>,
    /// In so many goes.
    pub(super) layers: usize,
}

/// Takes from what is `left` of a graph whatever leads nowhere any more, again and again. What stays goes in circles, or leads
/// to one that does.
pub(super) fn peel(next: &[Vec<usize>], left: &mut [bool]) -> Peeled {
    let before = turned(next);
    let mut open: Vec<usize> = next
        .iter()
        .map(|next| next.iter().filter(|index| left[**index]).count())
        .collect();
    let mut layer: Vec<usize> = (0..next.len())
        .filter(|index| left[*index] && open[*index] == 0)
        .collect();
    let mut peeled = Peeled {
        order: Vec::new(),
        layers: 0,
    };
    while !layer.is_empty() {
        peeled.layers += 1;
        let mut following = Vec::new();
        for index in &layer {
            left[*index] = false;
            for user in before[*index].iter().copied().filter(|user| left[*user]) {
                open[user] -= 1;
                if open[user] == 0 {
                    following.push(user);
                }
            }
        }
        peeled.order.append(&mut layer);
        layer = following;
    }
    peeled
}

/// The same graph with every arrow turned round.
fn turned(next: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut before = vec![Vec::new(); next.len()];
    for (index, next) in next.iter().enumerate() {
        for one in next {
            before[*one].push(index);
        }
    }
    before
}

/// Schemas that were found so far.
struct Found<'a> {
    root: &'a Value,
    /// The keyword that gives a schema a name of its own.
    id: &'static str,
    places: HashMap<*const Value, usize>,
    schemas: Vec<&'a Value>,
}

impl<'a> Found<'a> {
    fn place(&mut self, schema: &'a Value) -> usize {
        let next = self.schemas.len();
        let place = *self.places.entry(ptr::from_ref(schema)).or_insert(next);
        if place == next {
            self.schemas.push(schema);
        }
        place
    }

    /// The places of a keyword's schema, or of all of its schemas.
    fn places(&mut self, keyword: &'a Value) -> Vec<usize> {
        match keyword {
            Value::Array(list) => list.iter().map(|one| self.place(one)).collect(),
            one => vec![self.place(one)],
        }
    }

    /// The places of schemas that have names.
    fn named(&mut self, keyword: Option<&'a Value>) -> Vec<usize> {
        let named = keyword.and_then(Value::as_object);
        named
            .into_iter()
            .flat_map(Map::values)
            .map(|one| self.place(one))
            .collect()
    }

    fn node(&mut self, schema: &'a Value) -> Result<Node, String> {
        let Some(keywords) = schema.as_object() else {
            return Ok(Node {
                checks: 1,
                ..Node::default()
            });
        };
        if let Some(moving) = MOVING.iter().find(|keyword| keywords.contains_key(**keyword)) {
            return Err(format!(
                "`{moving}` is not taken: write `$ref` with a path, as in \"#/$defs/name\""
            ));
        }
        if !ptr::eq(schema, self.root) {
            self.without_id(schema)?;
        }
        let mut node = Node {
            checks: checks(keywords),
            unevaluated: keywords.contains_key("unevaluatedItems") || keywords.contains_key("unevaluatedProperties"),
            ..Node::default()
        };
        if let Some(reference) = keywords.get("$ref").and_then(Value::as_str) {
            let target = self.target(reference)?;
            node.same.push(self.place(target));
        }
        for keyword in SAME.iter().filter_map(|keyword| keywords.get(*keyword)) {
            node.same.extend(self.places(keyword));
        }
        for keyword in SAME_NAMED {
            node.same.extend(self.named(keywords.get(keyword)));
        }
        node.one_of.extend(self.named(keywords.get("properties")));
        for keyword in ONE_OF.iter().filter_map(|keyword| keywords.get(*keyword)) {
            node.one_of.extend(self.places(keyword));
        }
        node.all_of.extend(self.named(keywords.get("patternProperties")));
        for keyword in ALL_OF.iter().filter_map(|keyword| keywords.get(*keyword)) {
            node.all_of.extend(self.places(keyword));
        }
        Ok(node)
    }

    fn target(&self, reference: &str) -> Result<&'a Value, String> {
        let pointer = reference
            .strip_prefix('#')
            .filter(|pointer| pointer.is_empty() || pointer.starts_with('/'))
            .ok_or_else(|| format!("`$ref` \"{reference}\" must be `#` or begin with `#/`"))?;
        let root = self.root;
        let target = root
            .pointer(pointer)
            .ok_or_else(|| format!("`$ref` \"{reference}\" leads nowhere"))?;
        // Within a schema that has a name of its own the same path means something else.
        for (end, _) in pointer.match_indices('/').skip(1) {
            root.pointer(&pointer[..end])
                .map_or(Ok(()), |outer| self.without_id(outer))?;
        }
        Ok(target)
    }

    fn without_id(&self, schema: &Value) -> Result<(), String> {
        match schema.get(self.id) {
            Some(Value::String(_)) => Err(format!("`{}` is taken at the top only", self.id)),
            _ => Ok(()),
        }
    }
}

/// What holding one value against keywords costs, but for other schemas.
fn checks(keywords: &Map<String, Value>) -> u64 {
    let length = |keyword: &str| match keywords.get(keyword) {
        Some(Value::Array(list)) => list.len() as u64,
        Some(Value::Object(named)) => named.len() as u64,
        _ => 0,
    };
    // Each name that is missing is a problem of its own.
    let mut names = length("required");
    for keyword in ["dependentRequired", "dependencies"] {
        let named = keywords.get(keyword).and_then(Value::as_object);
        let lists = named.into_iter().flat_map(Map::values);
        names += lists
            .filter_map(Value::as_array)
            .map(|list| list.len() as u64)
            .sum::<u64>();
    }
    let compared = (length("enum") + length("properties")) / COMPARED;
    (keywords.len() as u64).max(1) + names + compared
}
