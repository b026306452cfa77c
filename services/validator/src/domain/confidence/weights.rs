//! The weights, as training wrote them; `training/README.md` says how good they are.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::Deserialize;

use super::Part;

/// The committed weights.
pub(super) static WEIGHTS: LazyLock<Weights> =
    LazyLock::new(|| parse(include_str!("weights.toml")).expect("a test reads the committed weights"));

/// A model for each part.
#[derive(Debug)]
pub(super) struct Weights {
    pub(super) worked: Model,
    pub(super) choice: Model,
}

/// A logistic regression.
#[derive(Debug)]
pub(super) struct Model {
    /// Log-odds of an average answer.
    pub(super) bias: f64,
    /// In the order of the part's features.
    pub(super) terms: Vec<Term>,
}

/// What a feature counts.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Term {
    pub(super) weight: f64,
    /// Its mean where the weight was learnt.
    pub(super) mean: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    worked: Section,
    choice: Section,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Section {
    bias: f64,
    features: BTreeMap<String, Term>,
}

fn parse(text: &str) -> Result<Weights, String> {
    let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
    Ok(Weights {
        worked: model(Part::Worked, file.worked)?,
        choice: model(Part::Choice, file.choice)?,
    })
}

fn model(part: Part, mut section: Section) -> Result<Model, String> {
    let terms = part.known().iter().map(|known| {
        let term = section.features.remove(known.name);
        term.ok_or_else(|| format!("[{}.features] lacks `{}`", part.name(), known.name))
    });
    let terms = terms.collect::<Result<_, _>>()?;
    match section.features.keys().next() {
        Some(unknown) => Err(format!("[{}.features] has the unknown `{unknown}`", part.name())),
        None => Ok(Model {
            bias: section.bias,
            terms,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMITTED: &str = include_str!("weights.toml");

    #[test]
    fn the_committed_weights_fit_the_features() {
        let weights = parse(COMMITTED).unwrap();
        for model in [weights.worked, weights.choice] {
            assert!(model.bias.is_finite());
            assert!(
                model
                    .terms
                    .iter()
                    .all(|t| t.weight.is_finite() && t.mean.is_finite() && t.weight != 0.0)
            );
        }
    }

    #[test]
    fn unknown_and_missing_features_are_named() {
        let unknown = COMMITTED.replace(
            "[choice.features]",
            "[choice.features]\nluck = { weight = 1.0, mean = 0.0 }",
        );
        let error = parse(&unknown).unwrap_err();
        assert!(error.contains("luck") && error.contains("choice"), "{error}");
        let error = parse(&COMMITTED.replace("any_bad", "any_good")).unwrap_err();
        assert!(error.contains("any_bad"), "{error}");
    }
}
