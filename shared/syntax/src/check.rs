//! Says where source breaks the rules of its language.

use crate::{Language, data, diagnose, parse, strict};

/// Longer sources (in bytes) are not checked.
pub const MAX_SOURCE_BYTES: usize = 256 * 1024;

/// Deeper nested brackets are not checked.
pub const MAX_NESTING: usize = 500;

/// A place where source breaks the rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// Line, from 1.
    pub line: u32,
    /// Column in that line, in characters from 1.
    pub column: u32,
    /// What is wrong, lower case, without a full stop.
    pub message: String,
    /// The line, cut where it is long.
    pub excerpt: String,
}

/// Why source was not checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotChecked {
    /// Over [`MAX_SOURCE_BYTES`].
    TooLong,
    /// Over [`MAX_NESTING`].
    TooDeep,
    /// The parser ran out of time.
    TooSlow,
}

impl std::fmt::Display for NotChecked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::TooLong => "the code is too long to be checked",
            Self::TooDeep => "the code is nested too deeply to be checked",
            Self::TooSlow => "the parser ran out of time",
        })
    }
}

/// The syntax errors of a source; none means that the parser took it.
///
/// What follows a first error is guesswork for any parser, so that the first one is all that is claimed, except for
/// errors that the parser reads past (such as a block that is missing), of which all are listed.
pub fn check(language: Language, source: &str) -> Result<Vec<SyntaxError>, NotChecked> {
    if source.len() > MAX_SOURCE_BYTES {
        return Err(NotChecked::TooLong);
    }
    let source = source.strip_prefix('\u{feff}').unwrap_or(source);
    let scan = crate::scan::Scan::of(language, source);
    if scan.depth > MAX_NESTING {
        return Err(NotChecked::TooDeep);
    }
    match language {
        Language::Json => Ok(data::json(source, &scan).into_iter().collect()),
        Language::Toml => Ok(data::toml(source).into_iter().collect()),
        Language::Yaml => Ok(data::yaml(source).into_iter().collect()),
        Language::Python | Language::Rust | Language::JavaScript | Language::Go => {
            let deadline = parse::Deadline::new();
            let tree = parse::tree(language, source, deadline).ok_or(NotChecked::TooSlow)?;
            if tree.root_node().has_error() {
                return Ok(diagnose::errors(language, source, &scan, &tree, deadline));
            }
            Ok(strict::errors(language, source, &tree))
        }
    }
}

/// An error at a byte offset.
pub(crate) fn error_at(source: &str, offset: usize, message: impl Into<String>) -> SyntaxError {
    let offset = source.floor_char_boundary(offset);
    let (line, column) = position(source, offset);
    SyntaxError {
        line,
        column,
        message: message.into(),
        excerpt: excerpt(source, offset),
    }
}

/// Line and column (in characters), from 1, of a byte offset.
pub(crate) fn position(source: &str, offset: usize) -> (u32, u32) {
    let before = &source[..source.floor_char_boundary(offset)];
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = before.matches('\n').count() + 1;
    let column = before[start..].chars().count() + 1;
    (
        u32::try_from(line).unwrap_or(u32::MAX),
        u32::try_from(column).unwrap_or(u32::MAX),
    )
}

/// Byte offset of a line and column (in characters), both from 1; clamped to the source.
pub(crate) fn offset(source: &str, line: usize, column: usize) -> usize {
    let start = match line {
        0 | 1 => 0,
        _ => source
            .match_indices('\n')
            .nth(line - 2)
            .map_or(source.len(), |(at, _)| at + 1),
    };
    source[start..]
        .char_indices()
        .nth(column.saturating_sub(1))
        .map_or(source.len(), |(at, _)| start + at)
}

/// The line around an offset.
fn excerpt(source: &str, offset: usize) -> String {
    const WIDTH: usize = 100;
    let start = source[..offset].rfind('\n').map_or(0, |newline| newline + 1);
    let end = source[offset..]
        .find('\n')
        .map_or(source.len(), |newline| offset + newline);
    let line = source[start..end].trim_end();
    if line.chars().count() <= WIDTH {
        return line.trim_start().to_owned();
    }
    let column = source[start..offset].chars().count();
    let from = column.saturating_sub(WIDTH / 2);
    let window: String = line.chars().skip(from).take(WIDTH).collect();
    format!("{}{}…", if from > 0 { "…" } else { "" }, window.trim())
}
