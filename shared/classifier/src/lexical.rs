//! What the first stage reads of a text: hashed words, pairs, character n-grams and shape. No tokenizer, no model.
//!
//! The training computes the same numbers (`services/router/training/lexical.py`, the reference). Weinberger et al. 2009
//! (hashing), Joulin et al. 2016 (bags of n-grams).

mod crc;
mod kinds;

use std::ops::Range;

use crc::Crc;
use kinds::{Kind, kind};

/// Bytes that are read of a long text.
const HEAD: usize = 4096;
const TAIL: usize = 2048;
/// Characters of a word that n-grams are taken of.
const WORD: usize = 48;
/// The longest n-gram, characters.
const LONGEST: usize = 4;
/// Scripts without spaces begin here: single characters carry meaning.
const SINGLE: char = '\u{2E80}';
/// Shares of digits and of symbols, as steps.
const PARTS: [f64; 7] = [0.01, 0.03, 0.06, 0.1, 0.15, 0.25, 0.4];
const FEW_PARTS: [f64; 4] = [0.01, 0.06, 0.15, 0.4];

/// Takes hashes as they are found.
pub(crate) trait Sink {
    /// A word, a pair, a place or a shape.
    fn word(&mut self, hash: u32);
    /// A character n-gram.
    fn chars(&mut self, hash: u32);
}

/// Row of a hash in a table of `2^bits`: the high bits of a multiplicative hash (Knuth) of the CRC.
pub(crate) fn slot(hash: u32, bits: u32) -> usize {
    (hash.wrapping_mul(2_654_435_761) >> (32 - bits)) as usize
}

/// How much of a text was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Extent {
    /// Tokens that the text has; estimated where it is long.
    pub(crate) total: usize,
    /// Tokens that were read.
    pub(crate) read: usize,
}

/// Gives all hashes of a text to `sink`.
pub(crate) fn features(text: &str, sink: &mut impl Sink) -> Extent {
    let (head, tail) = ends(text);
    let bytes = head.len() + tail.len();
    let mut reader = Reader::new(bytes);
    for c in head.chars() {
        reader.read(c, sink);
    }
    if bytes < text.len() {
        reader.read('\n', sink);
        for c in tail.chars() {
            reader.read(c, sink);
        }
    }
    let read = reader.end(sink);
    let total = match bytes {
        0 => 0,
        _ => read * text.len() / bytes,
    };
    Extent { total, read }
}

/// The text, or its head and tail, cut between characters.
fn ends(text: &str) -> (&str, &str) {
    if text.len() <= HEAD + TAIL {
        return (text, "");
    }
    (
        &text[..text.floor_char_boundary(HEAD)],
        &text[text.ceil_char_boundary(text.len() - TAIL)..],
    )
}

/// Reads characters one by one; a token is done when one of another kind comes.
struct Reader {
    /// All tokens in lower case, joined.
    lower: String,
    kind: Kind,
    /// Where the current token begins, and its characters.
    start: usize,
    length: usize,
    /// The last two tokens, the newer one second.
    last: [Range<usize>; 2],
    tokens: usize,
    shape: Shape,
}

/// What is counted over the whole text.
#[derive(Default)]
struct Shape {
    characters: usize,
    digits: usize,
    symbols: usize,
    high: usize,
    lines: usize,
    asks: bool,
}

impl Reader {
    fn new(bytes: usize) -> Self {
        Self {
            // Lower case may take more bytes; then it grows.
            lower: String::with_capacity(bytes + 8),
            kind: Kind::Space,
            start: 0,
            length: 0,
            last: [0..0, 0..0],
            tokens: 0,
            shape: Shape::default(),
        }
    }

    fn read(&mut self, c: char, sink: &mut impl Sink) {
        let kind = kind(c);
        self.shape.count(c, kind);
        if kind != self.kind || (kind == Kind::Symbol && self.length == 3) {
            self.token(sink);
            self.kind = kind;
        }
        match kind {
            Kind::Space => {}
            // Numbers are as long as one, two, or more digits.
            Kind::Digit if self.length < 3 => self.push('0'),
            Kind::Digit => {}
            Kind::Symbol => self.push(c),
            Kind::Letter if c.is_ascii() => self.push(c.to_ascii_lowercase()),
            Kind::Letter => c.to_lowercase().for_each(|c| self.push(c)),
        }
    }

    fn push(&mut self, c: char) {
        self.lower.push(c);
        self.length += 1;
    }

    /// Ends the current token, if there is one.
    fn token(&mut self, sink: &mut impl Sink) {
        if self.length == 0 {
            return;
        }
        let range = self.start..self.lower.len();
        let token = &self.lower[range.clone()];
        let bytes = token.as_bytes();
        let previous = match self.tokens {
            0 => b"^",
            _ => &self.lower.as_bytes()[self.last[1].clone()],
        };
        sink.word(Crc::of(b"w").and(bytes).end());
        sink.word(Crc::of(b"p").and(previous).and(b" ").and(bytes).end());
        match self.tokens {
            0 => sink.word(Crc::of(b"f0").and(bytes).end()),
            1 => sink.word(Crc::of(b"f1").and(bytes).end()),
            _ => {}
        }
        if self.kind == Kind::Letter {
            grams(token, sink);
        }
        self.tokens += 1;
        self.last.swap(0, 1);
        self.last[1] = range;
        self.start = self.lower.len();
        self.length = 0;
    }

    /// Ends the text; how many tokens it has.
    fn end(mut self, sink: &mut impl Sink) -> usize {
        self.token(sink);
        for range in &self.last[2 - self.tokens.min(2)..] {
            sink.word(Crc::of(b"l").and(&self.lower.as_bytes()[range.clone()]).end());
        }
        self.shape.hashes(self.tokens, |hash| sink.word(hash));
        self.tokens
    }
}

/// All n-grams of two to four characters of `<word>`; of scripts without spaces, single characters too.
fn grams(word: &str, sink: &mut impl Sink) {
    // The checksums of the n-grams that end with the last character read, longest first: each new character prolongs
    // them all, so that no n-gram is read twice.
    let mut open = [None::<Crc>; LONGEST - 1];
    let mut add = |c: char| {
        let mut bytes = [0; 4];
        let bytes = c.encode_utf8(&mut bytes).as_bytes();
        let prolonged = open.map(|crc| crc.map(|crc| crc.and(bytes)));
        prolonged.iter().flatten().for_each(|crc| sink.chars(crc.end()));
        open = [prolonged[1], prolonged[2], Some(Crc::of(bytes))];
    };
    add('<');
    word.chars().take(WORD).for_each(&mut add);
    add('>');
    if word.starts_with(|c| c >= SINGLE) {
        for c in word.chars().take(WORD) {
            let mut bytes = [0; 4];
            sink.chars(Crc::of(c.encode_utf8(&mut bytes).as_bytes()).end());
        }
    }
}

impl Shape {
    fn count(&mut self, c: char, kind: Kind) {
        self.characters += 1;
        self.digits += usize::from(kind == Kind::Digit);
        self.symbols += usize::from(kind == Kind::Symbol);
        self.high += usize::from(!c.is_ascii());
        self.lines += usize::from(c == '\n');
        if kind != Kind::Space {
            self.asks = matches!(c, '?' | '？' | '؟');
        }
    }

    fn hashes(&self, tokens: usize, mut sink: impl FnMut(u32)) {
        let characters = self.characters.max(1) as f64;
        let (digits, symbols) = (self.digits as f64 / characters, self.symbols as f64 / characters);
        let high = self.high as f64 / characters;
        let tokens = bucket(tokens, &[4, 8, 16, 32, 64, 128, 256]);
        let lines = bucket(self.lines, &[1, 3, 8, 20]);
        for (name, step) in [
            (b"sd", bucket(digits, &PARTS)),
            (b"ss", bucket(symbols, &PARTS)),
            (b"sn", tokens),
            (b"sl", lines),
            (b"sh", bucket(high, &[0.01, 0.1, 0.5])),
            (b"sq", u8::from(self.asks)),
        ] {
            sink(Crc::of(name).and(&[b'0' + step]).end());
        }
        let both = [
            b'0' + bucket(digits, &FEW_PARTS),
            b',',
            b'0' + bucket(symbols, &FEW_PARTS),
        ];
        sink(Crc::of(b"sx").and(&both).end());
    }
}

/// How many steps a value has reached; less than ten.
fn bucket<T: PartialOrd>(value: T, steps: &[T]) -> u8 {
    steps.iter().filter(|step| value >= **step).count() as u8
}

#[cfg(test)]
mod tests;
