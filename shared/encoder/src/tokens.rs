//! Text to token ids; long texts are read head and tail, and that is told.

use tokenizers::Tokenizer;

use crate::EncodeError;

/// Bytes of a text that are tokenized at most: what lies further from both ends is never read.
const HEAD_BYTES: usize = 8 * 1024;
const TAIL_BYTES: usize = 4 * 1024;

/// Texts of which at least one has tokens, whatever the vocabulary.
const PROBES: [&str; 4] = ["a", "1", "What is 2 + 2?", "\u{4e00}"];

/// Tokens that the tokenizer's post-processor puts around every text: `[CLS]` and `[SEP]`, `<s>` and `</s>`, or none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Around {
    before: Vec<u32>,
    after: Vec<u32>,
}

impl Around {
    /// Asks the tokenizer; a text longer than the model reads is cut between these.
    pub(crate) fn of(tokenizer: &Tokenizer) -> Result<Self, String> {
        for probe in PROBES {
            let encode = |special| {
                let encoding = tokenizer.encode_fast(probe, special);
                encoding.map(|encoding| encoding.get_ids().to_vec())
            };
            let (plain, full) = match (encode(false), encode(true)) {
                (Ok(plain), Ok(full)) => (plain, full),
                // A vocabulary without these characters and without a token for unknown ones.
                (Err(_), _) | (_, Err(_)) => continue,
            };
            if plain.is_empty() {
                continue;
            }
            let place = full.windows(plain.len()).position(|window| *window == *plain);
            let place = place.ok_or("its post-processor changes the tokens of a text")?;
            return Ok(Self {
                before: full[..place].to_vec(),
                after: full[place + plain.len()..].to_vec(),
            });
        }
        Err(format!("it has no token for any of {PROBES:?}"))
    }

    /// How many they are.
    pub(crate) fn len(&self) -> usize {
        self.before.len() + self.after.len()
    }
}

/// Tokens of one text, ready for the model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tokens {
    /// Ids with the special ones around; never empty.
    pub(crate) ids: Vec<u32>,
    /// Tokens that the text has; estimated where it is longer than what is tokenized.
    pub(crate) total: usize,
    /// Tokens of the text that `ids` holds.
    pub(crate) read: usize,
}

/// Tokenizes for a model that reads `max` tokens, those `around` included.
pub(crate) fn tokenize(tokenizer: &Tokenizer, text: &str, max: usize, around: &Around) -> Result<Tokens, EncodeError> {
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
    let room = max.saturating_sub(around.len());
    if ids.len() > room {
        ids = head_and_tail(&ids, room);
    }
    let read = ids.len();
    let mut all = [&around.before, &ids, &around.after]
        .map(|part| part.as_slice())
        .concat();
    if all.is_empty() {
        // Nothing was recognised and nothing stands around it: a graph still wants one token.
        all.push(0);
    }
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
#[path = "tokens_tests.rs"]
mod tests;
