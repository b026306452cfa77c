//! What is taken, and what is refused before it is ever checked.

use serde_json::json;

use super::*;

fn refused(schema: &Value) -> String {
    affordable(schema).unwrap_err()
}

/// Definitions `d0` to `d{count}`, each made from its number.
fn defs(count: usize, each: impl Fn(usize) -> Value) -> Value {
    let defs: serde_json::Map<String, Value> = (0..=count).map(|index| (format!("d{index}"), each(index))).collect();
    json!({"$ref": "#/$defs/d0", "$defs": defs})
}

fn to(index: usize) -> Value {
    json!({"$ref": format!("#/$defs/d{index}")})
}

#[test]
fn usual_schemas_are_taken() {
    for schema in [
        json!(true),
        json!({"$id": "https://example.com/person", "properties": {"$ref": {"type": "string"}, "enum": {"$ref": "#/$defs/a"}},
            "$defs": {"a": {"enum": [{"$ref": "nowhere"}]}}}),
        // A tree, a list, a map, and what may be null or itself.
        json!({"properties": {"left": {"$ref": "#"}, "right": {"$ref": "#"}}}),
        json!({"prefixItems": [{"type": "string"}, {"$ref": "#"}, {"$ref": "#"}]}),
        json!({"properties": {"next": {"$ref": "#"}}, "additionalProperties": {"$ref": "#"}}),
        json!({"$ref": "#/$defs/n", "$defs": {"n": {"anyOf": [{"type": "null"}, {"items": {"$ref": "#/$defs/n"}}]}}}),
        json!({"allOf": [{"$ref": "#/$defs/n"}, {"$ref": "#/$defs/n"}], "$defs": {"n": {"items": {"$ref": "#/$defs/n"}}}}),
        // Two that know each other and themselves, by different names.
        json!({"$ref": "#/$defs/person", "$defs": {
            "person": {"properties": {"spouse": {"$ref": "#/$defs/person"}, "employer": {"$ref": "#/$defs/firm"}}},
            "firm": {"properties": {"head": {"$ref": "#/$defs/person"}, "parent": {"$ref": "#/$defs/firm"}}}}}),
        defs(40, |index| {
            if index < 40 {
                to(index + 1)
            } else {
                json!({"type": "object"})
            }
        }),
    ] {
        assert!(affordable(&schema).is_ok(), "{schema}: {:?}", affordable(&schema));
    }
}

#[test]
fn what_doubles_is_refused() {
    let last = || json!({"type": "object"});
    let twice_the_next = defs(40, |index| match index {
        40 => last(),
        _ => json!({"allOf": [to(index + 1), to(index + 1)]}),
    });
    let itself_and_the_next = defs(40, |index| match index {
        40 => last(),
        _ => json!({"allOf": [{"items": to(index)}, {"items": to(index + 1)}]}),
    });
    // b leads to c, and c to b and to c: nobody names anybody twice.
    let in_turn = json!({"$ref": "#/$defs/b", "$defs": {
        "b": {"items": {"$ref": "#/$defs/c"}},
        "c": {"allOf": [{"items": {"$ref": "#/$defs/b"}}, {"items": {"$ref": "#/$defs/c"}}]}}});
    let mut asked_again = json!({"type": "object"});
    for _ in 0..40 {
        asked_again = json!({"anyOf": [asked_again], "unevaluatedProperties": false});
    }
    for schema in [
        twice_the_next,
        itself_and_the_next,
        in_turn,
        asked_again,
        json!({"allOf": [{"items": {"$ref": "#"}}, {"items": {"$ref": "#"}}]}),
        json!({"patternProperties": {"a": {"$ref": "#"}, "b": {"$ref": "#"}}}),
        json!({"required": (0..3000).map(|name| name.to_string()).collect::<Vec<_>>()}),
    ] {
        let error = refused(&schema);
        assert!(error.contains("more than 2000 checks"), "{schema}: {error}");
    }
}

#[test]
fn what_takes_too_much_stack_is_refused() {
    let chain = |each: fn(usize) -> Value| {
        defs(
            2400,
            move |index| if index < 2400 { each(index + 1) } else { json!(true) },
        )
    };
    for schema in [
        chain(to),
        chain(|next| json!({"properties": {"a": to(next)}})),
        chain(|next| json!({"items": {"$ref": format!("#/$defs/d{next}")}, "not": {"$ref": "#/$defs/d2400"}})),
        // A circle, through all of them.
        defs(2400, |index| json!({"items": to((index + 1) % 2401)})),
    ] {
        assert!(refused(&schema).contains("nested too deeply"));
    }
    for schema in [
        json!({"$ref": "#"}),
        json!({"allOf": [{"$ref": "#"}]}),
        json!({"$ref": "#/$defs/a", "$defs": {"a": {"anyOf": [{"$ref": "#/$defs/b"}]}, "b": {"not": {"$ref": "#/$defs/a"}}}}),
    ] {
        assert!(refused(&schema).contains("itself for the same value"), "{schema}");
    }
}

#[test]
fn references_that_could_mean_something_else_are_refused() {
    for (schema, part) in [
        (json!({"$ref": "#/$defs/none"}), "leads nowhere"),
        (json!({"$ref": "#name"}), "must be `#`"),
        (
            json!({"items": {"$id": "https://example.com/other"}}),
            "at the top only",
        ),
        (
            json!({"$ref": "#/$defs/a/items", "$defs": {"a": {"$id": "https://example.com/other", "items": {"$ref": "#"}}}}),
            "at the top only",
        ),
        (
            json!({"$schema": "http://json-schema.org/draft-04/schema#", "items": {"id": "http://example.com/other"}}),
            "at the top only",
        ),
        (json!({"items": {"$dynamicRef": "#x"}}), "`$dynamicRef` is not taken"),
    ] {
        let error = refused(&schema);
        assert!(error.contains(part), "{schema}: {error}");
    }
}

#[test]
fn costs_are_those_of_one_value_at_each_level() {
    let flat = affordable(&json!({"allOf": [{"type": "object"}, {"type": "object", "minProperties": 1}]})).unwrap();
    assert_eq!(flat.checks[0], 4);
    let list = affordable(&json!({"type": "array", "items": {"$ref": "#"}})).unwrap();
    // Two keywords, and the reference that leads to them.
    assert_eq!(list.of(&Size::of(&json!([]))), (2, false));
    assert_eq!(list.of(&Size::of(&json!([[], []]))), (9, false));
    let deep = (0..120).fold(json!(1), |inner, _| json!([inner]));
    let size = Size::of(&deep);
    assert_eq!((size.values, size.levels), (121, 120));
    assert_eq!(list.of(&size), (363, false));
    let deeper = affordable(&json!({"allOf": [{"allOf": [{"allOf": [{"items": {"$ref": "#"}}]}]}]})).unwrap();
    assert!(deeper.of(&size).1 && !deeper.of(&Size::of(&json!([[1]]))).1);
}
