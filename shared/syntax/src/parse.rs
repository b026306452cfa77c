//! Runs tree-sitter within bounds, and finds the place where a parse first fails.

use std::cell::RefCell;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use tree_sitter::{LogType, ParseOptions, Parser, Tree};

use crate::Language;

/// How long all parses of one source may take together.
const PARSE_TIME: Duration = Duration::from_millis(150);

/// When work on one source has to end.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadline(Instant);

impl Deadline {
    pub(crate) fn new() -> Self {
        Self(Instant::now() + PARSE_TIME)
    }

    pub(crate) fn is_over(self) -> bool {
        Instant::now() >= self.0
    }
}

/// Where the parser could not go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    /// Byte offset of the end of the last token that fitted.
    pub(crate) after: usize,
    /// The grammar's name of the token that did not fit; "end" at the end of the source.
    pub(crate) lookahead: String,
}

/// Parses source; none when there is no grammar or the time is up.
pub(crate) fn tree(language: Language, source: &str, deadline: Deadline) -> Option<Tree> {
    let mut parser = parser(language)?;
    run(&mut parser, source, deadline)
}

/// The furthest place that the parser reached before it had to repair anything. None when it never had to.
pub(crate) fn first_failure(language: Language, source: &str, deadline: Deadline) -> Option<Failure> {
    let mut parser = parser(language)?;
    let found = RefCell::new(Search::default());
    parser.set_logger(Some(Box::new(|kind, message| {
        if kind == LogType::Parse {
            found.borrow_mut().read(message);
        }
    })));
    let tree = run(&mut parser, source, deadline);
    parser.set_logger(None);
    drop(parser);
    tree?;
    let found = found.into_inner();
    let (row, column, lookahead) = found.furthest.filter(|_| found.done)?;
    let start = line_start(source, row)?;
    Some(Failure {
        after: (start + column).min(source.len()),
        lookahead,
    })
}

/// The place of the first ERROR or MISSING node, where the log did not tell.
pub(crate) fn first_error_node(tree: &Tree) -> Option<Failure> {
    let mut cursor = tree.walk();
    loop {
        let node = cursor.node();
        if node.is_error() || node.is_missing() {
            return Some(Failure {
                after: node.start_byte(),
                lookahead: node.kind().to_owned(),
            });
        }
        if node.has_error() && cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return None;
            }
        }
    }
}

fn parser(language: Language) -> Option<Parser> {
    let mut parser = Parser::new();
    parser.set_language(&language.grammar()?).ok()?;
    Some(parser)
}

fn run(parser: &mut Parser, source: &str, deadline: Deadline) -> Option<Tree> {
    let mut progress = |_: &_| {
        if deadline.is_over() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    };
    let options = ParseOptions::new().progress_callback(&mut progress);
    let bytes = source.as_bytes();
    parser.parse_with_options(&mut |at, _| bytes.get(at..).unwrap_or_default(), None, Some(options))
}

/// Byte offset of a line, counted from zero.
fn line_start(source: &str, row: usize) -> Option<usize> {
    if row == 0 {
        return Some(0);
    }
    source.match_indices('\n').nth(row - 1).map(|(at, _)| at + 1)
}

/// Reads the parser's log up to its first repair.
#[derive(Default)]
struct Search {
    row: usize,
    column: usize,
    furthest: Option<(usize, usize, String)>,
    done: bool,
}

impl Search {
    fn read(&mut self, message: &str) {
        if self.done {
            return;
        }
        if message.starts_with("process version") {
            self.row = field(message, "row:").unwrap_or(0);
            self.column = field(message, "col:").unwrap_or(0);
        } else if let Some(lookahead) = message.strip_prefix("detect_error lookahead:") {
            let further = self
                .furthest
                .as_ref()
                .is_none_or(|(row, column, _)| (*row, *column) < (self.row, self.column));
            if further {
                self.furthest = Some((self.row, self.column, lookahead.to_owned()));
            }
        } else if message.starts_with("resume version") {
            self.done = true;
        }
    }
}

fn field(message: &str, name: &str) -> Option<usize> {
    let (_, rest) = message.split_once(name)?;
    let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    rest[..digits].parse().ok()
}
