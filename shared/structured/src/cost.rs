//! How much work checking by a schema can be, found out before anybody pays for it. Pure.
//!
//! References make a small schema large: ten definitions that each name the next one twice are checked a thousand times over,
//! and one that names itself twice for the same place doubles with every level of the answer. Both are refused.

use std::collections::HashMap;

use serde_json::Value;

/// Most subschemas that one value may be held against, references followed.
const MAX_CHECKS: u64 = 2_000;

/// Keywords whose value is a schema, or a list of schemas, for the same value as the schema itself, or for some values in it
/// that others of these keywords may be about too.
const SCHEMAS: [&str; 17] = [
    "allOf",
    "anyOf",
    "oneOf",
    "not",
    "if",
    "then",
    "else",
    "items",
    "prefixItems",
    "additionalItems",
    "contains",
    "additionalProperties",
    "propertyNames",
    "unevaluatedItems",
    "unevaluatedProperties",
    "contentSchema",
    "extends",
];
/// Keywords whose value names schemas.
const MAPS: [&str; 4] = ["properties", "patternProperties", "dependentSchemas", "dependencies"];
/// Keywords by which a reference can mean something else than what stands at its path.
const MOVING: [&str; 5] = [
    "$dynamicRef",
    "$recursiveRef",
    "$dynamicAnchor",
    "$recursiveAnchor",
    "$anchor",
];

/// What checking one value costs: subschemas, and how often each schema that is still being looked at is come back to.
#[derive(Debug, Clone, Default)]
struct Cost {
    checks: u64,
    back: HashMap<String, u64>,
}

impl Cost {
    fn add(&mut self, other: &Self) {
        self.checks = self.checks.saturating_add(other.checks);
        for (target, times) in &other.back {
            let sum = self.back.entry(target.clone()).or_default();
            *sum = sum.saturating_add(*times);
        }
    }

    /// One of both at a time: they are about different values.
    fn either(&mut self, other: &Self) {
        self.checks = self.checks.saturating_add(other.checks);
        for (target, times) in &other.back {
            let most = self.back.entry(target.clone()).or_default();
            *most = (*most).max(*times);
        }
    }
}

/// Refuses a schema by which checking could take for ever.
pub(crate) fn affordable(schema: &Value) -> Result<(), String> {
    let mut walk = Walk {
        root: schema,
        known: HashMap::new(),
    };
    walk.target("#").map(drop)
}

struct Walk<'a> {
    root: &'a Value,
    /// Targets of references; none: it is being looked at.
    known: HashMap<String, Option<Cost>>,
}

impl Walk<'_> {
    fn target(&mut self, reference: &str) -> Result<Cost, String> {
        match self.known.get(reference) {
            Some(Some(cost)) => return Ok(cost.clone()),
            Some(None) => {
                return Ok(Cost {
                    checks: 1,
                    back: [(reference.to_owned(), 1)].into(),
                });
            }
            None => {}
        }
        let pointer = reference
            .strip_prefix('#')
            .filter(|pointer| pointer.is_empty() || pointer.starts_with('/'))
            .ok_or_else(|| format!("`$ref` \"{reference}\" must be `#` or begin with `#/`"))?;
        let root = self.root;
        let schema = root
            .pointer(pointer)
            .ok_or_else(|| format!("`$ref` \"{reference}\" leads nowhere"))?;
        self.known.insert(reference.to_owned(), None);
        let mut cost = self.schema(schema, reference == "#")?;
        if cost.back.remove(reference).is_some_and(|times| times > 1) {
            return Err(format!(
                "\"{reference}\" refers to itself more than once for the same value"
            ));
        }
        if cost.checks > MAX_CHECKS {
            return Err(format!(
                "takes more than {MAX_CHECKS} checks of one value, references followed"
            ));
        }
        self.known.insert(reference.to_owned(), Some(cost.clone()));
        Ok(cost)
    }

    fn schema(&mut self, schema: &Value, is_root: bool) -> Result<Cost, String> {
        let mut cost = Cost {
            checks: 1,
            ..Cost::default()
        };
        let Some(keywords) = schema.as_object() else {
            return Ok(cost);
        };
        if let Some(moving) = MOVING.iter().find(|keyword| keywords.contains_key(**keyword)) {
            return Err(format!(
                "`{moving}` is not taken: write `$ref` with a path, as in \"#/$defs/name\""
            ));
        }
        if !is_root && keywords.contains_key("$id") {
            return Err("`$id` is taken at the top only".to_owned());
        }
        if let Some(reference) = keywords.get("$ref").and_then(Value::as_str) {
            let target = self.target(reference)?;
            cost.add(&target);
        }
        for keyword in SCHEMAS {
            match keywords.get(keyword) {
                Some(Value::Array(list)) => {
                    for one in list {
                        let one = self.schema(one, false)?;
                        cost.add(&one);
                    }
                }
                Some(one) => {
                    let one = self.schema(one, false)?;
                    cost.add(&one);
                }
                None => {}
            }
        }
        for keyword in MAPS {
            let Some(named) = keywords.get(keyword).and_then(Value::as_object) else {
                continue;
            };
            let mut all = Cost::default();
            for one in named.values() {
                let one = self.schema(one, false)?;
                match keyword {
                    "properties" => all.either(&one),
                    _ => all.add(&one),
                }
            }
            cost.add(&all);
        }
        Ok(cost)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn usual_schemas_are_taken() {
        for schema in [
            json!(true),
            json!({"$id": "https://example.com/person", "properties": {"$ref": {"type": "string"}, "enum": {"$ref": "#/$defs/a"}},
                "$defs": {"a": {"enum": [{"$ref": "nowhere"}]}}}),
            // A tree, a list, and what may be null or itself.
            json!({"properties": {"left": {"$ref": "#"}, "right": {"$ref": "#"}}}),
            json!({"$ref": "#/$defs/n", "$defs": {"n": {"anyOf": [{"type": "null"}, {"items": {"$ref": "#/$defs/n"}}]}}}),
            json!({"allOf": [{"$ref": "#/$defs/n"}, {"$ref": "#/$defs/n"}], "$defs": {"n": {"items": {"$ref": "#/$defs/n"}}}}),
        ] {
            assert_eq!(affordable(&schema), Ok(()), "{schema}");
        }
    }

    #[test]
    fn what_would_take_for_ever_is_refused() {
        let twice = |next: usize| json!({"allOf": [{"$ref": format!("#/$defs/d{next}")}, {"$ref": format!("#/$defs/d{next}")}]});
        let mut defs: serde_json::Map<String, Value> =
            (0..40).map(|index| (format!("d{index}"), twice(index + 1))).collect();
        defs.insert("d40".to_owned(), json!({"type": "object"}));
        for (schema, part) in [
            (json!({"$ref": "#/$defs/d0", "$defs": defs}), "more than 2000 checks"),
            (
                json!({"allOf": [{"items": {"$ref": "#"}}, {"items": {"$ref": "#"}}]}),
                "more than once",
            ),
            (
                json!({"patternProperties": {"a": {"$ref": "#"}, "b": {"$ref": "#"}}}),
                "more than once",
            ),
            (json!({"$ref": "#/$defs/none"}), "leads nowhere"),
            (json!({"$ref": "#name"}), "must be `#`"),
            (
                json!({"items": {"$id": "https://example.com/other"}}),
                "at the top only",
            ),
            (json!({"items": {"$dynamicRef": "#x"}}), "`$dynamicRef` is not taken"),
        ] {
            let error = affordable(&schema).unwrap_err();
            assert!(error.contains(part), "{schema}: {error}");
        }
    }
}
