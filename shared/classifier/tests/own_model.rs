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

async fn until(what: &str, wanted: impl Fn() -> bool) {
    let waited = async {
        while !wanted() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let done = tokio::time::timeout(PATIENCE, waited).await;
    assert!(done.is_ok(), "{what}");
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
    until("the half of a model is refused", || {
        classifier.refused().contains("sha256")
    })
    .await;
    assert_eq!(classifier.classify("sum").await.model, "bag-of-words@1");
    // The copy goes on.
    fs::write(&model, &bytes).unwrap();
    until("the whole model is taken", || {
        classifier.loaded().id() == "bag-of-words@2"
    })
    .await;
    until("nothing is refused any more", || classifier.refused().is_empty()).await;
    fs::remove_file(&model).unwrap();
    until("a folder that would not start is told", || {
        classifier.refused().contains("model.onnx")
    })
    .await;
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
    until("the other folder's model is taken", || {
        classifier.loaded().id() == "bag-of-words@2"
    })
    .await;
}
