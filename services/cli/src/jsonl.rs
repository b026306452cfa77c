//! JSON Lines: one row a line. Every error names the file, the line and the value.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read as _},
    path::{Path, PathBuf},
};

/// Longest line, bytes. A longer one is no row but a mistake, and must not fill the memory.
pub(crate) const MAX_LINE: usize = 1024 * 1024;

/// Why rows cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum JsonlError {
    /// A file that cannot be read.
    #[error("{}: cannot be read: {source}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A line that is no row.
    #[error("{}:{line}: {problem}", .path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong, with the value.
        problem: String,
    },
    /// A file without rows.
    #[error("{}: has no rows", .path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
}

/// The rows of a file, each made of its line by `row`; lines without anything are left out.
///
/// # Errors
/// A file that cannot be read, is empty, or has a line that is no row.
pub(crate) fn read<T>(path: &Path, row: impl FnMut(&str) -> Result<T, String>) -> Result<Vec<T>, JsonlError> {
    let file = File::open(path).map_err(|source| JsonlError::Read {
        path: path.to_owned(),
        source,
    })?;
    let rows = parse(path, BufReader::new(file), row)?;
    match rows.is_empty() {
        true => Err(JsonlError::Empty { path: path.to_owned() }),
        false => Ok(rows),
    }
}

/// The same of a reader; `path` is for errors.
pub(crate) fn parse<T>(
    path: &Path,
    mut reader: impl BufRead,
    mut row: impl FnMut(&str) -> Result<T, String>,
) -> Result<Vec<T>, JsonlError> {
    let mut rows = Vec::new();
    let mut bytes = Vec::new();
    for line in 1.. {
        bytes.clear();
        // The line end beside the longest line.
        let room = MAX_LINE as u64 + 2;
        let read = reader.by_ref().take(room).read_until(b'\n', &mut bytes);
        let read = read.map_err(|source| JsonlError::Read {
            path: path.to_owned(),
            source,
        })?;
        if read == 0 {
            break;
        }
        let wrong = |problem| JsonlError::Line {
            path: path.to_owned(),
            line,
            problem,
        };
        let text = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
        if text.len() > MAX_LINE {
            return Err(wrong(format!("is longer than {MAX_LINE} bytes")));
        }
        let text = std::str::from_utf8(text).map_err(|error| wrong(format!("is no UTF-8: {error}")))?;
        let text = match line {
            1 => text.trim_start_matches('\u{feff}').trim(),
            _ => text.trim(),
        };
        if !text.is_empty() {
            rows.push(row(text).map_err(wrong)?);
        }
    }
    Ok(rows)
}

/// What is wrong with the JSON of a line. The position within the line stays; its number is always 1.
pub(crate) fn problem(error: &serde_json::Error) -> String {
    error.to_string().replace(" at line 1", " at")
}
