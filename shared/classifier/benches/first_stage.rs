//! The first stage alone, by length: `cargo bench -p plexus-classifier`. Its tables are as large as the shipped ones and
//! hold noise, which costs as much as sense does; the encoder behind it is the tiny one of the tests and is not asked.
#![allow(clippy::unwrap_used, reason = "a bench may panic")]

use std::{path::Path, sync::Arc};

use divan::{Bencher, counter::BytesCount};
use plexus_classifier::{Classifier, Loaded, ModelConfig};
use plexus_config::Environment;
use plexus_testkit::{FirstStageWeights, with_first_stage};

/// Words repeated to the length that is wanted; most are one token.
const WORDS: [&str; 8] = ["What", "is", "15%", "of", "240", "in", "Python", "code?"];

fn main() {
    divan::main();
}

/// A text of so many words.
#[divan::bench(args = [4, 12, 32, 64, 128, 256])]
fn words(bencher: Bencher<'_, '_>, count: usize) {
    let text = WORDS.iter().cycle().take(count).copied().collect::<Vec<_>>().join(" ");
    read(bencher, &text);
}

/// Texts that are not mostly ASCII.
#[divan::bench(args = ["奶茶18块一杯,第二杯半价,买五杯一共多少钱", "Сколько будет 15% от 240, если округлить до целого?"])]
fn scripts(bencher: Bencher<'_, '_>, text: &str) {
    read(bencher, text);
}

/// A text longer than what is read of it.
#[divan::bench]
fn long(bencher: Bencher<'_, '_>) {
    read(
        bencher,
        &"A long document, of which head and tail are read. ".repeat(1000),
    );
}

fn read(bencher: Bencher<'_, '_>, text: &str) {
    let loaded = loaded();
    let bencher = bencher.counter(BytesCount::of_str(text));
    bencher.bench_local(|| loaded.first(divan::black_box(text)));
}

/// The model of the tests with a first stage of noise, as large as the shipped one.
fn loaded() -> Arc<Loaded> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/own");
    let folder = tempfile::tempdir().unwrap();
    let weights = FirstStageWeights {
        rows: 1 << 16,
        width: 16,
        hidden: 48,
        noise: true,
        logits: [0.0; 8],
    };
    let one = "{ domain = 1.0, guard = 1.0, complexity = 1.0 }";
    let section = format!("temperature = {one}\nsure = 0.9\nothers = 0.2\nattack = 0.02\nweight = {one}\n");
    // Noise would fail any smoke text.
    with_first_stage(&own, folder.path(), &weights, &section, "");
    let classifier = Classifier::open(&ModelConfig::of(folder.path()), &Environment::process()).unwrap();
    classifier.loaded()
}
