//! A classifier that shares nothing with ours but the format (`own/make.py`), and how models are swapped.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use plexus_classifier::{Classifier, EncodeError, LoadError, ModelConfig, Stage};
use plexus_config::Environment;
use plexus_core::Domain;
use plexus_testkit::{FirstStageWeights, eventually};
use tempfile::TempDir;

/// How long a swap may take; nothing is measured by it.
const PATIENCE: Duration = Duration::from_secs(20);

fn own() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/own")
}

/// A copy of the folder that may be changed.
fn copy() -> TempDir {
    let copy = tempfile::tempdir().unwrap();
    for name in ["manifest.toml", "model.onnx", "tokenizer.json"] {
        fs::copy(own().join(name), copy.path().join(name)).unwrap();
    }
    copy
}

fn change(folder: &Path, from: &str, to: &str) {
    let path = folder.join("manifest.toml");
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{text}");
    fs::write(path, text.replace(from, to)).unwrap();
}

fn open(folder: &Path) -> Result<Classifier, LoadError> {
    Classifier::open(&ModelConfig::of(folder), &Environment::process())
}

fn refused(folder: &Path, part: &str) {
    let error = open(folder).expect_err("the folder is refused").to_string();
    assert!(error.contains(part), "{error}");
}

#[tokio::test]
async fn it_routes_by_its_own_labels() {
    let classifier = open(&own()).unwrap();
    for (text, domain) in [
        ("Compile a Python function", Domain::Code),
        ("energy equation", Domain::Math),
        ("DEDUCE the argument", Domain::Reasoning),
        ("hello, a poem please", Domain::Language),
    ] {
        let signals = classifier.classify(text).await;
        assert_eq!(signals.domains[0].0, domain, "{signals:?}");
        assert!(
            signals.domains[0].1 > 0.9 && signals.stage == Stage::Encoder,
            "{signals:?}"
        );
        let sum: f32 = signals.domains.iter().map(|(_, score)| score).sum();
        assert!((sum - 1.0).abs() < 1e-3, "{signals:?}");
        assert_eq!((signals.guard.label, signals.guard.attack), ("benign", 0.0));
        assert_eq!(signals.model, "bag-of-words@1");
    }
}

#[tokio::test]
async fn what_it_lacks_is_told() {
    let loaded = open(&own()).unwrap().loaded();
    assert!(loaded.first("sum").is_none());
    assert!(matches!(loaded.embed("sum").await, Err(EncodeError::NoEmbedding)));
    let reading = loaded.single("sum").await;
    assert_eq!((reading.guard, reading.complexity), (None, None));
    let long = loaded.single(&format!("poem {} poem", "nothing ".repeat(100))).await;
    // Two of the sixteen tokens are <s> and </s>; head and tail are read.
    assert_eq!((long.tokens, long.tokens_read), (102, 14));
    assert_eq!(long.best().0, Domain::Language);
}

#[test]
fn what_does_not_fit_is_refused() {
    for (from, to, part) in [
        ("ids = \"tokens\"", "", "no input `input_ids`"),
        (
            "ids = \"tokens\"",
            "ids = \"tokens\"\ntypes = \"kinds\"",
            "no input `kinds`",
        ),
        ("physics = \"math\", ", "", "`physics`"),
        ("physics = \"math\"", "physics = \"science\"", "`science`"),
        ("output = \"logits\"", "output = \"scores\"", "`scores`"),
        (
            "domain = \"reasoning\"",
            "domain = \"code\"",
            "`smoke`: \"deduce therefore\" gets reasoning",
        ),
        ("domain = \"reasoning\"", "domain = \"poetry\"", "expected poetry"),
    ] {
        let folder = copy();
        change(folder.path(), from, to);
        refused(folder.path(), part);
    }
}

/// A copy of the folder with a first stage that always gives these logits, with no say about what it is not asked for.
fn with_first_stage(logits: [f32; 8]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let weights = FirstStageWeights::always(logits);
    // These logits are the same for every text.
    let smoke = "[[smoke]]\ntext = \"sum\"\ndomain = \"math\"";
    plexus_testkit::with_first_stage(&own(), folder.path(), &weights, RULE, smoke);
    change(
        folder.path(),
        "version = \"1\"",
        "version = \"1\"\nlanguages = [\"en\"]",
    );
    folder
}

const RULE: &str = "\
temperature = { domain = 1.0, guard = 1.0, complexity = 1.0 }
sure = 0.9
others = 0.2
attack = 0.02
weight = { domain = 0.5, guard = 1.0, complexity = 1.0 }
";

#[tokio::test]
async fn a_first_stage_decides_what_is_plain_and_is_added_elsewhere() {
    let sure = with_first_stage([-9.0, 9.0, -9.0, -9.0, 9.0, 0.0, 0.0, 0.0]);
    let signals = open(sure.path()).unwrap().classify("a poem").await;
    assert_eq!((signals.domains[0].0, signals.stage), (Domain::Math, Stage::First));

    let unsure = with_first_stage([0.0, 1.0, 0.0, 6.0, 9.0, 0.0, 0.0, 0.0]);
    let classifier = open(unsure.path());
    // "sum" alone says math by 4; language is 0.5 * 6 ahead.
    let loaded = classifier.unwrap().loaded();
    let reading = loaded.single("sum").await;
    assert_eq!((reading.best().0, reading.stage), (Domain::Math, Stage::Encoder));
    let e = f32::exp;
    // Physics and mathematics are both math, and get the first stage's logit each.
    let math = e(0.5) + e(4.5);
    let expected = math / (math + 2.0 + e(3.0));
    assert!(
        (reading.domains[1] - expected).abs() < 1e-4,
        "{reading:?}, expected {expected}"
    );
    // The encoder has no guard: the first stage's counts.
    assert!(reading.guard.is_some_and(|guard| guard[0] > 0.99) && reading.complexity == Some(0.5));
    assert_eq!(loaded.first("sum").unwrap().best().0, Domain::Language);

    let hindi = loaded.single("१५ और २५ का योग क्या है?").await;
    assert_eq!(
        (hindi.stage, hindi.language, hindi.foreign),
        (Stage::First, Some("hi"), true)
    );
}

/// A classifier that watches a folder, and its folder.
fn watching() -> (Arc<Classifier>, TempDir) {
    let folder = copy();
    let config = ModelConfig {
        watch: Duration::from_millis(50),
        cache: 64,
        ..ModelConfig::of(folder.path())
    };
    let classifier = Arc::new(Classifier::open(&config, &Environment::process()).unwrap());
    classifier.watch();
    (classifier, folder)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_model_is_taken_while_requests_go_on() {
    let (classifier, folder) = watching();
    assert!(!classifier.classify("sum").await.cached && classifier.classify("sum").await.cached);
    let asking = tokio::spawn({
        let classifier = classifier.clone();
        async move {
            let mut models = Vec::new();
            while models.last().is_none_or(|model| model == "bag-of-words@1") {
                let signals = classifier.classify(&format!("sum {}", models.len())).await;
                assert_eq!(
                    (signals.domains[0].0, signals.classifier_down.as_str()),
                    (Domain::Math, "")
                );
                models.push(signals.model);
            }
            models
        }
    });
    change(folder.path(), "version = \"1\"", "version = \"2\"");
    change(folder.path(), "not_sure = 0.5", "not_sure = 0.7");
    let models = tokio::time::timeout(PATIENCE, asking).await.unwrap().unwrap();
    assert_eq!(models.last().unwrap(), "bag-of-words@2");
    let signals = classifier.classify("sum").await;
    assert_eq!(
        (signals.cached, signals.thresholds.not_sure),
        (false, 0.7),
        "limits and cache are the new model's"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_folder_is_refused_and_the_old_model_stays() {
    let (classifier, folder) = watching();
    let model = folder.path().join("model.onnx");
    let bytes = fs::read(&model).unwrap();
    change(folder.path(), "version = \"1\"", "version = \"2\"");
    fs::write(&model, &bytes[..bytes.len() / 2]).unwrap();
    eventually!(classifier.refused().contains("sha256"), PATIENCE);
    assert_eq!(classifier.classify("sum").await.model, "bag-of-words@1");
    // The copy goes on.
    fs::write(&model, &bytes).unwrap();
    eventually!(classifier.loaded().id() == "bag-of-words@2", PATIENCE);
    eventually!(classifier.refused().is_empty(), PATIENCE);
    fs::remove_file(&model).unwrap();
    eventually!(classifier.refused().contains("model.onnx"), PATIENCE);
    assert_eq!(classifier.loaded().id(), "bag-of-words@2");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_link_may_be_turned_to_another_folder() {
    use std::os::unix::fs::symlink;
    let (old, new, place) = (copy(), copy(), tempfile::tempdir().unwrap());
    change(new.path(), "version = \"1\"", "version = \"2\"");
    let link = place.path().join("current");
    symlink(old.path(), &link).unwrap();
    let config = ModelConfig {
        watch: Duration::from_millis(50),
        ..ModelConfig::of(&link)
    };
    let classifier = Arc::new(Classifier::open(&config, &Environment::process()).unwrap());
    classifier.watch();
    let next = place.path().join("next");
    symlink(new.path(), &next).unwrap();
    fs::rename(&next, &link).unwrap();
    eventually!(classifier.loaded().id() == "bag-of-words@2", PATIENCE);
}
