//! Where one request ends and the next begins.

use crate::anaphora::refers_back;
use crate::mask::Mask;
use crate::payload::is_multiple_choice;
use crate::side::{Side, is_arithmetic, opening};
use crate::words::{CREATING, FOLLOW_UPS, QUESTIONS, REFINERS, REQUESTS, TELLING, Word, words};
use crate::{MAX_PARTS, Piece};

/// How clearly a connective separates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Joint {
    /// "and"
    And,
    /// ","
    Comma,
    /// "then", "also", ";"
    Then,
    /// "." "?" "!" or a line break
    Sentence,
    /// The same, followed by "then", "also", "and".
    SentenceThen,
}

/// A place where the query might be cut.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    left_end: usize,
    right_start: usize,
    joint: Joint,
    /// The connective was "then" or a kin.
    then: bool,
    /// A line break comes first.
    line: bool,
}

/// The most boundaries that are looked at closely.
const MAX_WEIGHED: usize = 100;

/// How much of what follows a boundary is looked at.
const MAX_RIGHT_BYTES: usize = 400;

/// Cuts the query at every boundary between two requests; fewer than two pieces mean that it stays whole.
pub(crate) fn pieces<'a>(query: &'a str, mask: &Mask) -> Vec<Piece<'a>> {
    if is_multiple_choice(query) {
        return Vec::new();
    }
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut continues = false;
    let mut uncut_sentences = false;
    let all = words(query, mask, 0);
    let mut weighed = 0;
    for cut in candidates(query, mask, &all) {
        if pieces.len() + 1 == MAX_PARTS || cut.left_end <= start {
            continue;
        }
        let reach = query.floor_char_boundary(cut.right_start + MAX_RIGHT_BYTES);
        let right = Side::new(query, cut.right_start, reach, mask, &all);
        if !right.is_request() {
            uncut_sentences |= cut.joint >= Joint::Sentence;
            continue;
        }
        weighed += 1;
        if weighed > MAX_WEIGHED {
            break;
        }
        let left = Side::new(query, start, cut.left_end, mask, &all);
        let context = uncut_sentences || !left.asks();
        let accepted = if context {
            left.asks_last(&right, !matches!(cut.joint, Joint::Comma | Joint::Sentence))
        } else {
            accepts(&left, &right, cut)
        };
        if accepted {
            pieces.push(Piece {
                text: left.text,
                continues,
            });
            start = cut.right_start;
            continues = cut.then && !right.is_self_contained() || context;
            uncut_sentences = false;
        } else if cut.joint >= Joint::Sentence {
            uncut_sentences = true;
        }
    }
    let (_, text) = trimmed(query, start, query.len());
    pieces.push(Piece { text, continues });
    pieces
}

/// Whether a text begins with an imperative of the lists or with a question word.
pub(crate) fn begins_request(text: &str, mask: &Mask, offset: usize) -> bool {
    let words = words(text, mask, offset);
    opening(&words).is_some_and(|(_, first)| {
        first.is_one_of(REQUESTS) || first.is_one_of(FOLLOW_UPS) || first.is_one_of(QUESTIONS)
    })
}

/// The text between two offsets without the joints at its ends, and where it begins.
pub(crate) fn trimmed(query: &str, from: usize, to: usize) -> (usize, &str) {
    let text = &query[from..to];
    let text = text.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, ',' | ';'));
    let text = match text.strip_suffix('.') {
        Some(rest) if !rest.ends_with('.') => rest,
        _ => text,
    };
    let start = from + (text.len() - text.trim_start().len());
    (start, text.trim_start())
}

/// Imperatives that do not refine a request for a program.
#[rustfmt::skip]
const APART: &[&str] = &[
    "calculate", "compute", "convert", "solve", "summarise", "summarize", "tell", "translate",
];

fn accepts(left: &Side<'_, '_>, right: &Side<'_, '_>, cut: Candidate) -> bool {
    // "double the result and subtract 12": each works on what came before.
    let follows = |side: &Side<'_, '_>| side.first_is(FOLLOW_UPS) && refers_back(side.text);
    if follows(left) && follows(right) {
        return true;
    }
    if !left.is_complete() || right.is_preface() || right.leans_on_left() || right.shares_payload(left) {
        return false;
    }
    if let Some(at) = left.payload {
        let length = left.start + left.text.len() - at;
        let clear = if left.prose {
            const COMPUTING: &[&str] = &["calculate", "check", "compute", "convert", "solve"];
            let short = length < 240 && cut.joint >= Joint::Then && right.first_is(COMPUTING);
            cut.then && (short || cut.line && right.first_is(REQUESTS))
        } else {
            right.first_is(REQUESTS)
                || right.is_inverted_question()
                || (cut.then && right.first_is(FOLLOW_UPS) && cut.joint >= Joint::Then)
        };
        if !clear {
            return false;
        }
    }
    if right.is_inverted_question() {
        // "what is x, what is y", but not "for x, how many ...".
        return cut.joint != Joint::Comma || left.payload.is_none() && left.is_inverted_question();
    }
    if !(right.has_object() || cut.then && is_arithmetic(right)) {
        return false;
    }
    let open = left.governs_bare_verb();
    match cut.joint {
        Joint::And | Joint::Comma => right.first_is(REQUESTS) && (!open || right.first_is(TELLING)),
        Joint::Then => {
            right.first_is(REQUESTS)
                && (!open || right.first_is(CREATING) && !left.asks_how() || right.first_is(TELLING))
                || right.first_is(FOLLOW_UPS) && !open
        }
        Joint::Sentence => {
            let ended = left.text.len() < cut.left_end - left.start || left.text.ends_with(['?', '!']);
            let new = right.first_is(REQUESTS) || right.first_is(FOLLOW_UPS) && ended;
            let refines = right.first_is(REFINERS) || left.asks_for_program() && !right.first_is(APART);
            new && !refines || right.first_is(QUESTIONS) && right.text.contains('?') && ended
        }
        Joint::SentenceThen => right.first_is(REQUESTS) || right.first_is(FOLLOW_UPS) || right.first_is(QUESTIONS),
    }
}

/// All places where the query might be cut, in order.
fn candidates(query: &str, mask: &Mask, all: &[Word<'_>]) -> Vec<Candidate> {
    let mut found: Vec<Candidate> = Vec::new();
    for (at, c) in query.char_indices() {
        let after = at + c.len_utf8();
        if mask.covers(at) {
            continue;
        }
        let space = query[after..].starts_with(char::is_whitespace);
        let joint = match c {
            '.' | '?' | '!' if space => Joint::Sentence,
            '\n' => Joint::Sentence,
            ';' => Joint::Then,
            ',' if space => Joint::Comma,
            _ => continue,
        };
        let keep = matches!(c, '.' | '?' | '!');
        found.push(with_openers(query, all, if keep { after } else { at }, after, joint));
    }
    for word in all {
        if word.start == 0 || !word.is_one_of(&["and", "then", "also", "afterwards", "finally", "next"]) {
            continue;
        }
        let joint = if word.is("and") { Joint::And } else { Joint::Then };
        let candidate = with_openers(query, all, word.start, word.end, joint);
        if !found
            .iter()
            .any(|other| other.left_end < word.start && other.right_start > word.start)
        {
            let then = candidate.then || matches!(candidate.joint, Joint::Then);
            found.push(Candidate { then, ..candidate });
        }
    }
    found.sort_by_key(|candidate| (candidate.left_end, candidate.right_start));
    found
}

/// Takes the connectives that follow into the candidate: ", and then", "? Also,".
fn with_openers(query: &str, all: &[Word<'_>], left_end: usize, from: usize, joint: Joint) -> Candidate {
    #[rustfmt::skip]
    const JOINING: &[&str] = &[
        "and", "also", "then", "next", "finally", "lastly", "afterwards", "additionally", "plus", "secondly",
        "second", "thirdly",
    ];
    let mut candidate = Candidate {
        left_end,
        right_start: from,
        joint,
        then: false,
        line: query.as_bytes().get(from.wrapping_sub(1)) == Some(&b'\n'),
    };
    let mut at = from;
    let first = all.partition_point(|word| word.start < from);
    for word in all[first..].iter().take(5) {
        let between = &query[at..word.start];
        if between.chars().any(|c| !c.is_whitespace() && c != ',' && c != ':') || !word.is_one_of(JOINING) {
            break;
        }
        at = word.end;
        if !word.is("and") {
            candidate.then = true;
        }
        candidate.joint = match (candidate.joint, word.is("and")) {
            (Joint::Sentence | Joint::SentenceThen, _) => Joint::SentenceThen,
            (Joint::Comma | Joint::And, true) => Joint::And,
            _ => Joint::Then,
        };
    }
    let rest = &query[at..];
    candidate.right_start = query.len() - rest.trim_start_matches([' ', '\t', ',', ':']).len();
    candidate
}
