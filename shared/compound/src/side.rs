//! One side of a boundary: what it asks for, and whether it is complete.

use crate::boundary::{begins_request, trimmed};
use crate::mask::Mask;
use crate::payload::{is_prose_head, payload};
use crate::words::{AUXILIARIES, CREATING, DANGLING, FOLLOW_UPS, OPENERS, PHRASES, QUESTIONS, REQUESTS, Word};

/// The first word that is no opener, and its index.
pub(crate) fn opening<'a, 'w>(words: &'w [Word<'a>]) -> Option<(usize, &'w Word<'a>)> {
    let mut at = 0;
    loop {
        let rest = words.get(at..)?;
        let phrase = PHRASES.iter().filter(|phrase| {
            rest.len() > phrase.len() && phrase.iter().zip(rest).all(|(wanted, word)| word.is(wanted))
        });
        if let Some(longest) = phrase.map(|phrase| phrase.len()).max() {
            at += longest;
        } else if rest.first()?.is_one_of(OPENERS) {
            at += 1;
        } else {
            return Some((at, rest.first()?));
        }
    }
}

/// One side of a candidate.
pub(crate) struct Side<'q, 'a> {
    pub(crate) text: &'q str,
    /// Where that text begins in the query.
    pub(crate) start: usize,
    pub(crate) words: &'a [Word<'q>],
    /// Index of the word that makes the request.
    pub(crate) head: usize,
    /// Offset of the colon behind which code or a quoted text goes on to the end.
    pub(crate) payload: Option<usize>,
    /// Text rather than code or data behind that colon.
    pub(crate) prose: bool,
}

/// Verbs that follow "what language", "which number".
const COPULAS: &[&str] = &["is", "are", "was", "does", "do", "has", "did"];

impl<'q, 'a> Side<'q, 'a> {
    pub(crate) fn new(query: &'q str, from: usize, to: usize, mask: &Mask, all: &'a [Word<'q>]) -> Self {
        let (start, text) = trimmed(query, from, to);
        let first = all.partition_point(|word| word.start < start);
        let last = all.partition_point(|word| word.end <= start + text.len());
        let words = all.get(first..last).unwrap_or_default();
        let head = opening(words).map_or(words.len(), |(at, _)| at);
        let payload = payload(text, mask, start).map(|at| start + at);
        let prose = payload.is_some_and(|at| is_prose_head(words, at));
        Self {
            text,
            start,
            words,
            head,
            payload,
            prose,
        }
    }

    pub(crate) fn first(&self) -> Option<&Word<'q>> {
        self.words.get(self.head)
    }

    pub(crate) fn first_is(&self, list: &[&str]) -> bool {
        self.first().is_some_and(|word| word.is_one_of(list))
    }

    pub(crate) fn is_request(&self) -> bool {
        (self.first_is(REQUESTS) || self.first_is(FOLLOW_UPS) || self.first_is(QUESTIONS)) && !self.is_preface()
    }

    /// Whether a left side may be a request: what opens like a question is one, not a clause ("When the baby ...").
    pub(crate) fn asks(&self) -> bool {
        const CLAUSES: &[&str] = &["what", "where", "when", "why", "how", "which", "whose"];
        self.is_request() && (!self.first_is(CLAUSES) || self.text.ends_with('?') || self.is_inverted_question())
    }

    /// "Solve the following problem", "which option is right?": what it asks stands elsewhere.
    pub(crate) fn is_preface(&self) -> bool {
        #[rustfmt::skip]
        const ELSEWHERE: &[&str] = &[
            "problem", "question", "questions", "following", "task", "exercise", "below", "options",
        ];
        let tail = &self.words[self.head..];
        let option = tail
            .get(1)
            .is_some_and(|word| word.is_one_of(&["option", "answer", "choice"]));
        self.payload.is_none()
            && tail.len() <= 6
            && (tail.last().is_some_and(|word| word.is_one_of(ELSEWHERE)) || self.first_is(&["which"]) && option)
    }

    /// "what is this doing?", "is this possible?", "recommend one": about the words of the other side, not its result.
    pub(crate) fn leans_on_left(&self) -> bool {
        let tail = &self.words[self.head..];
        let this = tail.iter().take(3).skip(1).any(|word| word.is("this"));
        let bare = tail
            .get(2)
            .is_none_or(|word| word.is_one_of(&["do", "doing", "mean", "called", "possible", "correct"]))
            || tail
                .get(3)
                .is_none_or(|word| word.is_one_of(&["do", "doing", "mean", "called", "possible", "correct"]));
        let one = tail.len() <= 3 && tail.last().is_some_and(|word| word.is("one"));
        self.payload.is_none() && (this && bare && self.first_is(QUESTIONS) || one)
    }

    /// A verb of its own but the object of both: "add the expressions and simplify: $...$".
    pub(crate) fn shares_payload(&self, left: &Side<'_, '_>) -> bool {
        let own = left.text.contains(['\'', '"', '`', '='])
            || left
                .words
                .iter()
                .any(|word| word.text.starts_with(|c: char| c.is_ascii_digit()));
        let colon = self.text.find(": ").or_else(|| self.text.find(":\n"));
        let near = colon.is_some_and(|at| self.text[..at].split_whitespace().count() <= 5);
        near && !own && left.words.iter().any(|word| word.is_one_of(&["the", "this", "these"]))
    }

    /// A request for a program, which further sentences refine.
    pub(crate) fn asks_for_program(&self) -> bool {
        self.first_is(CREATING)
            && self
                .words
                .iter()
                .take(self.head + 8)
                .any(|word| word.is_one_of(PROGRAMS))
    }

    /// More than a verb: it has an object, in words or in quotes.
    pub(crate) fn has_object(&self) -> bool {
        self.words.len() >= self.head + 2 || self.text.ends_with(['\'', '"', ')', '`', ']', '}'])
    }

    /// Not broken off after a preposition, an article or a question word.
    pub(crate) fn is_complete(&self) -> bool {
        let dangles = |last: &Word<'_>| self.text.ends_with(last.text) && last.is_one_of(DANGLING);
        self.has_object() && !self.words.last().is_some_and(dangles)
    }

    /// "How do I ...", "how to ...": the verbs that follow belong to the question.
    pub(crate) fn asks_how(&self) -> bool {
        let second = self.words.get(self.head + 1);
        self.first_is(&["how"])
            && second.is_some_and(|word| word.is_one_of(&["to", "do", "can", "should", "would", "could"]))
    }

    /// An infinitive or a modal stands open, so that a bare verb after "and" may belong to it.
    pub(crate) fn governs_bare_verb(&self) -> bool {
        #[rustfmt::skip]
        const MODALS: &[&str] = &[
            "should", "must", "can", "could", "would", "will", "may", "might", "let", "help",
        ];
        let limit = self.payload.unwrap_or(usize::MAX);
        let opens = |pair: &[Word<'_>]| match pair {
            [first, second] if first.start < limit => {
                first.is_one_of(MODALS)
                    || first.is("to") && is_verb_like(second.text)
                    || second.is("to") && (first.is_one_of(PROGRAMS) || first.is_one_of(INTENDING))
            }
            _ => false,
        };
        self.asks_how() || self.words.windows(2).any(opens)
    }

    /// After a question word comes an auxiliary, so that it is a question and not a clause.
    pub(crate) fn is_inverted_question(&self) -> bool {
        let second = self.words.get(self.head + 1);
        match self.first() {
            Some(word) if word.is_one_of(&["what's", "whats", "who's", "where's"]) => true,
            Some(word) if word.is_one_of(&["what", "who", "where", "when", "why", "how"]) => {
                let third = self.words.get(self.head + 2);
                second.is_some_and(|word| word.is_one_of(AUXILIARIES))
                    || (word.is("what") && third.is_some_and(|word| word.is_one_of(COPULAS)))
            }
            Some(word) if word.is_one_of(&["which"]) => self
                .words
                .get(self.head + 2)
                .is_some_and(|word| word.is_one_of(COPULAS)),
            _ => false,
        }
    }

    /// Something of its own to work on: quoted text, code, a list of numbers, a long object.
    pub(crate) fn is_self_contained(&self) -> bool {
        let numbers = self
            .words
            .iter()
            .filter(|word| word.text.starts_with(|c: char| c.is_ascii_digit()))
            .count();
        self.payload.is_some()
            || numbers >= 2
            || self.words.len() > self.head + 3
            || self.text.contains(['\'', '"', '`', '='])
    }

    /// A context first and a question last, to which the right side adds something new.
    pub(crate) fn asks_last(&self, right: &Side<'_, '_>, chained: bool) -> bool {
        let last = self
            .text
            .rsplit(['.', '!', '?', ':', '\n'])
            .find(|s| !s.trim().is_empty())
            .unwrap_or_default();
        let asks = begins_request(last.trim(), &Mask::of(last.trim()), 0) || self.text.ends_with('?');
        let article = right
            .words
            .get(right.head + 1)
            .is_some_and(|word| word.is_one_of(&["a", "an", "me"]));
        let language = right
            .words
            .get(right.head + 1)
            .is_some_and(|w| w.text.starts_with(|c: char| c.is_uppercase()));
        asks && self.payload.is_none() && chained && right.first_is(CREATING) && (article || language)
    }
}

/// "double", "square": an imperative that needs no more than the number before it.
pub(crate) fn is_arithmetic(side: &Side<'_, '_>) -> bool {
    side.first_is(&[
        "double",
        "triple",
        "quadruple",
        "halve",
        "square",
        "cube",
        "negate",
        "reverse",
    ])
}

/// Things that are written to do something.
#[rustfmt::skip]
const PROGRAMS: &[&str] = &[
    "algorithm", "app", "class", "code", "command", "function", "method", "procedure", "program", "query",
    "regex", "script", "syntax", "tool",
];

/// Words that an infinitive follows.
#[rustfmt::skip]
const INTENDING: &[&str] = &[
    "how", "way", "want", "need", "like", "try", "trying", "able", "used", "order", "use",
];

fn is_verb_like(word: &str) -> bool {
    #[rustfmt::skip]
    const ALSO: &[&str] = &[
        "accept", "access", "allow", "be", "check", "copy", "delete", "display", "download", "go", "handle",
        "have", "insert", "join", "keep", "know", "load", "match", "move", "open", "pass", "print", "query",
        "read", "remove", "replace", "return", "run", "search", "see", "select", "send", "set", "split", "start",
        "stop", "store", "update", "see", "buy", "pay",
    ];
    [REQUESTS, FOLLOW_UPS, ALSO]
        .iter()
        .any(|list| list.iter().any(|verb| verb.eq_ignore_ascii_case(word)))
}
