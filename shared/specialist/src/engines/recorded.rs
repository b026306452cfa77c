//! Recorded answers: a file with one JSON object a line, read once.

use std::{
    collections::HashMap,
    fs::File,
    io::{BufRead as _, BufReader, Read as _},
    path::Path,
    sync::Arc,
};

use serde_json::Value;

/// Largest file.
const MAX_FILE: u64 = 256 * 1024 * 1024;

/// Answers by question.
#[derive(Debug, Default)]
pub(super) struct Recorded(HashMap<Box<str>, Answer>);

/// What was recorded for a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    /// None: a row without text at the path.
    pub(super) text: Option<Arc<str>>,
    /// Read and written, where both are recorded.
    pub(super) tokens: Option<(u64, u64)>,
}

impl Recorded {
    /// Reads a file; `path` leads to the text within a row. Of rows with the same question the first counts.
    ///
    /// # Errors
    /// What is wrong, with the file and the line.
    pub(super) fn read(file: &Path, path: &str) -> Result<Self, String> {
        let shown = file.display();
        let unreadable = |error: std::io::Error| format!("{shown} cannot be read: {error}");
        let opened = File::open(file).map_err(unreadable)?;
        if opened.metadata().map_err(unreadable)?.len() > MAX_FILE {
            return Err(format!("{shown} is larger than 256 MiB"));
        }
        // A pipe has no length, and a file may grow.
        let mut lines = BufReader::new(opened.take(MAX_FILE));
        let (mut answers, mut line, mut number) = (HashMap::new(), Vec::new(), 0_u64);
        while lines.read_until(b'\n', &mut line).map_err(unreadable)? > 0 {
            number += 1;
            if !line.trim_ascii().is_empty() {
                let (question, answer) = row(&line, path).map_err(|problem| format!("{shown}:{number}: {problem}"))?;
                answers.entry(question).or_insert(answer);
            }
            line.clear();
        }
        if answers.is_empty() {
            return Err(format!("{shown} has no rows"));
        }
        Ok(Self(answers))
    }

    /// What was recorded for a question.
    pub(super) fn get(&self, question: &str) -> Option<&Answer> {
        self.0.get(question.trim())
    }
}

fn row(line: &[u8], path: &str) -> Result<(Box<str>, Answer), String> {
    let row: Value = serde_json::from_slice(line).map_err(|error| format!("no JSON: {error}"))?;
    let question = row.get("prompt").or_else(|| row.get("question"));
    let question = match question.and_then(Value::as_str).map(str::trim) {
        Some(question) if !question.is_empty() => question,
        _ => return Err("has no text in `prompt` or `question`".to_owned()),
    };
    let (text, beside) = match find(&row, &row, path) {
        None | Some((Value::Null, _)) => (None, &row),
        Some((Value::String(text), beside)) if !text.is_empty() => (Some(text.as_str()), beside),
        Some((Value::String(_), beside)) => (None, beside),
        Some(_) => return Err(format!("`{path}` is no text")),
    };
    let count = |key: &str| match beside.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(count) => match count.as_u64() {
            Some(count) => Ok(Some(count)),
            None => Err(format!("`{key}` is no whole number")),
        },
    };
    let answer = Answer {
        text: text.map(Arc::from),
        tokens: count("input_tokens")?.zip(count("output_tokens")?),
    };
    Ok((question.into(), answer))
}

/// What lies at the end of a dotted path, and the object that holds it. Names may have dots themselves.
fn find<'a>(value: &'a Value, holder: &'a Value, path: &str) -> Option<(&'a Value, &'a Value)> {
    if path.is_empty() {
        return Some((value, holder));
    }
    let ends = path.match_indices('.').map(|(at, _)| at).chain([path.len()]);
    ends.into_iter().find_map(|end| {
        let inner = value.get(&path[..end])?;
        find(inner, value, path[end..].trim_start_matches('.'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(rows: &str, path: &str) -> Result<Recorded, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), rows).unwrap();
        Recorded::read(file.path(), path).map_err(|error| error.replace(&file.path().display().to_string(), "FILE"))
    }

    fn answer(text: Option<&str>, tokens: Option<(u64, u64)>) -> Option<Answer> {
        let text = text.map(Arc::from);
        Some(Answer { text, tokens })
    }

    #[test]
    fn rows_are_found_by_their_question() {
        let recorded = read(
            "{\"prompt\": \" why? \", \"text\": \"so\", \"input_tokens\": 3, \"output_tokens\": 1}\n\n\
             {\"question\": \"how?\", \"text\": \"thus\", \"input_tokens\": 3}\n\
             {\"question\": \"why?\", \"text\": \"another\"}\n{\"question\": \"who?\"}",
            "text",
        )
        .unwrap();
        assert_eq!(recorded.get("why?\n").cloned(), answer(Some("so"), Some((3, 1))));
        assert_eq!(recorded.get("how?").cloned(), answer(Some("thus"), None));
        assert_eq!(recorded.get("who?").cloned(), answer(None, None));
        assert_eq!(recorded.get("Why?").cloned(), None);
    }

    #[test]
    fn a_path_leads_to_one_engine_of_several() {
        let rows = r#"{"prompt": "why?", "engines": {"small-1.5b": {"text": "so", "input_tokens": 3, "output_tokens": 1}, "big": {"text": ""}}}"#;
        let small = read(rows, "engines.small-1.5b.text").unwrap();
        assert_eq!(small.get("why?").cloned(), answer(Some("so"), Some((3, 1))));
        for path in ["engines.big.text", "engines.none.text", "engines.small-1.text", "x"] {
            assert_eq!(
                read(rows, path).unwrap().get("why?").cloned(),
                answer(None, None),
                "{path}"
            );
        }
    }

    #[test]
    fn a_bad_row_is_named_with_its_line() {
        let good = "{\"prompt\": \"why?\", \"text\": \"so\"}\n";
        for (row, problem) in [
            ("{", "no JSON: "),
            ("[]", "has no text in `prompt` or `question`"),
            ("{\"prompt\": \" \"}", "has no text in `prompt` or `question`"),
            ("{\"prompt\": \"how?\", \"text\": 7}", "`text` is no text"),
            (
                "{\"prompt\": \"how?\", \"input_tokens\": -1}",
                "`input_tokens` is no whole number",
            ),
            ("\u{0}", "no JSON: "),
        ] {
            let error = read(&format!("{good}\n{row}"), "text").unwrap_err();
            assert!(error.starts_with(&format!("FILE:3: {problem}")), "{error}");
        }
        assert_eq!(read("\n", "text").unwrap_err(), "FILE has no rows");
        let missing = Recorded::read(Path::new("/nowhere/a.jsonl"), "text").unwrap_err();
        assert!(missing.starts_with("/nowhere/a.jsonl cannot be read: "), "{missing}");
    }

    #[test]
    fn a_file_that_is_too_large_is_not_read() {
        let file = tempfile::NamedTempFile::new().unwrap();
        file.as_file().set_len(MAX_FILE + 1).unwrap();
        let error = Recorded::read(file.path(), "text").unwrap_err();
        assert!(error.ends_with("is larger than 256 MiB"), "{error}");
    }
}
