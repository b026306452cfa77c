//! A loaded model: one pass over a batch of texts gives all outputs.

use std::path::{Path, PathBuf};

use ort::{
    session::{Session, SessionOutputs, builder::GraphOptimizationLevel},
    value::TensorRef,
};
use tokenizers::Tokenizer;

use crate::{
    EncodeError, LoadError, Manifest,
    library::runtime,
    manifest::{FILE, Head},
    tokens::{Tokens, tokenize},
};

/// Texts in one run of the graph; more are run one batch after the other.
const BATCH: usize = 8;

/// What one pass says of a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// The sentence embedding, of length 1.
    pub embedding: Vec<f32>,
    /// Probability of each label of the domain head, in its order.
    pub domains: Vec<f32>,
    /// Probability of each label of the guard head; empty where there is none.
    pub guard: Vec<f32>,
    /// 0 simple .. 1 complex; none where there is no such head.
    pub complexity: Option<f32>,
    /// Tokens of the text.
    pub tokens: usize,
    /// Tokens that were read.
    pub tokens_read: usize,
}

/// A loaded model.
#[derive(Debug)]
pub struct Model {
    manifest: Manifest,
    tokenizer: Tokenizer,
    session: Session,
    /// Ids of `[CLS]` and `[SEP]`.
    ends: (u32, u32),
}

impl Model {
    /// Loads the model in `folder` with the ONNX Runtime at `library`, and tries it once.
    ///
    /// # Errors
    /// Whatever is missing, changed, cut, or does not fit together; the error names the file.
    pub fn load(folder: &Path, library: &Path) -> Result<Self, LoadError> {
        let manifest = Manifest::read(folder)?;
        let (tokenizer_path, bytes) = manifest.files.tokenizer.load(folder)?;
        let unusable = |problem: String| LoadError::Tokenizer {
            path: tokenizer_path.clone(),
            problem,
        };
        let mut tokenizer = Tokenizer::from_bytes(&bytes).map_err(|error| unusable(error.to_string()))?;
        tokenizer.with_padding(None);
        tokenizer
            .with_truncation(None)
            .map_err(|error| unusable(error.to_string()))?;
        let special = |token: &str| {
            tokenizer
                .token_to_id(token)
                .ok_or_else(|| unusable(format!("it has no token `{token}`")))
        };
        let ends = (special("[CLS]")?, special("[SEP]")?);

        let (path, bytes) = manifest.files.model.load(folder)?;
        let environment = runtime(library)?;
        let session = session(&environment, &bytes).map_err(|source| LoadError::Session {
            path: path.clone(),
            source,
        })?;
        let mut model = Self {
            manifest,
            tokenizer,
            session,
            ends,
        };
        model.try_once(folder, path)?;
        Ok(model)
    }

    /// Its manifest.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Reads texts, in their order.
    ///
    /// # Errors
    /// A tokenizer or a session that fails.
    pub fn encode(&mut self, texts: &[String]) -> Result<Vec<Reading>, EncodeError> {
        let max = self.manifest.input.max_tokens;
        let tokens = texts
            .iter()
            .map(|text| tokenize(&self.tokenizer, text, max, self.ends))
            .collect::<Result<Vec<_>, _>>()?;
        let mut readings = Vec::with_capacity(texts.len());
        for batch in tokens.chunks(BATCH) {
            readings.extend(self.run(batch)?);
        }
        Ok(readings)
    }

    fn run(&mut self, batch: &[Tokens]) -> Result<Vec<Reading>, EncodeError> {
        let width = batch.iter().map(|tokens| tokens.ids.len()).max().unwrap_or_default();
        let mut ids = vec![0_i64; batch.len() * width];
        let mut mask = vec![0_i64; batch.len() * width];
        for (row, tokens) in batch.iter().enumerate() {
            let begin = row * width;
            ids[begin..begin + tokens.ids.len()].copy_from_slice(&tokens.ids);
            mask[begin..begin + tokens.ids.len()].fill(1);
        }
        let shape = [batch.len(), width];
        let outputs = self.session.run(ort::inputs! {
            "input_ids" => TensorRef::from_array_view((shape, ids.as_slice()))?,
            "attention_mask" => TensorRef::from_array_view((shape, mask.as_slice()))?,
        })?;
        let heads = &self.manifest.heads;
        let rows = batch.len();
        let embedding = &self.manifest.outputs.embedding;
        let embeddings = values(&outputs, &embedding.name, rows, embedding.dim)?;
        let domains = logits(&outputs, rows, Some(&heads.domain))?;
        let guards = logits(&outputs, rows, heads.guard.as_ref())?;
        let complexities = logits(&outputs, rows, heads.complexity.as_ref())?;
        let row_of = |values: &[f32], row: usize| {
            let width = values.len() / rows;
            values[row * width..(row + 1) * width].to_vec()
        };
        Ok(batch
            .iter()
            .enumerate()
            .map(|(row, tokens)| Reading {
                embedding: row_of(embeddings, row),
                domains: row_of(&domains, row).into_iter().map(sigmoid).collect(),
                guard: softmax(row_of(&guards, row)),
                complexity: row_of(&complexities, row).first().copied().map(sigmoid),
                tokens: tokens.total,
                tokens_read: tokens.read,
            })
            .collect())
    }

    /// Finds out at the start, not at the first query, that graph and manifest do not fit.
    fn try_once(&mut self, folder: &Path, path: PathBuf) -> Result<(), LoadError> {
        let problem = match self.encode(&["What is 2 + 2?".to_owned()]) {
            Ok(readings)
                if readings
                    .iter()
                    .all(|r| r.domains.iter().chain(&r.embedding).all(|v| v.is_finite())) =>
            {
                return Ok(());
            }
            Ok(_) => "the model gives numbers that are not finite".to_owned(),
            Err(EncodeError::Session(source)) => return Err(LoadError::Session { path, source }),
            Err(error) => error.to_string(),
        };
        Err(LoadError::Inconsistent {
            path,
            problem: format!("does not fit {}: {problem}", folder.join(FILE).display()),
        })
    }
}

fn session(environment: &ort::environment::Environment, bytes: &[u8]) -> Result<Session, ort::Error> {
    // One thread: time is spent better on another query than on waking a second one.
    Session::builder(environment)?
        .with_optimization_level(GraphOptimizationLevel::All)?
        .with_intra_threads(1)?
        .with_inter_threads(1)?
        .commit_from_memory(bytes)
}

/// An output of `rows` x `dim` values.
fn values<'a>(outputs: &'a SessionOutputs<'_>, name: &str, rows: usize, dim: usize) -> Result<&'a [f32], EncodeError> {
    let wrong = |problem: String| EncodeError::Output {
        output: name.to_owned(),
        problem,
    };
    let output = outputs.get(name).ok_or_else(|| wrong("is missing".to_owned()))?;
    let (shape, values) = output.try_extract_tensor::<f32>()?;
    if shape.as_ref() == [rows as i64, dim as i64] {
        Ok(values)
    } else {
        Err(wrong(format!("has shape {shape:?}, expected [{rows}, {dim}]")))
    }
}

/// A head's logits, divided by its temperature; empty where there is no such head.
fn logits(outputs: &SessionOutputs<'_>, rows: usize, head: Option<&Head>) -> Result<Vec<f32>, EncodeError> {
    let Some(head) = head else { return Ok(Vec::new()) };
    let values = values(outputs, &head.output, rows, head.labels.len())?;
    Ok(values.iter().map(|value| value / head.temperature).collect())
}

fn sigmoid(logit: f32) -> f32 {
    1.0 / (1.0 + (-logit).exp())
}

fn softmax(logits: Vec<f32>) -> Vec<f32> {
    let max = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let exps: Vec<f32> = logits.iter().map(|logit| (logit - max).exp()).collect();
    let sum: f32 = exps.iter().sum();
    exps.into_iter().map(|value| value / sum).collect()
}
