//! Numbered lists of requests: "1) ... 2) ...".

use crate::mask::Mask;
use crate::words::words;
use crate::{MAX_PARTS, Piece, boundary};

/// Where an item's marker begins and where its text does.
struct Marker {
    start: usize,
    text: usize,
}

/// The items, if the query is nothing but a numbered list of requests, perhaps under a plain heading.
pub(crate) fn items<'a>(query: &'a str, mask: &Mask) -> Option<Vec<Piece<'a>>> {
    let markers = markers(query, mask);
    if markers.len() < 2 || markers.len() > MAX_PARTS || !is_heading(&query[..markers[0].start], mask) {
        return None;
    }
    let mut pieces = Vec::with_capacity(markers.len());
    for (index, marker) in markers.iter().enumerate() {
        let end = markers.get(index + 1).map_or(query.len(), |next| next.start);
        let (_, text) = boundary::trimmed(query, marker.text, end);
        if !boundary::begins_request(text, mask, marker.text) {
            return None;
        }
        pieces.push(Piece { text, continues: false });
    }
    Some(pieces)
}

/// Markers `1)`, `1.`, `(1)`, `1:` that count up from one; each at the start, after a line break or after a space.
fn markers(query: &str, mask: &Mask) -> Vec<Marker> {
    let mut found: Vec<Marker> = Vec::new();
    let bytes = query.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let wanted = (found.len() + 1).to_string();
        let fresh = at == 0 || bytes[at - 1].is_ascii_whitespace();
        let bracket = bytes[at] == b'(';
        let digits = at + usize::from(bracket);
        let after = digits + wanted.len();
        let closes = match bytes.get(after) {
            Some(b')') => true,
            Some(b'.' | b':') => !bracket && bytes.get(after + 1).is_some_and(u8::is_ascii_whitespace),
            _ => false,
        };
        let number = query.get(digits..after) == Some(wanted.as_str());
        if fresh && closes && number && (bracket || !mask.covers(at)) {
            found.push(Marker {
                start: at,
                text: after + 1,
            });
            at = after + 1;
        } else {
            at += 1;
        }
    }
    found
}

/// Nothing, or a heading that adds nothing: "Please answer the following:", "Two questions:".
fn is_heading(text: &str, mask: &Mask) -> bool {
    #[rustfmt::skip]
    const PLAIN: &[&str] = &[
        "please", "answer", "do", "solve", "help", "me", "with", "the", "these", "following", "two", "three",
        "four", "five", "several", "some", "a", "few", "questions", "question", "tasks", "task", "things",
        "requests", "i", "have", "all", "of", "each", "and", "steps", "in", "order", "for", "could", "can", "you",
        "both", "my", "here", "are",
    ];
    words(text, mask, 0).iter().all(|word| word.is_one_of(PLAIN))
}
