//! Answers that fit, that do not, and schemas that would make checking them take for ever.

use proptest::prelude::*;

use super::*;

const PERSON: &str = r#"{"type": "object", "required": ["name", "age"], "additionalProperties": false,
    "properties": {"name": {"type": "string", "pattern": "^[A-Z]"}, "age": {"type": "integer", "minimum": 0}}}"#;

fn fit(answer: &str) -> Result<Fitting, Unfit> {
    Schema::compile(PERSON).unwrap().fit(answer)
}

#[test]
fn what_fits_is_given_as_it_was_written() {
    let json = r#"{"name": "Ada", "age": 36}"#;
    let plain = fit(json).unwrap();
    assert_eq!((plain.json.as_str(), plain.repaired), (json, false));
    for around in [
        format!("```json\n{json}\n```"),
        format!("Sure! Here it is:\n\n{json}\n\nAnything else?"),
        format!("{{\"name\" and \"age\"}} are:\n{json}"),
    ] {
        let repaired = fit(&around).unwrap();
        assert_eq!((repaired.json.as_str(), repaired.repaired), (json, true), "{around}");
    }
}

#[test]
fn what_does_not_fit_is_told_by_its_place() {
    let error = fit(r#"{"name": "ada", "age": -1}"#).unwrap_err().to_string();
    assert!(error.contains("/name") && error.contains("/age"), "{error}");
    assert_eq!(fit("I cannot do that."), Err(Unfit::NoJson));
    // Two candidates that differ: nobody knows which one was meant.
    assert_eq!(
        fit("{\"name\": \"Ada\", \"age\": 1} or {\"name\": \"Bob\", \"age\": 2}"),
        Err(Unfit::NoJson)
    );
}

#[test]
fn what_is_no_schema_is_told() {
    for (schema, part) in [
        ("{", "is no JSON"),
        ("[]", "must be an object"),
        (r#"{"type": "persn"}"#, "is no JSON Schema"),
        (r#"{"$ref": "https://example.com/other.json"}"#, "is no JSON Schema"),
        (r#"{"$ref": "file:///etc/passwd"}"#, "is no JSON Schema"),
    ] {
        let error = Schema::compile(schema).unwrap_err().to_string();
        assert!(error.contains(part), "{schema}: {error}");
    }
    let long = format!("{{\"title\": \"{}\"}}", "x".repeat(MAX_SCHEMA));
    assert!(matches!(Schema::compile(&long), Err(SchemaError::TooLong(_))));
}

#[test]
fn a_pattern_that_would_backtrack_for_ever_ends() {
    let schema = Schema::compile(r#"{"type": "string", "pattern": "^(a+)+$"}"#).unwrap();
    assert!(schema.fit(&format!("\"{}b\"", "a".repeat(5000))).is_err());
}

/// Half of a thread's usual stack is enough for the deepest that is taken, in a build for debugging too.
#[test]
fn what_is_taken_needs_no_more_stack_than_there_is() {
    let small = std::thread::Builder::new().stack_size(1024 * 1024);
    small.spawn(take_the_deepest).unwrap().join().unwrap();
}

fn take_the_deepest() {
    for link in [
        r##"{"$ref": "NEXT"}"##,
        r##"{"allOf": [{"$ref": "NEXT"}]}"##,
        r##"{"not": {"anyOf": [{"if": {"$ref": "NEXT"}}]}}"##,
        r##"{"properties": {"a": {"$ref": "NEXT"}}}"##,
        r##"{"items": {"oneOf": [{"$ref": "NEXT"}]}}"##,
    ] {
        let chain = |count: usize| {
            let link = |index: usize| {
                let next = format!("#/$defs/d{}", index + 1);
                format!(r#""d{index}": {}"#, link.replace("NEXT", &next))
            };
            let links: Vec<String> = (0..count).map(link).collect();
            format!(
                r##"{{"$ref": "#/$defs/d0", "$defs": {{{}, "d{count}": {{"type": "array"}}}}}}"##,
                links.join(", ")
            )
        };
        let longest = (1..260).rev().find_map(|count| Schema::compile(&chain(count)).ok());
        // Whether it fits is not the matter.
        let _ = longest.unwrap().fit(&format!("{}{}", "[".repeat(100), "]".repeat(100)));
        assert!(Schema::compile(&chain(1200)).is_err());
    }

    // Eight schemas for each level of an answer.
    let wide = (0..3).fold(r##"{"items": {"$ref": "#"}}"##.to_owned(), |inner, _| {
        format!(r#"{{"anyOf": [{inner}]}}"#)
    });
    let schema = Schema::compile(&wide).unwrap();
    let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    let deepest = (1..=127)
        .rev()
        .find(|levels| schema.fit(&nested(*levels)).is_ok())
        .unwrap();
    assert!(deepest > 50, "{deepest}");
    assert_eq!(schema.fit(&nested(127)), Err(Unfit::TooDeep));
    let wrong = Schema::compile(&wide.replace(r#""items""#, r#""maxItems": 1, "items""#)).unwrap();
    let inner = nested(deepest - 3);
    assert!(matches!(
        wrong.fit(&format!("[[{inner}, {inner}]]")),
        Err(Unfit::Schema(_))
    ));
}

#[test]
fn a_large_answer_is_not_held_against_a_dear_schema() {
    let all = vec![r#"{"items": {"type": "string"}}"#; 900].join(", ");
    let schema = Schema::compile(&format!(r#"{{"allOf": [{all}]}}"#)).unwrap();
    let numbers = |count: usize| format!("[{}]", vec!["1"; count].join(","));
    assert!(schema.fit(&numbers(20)).unwrap_err().to_string().contains("/0: "));
    let untold = schema.fit(&numbers(1000)).unwrap_err().to_string();
    assert!(untold.contains("too large to say where"), "{untold}");
    assert!(matches!(schema.fit(&numbers(5000)), Err(Unfit::TooLarge(_))));
    assert!(schema.fit(&format!("[{}]", vec![r#""a""#; 1000].join(","))).is_ok());
}

proptest! {
    #[test]
    fn no_answer_makes_it_fall(answer in "(?s).{0,300}", nesting in 0_usize..3000) {
        let _ = fit(&answer);
        let _ = fit(&format!("{}{answer}", "[".repeat(nesting)));
    }

    #[test]
    fn what_it_gives_is_in_the_answer_and_fits(before in "[a-z {}\\[\\]\"]{0,40}", age in 0_u32..200, after in "[a-z ]{0,20}") {
        let json = format!("{{\"name\": \"Ada\", \"age\": {age}}}");
        if let Ok(found) = fit(&format!("{before}\n{json}\n{after}")) {
            prop_assert_eq!(found.json, json);
        }
    }
}
