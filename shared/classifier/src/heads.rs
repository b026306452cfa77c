//! From logits to scores in the mesh's words, the first stage's added to the encoder's where there are both.

use plexus_core::Domain;
use plexus_encoder::{Activation, Head, Manifest, PerHead, Reading};

use crate::signals::GUARD;

/// What the first stage says before it becomes probabilities; labels in the order of [`Domain::ALL`] and [`GUARD`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Logits {
    pub(crate) domain: [f32; 4],
    pub(crate) guard: Option<[f32; 3]>,
    pub(crate) complexity: Option<f32>,
}

/// Probabilities in the mesh's words.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Scores {
    pub(crate) domains: [f32; 4],
    pub(crate) guard: Option<[f32; 3]>,
    pub(crate) complexity: Option<f32>,
}

impl Logits {
    /// Their probabilities at these temperatures.
    pub(crate) fn scores(mut self, temperature: PerHead) -> Scores {
        Activation::Sigmoid.apply(&mut self.domain, temperature.domain);
        if let Some(guard) = &mut self.guard {
            Activation::Softmax.apply(guard, temperature.guard);
        }
        Scores {
            domains: self.domain,
            guard: self.guard,
            complexity: self.complexity.map(|logit| sigmoid(logit, temperature.complexity)),
        }
    }
}

/// The first stage beside the encoder: what it says, and how much that counts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Beside {
    pub(crate) logits: Logits,
    pub(crate) scores: Scores,
    pub(crate) weight: PerHead,
}

/// Logits that the best domain stays ahead.
const HAIR: f32 = 1e-3;

/// What the encoder's outputs mean.
#[derive(Debug)]
pub(crate) struct Heads {
    domain: Labels,
    guard: Option<Labels>,
    /// Temperature of the complexity head.
    complexity: Option<f32>,
}

/// A head's labels as places in the mesh's own order.
#[derive(Debug)]
struct Labels {
    places: Vec<usize>,
    activation: Activation,
    temperature: f32,
    second: f32,
}

impl Heads {
    /// Fits a manifest's labels to the mesh's words; the error names those that do not fit.
    pub(crate) fn of(manifest: &Manifest) -> Result<Self, String> {
        let names = Domain::ALL.map(Domain::name);
        let domain = Labels::of("domain", &manifest.heads.domain, &names, Activation::Sigmoid)?;
        if domain.places.iter().all(|place| *place == domain.places[0]) {
            return Err("`heads.domain.labels` mean one domain only: nothing is left to decide".to_owned());
        }
        let guard = manifest.heads.guard.as_ref();
        let guard = guard.map(|head| Labels::of("guard", head, &GUARD, Activation::Softmax));
        let guard = guard.transpose()?;
        if let Some(guard) = &guard
            && (!guard.places.contains(&0) || guard.places.iter().all(|place| *place == 0))
        {
            return Err("`heads.guard.labels` needs a benign label and one of an attack".to_owned());
        }
        Ok(Self {
            domain,
            guard,
            complexity: manifest.heads.complexity.as_ref().map(|head| head.temperature),
        })
    }

    /// Scores of one pass; what the encoder has no head for is the first stage's.
    pub(crate) fn scores(&self, reading: &Reading, beside: Option<&Beside>) -> Scores {
        let domain = beside.map(|beside| (beside.logits.domain, beside.weight.domain));
        let guard = match &self.guard {
            Some(labels) => {
                let added = beside.and_then(|beside| Some((beside.logits.guard?, beside.weight.guard)));
                Some(labels.scores(&reading.guard, added))
            }
            None => beside.and_then(|beside| beside.scores.guard),
        };
        let complexity = match (self.complexity, reading.complexity) {
            (Some(temperature), Some(logit)) => {
                let added = beside.and_then(|beside| Some(beside.logits.complexity? * beside.weight.complexity));
                Some(sigmoid(logit + added.unwrap_or_default(), temperature))
            }
            _ => beside.and_then(|beside| beside.scores.complexity),
        };
        Scores {
            domains: self.domain.scores(&reading.domain, domain),
            guard,
            complexity,
        }
    }
}

impl Labels {
    fn of(name: &str, head: &Head, words: &[&str], default: Activation) -> Result<Self, String> {
        let place = |meaning: &str| words.iter().position(|word| *word == meaning);
        let places: Result<Vec<usize>, String> = head
            .meanings()
            .zip(&head.labels)
            .map(|(meaning, label)| {
                place(meaning).ok_or_else(|| match head.map.contains_key(label) {
                    true => format!("`heads.{name}.map` maps `{label}` to `{meaning}`, expected one of {words:?}"),
                    false => format!(
                        "`heads.{name}.labels` holds `{label}`, which is none of {words:?} and not in `heads.{name}.map`"
                    ),
                })
            })
            .collect();
        Ok(Self {
            places: places?,
            activation: head.activation.unwrap_or(default),
            temperature: head.temperature,
            second: head.second,
        })
    }

    /// Raises all but the best, which stays the best by a hair.
    fn raise_others(&self, values: &mut [f32]) {
        if self.second == 0.0 {
            return;
        }
        let best = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        for value in values.iter_mut().filter(|value| **value < best) {
            *value = (*value + self.second).min(best - HAIR);
        }
    }

    /// Probabilities in the mesh's order. Several labels with one meaning: their sum where they exclude each other, else
    /// the greatest.
    fn scores<const N: usize>(&self, logits: &[f32], added: Option<([f32; N], f32)>) -> [f32; N] {
        let mut values: Vec<f32> = logits.to_vec();
        if let Some((first, weight)) = added {
            for (value, place) in values.iter_mut().zip(&self.places) {
                *value += weight * first[*place];
            }
        }
        self.raise_others(&mut values);
        self.activation.apply(&mut values, self.temperature);
        let mut scores = [0.0; N];
        for (value, place) in values.into_iter().zip(&self.places) {
            let score = &mut scores[*place];
            *score = match self.activation {
                Activation::Softmax => *score + value,
                Activation::Sigmoid => score.max(value),
            };
        }
        scores
    }
}

fn sigmoid(logit: f32, temperature: f32) -> f32 {
    let mut value = [logit];
    Activation::Sigmoid.apply(&mut value, temperature);
    value[0]
}

#[cfg(test)]
mod tests;
