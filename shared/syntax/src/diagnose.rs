//! Turns the first failure of a parse into words.
//!
//! Grammars say where a parse fails, not why. The reason is found by trial: a repair (a token put in, taken out or
//! replaced) after which the parser is content is what the code lacks.

use tree_sitter::Tree;

use crate::check::{SyntaxError, error_at, offset, position};
use crate::parse::{self, Deadline, Failure};
use crate::scan::{Imbalance, Scan, closer};
use crate::{Language, wording};

/// Longer sources (in bytes) are not repaired by trial.
const MAX_TRIAL_BYTES: usize = 32 * 1024;

/// The errors of a source that the parser did not take: the first, and where that is a bracket left open at the end,
/// the one that shows once it is closed.
pub(crate) fn errors(
    language: Language,
    source: &str,
    scan: &Scan,
    tree: &Tree,
    deadline: Deadline,
) -> Vec<SyntaxError> {
    let mut errors = vec![first(language, source, scan, tree, deadline)];
    let closers = scan.closers();
    let braces = !closers.is_empty() && closers.chars().all(|closer| closer == '}');
    if braces && source.len() <= MAX_TRIAL_BYTES && language != Language::Python {
        let closed = format!("{}{closers}", source.trim_end());
        let rest = Scan::of(language, &closed);
        if let Some(tree) = parse::tree(language, &closed, deadline)
            && rest.imbalances.is_empty()
            && tree.root_node().has_error()
        {
            let next = first(language, &closed, &rest, &tree, deadline);
            let at = offset(source, next.line as usize, next.column as usize);
            errors.push(error_at(source, at, next.message.replace(" before `}`", "")));
        }
    }
    errors.sort_by_key(|error| (error.line, error.column));
    errors
}

fn first(language: Language, source: &str, scan: &Scan, tree: &Tree, deadline: Deadline) -> SyntaxError {
    let failure = parse::first_failure(language, source, deadline)
        .or_else(|| parse::first_error_node(tree))
        .unwrap_or(Failure {
            after: 0,
            lookahead: String::new(),
        });
    let after = source.floor_char_boundary(failure.after);
    let trouble = Trouble {
        language,
        source,
        scan,
        deadline,
        after,
        token: token_start(language, source, after),
    };
    trouble
        .string()
        .or_else(|| trouble.bracket())
        .or_else(|| trouble.habit())
        .or_else(|| trouble.repair())
        .unwrap_or_else(|| trouble.unexpected())
}

/// Where the next token begins: past whitespace and comments.
fn token_start(language: Language, source: &str, after: usize) -> usize {
    let mut at = after;
    loop {
        let rest = &source[at..];
        at = source.len() - rest.trim_start().len();
        let rest = &source[at..];
        let comment = match language {
            Language::Python => rest.starts_with('#'),
            _ => rest.starts_with("//"),
        };
        if !comment {
            return at;
        }
        at += rest.find('\n').unwrap_or(rest.len());
    }
}

struct Trouble<'a> {
    language: Language,
    source: &'a str,
    scan: &'a Scan,
    deadline: Deadline,
    /// End of the last token that fitted.
    after: usize,
    /// Start of the first that did not.
    token: usize,
}

impl Trouble<'_> {
    fn at(&self, offset: usize, message: impl Into<String>) -> SyntaxError {
        error_at(self.source, offset, message)
    }

    fn parses(&self, source: &str) -> bool {
        parse::tree(self.language, source, self.deadline).is_some_and(|tree| !tree.root_node().has_error())
    }

    /// The text of the token that did not fit.
    fn token_text(&self) -> &str {
        let rest = &self.source[self.token..];
        let word = rest
            .find(|c: char| !(c.is_alphanumeric() || c == '_'))
            .unwrap_or(rest.len());
        if word > 0 {
            return &rest[..word];
        }
        const DOUBLE: [&str; 14] = [
            "==", "!=", "<=", ">=", "->", "=>", "++", "--", "&&", "||", "::", "+=", "-=", ":=",
        ];
        let length = if DOUBLE.iter().any(|double| rest.starts_with(double)) {
            2
        } else {
            rest.chars().next().map_or(0, char::len_utf8)
        };
        &rest[..length]
    }

    /// A string left open on the line of the failure or before it.
    fn string(&self) -> Option<SyntaxError> {
        let (open, quote) = self.scan.imbalances.iter().find_map(|imbalance| match imbalance {
            Imbalance::OpenString { open, quote } => Some((*open, *quote)),
            _ => None,
        })?;
        let (line, column) = position(self.source, open);
        let reached = open <= self.token || position(self.source, self.token).0 >= line;
        reached.then(|| {
            self.at(
                open,
                format!(
                    "unclosed string: the {} at line {line}, column {column} has no partner",
                    wording::quoted(quote)
                ),
            )
        })
    }

    /// A bracket without its partner.
    fn bracket(&self) -> Option<SyntaxError> {
        let mut unpaired: Vec<_> = self.scan.imbalances.iter().collect();
        unpaired.sort_by_key(|imbalance| match imbalance {
            Imbalance::Unclosed { open, .. } | Imbalance::OpenString { open, .. } => std::cmp::Reverse(*open),
            Imbalance::Unopened { close, .. } | Imbalance::Mismatch { close, .. } => std::cmp::Reverse(*close),
        });
        unpaired.into_iter().find_map(|imbalance| match *imbalance {
            Imbalance::Unclosed { open, bracket, seen } if open <= self.token && self.token <= seen => {
                let (line, column) = position(self.source, open);
                let missing = closer(bracket);
                let end = position(self.source, seen.min(self.source.trim_end().len()));
                let seen = if seen >= self.source.len() {
                    format!("the code ends at line {}, column {}", end.0, end.1)
                } else {
                    format!("line {}, column {} already goes on", end.0, end.1)
                };
                Some(self.at(
                    open,
                    format!(
                        "unclosed `{bracket}` opened at line {line}, column {column}: missing `{missing}` ({seen})"
                    ),
                ))
            }
            Imbalance::Unopened { close, bracket } if close == self.token => {
                Some(self.at(close, format!("unmatched `{bracket}`: nothing opens it")))
            }
            Imbalance::Mismatch {
                open,
                opener,
                close,
                closer,
            } if close == self.token => {
                let (line, column) = position(self.source, open);
                Some(self.at(
                    close,
                    format!("`{closer}` does not close `{opener}` opened at line {line}, column {column}"),
                ))
            }
            _ => None,
        })
    }

    /// Habits from other languages, each proven by a repair.
    fn habit(&self) -> Option<SyntaxError> {
        // The first half of `&&` or `++` may have fitted.
        let starts = [self.token, self.after.saturating_sub(1), self.after.saturating_sub(2)];
        for habit in wording::habits(self.language) {
            let at = starts
                .into_iter()
                .find(|at| self.source.get(*at..).is_some_and(|rest| rest.starts_with(habit.wrong)));
            let Some(at) = at else { continue };
            let start = self.source[..at].rfind('\n').map_or(0, |newline| newline + 1);
            let word = self.source[start..at].split_whitespace().next().unwrap_or_default();
            if habit.after.is_empty() || habit.after.contains(&word) {
                let repaired = self.replaced(at, habit.wrong.len(), habit.right);
                if repaired.is_some_and(|repaired| self.parses(&repaired)) {
                    return Some(self.at(at, habit.message));
                }
            }
        }
        if self.language == Language::Python && self.token_text() == "=" {
            let start = self.source[..self.after].rfind(['\n', ';']).map_or(0, |end| end + 1);
            let target = self.source[start..self.after].trim();
            let plain = !target.is_empty() && target.chars().count() <= 30 && !target.contains(char::is_whitespace);
            return plain.then(|| self.at(self.token, format!("cannot assign to `{target}`")));
        }
        None
    }

    /// The token that, put in, makes the code right; or that, taken out, does.
    fn repair(&self) -> Option<SyntaxError> {
        let inside = self.scan.open_at(self.token);
        for insertion in wording::insertions(self.language, inside) {
            let repaired = self.replaced(self.after, 0, insertion.text)?;
            if self.parses(&repaired) {
                let message = self.expected(insertion);
                return Some(self.at(self.after, message));
            }
        }
        let token = self.token_text();
        let without = self.replaced(self.token, token.len(), " ")?;
        (!token.is_empty() && self.parses(&without)).then(|| self.at(self.token, format!("unexpected `{token}`")))
    }

    fn expected(&self, insertion: &wording::Insertion) -> String {
        let header = wording::header(self.language, &self.source[..self.after]);
        let token = self.token_text();
        let before = if token.is_empty() || self.source[self.after..self.token].contains('\n') {
            String::new()
        } else {
            format!(" before `{token}`")
        };
        match header {
            Some(header) if insertion.text == ":" => format!("expected `:` after {header}"),
            _ => format!("expected {}{before}", insertion.meaning),
        }
    }

    fn replaced(&self, at: usize, length: usize, with: &str) -> Option<String> {
        if self.source.len() > MAX_TRIAL_BYTES || self.deadline.is_over() {
            return None;
        }
        Some(format!("{}{with}{}", &self.source[..at], &self.source[at + length..]))
    }

    fn unexpected(&self) -> SyntaxError {
        let token = self.token_text();
        if token.is_empty() {
            return self.at(self.after, "the code ends in the middle of a statement");
        }
        if self.source[self.after..self.token].contains('\n') && self.language == Language::Python && self.after > 0 {
            let (line, column) = position(self.source, self.token);
            return self.at(
                self.after,
                format!("the line breaks off; `{token}` at line {line}, column {column} does not continue it"),
            );
        }
        self.at(self.token, format!("unexpected `{token}`"))
    }
}
