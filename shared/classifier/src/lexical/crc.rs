//! CRC-32 (IEEE 802.3), one byte at a time and ready to go on: n-grams are too short for anything faster to pay.

const TABLE: [u32; 256] = table();

/// A checksum that can be prolonged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Crc(u32);

impl Crc {
    /// Begins with these bytes.
    pub(super) fn of(bytes: &[u8]) -> Self {
        Self(u32::MAX).and(bytes)
    }

    /// Goes on with these.
    pub(super) fn and(self, bytes: &[u8]) -> Self {
        let step = |crc: u32, byte: &u8| TABLE[usize::from(crc as u8 ^ byte)] ^ (crc >> 8);
        Self(bytes.iter().fold(self.0, step))
    }

    /// The checksum.
    pub(super) fn end(self) -> u32 {
        !self.0
    }
}

const fn table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut crc = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 {
                0xEDB8_8320 ^ (crc >> 1)
            } else {
                crc >> 1
            };
            bit += 1;
        }
        table[byte] = crc;
        byte += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_value_is_right() {
        assert_eq!(Crc::of(b"123456789").end(), 0xCBF4_3926);
        assert_eq!(Crc::of(b"1234").and(b"").and(b"56789").end(), 0xCBF4_3926);
        assert_eq!(Crc::of(b"").end(), 0);
    }
}
