//! Splits a compound query into parts and says which depend on which.
//!
//! The rule is cautious, since a query torn apart is worse than one that stays whole: a split needs a request of its
//! own (an imperative or a question) on BOTH sides of the boundary, outside of code, quotes and brackets.
//!
//! ```
//! let parts = plexus_compound::split("What is 15% of 240, then double the result");
//! assert_eq!(parts[0].text, "What is 15% of 240");
//! assert_eq!(parts[1].text, "double the result");
//! assert_eq!(parts[1].depends_on, [0]);
//! ```

mod anaphora;
mod boundary;
mod lists;
mod mask;
mod payload;
mod side;
mod substitute;
mod words;

pub use anaphora::refers_back;
pub use substitute::substitute;

/// The most parts a query is split into; what would be more stays in the last part.
pub const MAX_PARTS: usize = 8;

/// Longer queries (in bytes) stay whole.
pub const MAX_QUERY_BYTES: usize = 16 * 1024;

/// One request out of a compound query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The request, without the words that joined it to the one before.
    pub text: String,
    /// Indices of earlier parts whose results it needs, ascending.
    pub depends_on: Vec<usize>,
}

/// Splits a query into its requests, in order; one part where it is a single request, none where it is blank.
pub fn split(query: &str) -> Vec<Part> {
    let whole = query.trim();
    if whole.is_empty() {
        return Vec::new();
    }
    let pieces = if whole.len() > MAX_QUERY_BYTES {
        Vec::new()
    } else {
        let mask = mask::Mask::of(whole);
        lists::items(whole, &mask).unwrap_or_else(|| boundary::pieces(whole, &mask))
    };
    if pieces.len() < 2 {
        return vec![Part {
            text: whole.to_owned(),
            depends_on: Vec::new(),
        }];
    }
    let mut parts: Vec<Part> = Vec::with_capacity(pieces.len());
    for (index, piece) in pieces.iter().enumerate() {
        let depends_on = if index == 0 {
            Vec::new()
        } else {
            anaphora::depends_on(piece, index)
        };
        parts.push(Part {
            text: without_first(piece.text).to_owned(),
            depends_on,
        });
    }
    parts
}

/// The text without "first" before its request: "First compute 12 * 12" says nothing but the order.
fn without_first(text: &str) -> &str {
    let word = text.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    if !["first", "firstly"].contains(&word.to_lowercase().as_str()) {
        return text;
    }
    let rest = text[word.len()..].trim_start_matches([' ', ',', ':']);
    if boundary::begins_request(rest, &mask::Mask::of(rest), 0) {
        rest
    } else {
        text
    }
}

/// A stretch of the query that is a request of its own.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Piece<'a> {
    pub(crate) text: &'a str,
    /// It follows on from what stands before, whatever its words ("then add 10", context given earlier).
    pub(crate) continues: bool,
}
