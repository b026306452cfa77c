//! Words of a query and the lists that say which of them begin a request.

use crate::mask::Mask;

/// A word outside of what is protected.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Word<'a> {
    pub(crate) text: &'a str,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl Word<'_> {
    pub(crate) fn is(&self, other: &str) -> bool {
        self.text.eq_ignore_ascii_case(other)
    }

    pub(crate) fn is_one_of(&self, list: &[&str]) -> bool {
        list.iter().any(|other| self.is(other))
    }
}

/// Runs of letters and digits (with inner apostrophes and hyphens) outside of what is protected.
pub(crate) fn words<'a>(text: &'a str, mask: &Mask, offset: usize) -> Vec<Word<'a>> {
    let mut found = Vec::new();
    let mut start: Option<usize> = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        let free = !mask.covers(offset + at);
        let inside = c.is_alphanumeric() || (start.is_some() && matches!(c, '\'' | '’' | '-' | '_'));
        if free && inside && at < text.len() {
            start.get_or_insert(at);
        } else if let Some(from) = start.take() {
            found.push(Word {
                text: &text[from..at],
                start: from,
                end: at,
            });
        }
    }
    found
}

/// Imperatives that begin a request of their own after any connective, even a plain "and".
#[rustfmt::skip]
pub(crate) const REQUESTS: &[&str] = &[
    "analyse", "analyze", "brainstorm", "calculate", "check", "compare", "compose", "compute", "convert", "debug",
    "decide", "decode", "define", "derive", "describe", "design", "determine", "differentiate", "document",
    "draft", "encode", "estimate", "evaluate", "explain", "factor", "factorise", "factorize", "generate", "give",
    "identify", "implement", "integrate", "outline", "paraphrase", "plan", "proofread", "propose", "prove", "reason",
    "recommend", "refactor", "rephrase", "rewrite", "scaffold", "simplify", "solve", "suggest", "summarise",
    "summarize", "tell", "translate", "validate", "verify", "work", "write",
];

/// Imperatives that begin a request after "then", "also", a semicolon or a full stop, but not after a plain "and".
#[rustfmt::skip]
pub(crate) const FOLLOW_UPS: &[&str] = &[
    "add", "build", "change", "code", "count", "create", "cube", "detect", "divide", "do", "double", "expand",
    "express", "extract", "figure", "find", "fix", "format", "get", "halve", "invent", "joke", "list",
    "lowercase", "make", "minify", "multiply", "name", "negate", "order", "parse", "pretty-print", "put",
    "quadruple", "rank", "raise", "report", "reverse", "round", "say", "score", "show", "sort", "spell", "square",
    "subtract", "sum", "take", "test", "triple", "turn", "uppercase", "use",
];

/// Follow-ups that mostly refine the request before them when they come as a sentence of their own.
#[rustfmt::skip]
pub(crate) const REFINERS: &[&str] = &[
    "do", "explain", "express", "format", "get", "give", "list", "make", "name", "order", "put", "report",
    "round", "say", "show", "take", "test", "turn", "use",
];

/// Verbs of telling: no program and no person in a word problem is asked to do these.
#[rustfmt::skip]
pub(crate) const TELLING: &[&str] = &[
    "compare", "describe", "document", "explain", "paraphrase", "rephrase", "scaffold", "summarise", "summarize",
    "tell", "translate",
];

/// Verbs that bring something new into being.
#[rustfmt::skip]
pub(crate) const CREATING: &[&str] = &[
    "build", "compose", "create", "design", "draft", "generate", "give", "implement", "scaffold", "tell", "write",
];

/// Words that begin a question.
#[rustfmt::skip]
pub(crate) const QUESTIONS: &[&str] = &[
    "what", "what's", "whats", "who", "who's", "whose", "where", "where's", "when", "why", "how", "which", "is",
    "are", "does", "do", "did", "can", "could", "should", "will", "would", "was", "were", "has", "have",
];

/// Auxiliaries; after a question word they show that the question is not a subordinate clause.
#[rustfmt::skip]
pub(crate) const AUXILIARIES: &[&str] = &[
    "is", "are", "was", "were", "do", "does", "did", "will", "would", "can", "could", "should", "has", "have",
    "had", "many", "much", "might", "may",
];

/// What a request may open with and still be one.
#[rustfmt::skip]
pub(crate) const OPENERS: &[&str] = &[
    "please", "kindly", "and", "also", "then", "next", "now", "ok", "okay", "so", "first", "firstly", "second",
    "secondly", "third", "thirdly", "finally", "lastly", "last", "afterwards", "additionally", "hey", "hi",
    "hello", "just", "plus", "but", "let's", "lets", "quickly", "briefly", "pls", "plz",
];

/// Openers of several words.
pub(crate) const PHRASES: &[&[&str]] = &[
    &["after", "that"],
    &["after", "this"],
    &["in", "addition"],
    &["as", "well"],
    &["as", "well", "as"],
    &["can", "you"],
    &["could", "you"],
    &["would", "you"],
    &["will", "you"],
    &["i", "want", "you", "to"],
    &["i", "need", "you", "to"],
    &["i'd", "like", "you", "to"],
    &["help", "me"],
    &["once", "done"],
    &["when", "done"],
    &["go", "on", "to"],
];

/// A left side that ends with one of these is not complete.
#[rustfmt::skip]
pub(crate) const DANGLING: &[&str] = &[
    "a", "an", "the", "to", "of", "in", "on", "at", "by", "for", "from", "with", "and", "or", "not", "both",
    "either", "between", "what", "who", "where", "when", "why", "how", "which", "is", "are", "you", "i", "we",
    "they", "can", "could", "should", "will", "would", "must", "do", "does", "did", "please", "then", "also",
    "if", "whether",
];
