//! Kinds of characters. Ranges, not Unicode's tables: training and program must agree whatever their versions.

/// What a character is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Space,
    Letter,
    Symbol,
    Digit,
}

/// Kinds of ASCII.
const ASCII: [Kind; 128] = ascii();

/// Outside ASCII.
const SPACES: [char; 19] = [
    '\u{85}', '\u{A0}', '\u{1680}', '\u{2000}', '\u{2001}', '\u{2002}', '\u{2003}', '\u{2004}', '\u{2005}', '\u{2006}',
    '\u{2007}', '\u{2008}', '\u{2009}', '\u{200A}', '\u{2028}', '\u{2029}', '\u{202F}', '\u{205F}', '\u{3000}',
];
const DIGITS: [(u32, u32); 5] = [
    (0x660, 0x669),
    (0x6F0, 0x6F9),
    (0x966, 0x96F),
    (0x9E6, 0x9EF),
    (0xFF10, 0xFF19),
];
const SYMBOLS: [(u32, u32); 18] = [
    (0x80, 0xBF),
    (0xD7, 0xD7),
    (0xF7, 0xF7),
    (0x60C, 0x60C),
    (0x61B, 0x61B),
    (0x61F, 0x61F),
    (0x6D4, 0x6D4),
    (0x964, 0x965),
    (0x2000, 0x206F),
    (0x20A0, 0x20CF),
    (0x2190, 0x2BFF),
    (0x3000, 0x303F),
    (0xFE10, 0xFE6F),
    (0xFF00, 0xFF0F),
    (0xFF1A, 0xFF20),
    (0xFF3B, 0xFF40),
    (0xFF5B, 0xFF65),
    (0x1F000, 0x1FAFF),
];

/// The kind of a character.
pub(super) fn kind(c: char) -> Kind {
    if let Some(kind) = ASCII.get(c as usize) {
        return *kind;
    }
    let within = |ranges: &[(u32, u32)]| {
        let after = ranges.partition_point(|(first, _)| *first <= c as u32);
        after > 0 && c as u32 <= ranges[after - 1].1
    };
    if SPACES.binary_search(&c).is_ok() {
        Kind::Space
    } else if within(&DIGITS) {
        Kind::Digit
    } else if within(&SYMBOLS) {
        Kind::Symbol
    } else {
        Kind::Letter
    }
}

const fn ascii() -> [Kind; 128] {
    let mut kinds = [Kind::Symbol; 128];
    let mut byte = 0;
    while byte < 128 {
        kinds[byte] = match byte as u8 {
            b'\t'..=b'\r' | b' ' => Kind::Space,
            b'0'..=b'9' => Kind::Digit,
            b'a'..=b'z' | b'A'..=b'Z' => Kind::Letter,
            _ => Kind::Symbol,
        };
        byte += 1;
    }
    kinds
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_can_be_searched() {
        assert!(DIGITS.is_sorted() && SYMBOLS.is_sorted() && SPACES.is_sorted());
        for (c, expected) in [
            ('a', Kind::Letter),
            ('_', Kind::Symbol),
            ('\u{0B}', Kind::Space),
            ('\u{1C}', Kind::Symbol),
            ('\u{85}', Kind::Space),
            ('ß', Kind::Letter),
            ('×', Kind::Symbol),
            ('٣', Kind::Digit),
            ('\u{200B}', Kind::Symbol),
            ('。', Kind::Symbol),
            ('語', Kind::Letter),
            ('７', Kind::Digit),
            ('🎉', Kind::Symbol),
        ] {
            assert_eq!(kind(c), expected, "{c:?}");
        }
    }
}
