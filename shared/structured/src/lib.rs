//! Answers that must be JSON of a caller's schema: checked, and repaired where that is safe.
//!
//! A schema comes from outside, so it is bounded: no other documents are fetched, patterns are matched by an engine without
//! backtracking, nesting is limited by the JSON reader (128 levels), and references may multiply neither the work nor the
//! nesting (`cost.rs`). What remains is work for each value of an answer: an answer that is too large for its schema is not
//! checked, and of one that is only large it is said that it does not fit, not where. (The validator gathers all problems of an
//! answer before it gives the first one.)

mod cost;
mod find;

use std::fmt;

use jsonschema::{PatternOptions, Validator};
use serde_json::Value;

use self::cost::{Cost, Size};

/// Problems that are told of one answer.
const MAX_PROBLEMS: usize = 5;
/// Longest problem that is told, characters: it quotes the answer.
const MAX_PROBLEM: usize = 200;
/// Largest schema, bytes.
pub const MAX_SCHEMA: usize = 64 * 1024;
/// Largest answer that is checked, bytes.
const MAX_ANSWER: usize = 1024 * 1024;
/// Most checks of all values of an answer together.
const MAX_CHECKS: u64 = 4_000_000;
/// Most of them where problems are told: each may be one, and takes memory.
const MAX_TOLD: u64 = 100_000;

/// A compiled JSON Schema.
pub struct Schema {
    validator: Validator,
    cost: Cost,
}

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
    /// It has too many values for this schema.
    #[error("it is too large for this schema: {0} checks; at most {MAX_CHECKS} are made")]
    TooLarge(u64),
    /// It is nested too deeply for this schema.
    #[error("it is nested too deeply for this schema")]
    TooDeep,
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
        let cost = cost::affordable(&schema).map_err(|problem| SchemaError::NoSchema(shorten(&problem)))?;
        let options = jsonschema::options().with_pattern_options(PatternOptions::regex());
        let validator = options.build(&schema);
        let validator = validator.map_err(|error| SchemaError::NoSchema(shorten(&error.to_string())))?;
        Ok(Self { validator, cost })
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
        let (checks, too_deep) = self.cost.of(&Size::of(&value));
        match too_deep {
            true => return Err(Unfit::TooDeep),
            false if checks > MAX_CHECKS => return Err(Unfit::TooLarge(checks)),
            false => {}
        }
        match self.validator.is_valid(&value) {
            true => Ok(Fitting {
                json: json.to_owned(),
                repaired: json.len() != answer.trim_end_matches('\n').len(),
            }),
            false if checks > MAX_TOLD => Err(Unfit::Schema(vec!["it is too large to say where".to_owned()])),
            false => Err(Unfit::Schema(self.problems(&value))),
        }
    }

    fn problems(&self, value: &Value) -> Vec<String> {
        let problems = self.validator.iter_errors(value).take(MAX_PROBLEMS);
        let told = problems.map(|error| match error.instance_path().as_str() {
            "" => shorten(&error.to_string()),
            path => format!("{path}: {}", shorten(&error.to_string())),
        });
        told.collect()
    }
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(MAX_PROBLEM) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests;
