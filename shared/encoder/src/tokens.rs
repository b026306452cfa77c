//! Text to token ids; long texts are read head and tail, and that is told.

use tokenizers::Tokenizer;

use crate::EncodeError;

/// Bytes of a text that are tokenized at most: what lies further from both ends is never read.
const HEAD_BYTES: usize = 8 * 1024;
const TAIL_BYTES: usize = 4 * 1024;

/// Tokens of one text, ready for the model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tokens {
    /// Ids with `[CLS]` and `[SEP]`.
    pub(crate) ids: Vec<i64>,
    /// Tokens that the text has; estimated where it is longer than what is tokenized.
    pub(crate) total: usize,
    /// Tokens of the text that `ids` holds.
    pub(crate) read: usize,
}

/// Tokenizes for a model that reads `max` tokens, those of `[CLS]` (`begin`) and `[SEP]` (`end`) included.
pub(crate) fn tokenize(
    tokenizer: &Tokenizer,
    text: &str,
    max: usize,
    (begin, end): (u32, u32),
) -> Result<Tokens, EncodeError> {
    let (head, tail) = ends(text);
    let encode = |text: &str| {
        tokenizer
            .encode_fast(text, false)
            .map_err(|error| EncodeError::Tokenizer(error.to_string()))
    };
    let mut ids: Vec<u32> = encode(head)?.get_ids().to_vec();
    let mut total = ids.len();
    if !tail.is_empty() {
        ids.extend(encode(tail)?.get_ids());
        total = ids.len() * text.len() / (head.len() + tail.len()).max(1);
    }
    let room = max - 2;
    if ids.len() > room {
        ids = head_and_tail(&ids, room);
    }
    let read = ids.len();
    let all = std::iter::once(begin).chain(ids).chain([end]).map(i64::from).collect();
    Ok(Tokens { ids: all, total, read })
}

/// Half of `room` from the head, half from the tail, as in training: a request stands at the beginning or the end.
fn head_and_tail(ids: &[u32], room: usize) -> Vec<u32> {
    let head = room.div_ceil(2);
    let tail = room - head;
    ids[..head].iter().chain(&ids[ids.len() - tail..]).copied().collect()
}

/// The ends of a text that are worth tokenizing; the second is empty where the first is all.
fn ends(text: &str) -> (&str, &str) {
    if text.len() <= HEAD_BYTES + TAIL_BYTES {
        return (text, "");
    }
    (
        &text[..text.floor_char_boundary(HEAD_BYTES)],
        &text[text.ceil_char_boundary(text.len() - TAIL_BYTES)..],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_keep_head_and_tail() {
        let ids: Vec<u32> = (0..100).collect();
        assert_eq!(head_and_tail(&ids, 6), [0, 1, 2, 97, 98, 99]);
        let text = "ä".repeat(10_000);
        let (head, tail) = ends(&text);
        assert_eq!((head.len(), tail.len()), (HEAD_BYTES, TAIL_BYTES));
        assert_eq!(ends("short"), ("short", ""));
    }
}
