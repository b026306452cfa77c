//! The first stage alone, by length: `cargo bench -p plexus-classifier`. Its tables are as large as the shipped ones and
//! hold noise, which costs as much as sense does; the encoder behind it is the tiny one of the tests and is not asked.
#![allow(clippy::unwrap_used, reason = "a bench may panic")]

use std::{fs, path::Path, sync::Arc};

use divan::{Bencher, counter::BytesCount};
use plexus_classifier::{Classifier, Loaded, ModelConfig};
use plexus_config::Environment;
use safetensors::{Dtype, tensor::TensorView};
use sha2::{Digest as _, Sha256};

/// Rows of a table, values of a row, values of the hidden layer.
const ROWS: usize = 1 << 16;
const WIDTH: usize = 16;
const HIDDEN: usize = 48;

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

/// The model of the tests with a first stage of noise.
fn loaded() -> Arc<Loaded> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/own");
    let folder = tempfile::tempdir().unwrap();
    for name in ["model.onnx", "tokenizer.json"] {
        fs::copy(own.join(name), folder.path().join(name)).unwrap();
    }
    let mut state = 1_u32;
    let mut noise = || {
        // Numerical Recipes' generator: good enough for noise.
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    let mut table = || (0..ROWS * WIDTH).map(|_| noise()).collect::<Vec<u8>>();
    let (words, chars) = (table(), table());
    let floats = |count: usize| {
        let values = (0..count).map(|index| (index % 7) as f32 / 100.0 - 0.03);
        values.flat_map(f32::to_le_bytes).collect::<Vec<u8>>()
    };
    let tensors = [
        ("words", vec![ROWS, WIDTH], Dtype::I8, words),
        ("words.scale", vec![1], Dtype::F32, floats(1)),
        ("chars", vec![ROWS, WIDTH], Dtype::I8, chars),
        ("chars.scale", vec![1], Dtype::F32, floats(1)),
        (
            "hidden.weight",
            vec![HIDDEN, 2 * WIDTH],
            Dtype::F32,
            floats(HIDDEN * 2 * WIDTH),
        ),
        ("hidden.bias", vec![HIDDEN], Dtype::F32, floats(HIDDEN)),
        ("out.weight", vec![8, HIDDEN], Dtype::F32, floats(8 * HIDDEN)),
        ("out.bias", vec![8], Dtype::F32, floats(8)),
    ];
    let views = tensors.iter();
    let views = views.map(|(name, shape, kind, bytes)| (*name, TensorView::new(*kind, shape.clone(), bytes).unwrap()));
    let bytes = safetensors::serialize(views, None).unwrap();
    let hash: String = Sha256::digest(&bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    fs::write(folder.path().join("first_stage.safetensors"), bytes).unwrap();
    let manifest = fs::read_to_string(own.join("manifest.toml")).unwrap();
    let file = format!("[files]\nfirst_stage = {{ path = \"first_stage.safetensors\", sha256 = \"{hash}\" }}");
    let manifest = manifest.replace("[files]", &file);
    // Noise would fail the folder's own texts.
    let end = manifest.find("[[smoke]]").unwrap();
    let one = "{ domain = 1.0, guard = 1.0, complexity = 1.0 }";
    let rule = format!("[first_stage]\ntemperature = {one}\nsure = 0.9\nothers = 0.2\nattack = 0.02\nweight = {one}\n");
    fs::write(
        folder.path().join("manifest.toml"),
        format!("{}{rule}", &manifest[..end]),
    )
    .unwrap();
    let classifier = Classifier::open(&ModelConfig::of(folder.path()), &Environment::process()).unwrap();
    classifier.loaded()
}
