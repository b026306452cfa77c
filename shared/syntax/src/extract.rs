//! Finds code in text: fenced blocks, spans in backticks, and what follows a colon.

use crate::detect::{detect, starts_like};
use crate::mention::{Mention, mention};
use crate::{Language, check};

/// Texts over this many bytes are not searched.
const MAX_TEXT_BYTES: usize = 1024 * 1024;

/// The most blocks found in one text.
const MAX_BLOCKS: usize = 64;

/// A piece of code in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeBlock {
    /// What it is written in: by its tag, by the words around it, or by its looks.
    pub language: Option<Language>,
    /// The tag of its fence or the language that the text names, as written, known or not.
    pub tag: Option<String>,
    /// The code.
    pub source: String,
    /// Line of the text, from 1, on which the code begins.
    pub first_line: u32,
    /// Column of its first character in that line, in characters from 1.
    pub first_column: u32,
    /// Every line of it is indented alike in the text, so that `first_column` holds for all of them.
    block: bool,
}

impl CodeBlock {
    /// Where a line and column of the code stand in the text.
    pub fn place(&self, line: u32, column: u32) -> (u32, u32) {
        let shift = if self.block || line == 1 {
            self.first_column - 1
        } else {
            0
        };
        (self.first_line + line - 1, column + shift)
    }
}

/// The fenced blocks of a text; one that is never closed goes on to the end.
pub fn fenced(text: &str) -> Vec<CodeBlock> {
    let mut blocks = Vec::new();
    if text.len() > MAX_TEXT_BYTES {
        return blocks;
    }
    let mut lines = (1..).zip(text.lines());
    while let Some((number, line)) = lines.next() {
        if blocks.len() == MAX_BLOCKS {
            break;
        }
        let Some(fence) = Fence::open(line) else {
            continue;
        };
        if let Some((tag, source, column)) = fence.on_one_line(line) {
            blocks.push(block(tag, source, number, column, false));
            continue;
        }
        let mut source = String::new();
        for (_, line) in lines.by_ref() {
            if fence.closes(line) {
                break;
            }
            let margin = line.len() - line.trim_start_matches(' ').len();
            source.push_str(&line[margin.min(fence.indent)..]);
            source.push('\n');
        }
        let tag = fence.info.split([' ', ',', '{']).next().filter(|tag| !tag.is_empty());
        blocks.push(block(tag, &source, number + 1, fence.indent + 1, true));
    }
    blocks
}

/// The code that a question brings along: its fenced blocks or else a span in backticks or else what follows a colon,
/// a line break or the name of a language.
pub fn extract(text: &str) -> Vec<CodeBlock> {
    let mut blocks = fenced(text);
    let named = mention(text);
    if blocks.is_empty() {
        blocks.extend(span(text).or_else(|| inline(text, named)));
    }
    for found in blocks.iter_mut().filter(|found| found.tag.is_none()) {
        match named {
            Mention::Known(language) => {
                found.language = Some(language);
                found.tag = Some(language.tag().to_owned());
            }
            Mention::Other(name) => {
                found.language = None;
                found.tag = Some(name.to_owned());
            }
            Mention::None => {}
        }
    }
    blocks
}

fn block(tag: Option<&str>, source: &str, line: usize, column: usize, block: bool) -> CodeBlock {
    let language = match tag {
        Some(tag) => Language::from_tag(tag),
        None => detect(source),
    };
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    CodeBlock {
        language,
        tag: tag.map(str::to_owned),
        source: source.to_owned(),
        first_line: number(line),
        first_column: number(column),
        block,
    }
}

/// Code in the middle of a text, from a byte offset on.
fn at_offset(text: &str, start: usize, source: &str) -> CodeBlock {
    let (line, column) = check::position(text, start);
    block(None, source, line as usize, column as usize, false)
}

struct Fence<'a> {
    mark: char,
    length: usize,
    indent: usize,
    info: &'a str,
}

impl<'a> Fence<'a> {
    fn open(line: &'a str) -> Option<Self> {
        let trimmed = line.trim_start_matches(' ');
        let mark = trimmed.chars().next().filter(|c| matches!(c, '`' | '~'));
        let run = |mark| trimmed.len() - trimmed.trim_start_matches(mark).len();
        if let Some((mark, length)) = mark.map(|mark| (mark, run(mark))).filter(|(_, length)| *length >= 3) {
            let info = trimmed[length..].trim();
            return Some(Self {
                mark,
                length,
                indent: line.len() - trimmed.len(),
                info,
            });
        }
        // People open a fence behind their words too: "check this: ```rust".
        let (_, info) = line.split_once("```")?;
        let tag = info
            .trim()
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '+' | '#' | '-'));
        (tag || info.contains("```")).then(|| Self {
            mark: '`',
            length: 3,
            indent: 0,
            info: info.trim(),
        })
    }

    fn closes(&self, line: &str) -> bool {
        let line = line.trim();
        line.len() >= self.length && line.chars().all(|c| c == self.mark)
    }

    /// "```python x = 1```": tag, code and its column.
    fn on_one_line(&self, line: &'a str) -> Option<(Option<&'a str>, &'a str, usize)> {
        let closer = self.mark.to_string().repeat(self.length);
        let inner = self
            .info
            .strip_suffix(&closer)
            .or_else(|| self.info.split_once(&closer).map(|(inner, _)| inner))?;
        let (first, rest) = inner.split_once(' ').unwrap_or(("", inner));
        let (tag, source) = if Language::from_tag(first).is_some() {
            (Some(first), rest.trim())
        } else {
            (None, inner.trim())
        };
        let at = line.find(source).unwrap_or(0);
        (!source.is_empty()).then(|| (tag, source, line[..at].chars().count() + 1))
    }
}

/// The one span in single backticks.
fn span(text: &str) -> Option<CodeBlock> {
    let open = text.find('`')?;
    let rest = &text[open + 1..];
    let length = rest.find('`')?;
    if rest[length + 1..].contains('`') || rest[..length].trim().is_empty() {
        return None;
    }
    Some(at_offset(text, open + 1, &rest[..length]))
}

fn inline(text: &str, named: Mention<'_>) -> Option<CodeBlock> {
    let start = after_colon(text)
        .or_else(|| after_line(text))
        .or_else(|| by_looks(text, named))?;
    let rest = &text[start..];
    let start = start + (rest.len() - rest.trim_start().len());
    let source = without_tail(&text[start..], named);
    (!source.is_empty()).then(|| at_offset(text, start, source))
}

/// Behind a colon whose left side is words.
fn after_colon(text: &str) -> Option<usize> {
    let colon = text
        .match_indices(':')
        .map(|(at, _)| at)
        .find(|at| text[at + 1..].starts_with(char::is_whitespace))?;
    let head = &text[..colon];
    let words = !head.contains(['(', ')', '{', '}', '[', ']', '=', '"', ';', '\n']);
    let short = head.split_whitespace().count() <= 24;
    (words && short && !starts_like(head)).then_some(colon + 1)
}

/// Behind a first line or sentence of words, where what follows looks like code.
fn after_line(text: &str) -> Option<usize> {
    let (head, rest) = text.split_once('\n')?;
    let words = !head.contains(['(', '{', '[', '=', ';']) && !starts_like(head);
    let code = detect(rest).is_some() || rest.trim_start().lines().next().is_some_and(starts_like);
    (words && code).then_some(head.len() + 1)
}

/// From the first place that looks like the beginning of code.
fn by_looks(text: &str, named: Mention<'_>) -> Option<usize> {
    if let Mention::Known(Language::Json) = named {
        return text.find(['{', '[']);
    }
    let starts = std::iter::once(0).chain(text.match_indices([' ', '\n']).map(|(at, _)| at + 1));
    starts.into_iter().find(|at| starts_like(&text[*at..]))
}

/// Without a closing quotation and the words of the question behind it.
fn without_tail<'a>(source: &'a str, named: Mention<'_>) -> &'a str {
    let source = source.trim_end();
    if let Some(quote) = source.chars().next().filter(|c| matches!(c, '\'' | '"'))
        && let Some(inner) = source[1..]
            .trim_end_matches(['?', '.', '!'])
            .trim_end()
            .strip_suffix(quote)
        && !inner.contains(quote)
    {
        // A quoted piece of code; a quoted string alone is JSON as it stands.
        return if matches!(named, Mention::Known(Language::Json)) {
            source
        } else {
            inner
        };
    }
    let program = matches!(named, Mention::Known(language) if !language.is_data());
    if source.starts_with(['{', '[']) && !program {
        let end = source.rfind(['}', ']']).map_or(source.len(), |end| end + 1);
        let tail = source[end..].trim();
        let words = tail
            .chars()
            .all(|c| c.is_alphabetic() || c.is_whitespace() || matches!(c, '?' | '.' | '!' | ','));
        let asks = tail.starts_with(['?', '.', '!']) || tail.split_whitespace().count() >= 2;
        return if words && asks { &source[..end] } else { source };
    }
    source.strip_suffix(" ?").unwrap_or(source)
}
