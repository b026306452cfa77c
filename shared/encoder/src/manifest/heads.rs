//! Heads of a model: which output, what its values mean, how logits become probabilities.

use std::collections::BTreeMap;

use serde::Deserialize;

/// Heads of a model; only `domain` must be there.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Heads {
    /// Which domains a query needs.
    pub domain: Head,
    /// Whether a query is an attack: one of the labels (softmax).
    pub guard: Option<Head>,
    /// How complex a query is: one value (sigmoid).
    pub complexity: Option<Head>,
}

/// One head.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// Name of the output; it gives logits.
    pub output: String,
    /// What its values mean, in order.
    pub labels: Vec<String>,
    /// How its logits become probabilities; sigmoid where it is not set, but softmax for the guard.
    pub activation: Option<Activation>,
    /// Logits are divided by it before they become probabilities (Guo et al., "On Calibration of Modern Neural
    /// Networks", 2017).
    pub temperature: f32,
    /// Domain head with sigmoid only: added to all logits but the best one, which stays the best. Says how easily a second
    /// domain counts as needed; fitted on compound queries.
    #[serde(default)]
    pub second: f32,
    /// What labels mean in the mesh's words, where they are others.
    #[serde(default)]
    pub map: BTreeMap<String, String>,
}

/// How logits become probabilities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Activation {
    /// Each label by itself.
    Sigmoid,
    /// One of the labels.
    Softmax,
}

impl Activation {
    /// Logits into probabilities, in place.
    pub fn apply(self, values: &mut [f32], temperature: f32) {
        match self {
            Self::Sigmoid => values
                .iter_mut()
                .for_each(|value| *value = 1.0 / (1.0 + (-*value / temperature).exp())),
            Self::Softmax => {
                let max = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
                values
                    .iter_mut()
                    .for_each(|value| *value = ((*value - max) / temperature).exp());
                let sum: f32 = values.iter().sum();
                values.iter_mut().for_each(|value| *value /= sum);
            }
        }
    }
}

impl Head {
    /// What each value means in the mesh's words: mapped where the manifest says so.
    pub fn meanings(&self) -> impl Iterator<Item = &str> {
        self.labels
            .iter()
            .map(|label| self.map.get(label).unwrap_or(label).as_str())
    }
}
