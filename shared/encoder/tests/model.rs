//! The committed model, really loaded and really run.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    fs,
    path::{Path, PathBuf},
};

use plexus_config::Environment;
use plexus_encoder::{Encoder, Model, find_library};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/router")
}

fn library() -> PathBuf {
    find_library(None, &Environment::process()).expect("`make onnxruntime` was run")
}

/// A copy of the model folder in which one file is changed.
fn changed(name: &str, change: impl FnOnce(Vec<u8>) -> Vec<u8>) -> (tempfile::TempDir, String) {
    let copy = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(folder()).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
    }
    let path = copy.path().join(name);
    fs::write(&path, change(fs::read(&path).unwrap())).unwrap();
    let error = Model::load(copy.path(), &library()).expect_err("a changed folder is refused");
    let mut text = error.to_string();
    let mut source = std::error::Error::source(&error);
    while let Some(cause) = source {
        text += &format!(": {cause}");
        source = cause.source();
    }
    (copy, text)
}

#[test]
fn plain_queries_reach_their_domain() {
    let mut model = Model::load(&folder(), &library()).unwrap();
    let labels = model.manifest().heads.domain.labels.clone();
    for (text, label) in [
        ("What is 15% of 240?", "math"),
        ("Solve 3x + 5 = 20 for x.", "math"),
        ("Write a Python function that reverses a linked list.", "code"),
        ("Translate this letter to my landlord into polite French.", "language"),
        (
            "If all bloops are razzies and all razzies are lazzies, are all bloops lazzies?",
            "reasoning",
        ),
    ] {
        let reading = model.encode(text).unwrap();
        let best = reading
            .domain
            .iter()
            .enumerate()
            .max_by(|a, b| a.1.total_cmp(b.1))
            .unwrap()
            .0;
        assert_eq!(labels[best], label, "{text}: {:?}", reading.domain);
        let length: f32 = reading.embedding.iter().map(|value| value * value).sum();
        assert!((length - 1.0).abs() < 1e-3, "{length}");
        assert!(
            reading
                .domain
                .iter()
                .chain(&reading.guard)
                .all(|value| value.is_finite())
        );
    }
}

#[test]
fn the_reference_run_is_reproduced() {
    let report: serde_json::Value = serde_json::from_slice(&fs::read(folder().join("report.json")).unwrap()).unwrap();
    let vector = &report["test_vector"];
    let expected: Vec<f64> = vector["domain_logits"]
        .as_array()
        .unwrap()
        .iter()
        .map(|value| value.as_f64().unwrap())
        .collect();
    let mut model = Model::load(&folder(), &library()).unwrap();
    let reading = model.encode(vector["text"].as_str().unwrap()).unwrap();
    for (value, logit) in reading.domain.iter().zip(expected) {
        assert!((f64::from(*value) - logit).abs() < 0.2, "{value} and {logit}");
    }
}

#[test]
fn long_texts_are_read_head_and_tail_and_that_is_told() {
    let mut model = Model::load(&folder(), &library()).unwrap();
    let short = model.encode("What is 2 + 2?").unwrap();
    assert_eq!(short.tokens, short.tokens_read);
    let long = model.encode(&"a long story ".repeat(100_000)).unwrap();
    assert_eq!(long.tokens_read, model.manifest().input.max_tokens - 2);
    assert!(long.tokens > 100_000, "{}", long.tokens);
}

#[test]
fn corrupt_truncated_and_missing_files_are_named() {
    let (_copy, error) = changed("model.onnx", |mut bytes| {
        bytes[1000] ^= 1;
        bytes
    });
    assert!(error.contains("model.onnx") && error.contains("sha256"), "{error}");
    let (_copy, error) = changed("model.onnx", |bytes| bytes[..bytes.len() / 2].to_vec());
    assert!(error.contains("model.onnx") && error.contains("cut short"), "{error}");
    let (_copy, error) = changed("tokenizer.json", |_| b"{}".to_vec());
    assert!(error.contains("tokenizer.json") && error.contains("sha256"), "{error}");
    let (_copy, error) = changed("manifest.toml", |bytes| [bytes, b"\nsurprise = 1\n".to_vec()].concat());
    assert!(error.contains("manifest.toml") && error.contains("surprise"), "{error}");
    let error = Model::load(Path::new("/nowhere"), &library()).unwrap_err();
    assert!(error.to_string().contains("/nowhere/manifest.toml"), "{error}");
}

#[test]
fn a_manifest_that_does_not_fit_its_graph_is_named() {
    for (from, to) in [
        ("output = \"domain_logits\"", "output = \"other\""),
        ("dim = 384", "dim = 385"),
        (
            "labels = [\"benign\", \"injection\", \"jailbreak\"]",
            "labels = [\"benign\", \"attack\"]",
        ),
    ] {
        let (_copy, error) = changed("manifest.toml", |bytes| {
            String::from_utf8(bytes).unwrap().replace(from, to).into_bytes()
        });
        assert!(
            error.contains("model.onnx") && error.contains("does not fit"),
            "{error}"
        );
    }
}

#[tokio::test]
async fn passes_run_on_threads_of_their_own() {
    let encoder = Encoder::start(vec![Model::load(&folder(), &library()).unwrap()]).unwrap();
    let texts = vec!["What is 2 + 2?".to_owned(), "Translate hello.".to_owned()];
    let together = encoder.encode(texts.clone()).await.unwrap();
    for (text, reading) in texts.into_iter().zip(&together) {
        let alone = encoder.encode(vec![text]).await.unwrap();
        assert_eq!(&alone[0], reading, "a text's scores do not depend on its neighbours");
    }
}
