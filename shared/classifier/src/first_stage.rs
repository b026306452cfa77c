//! The first stage: a bag of hashed features and one hidden layer. It costs microseconds, and decides alone what is
//! plain.

mod weights;

use std::path::Path;

use plexus_encoder::{FirstStage as Rule, LoadError, Manifest};
use weights::{Dense, Table};

use crate::{
    Stage, StageReading,
    heads::{Beside, Logits},
    lexical::{self, Extent, Sink},
};

/// Values of the last layer: four domains, three labels of the guard, complexity.
const OUTPUTS: usize = 8;

/// The first stage and its rule.
#[derive(Debug)]
pub(crate) struct First {
    stage: FirstStage,
    rule: Rule,
}

impl First {
    /// Reads and checks the first stage of a folder; none where it has none.
    pub(crate) fn load(manifest: &Manifest, folder: &Path) -> Result<Option<Self>, LoadError> {
        let (Some(file), Some(rule)) = (&manifest.files.first_stage, manifest.first_stage) else {
            return Ok(None);
        };
        let (path, bytes) = file.load(folder)?;
        let stage = FirstStage::from_bytes(&bytes).map_err(|problem| LoadError::Inconsistent { path, problem })?;
        Ok(Some(Self { stage, rule }))
    }

    /// What it says of a text, for the encoder and by itself.
    pub(crate) fn read(&self, text: &str) -> (Beside, StageReading) {
        let (logits, extent) = self.stage.read(text);
        let scores = logits.scores(self.rule.temperature);
        let beside = Beside {
            logits,
            scores,
            weight: self.rule.weight,
        };
        let reading = StageReading {
            domains: scores.domains,
            guard: scores.guard,
            complexity: scores.complexity,
            stage: Stage::First,
            sure: self.rule.decides(&scores.domains, scores.guard),
            tokens: extent.total,
            tokens_read: extent.read,
            language: None,
            foreign: false,
        };
        (beside, reading)
    }
}

/// Weights of the first stage.
#[derive(Debug)]
struct FirstStage {
    words: Table,
    chars: Table,
    hidden: Dense,
    out: Dense,
}

impl FirstStage {
    /// Reads weights in the safetensors format; the error says which tensor is wrong.
    fn from_bytes(bytes: &[u8]) -> Result<Self, String> {
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
    fn read(&self, text: &str) -> (Logits, Extent) {
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
mod tests;
