//! The bounds of all work done here. Every bound is checked before the work it bounds.

use crate::Declined;

/// The longest question, in bytes.
pub const MAX_QUESTION: usize = 4096;
/// The longest text that [`crate::claims`] reads, in bytes; what follows is left unread.
pub const MAX_TEXT: usize = 1 << 20;
/// The most claims found in one text.
pub const MAX_CLAIMS: usize = 2000;
/// The most bits of a numerator or denominator, final or in between (about 3000 decimal digits).
pub(crate) const MAX_BITS: u64 = 10_000;
/// How deep parentheses and functions nest.
pub(crate) const MAX_DEPTH: usize = 48;
/// The most tokens in one question.
pub(crate) const MAX_TOKENS: usize = 1024;
/// Word operations that one evaluation may spend: some ten milliseconds.
const MAX_WORK: u64 = 20_000_000;
/// The same for one side of a claim, of which there may be thousands.
const CLAIM_WORK: u64 = 200_000;

/// What an evaluation may still spend.
#[derive(Debug)]
pub(crate) struct Work {
    left: u64,
    max_bits: u64,
}

impl Work {
    /// The allowance of one question.
    pub(crate) fn question() -> Self {
        Self {
            left: MAX_WORK,
            max_bits: MAX_BITS,
        }
    }

    /// The allowance of one side of a claim.
    pub(crate) fn claim() -> Self {
        Self {
            left: CLAIM_WORK,
            max_bits: 1024,
        }
    }

    /// Spends the cost of one operation on numbers of so many bits together.
    pub(crate) fn spend(&mut self, bits: u64) -> Result<(), Declined> {
        if bits > self.max_bits.saturating_mul(4) {
            return Err(Declined::TOO_BIG);
        }
        let cost = 16 + bits * (bits / 64 + 1) / 4;
        self.left = self.left.checked_sub(cost).ok_or(Declined::TOO_BIG)?;
        Ok(())
    }

    /// Declines a number of more bits than allowed.
    pub(crate) fn fits(&self, bits: u64) -> Result<(), Declined> {
        if bits > self.max_bits {
            Err(Declined::TOO_BIG)
        } else {
            Ok(())
        }
    }
}
