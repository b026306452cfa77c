//! Recorded answers: JSON Lines, one question a line with what several engines made of it.

use std::{collections::BTreeMap, path::Path};

use serde::Deserialize;

use crate::jsonl::{self, JsonlError};

/// A question with the answers that were recorded.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    /// Its name in the data.
    pub(super) id: String,
    /// The question.
    pub(super) prompt: String,
    /// What each engine made of it.
    pub(super) engines: BTreeMap<String, Recorded>,
}

/// What an engine made of a question.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(super) struct Recorded {
    /// Its answer; none: only whether it was right was recorded.
    pub(super) text: Option<String>,
    /// Whether it was right.
    pub(super) correct: bool,
}

#[derive(Debug, Deserialize)]
struct Raw {
    #[serde(default)]
    id: String,
    #[serde(alias = "question")]
    prompt: String,
    engines: BTreeMap<String, Recorded>,
}

/// The rows of a file; of a question that stands there twice, the first.
///
/// # Errors
/// A file that cannot be read, is empty, or has a line that is no row.
pub(super) fn read(path: &Path) -> Result<Vec<Row>, JsonlError> {
    let mut rows = jsonl::read(path, row)?;
    let mut seen = std::collections::HashSet::new();
    rows.retain(|row| seen.insert(row.prompt.trim().to_owned()));
    Ok(rows)
}

fn row(line: &str) -> Result<Row, String> {
    let raw: Raw = serde_json::from_str(line).map_err(|error| jsonl::problem(&error))?;
    if raw.prompt.trim().is_empty() {
        return Err("`prompt` is empty".to_owned());
    }
    if raw.engines.len() < 2 {
        return Err(format!(
            "`engines` holds {}; a cascade needs two engines",
            raw.engines.len()
        ));
    }
    Ok(Row {
        id: raw.id,
        prompt: raw.prompt,
        engines: raw.engines,
    })
}

/// Names of engines that every row has, with how often each was right, least often first.
pub(super) fn engines(rows: &[Row]) -> Vec<(String, f64)> {
    let names = rows.first().map(|row| row.engines.keys()).into_iter().flatten();
    let mut engines: Vec<(String, f64)> = names
        .filter_map(|name| {
            let right = rows.iter().map(|row| Some(row.engines.get(name)?.correct));
            let right = right.collect::<Option<Vec<bool>>>()?;
            let share = right.iter().filter(|right| **right).count() as f64 / rows.len() as f64;
            Some((name.clone(), share))
        })
        .collect();
    engines.sort_by(|a, b| a.1.total_cmp(&b.1));
    engines
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = r#"{"id": "a", "prompt": "2 + 2?", "engines": {"small": {"text": "5", "correct": false}, "large": {"correct": true}}}"#;

    #[test]
    fn rows_are_read_and_engines_ranked() {
        let one = row(LINE).unwrap();
        assert_eq!(one.engines["small"].text.as_deref(), Some("5"));
        assert_eq!(engines(&[one]), [("small".to_owned(), 0.0), ("large".to_owned(), 1.0)]);
    }

    #[test]
    fn wrong_rows_are_named() {
        for (line, part) in [
            ("{}", "prompt"),
            (r#"{"prompt": " ", "engines": {}}"#, "`prompt` is empty"),
            (r#"{"prompt": "x", "engines": {"a": {"correct": true}}}"#, "needs two"),
            (r#"{"prompt": "x", "engines": {"a": {"text": "y"}}}"#, "correct"),
        ] {
            let error = row(line).unwrap_err();
            assert!(error.contains(part), "{line}: {error}");
        }
    }
}
