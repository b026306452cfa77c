//! The first stage's arithmetic against a slow, plain copy of it; files that are wrong.

use proptest::prelude::*;
use safetensors::tensor::TensorView;

use super::*;
use crate::lexical::slot;

/// A tensor of a test: its name, shape and bytes.
type Raw = (&'static str, Vec<usize>, Dtype, Vec<u8>);

use safetensors::Dtype;

fn file(tensors: &[Raw]) -> Vec<u8> {
    let views = tensors.iter().map(|(name, shape, kind, bytes)| {
        let view = TensorView::new(*kind, shape.clone(), bytes).unwrap();
        (*name, view)
    });
    safetensors::serialize(views, None).unwrap()
}

fn f32s(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

/// Numbers that look arbitrary and are always the same.
fn numbers(count: usize) -> Vec<f32> {
    (0..count)
        .map(|index| ((index * 37 % 101) as f32 - 50.0) / 50.0)
        .collect()
}

const WORDS: (u32, usize) = (6, 3);
const CHARS: (u32, usize) = (5, 2);
const HIDDEN: usize = 9;

fn tensors() -> Vec<Raw> {
    let table = |(bits, width): (u32, usize)| {
        let rows = 1_usize << bits;
        let bytes = (0..rows * width).map(|index| (index * 31 % 251) as u8).collect();
        (vec![rows, width], Dtype::I8, bytes)
    };
    let (words, chars) = (table(WORDS), table(CHARS));
    let joined = WORDS.1 + CHARS.1;
    vec![
        ("words", words.0, words.1, words.2),
        ("words.scale", vec![1], Dtype::F32, f32s(&[0.02])),
        ("chars", chars.0, chars.1, chars.2),
        ("chars.scale", vec![1], Dtype::F32, f32s(&[0.01])),
        (
            "hidden.weight",
            vec![HIDDEN, joined],
            Dtype::F32,
            f32s(&numbers(HIDDEN * joined)),
        ),
        ("hidden.bias", vec![HIDDEN], Dtype::F32, f32s(&numbers(HIDDEN))),
        ("out.weight", vec![8, HIDDEN], Dtype::F32, f32s(&numbers(8 * HIDDEN))),
        ("out.bias", vec![8], Dtype::F32, f32s(&numbers(8))),
    ]
}

/// All hashes, kept.
#[derive(Default)]
struct Kept(Vec<u32>, Vec<u32>);

impl Sink for Kept {
    fn word(&mut self, hash: u32) {
        self.0.push(hash);
    }

    fn chars(&mut self, hash: u32) {
        self.1.push(hash);
    }
}

fn slowly(text: &str) -> Vec<f64> {
    let mut kept = Kept::default();
    lexical::features(text, &mut kept);
    let mean = |hashes: &[u32], (bits, width): (u32, usize), scale: f64| -> Vec<f64> {
        let value = |column: usize| -> f64 {
            let row = |hash: &u32| slot(*hash, bits) * width + column;
            let sum: f64 = hashes
                .iter()
                .map(|hash| f64::from((row(hash) * 31 % 251) as u8 as i8))
                .sum();
            sum * scale / (hashes.len().max(1) as f64).sqrt()
        };
        (0..width).map(value).collect()
    };
    let joined = [mean(&kept.0, WORDS, 0.02), mean(&kept.1, CHARS, 0.01)].concat();
    let layer = |values: &[f64], outputs: usize| -> Vec<f64> {
        let weights = numbers(outputs * values.len());
        let rows = weights.chunks(values.len()).zip(numbers(outputs));
        rows.map(|(row, bias)| f64::from(bias) + row.iter().zip(values).map(|(a, b)| f64::from(*a) * b).sum::<f64>())
            .collect()
    };
    let hidden: Vec<f64> = layer(&joined, HIDDEN).into_iter().map(|value| value.max(0.0)).collect();
    layer(&hidden, 8)
}

#[test]
fn logits_are_those_of_the_plain_arithmetic() {
    let stage = FirstStage::from_bytes(&file(&tensors())).unwrap();
    for text in ["", "What is 15% of 240?", "请解释", &"long and longer ".repeat(900)] {
        let (logits, _) = stage.read(text);
        let found = [
            &logits.domain[..],
            &logits.guard.unwrap(),
            &[logits.complexity.unwrap()],
        ]
        .concat();
        for (found, expected) in found.iter().zip(slowly(text)) {
            assert!(
                (f64::from(*found) - expected).abs() < 1e-4,
                "{found} and {expected}: {text:.20}"
            );
        }
    }
}

#[test]
fn wrong_tensors_are_named() {
    for (name, change, part) in [
        (
            "words",
            Raw::from(("words", vec![63, 3], Dtype::I8, vec![0; 189])),
            "power of two",
        ),
        ("words", ("words", vec![192], Dtype::I8, vec![0; 192]), "two dimensions"),
        (
            "words",
            ("words", vec![64, 3], Dtype::U8, vec![0; 192]),
            "`words` is U8",
        ),
        ("words", ("other", vec![1], Dtype::U8, vec![0]), "no tensor `words`"),
        (
            "chars.scale",
            ("chars.scale", vec![2], Dtype::F32, vec![0; 8]),
            "`chars.scale` has 2",
        ),
        (
            "hidden.bias",
            ("hidden.bias", vec![8], Dtype::F32, vec![0; 32]),
            "`hidden.bias` has 8",
        ),
        (
            "chars",
            ("chars", vec![32, 1], Dtype::I8, vec![0; 32]),
            "`hidden.weight` has 5 columns",
        ),
        (
            "out.bias",
            ("out.bias", vec![8], Dtype::F32, f32s(&[f32::NAN; 8])),
            "`out.bias` holds",
        ),
        (
            "out.weight",
            ("out.weight", vec![8, 3], Dtype::F32, vec![0; 96]),
            "`out.weight` is 8 by 3",
        ),
    ] {
        let mut tensors = tensors();
        let place = tensors.iter().position(|tensor| tensor.0 == name).unwrap();
        tensors[place] = change;
        let error = FirstStage::from_bytes(&file(&tensors)).unwrap_err();
        assert!(error.contains(part), "{error}");
    }
}

proptest! {
    #[test]
    fn no_bytes_make_reading_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(FirstStage::from_bytes(&bytes).is_err());
    }

    #[test]
    fn no_change_makes_reading_panic(at in 0_usize..700, byte in any::<u8>()) {
        let mut bytes = file(&tensors());
        bytes[at] = byte;
        if let Ok(stage) = FirstStage::from_bytes(&bytes) {
            stage.read("What is 2 + 2?");
        }
    }

    #[test]
    fn every_text_gets_finite_logits(text in "\\PC*") {
        let stage = FirstStage::from_bytes(&file(&tensors())).unwrap();
        let (logits, extent) = stage.read(&text);
        prop_assert!(logits.domain.iter().all(|value| value.is_finite()));
        prop_assert!(extent.read <= extent.total);
    }
}
