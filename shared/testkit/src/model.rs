//! Model folders with a first stage of one's own making.

use std::{fs, path::Path};

use safetensors::{Dtype, tensor::TensorView};
use sha2::{Digest as _, Sha256};

/// Values of the last layer: four domains, three labels of the guard, complexity.
const OUTPUTS: usize = 8;

/// The weights of a first stage: two tables of so many rows, a hidden layer, and the last layer's biases.
#[derive(Debug, Clone, Copy)]
pub struct FirstStageWeights {
    /// Rows of either table.
    pub rows: usize,
    /// Values of a row.
    pub width: usize,
    /// Values of the hidden layer.
    pub hidden: usize,
    /// Whether tables and layers hold noise instead of zeros.
    pub noise: bool,
    /// Biases of the last layer; all that is ever said where there is no noise.
    pub logits: [f32; OUTPUTS],
}

impl FirstStageWeights {
    /// The least weights that give every text these logits.
    pub fn always(logits: [f32; OUTPUTS]) -> Self {
        let (rows, width, hidden) = (2, 1, 1);
        Self {
            rows,
            width,
            hidden,
            noise: false,
            logits,
        }
    }

    /// The safetensors file of these weights, and its SHA-256 as a manifest has it.
    pub fn file(&self) -> (Vec<u8>, String) {
        let bytes = self.bytes();
        let hash = Sha256::digest(&bytes);
        let hash = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        (bytes, hash)
    }

    fn bytes(&self) -> Vec<u8> {
        let (rows, width, hidden) = (self.rows, self.width, self.hidden);
        let mut state = 1_u32;
        let mut table = || {
            let noise = || {
                // The generator of Numerical Recipes: good enough for noise.
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                if self.noise { (state >> 24) as u8 } else { 0 }
            };
            std::iter::repeat_with(noise).take(rows * width).collect::<Vec<u8>>()
        };
        let floats = |count: usize| {
            let value = |index: usize| {
                if self.noise {
                    (index % 7) as f32 / 100.0 - 0.03
                } else {
                    0.0
                }
            };
            (0..count)
                .flat_map(|index| value(index).to_le_bytes())
                .collect::<Vec<u8>>()
        };
        let one = || 1.0_f32.to_le_bytes().to_vec();
        let logits = self.logits.iter().flat_map(|logit| logit.to_le_bytes()).collect();
        let tensors = [
            ("words", vec![rows, width], Dtype::I8, table()),
            ("words.scale", vec![1], Dtype::F32, one()),
            ("chars", vec![rows, width], Dtype::I8, table()),
            ("chars.scale", vec![1], Dtype::F32, one()),
            (
                "hidden.weight",
                vec![hidden, 2 * width],
                Dtype::F32,
                floats(hidden * 2 * width),
            ),
            ("hidden.bias", vec![hidden], Dtype::F32, floats(hidden)),
            (
                "out.weight",
                vec![OUTPUTS, hidden],
                Dtype::F32,
                floats(OUTPUTS * hidden),
            ),
            ("out.bias", vec![OUTPUTS], Dtype::F32, logits),
        ];
        let views = tensors.iter().map(|(name, shape, kind, bytes)| {
            let view = TensorView::new(*kind, shape.clone(), bytes);
            (*name, view.expect("as many values as the shape says"))
        });
        safetensors::serialize(views, None).expect("views of whole tensors")
    }
}

/// Copies the model folder `from` to `to`, with a first stage of these weights and this `[first_stage]` section. The
/// folder's own smoke texts are replaced by `smoke` (as in the manifest), since other weights judge otherwise.
///
/// # Panics
/// A folder that cannot be read or written, or has no `[files]` or `[[smoke]]`.
pub fn with_first_stage(from: &Path, to: &Path, weights: &FirstStageWeights, section: &str, smoke: &str) {
    for name in ["model.onnx", "tokenizer.json"] {
        fs::copy(from.join(name), to.join(name)).expect("a model folder that can be copied");
    }
    let (bytes, hash) = weights.file();
    fs::write(to.join("first_stage.safetensors"), bytes).expect("a folder that can be written");
    let manifest = fs::read_to_string(from.join("manifest.toml")).expect("a manifest");
    let file = format!("[files]\nfirst_stage = {{ path = \"first_stage.safetensors\", sha256 = \"{hash}\" }}");
    let (head, _) = manifest.split_once("[[smoke]]").expect("a manifest with smoke texts");
    let manifest = head.replace("[files]", &file);
    assert_ne!(manifest, head, "the manifest has no [files]");
    let manifest = format!("{manifest}\n[first_stage]\n{section}\n{smoke}");
    fs::write(to.join("manifest.toml"), manifest).expect("a folder that can be written");
}
