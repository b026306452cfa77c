//! Manifests that are right, and how wrong ones are named.

use proptest::prelude::*;

use super::*;

const RIGHT: &str = r#"
schema = 2
name = "test"
version = "1"
languages = ["en"]
files = { model = { path = "m", sha256 = "" }, tokenizer = { path = "t", sha256 = "" }, first_stage = { path = "f", sha256 = "" } }
input = { max_tokens = 64 }
thresholds = { multi_label = 0.5, not_sure = 0.4, outside = 0.2, guard_flag = 0.9, guard_refuse = 0.99 }
[heads.domain]
output = "d"
labels = ["code", "sums"]
activation = "softmax"
temperature = 1.5
map = { sums = "math" }
[heads.guard]
output = "g"
labels = ["benign", "injection"]
temperature = 1.0
[first_stage]
temperature = { domain = 1.0, guard = 1.0, complexity = 1.0 }
sure = 0.9
others = 0.2
attack = 0.02
weight = { domain = 0.4, guard = 0.3, complexity = 0.0 }
"#;

fn read(text: &str) -> Result<Manifest, String> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(FILE), text).unwrap();
    Manifest::read(folder.path()).map_err(|error| match std::error::Error::source(&error) {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    })
}

#[test]
fn what_may_be_left_out_is_left_out() {
    let manifest = read(RIGHT).unwrap();
    assert_eq!(manifest.id(), "test@1");
    assert_eq!(manifest.heads.domain.meanings().collect::<Vec<_>>(), ["code", "math"]);
    assert!(manifest.outputs.embedding.is_none() && manifest.smoke.is_empty());
    assert_eq!(manifest.digest.len(), 64);
}

#[test]
fn wrong_values_are_named() {
    for (from, to, part) in [
        ("schema = 2", "schema = 1", "`schema` is 1, this program reads 2"),
        ("schema = 2", "", "schema"),
        ("languages = [\"en\"]", "languages = [\"English\"]", "`English`"),
        ("max_tokens = 64", "max_tokens = 7", "input.max_tokens"),
        ("temperature = 1.5", "temperature = 0.0", "heads.domain.temperature"),
        ("[\"code\", \"sums\"]", "[\"code\"]", "maps `sums`"),
        ("[\"code\", \"sums\"]", "[]", "heads.domain.labels"),
        ("sure = 0.9", "sure = 1.9", "first_stage.sure"),
        (
            "weight = { domain = 0.4",
            "weight = { domain = nan",
            "first_stage.weight.domain",
        ),
        ("guard = 1.0", "guard = -1.0", "first_stage.temperature.guard"),
        (
            ", first_stage = { path = \"f\", sha256 = \"\" }",
            "",
            "files.first_stage",
        ),
        ("outside = 0.2", "outside = 2", "thresholds.outside"),
        (
            "output = \"g\"",
            "output = \"g\"\nactivation = \"sigmoid\"",
            "heads.guard.activation",
        ),
        ("input =", "inputs =", "inputs"),
    ] {
        assert!(RIGHT.contains(from), "{from}");
        let error = read(&RIGHT.replacen(from, to, 1)).unwrap_err();
        assert!(error.contains(part) && error.contains(FILE), "{error}");
    }
}

#[test]
fn logits_become_probabilities() {
    let mut values = [0.0, 2.0];
    Activation::Sigmoid.apply(&mut values, 2.0);
    assert_eq!(values[0], 0.5);
    assert!((values[1] - 0.731).abs() < 1e-3, "{values:?}");
    let mut values = [1000.0, 1000.0];
    Activation::Softmax.apply(&mut values, 1.0);
    assert_eq!(values, [0.5, 0.5]);
}

proptest! {
    #[test]
    fn no_text_makes_reading_panic(text in "\\PC*") {
        let _ = read(&text);
    }

    #[test]
    fn no_cut_makes_reading_panic(at in 0..RIGHT.len()) {
        let _ = read(&RIGHT[..at]);
    }
}

#[test]
fn the_first_stage_decides_what_is_plain() {
    let one = PerHead {
        domain: 1.0,
        guard: 1.0,
        complexity: 1.0,
    };
    let rule = FirstStage {
        temperature: one,
        sure: 0.92,
        others: 0.2,
        attack: 0.05,
        weight: one,
    };
    let sure = |scores, attack: f32| rule.decides(&scores, Some([1.0 - attack, attack, 0.0]));
    assert!(sure([0.1, 0.92, 0.2, 0.1], 0.0));
    assert!(!sure([0.1, 0.91, 0.2, 0.1], 0.0), "not plain");
    assert!(!sure([0.1, 0.92, 0.21, 0.1], 0.0), "another is likely");
    assert!(!sure([0.95, 0.92, 0.1, 0.1], 0.0), "two are plain");
    assert!(!sure([0.1, 0.92, 0.2, 0.1], 0.06), "perhaps an attack");
    assert!(rule.decides(&[0.1, 0.92, 0.2, 0.1], None), "no guard, no attack");
}
