//! Answers that must be JSON of a caller's schema: checked, and repaired where that is safe.
//!
//! A schema comes from outside, so it is bounded: no other documents are fetched, patterns are matched by an engine without
//! backtracking, nesting is limited by the JSON reader (128 levels), and references may not multiply the work (`cost.rs`).

mod cost;
mod find;

use std::fmt;

use jsonschema::{PatternOptions, Validator};
use serde_json::Value;

/// Problems that are told of one answer.
const MAX_PROBLEMS: usize = 5;
/// Longest problem that is told, characters: it quotes the answer.
const MAX_PROBLEM: usize = 200;
/// Largest schema, bytes.
pub const MAX_SCHEMA: usize = 64 * 1024;
/// Largest answer that is checked, bytes.
const MAX_ANSWER: usize = 1024 * 1024;

/// A compiled JSON Schema.
pub struct Schema(Validator);

impl fmt::Debug for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Schema")
    }
}

/// Why a schema is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    /// It is too long.
    #[error("has {0} bytes; at most {MAX_SCHEMA} are allowed")]
    TooLong(usize),
    /// It is no JSON.
    #[error("is no JSON: {0}")]
    NoJson(String),
    /// It is JSON, but no schema.
    #[error("is no JSON Schema: {0}")]
    NoSchema(String),
}

/// Why an answer does not fit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// There is no JSON in it.
    #[error("there is no JSON in it")]
    NoJson,
    /// It is too long.
    #[error("it has {0} bytes; at most {MAX_ANSWER} are allowed")]
    TooLong(usize),
    /// It does not fit the schema.
    #[error("it does not fit the schema: {}", .0.join("; "))]
    Schema(Vec<String>),
}

/// An answer that fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fitting {
    /// The JSON, as it was written.
    pub json: String,
    /// Whether something around it was taken away.
    pub repaired: bool,
}

impl Schema {
    /// Compiles a schema (draft 2020-12 unless `$schema` says otherwise).
    ///
    /// # Errors
    /// What is no schema, or refers to other documents.
    pub fn compile(text: &str) -> Result<Self, SchemaError> {
        if text.len() > MAX_SCHEMA {
            return Err(SchemaError::TooLong(text.len()));
        }
        let schema: Value = serde_json::from_str(text).map_err(|error| SchemaError::NoJson(error.to_string()))?;
        if !(schema.is_object() || schema.is_boolean()) {
            return Err(SchemaError::NoSchema("it must be an object".to_owned()));
        }
        cost::affordable(&schema).map_err(|problem| SchemaError::NoSchema(shorten(&problem)))?;
        let options = jsonschema::options().with_pattern_options(PatternOptions::regex());
        let validator = options.build(&schema);
        validator
            .map(Self)
            .map_err(|error| SchemaError::NoSchema(shorten(&error.to_string())))
    }

    /// The JSON of an answer, if it fits: the whole answer, or the one JSON value in it, without the prose and fences that
    /// models put around. Values are never changed.
    ///
    /// # Errors
    /// What does not fit, in words that a model can be asked to mend it with.
    pub fn fit(&self, answer: &str) -> Result<Fitting, Unfit> {
        if answer.len() > MAX_ANSWER {
            return Err(Unfit::TooLong(answer.len()));
        }
        let whole = answer.trim();
        let (json, value) = match serde_json::from_str(whole) {
            Ok(value) => (whole, value),
            Err(_) => find::only_json(whole).ok_or(Unfit::NoJson)?,
        };
        let problems: Vec<String> = self
            .0
            .iter_errors(&value)
            .take(MAX_PROBLEMS)
            .map(|error| match error.instance_path().as_str() {
                "" => shorten(&error.to_string()),
                path => format!("{path}: {}", shorten(&error.to_string())),
            })
            .collect();
        match problems.is_empty() {
            true => Ok(Fitting {
                json: json.to_owned(),
                repaired: json.len() != answer.trim_end_matches('\n').len(),
            }),
            false => Err(Unfit::Schema(problems)),
        }
    }
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(MAX_PROBLEM) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
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
}
