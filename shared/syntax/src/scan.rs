//! A light scanner for brackets, strings and comments. It words messages; whether code is wrong the parser says.

use crate::Language;

/// What does not pair up, in order of offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Imbalance {
    /// An opening bracket that nothing closes; `seen` is where that showed (a closer of another kind, or the end).
    Unclosed { open: usize, bracket: char, seen: usize },
    /// A closing bracket that nothing opened.
    Unopened { close: usize, bracket: char },
    /// A closing bracket of another kind than the one that is open.
    Mismatch {
        open: usize,
        opener: char,
        close: usize,
        closer: char,
    },
    /// A string that goes on past the end of its line or of the code.
    OpenString { open: usize, quote: char },
}

/// What a scan found.
#[derive(Debug, Default)]
pub(crate) struct Scan {
    pub(crate) imbalances: Vec<Imbalance>,
    /// Brackets: offset and character, without those in strings and comments.
    brackets: Vec<(usize, char)>,
    /// Deepest nesting.
    pub(crate) depth: usize,
    length: usize,
    open_at_end: Vec<char>,
}

impl Scan {
    pub(crate) fn of(language: Language, source: &str) -> Self {
        let mut scan = Self::default();
        scan.lex(language, source);
        scan.pair(source);
        scan
    }

    /// The bracket that stands open just before `offset`.
    pub(crate) fn open_at(&self, offset: usize) -> Option<char> {
        let mut open = Vec::new();
        for (_, bracket) in self.brackets.iter().take_while(|(at, _)| *at < offset) {
            if matches!(bracket, '(' | '[' | '{') {
                open.push(*bracket);
            } else {
                open.pop();
            }
        }
        open.pop()
    }

    /// The closers that the end of the code lacks, if that is all that does not pair up.
    pub(crate) fn closers(&self) -> String {
        let only =
            |imbalance: &Imbalance| matches!(imbalance, Imbalance::Unclosed { seen, .. } if *seen == self.length);
        if !self.imbalances.iter().all(only) {
            return String::new();
        }
        self.open_at_end.iter().rev().map(|bracket| closer(*bracket)).collect()
    }

    fn lex(&mut self, language: Language, source: &str) {
        let mut at = 0;
        let mut previous = '\n';
        while let Some(c) = source[at..].chars().next() {
            let rest = &source[at..];
            let skipped = comment(language, rest).or_else(|| {
                let (length, closed) = string(language, rest, previous)?;
                if !closed {
                    self.imbalances.push(Imbalance::OpenString {
                        open: at,
                        quote: quote_of(rest),
                    });
                }
                Some(length)
            });
            if let Some(length) = skipped {
                at += length.max(c.len_utf8()).min(rest.len());
                previous = '"';
                continue;
            }
            if matches!(c, '(' | '[' | '{' | ')' | ']' | '}') {
                self.brackets.push((at, c));
            }
            if !c.is_whitespace() || c == '\n' {
                previous = c;
            }
            at += c.len_utf8();
        }
    }

    fn pair(&mut self, source: &str) {
        let mut open: Vec<(usize, char)> = Vec::new();
        for &(at, bracket) in &self.brackets {
            if matches!(bracket, '(' | '[' | '{') {
                open.push((at, bracket));
                self.depth = self.depth.max(open.len());
                continue;
            }
            let wanted = opener(bracket);
            match open.iter().rposition(|(_, opener)| *opener == wanted) {
                None if open.is_empty() => self.imbalances.push(Imbalance::Unopened { close: at, bracket }),
                None => {
                    if let Some((from, opener)) = open.pop() {
                        let found = Imbalance::Mismatch {
                            open: from,
                            opener,
                            close: at,
                            closer: bracket,
                        };
                        self.imbalances.push(found);
                    }
                }
                Some(match_at) => {
                    for (from, opener) in open.drain(match_at + 1..) {
                        self.imbalances.push(Imbalance::Unclosed {
                            open: from,
                            bracket: opener,
                            seen: at,
                        });
                    }
                    open.pop();
                }
            }
        }
        self.length = source.len();
        let outermost = open.iter().find(|(_, bracket)| *bracket == '{').copied();
        for (from, bracket) in open {
            self.open_at_end.push(bracket);
            let culprit = if Some((from, bracket)) == outermost {
                self.by_indent(source, from)
            } else {
                None
            };
            self.imbalances.push(Imbalance::Unclosed {
                open: culprit.unwrap_or(from),
                bracket,
                seen: source.len(),
            });
        }
    }

    /// Of braces that run out of closers, the one whose closer stands at another indent is the likely culprit.
    fn by_indent(&self, source: &str, outer: usize) -> Option<usize> {
        let mut open: Vec<usize> = Vec::new();
        for &(at, bracket) in self
            .brackets
            .iter()
            .filter(|(at, b)| *at > outer && matches!(b, '{' | '}'))
        {
            if bracket == '{' {
                open.push(at);
            } else if let Some(from) = open.pop()
                && let (Some(own), Some(closer)) = (indent(source, from, false), indent(source, at, true))
                && own > closer
            {
                return Some(from);
            }
        }
        None
    }
}

/// The indent of the line of an offset; `first` asks that nothing stands before it.
fn indent(source: &str, at: usize, first: bool) -> Option<usize> {
    let start = source[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let line = &source[start..];
    let width = line.len() - line.trim_start_matches([' ', '\t']).len();
    (!first || start + width == at).then_some(width)
}

pub(crate) fn opener(closer: char) -> char {
    match closer {
        ')' => '(',
        ']' => '[',
        _ => '{',
    }
}

pub(crate) fn closer(opener: char) -> char {
    match opener {
        '(' => ')',
        '[' => ']',
        _ => '}',
    }
}

fn quote_of(rest: &str) -> char {
    rest.chars().find(|c| matches!(c, '"' | '\'' | '`')).unwrap_or('"')
}

/// Length of a comment that begins here.
fn comment(language: Language, rest: &str) -> Option<usize> {
    let line = || Some(rest.find('\n').unwrap_or(rest.len()));
    match language {
        Language::Python | Language::Yaml | Language::Toml if rest.starts_with('#') => line(),
        Language::Rust | Language::JavaScript | Language::Go if rest.starts_with("//") => line(),
        Language::Rust | Language::JavaScript | Language::Go if rest.starts_with("/*") => {
            Some(rest.find("*/").map_or(rest.len(), |end| end + 2))
        }
        _ => None,
    }
}

/// Length of a string or character literal that begins here, and whether it is closed.
fn string(language: Language, rest: &str, previous: char) -> Option<(usize, bool)> {
    let first = rest.chars().next()?;
    match language {
        Language::Rust => match first {
            '\'' => char_literal(rest).map(|length| (length, true)),
            'r' if !previous.is_alphanumeric() => raw(rest),
            '"' => Some(until(rest, "\"", true, true)),
            _ => None,
        },
        Language::Python if rest.starts_with("\"\"\"") => Some(until(rest, "\"\"\"", true, true)),
        Language::Python if rest.starts_with("'''") => Some(until(rest, "'''", true, true)),
        Language::JavaScript
            if first == '/' && !(previous.is_alphanumeric() || matches!(previous, ')' | ']' | '"')) =>
        {
            let (length, closed) = until(rest, "/", false, true);
            closed.then_some((length, true))
        }
        Language::JavaScript | Language::Go if first == '`' => Some(until(rest, "`", true, language != Language::Go)),
        Language::Json if first == '"' => Some(until(rest, "\"", false, true)),
        Language::Json => None,
        _ if first == '"' => Some(until(rest, "\"", false, true)),
        _ if first == '\'' => Some(until(rest, "'", false, true)),
        _ => None,
    }
}

/// Up to and with the closing mark; at the end of the line unless it may go over lines.
fn until(rest: &str, mark: &str, lines: bool, escapes: bool) -> (usize, bool) {
    let mut at = mark.len();
    while let Some(c) = rest[at..].chars().next() {
        if rest[at..].starts_with(mark) {
            return (at + mark.len(), true);
        }
        if c == '\n' && !lines {
            return (at, false);
        }
        at += c.len_utf8();
        if c == '\\' && escapes {
            at += rest[at..].chars().next().map_or(0, char::len_utf8);
        }
    }
    (rest.len(), false)
}

/// `'a'`, `'\n'`, `'\u{1F600}'`; a lifetime is none.
fn char_literal(rest: &str) -> Option<usize> {
    let mut chars = rest.char_indices().skip(1);
    let (_, inner) = chars.next()?;
    if inner == '\\' {
        let end = rest.get(3..)?.find('\'')?;
        return (end <= 10).then_some(3 + end + 1);
    }
    let (at, close) = chars.next()?;
    (close == '\'').then_some(at + 1)
}

/// `r"..."`, `r#"..."#`.
fn raw(rest: &str) -> Option<(usize, bool)> {
    let hashes = rest[1..].len() - rest[1..].trim_start_matches('#').len();
    rest[1 + hashes..].strip_prefix('"')?;
    let mark = format!("\"{}", "#".repeat(hashes));
    let from = 2 + hashes;
    Some(match rest[from..].find(&mark) {
        Some(end) => (from + end + mark.len(), true),
        None => (rest.len(), false),
    })
}
