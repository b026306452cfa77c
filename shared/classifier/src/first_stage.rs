//! The first stage: a bag of hashed features and one hidden layer. It costs microseconds, and decides alone what is
//! plain.

mod weights;

use crate::{
    heads::Logits,
    lexical::{self, Extent, Sink},
};
use weights::{Dense, Table};

/// Values of the last layer: four domains, three labels of the guard, complexity.
const OUTPUTS: usize = 8;

/// Weights of the first stage.
#[derive(Debug)]
pub(crate) struct FirstStage {
    words: Table,
    chars: Table,
    hidden: Dense,
    out: Dense,
}

impl FirstStage {
    /// Reads weights in the safetensors format; the error says which tensor is wrong.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, String> {
        let file =
            safetensors::SafeTensors::deserialize(bytes).map_err(|error| format!("is no safetensors: {error}"))?;
        let words = Table::read(&file, "words")?;
        let chars = Table::read(&file, "chars")?;
        let hidden = Dense::read(&file, "hidden")?;
        let out = Dense::read(&file, "out")?;
        let joined = words.width + chars.width;
        if hidden.inputs != joined {
            return Err(format!(
                "`hidden.weight` has {} columns, `words` and `chars` have {joined} together",
                hidden.inputs
            ));
        }
        if out.inputs != hidden.outputs() || out.outputs() != OUTPUTS {
            return Err(format!(
                "`out.weight` is {} by {}, expected {OUTPUTS} by {}",
                out.outputs(),
                out.inputs,
                hidden.outputs()
            ));
        }
        Ok(Self {
            words,
            chars,
            hidden,
            out,
        })
    }

    /// Logits of a text, and how much of it was read.
    pub(crate) fn read(&self, text: &str) -> (Logits, Extent) {
        let mut bags = Bags {
            words: self.words.bag(),
            chars: self.chars.bag(),
        };
        let extent = lexical::features(text, &mut bags);
        let mut joined = bags.words.mean();
        joined.append(&mut bags.chars.mean());
        let mut hidden = self.hidden.apply(&joined);
        hidden.iter_mut().for_each(|value| *value = value.max(0.0));
        let out = self.out.apply(&hidden);
        let at = |index: usize| out.get(index).copied().unwrap_or_default();
        let logits = Logits {
            domain: [at(0), at(1), at(2), at(3)],
            guard: Some([at(4), at(5), at(6)]),
            complexity: Some(at(7)),
        };
        (logits, extent)
    }
}

/// Sums of the rows of both tables.
struct Bags<'a> {
    words: weights::Bag<'a>,
    chars: weights::Bag<'a>,
}

impl Sink for Bags<'_> {
    fn word(&mut self, hash: u32) {
        self.words.add(hash);
    }

    fn chars(&mut self, hash: u32) {
        self.chars.add(hash);
    }
}

#[cfg(test)]
pub(crate) mod tests;
