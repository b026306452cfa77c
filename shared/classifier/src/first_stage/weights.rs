//! Tensors of the first stage, read and checked; the arithmetic on them.

use safetensors::{Dtype, SafeTensors, tensor::TensorView};

use crate::lexical::slot;

/// Rows for hashes.
#[derive(Debug)]
pub(super) struct Table {
    bits: u32,
    /// Values of a row.
    pub(super) width: usize,
    rows: Vec<i8>,
    scale: f32,
}

impl Table {
    /// Reads `name` and `name.scale`.
    pub(super) fn read(file: &SafeTensors<'_>, name: &str) -> Result<Self, String> {
        let view = tensor(file, name, Dtype::I8)?;
        let [rows, width] = view.shape()[..] else {
            return Err(format!(
                "`{name}` has shape {:?}, two dimensions are needed",
                view.shape()
            ));
        };
        if !rows.is_power_of_two() || !(2..=1 << 30).contains(&rows) || width == 0 {
            return Err(format!(
                "`{name}` is {rows} by {width}, its rows must be a power of two"
            ));
        }
        let key = format!("{name}.scale");
        let scale = match floats(file, &key)?[..] {
            [scale] => scale,
            ref other => return Err(format!("`{key}` has {} values, one is needed", other.len())),
        };
        Ok(Self {
            bits: rows.trailing_zeros(),
            width,
            rows: view.data().iter().map(|byte| i8::from_ne_bytes([*byte])).collect(),
            scale,
        })
    }

    /// An empty sum of rows.
    pub(super) fn bag(&self) -> Bag<'_> {
        Bag {
            table: self,
            sum: vec![0; self.width],
            count: 0,
        }
    }
}

/// A sum of rows of a table.
pub(super) struct Bag<'a> {
    table: &'a Table,
    sum: Vec<i32>,
    count: usize,
}

impl Bag<'_> {
    /// Adds the row of a hash.
    pub(super) fn add(&mut self, hash: u32) {
        let start = slot(hash, self.table.bits) * self.table.width;
        let row = &self.table.rows[start..start + self.table.width];
        for (sum, value) in self.sum.iter_mut().zip(row) {
            *sum += i32::from(*value);
        }
        self.count += 1;
    }

    /// The sum, scaled by the square root of the count: neither length nor a single word wins.
    pub(super) fn mean(&self) -> Vec<f32> {
        let factor = self.table.scale / (self.count.max(1) as f32).sqrt();
        self.sum.iter().map(|sum| *sum as f32 * factor).collect()
    }
}

/// A layer.
#[derive(Debug)]
pub(super) struct Dense {
    /// Values that it takes.
    pub(super) inputs: usize,
    weight: Vec<f32>,
    bias: Vec<f32>,
}

impl Dense {
    /// Reads `name.weight` and `name.bias`.
    pub(super) fn read(file: &SafeTensors<'_>, name: &str) -> Result<Self, String> {
        let (weight_key, bias_key) = (format!("{name}.weight"), format!("{name}.bias"));
        let view = tensor(file, &weight_key, Dtype::F32)?;
        let [outputs, inputs] = view.shape()[..] else {
            return Err(format!(
                "`{weight_key}` has shape {:?}, two dimensions are needed",
                view.shape()
            ));
        };
        let bias = floats(file, &bias_key)?;
        if inputs == 0 || bias.len() != outputs {
            return Err(format!(
                "`{weight_key}` is {outputs} by {inputs}, `{bias_key}` has {} values",
                bias.len()
            ));
        }
        Ok(Self {
            inputs,
            weight: floats(file, &weight_key)?,
            bias,
        })
    }

    /// Values that it gives.
    pub(super) fn outputs(&self) -> usize {
        self.bias.len()
    }

    /// Weights times values plus bias.
    pub(super) fn apply(&self, values: &[f32]) -> Vec<f32> {
        let rows = self.weight.chunks_exact(self.inputs).zip(&self.bias);
        rows.map(|(row, bias)| bias + dot(row, values)).collect()
    }
}

/// Eight sums side by side: one alone would wait for itself.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0; 8];
    let (a, b) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f32 = a.remainder().iter().zip(b.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in a.zip(b) {
        for (sum, (a, b)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum += a * b;
        }
    }
    rest + sums.iter().sum::<f32>()
}

fn tensor<'a>(file: &SafeTensors<'a>, name: &str, kind: Dtype) -> Result<TensorView<'a>, String> {
    let view = file.tensor(name).map_err(|_| format!("has no tensor `{name}`"))?;
    match view.dtype() {
        found if found == kind => Ok(view),
        found => Err(format!("`{name}` is {found:?}, expected {kind:?}")),
    }
}

/// All values of a tensor, finite ones.
fn floats(file: &SafeTensors<'_>, name: &str) -> Result<Vec<f32>, String> {
    let view = tensor(file, name, Dtype::F32)?;
    let (values, _) = view.data().as_chunks::<4>();
    let values: Vec<f32> = values.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
    match values.iter().all(|value| value.is_finite()) {
        true => Ok(values),
        false => Err(format!("`{name}` holds numbers that are not finite")),
    }
}
