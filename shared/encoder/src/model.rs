//! A loaded model: one pass over a text gives all outputs.

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
    tokens::tokenize,
};

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

    /// Reads a text.
    ///
    /// Texts go one by one: on one thread a batch is hardly faster, and with int8 weights the scales of a batch would make
    /// a text's scores depend on its neighbours.
    ///
    /// # Errors
    /// A tokenizer or a session that fails.
    pub fn encode(&mut self, text: &str) -> Result<Reading, EncodeError> {
        let tokens = tokenize(&self.tokenizer, text, self.manifest.input.max_tokens, self.ends)?;
        let mask = vec![1_i64; tokens.ids.len()];
        let shape = [1, tokens.ids.len()];
        let outputs = self.session.run(ort::inputs! {
            "input_ids" => TensorRef::from_array_view((shape, tokens.ids.as_slice()))?,
            "attention_mask" => TensorRef::from_array_view((shape, mask.as_slice()))?,
        })?;
        let heads = &self.manifest.heads;
        let embedding = &self.manifest.outputs.embedding;
        Ok(Reading {
            embedding: values(&outputs, &embedding.name, embedding.dim)?.to_vec(),
            domains: logits(&outputs, Some(&heads.domain))?
                .into_iter()
                .map(sigmoid)
                .collect(),
            guard: softmax(logits(&outputs, heads.guard.as_ref())?),
            complexity: logits(&outputs, heads.complexity.as_ref())?
                .first()
                .copied()
                .map(sigmoid),
            tokens: tokens.total,
            tokens_read: tokens.read,
        })
    }

    /// Finds out at the start, not at the first query, that graph and manifest do not fit.
    fn try_once(&mut self, folder: &Path, path: PathBuf) -> Result<(), LoadError> {
        let problem = match self.encode("What is 2 + 2?") {
            Ok(reading)
                if reading
                    .domains
                    .iter()
                    .chain(&reading.embedding)
                    .all(|value| value.is_finite()) =>
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

/// An output of `dim` values.
fn values<'a>(outputs: &'a SessionOutputs<'_>, name: &str, dim: usize) -> Result<&'a [f32], EncodeError> {
    let wrong = |problem: String| EncodeError::Output {
        output: name.to_owned(),
        problem,
    };
    let output = outputs.get(name).ok_or_else(|| wrong("is missing".to_owned()))?;
    let (shape, values) = output.try_extract_tensor::<f32>()?;
    if values.len() == dim {
        Ok(values)
    } else {
        Err(wrong(format!("has shape {shape:?}, expected [1, {dim}]")))
    }
}

/// A head's logits, divided by its temperature; empty where there is no such head.
fn logits(outputs: &SessionOutputs<'_>, head: Option<&Head>) -> Result<Vec<f32>, EncodeError> {
    let Some(head) = head else { return Ok(Vec::new()) };
    let values = values(outputs, &head.output, head.labels.len())?;
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
