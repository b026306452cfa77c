//! A loaded model: one pass over a text gives all outputs.

use std::path::{Path, PathBuf};

use ort::session::{Session, SessionOutputs, builder::GraphOptimizationLevel};
use tokenizers::Tokenizer;

use crate::{
    EncodeError, LoadError, Manifest,
    inputs::{Inputs, asked},
    library::runtime,
    manifest::{FILE, Head},
    tokens::{Around, tokenize},
};

/// What one pass says of a text. Heads give logits, before any temperature: who fuses them with others needs these.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// The sentence embedding, of length 1; empty where the model has none.
    pub embedding: Vec<f32>,
    /// Logits of the domain head, in the order of its labels.
    pub domain: Vec<f32>,
    /// Logits of the guard head; empty where there is none.
    pub guard: Vec<f32>,
    /// Logit of the complexity head; none where there is none.
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
    inputs: Inputs,
    around: Around,
}

impl Model {
    /// Loads the model in `folder` with the ONNX Runtime at `library`, and tries it once.
    ///
    /// # Errors
    /// Whatever is missing, changed, cut, or does not fit together; the error names the file.
    pub fn load(folder: &Path, library: &Path) -> Result<Self, LoadError> {
        Self::of(Manifest::read(folder)?, folder, library)
    }

    /// The same with a manifest that was read before.
    pub(crate) fn of(manifest: Manifest, folder: &Path, library: &Path) -> Result<Self, LoadError> {
        let (path, bytes) = manifest.files.tokenizer.load(folder)?;
        let unusable = |problem: String| LoadError::Tokenizer {
            path: path.clone(),
            problem,
        };
        let mut tokenizer = Tokenizer::from_bytes(&bytes).map_err(|error| unusable(error.to_string()))?;
        tokenizer.with_padding(None);
        tokenizer
            .with_truncation(None)
            .map_err(|error| unusable(error.to_string()))?;
        let around = Around::of(&tokenizer).map_err(unusable)?;

        let (path, bytes) = manifest.files.model.load(folder)?;
        for data in &manifest.files.data {
            data.check(folder)?;
        }
        let environment = runtime(library)?;
        let weights = match manifest.files.data.is_empty() {
            true => Weights::Inside(&bytes),
            false => Weights::Beside(&path),
        };
        let session = session(&environment, weights).map_err(|source| LoadError::Session {
            path: path.clone(),
            source,
        })?;
        let inputs = Inputs::fit(&manifest.input, &asked(session.inputs()));
        let inputs = inputs.map_err(|problem| LoadError::Inconsistent {
            path: path.clone(),
            problem: format!("does not fit {}: {problem}", folder.join(FILE).display()),
        })?;
        let mut model = Self {
            manifest,
            tokenizer,
            session,
            inputs,
            around,
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
        let tokens = tokenize(&self.tokenizer, text, self.manifest.input.max_tokens, &self.around)?;
        let outputs = self.session.run(self.inputs.values(&tokens.ids)?)?;
        let heads = &self.manifest.heads;
        let embedding = match &self.manifest.outputs.embedding {
            Some(embedding) => values(&outputs, &embedding.name, embedding.dim)?.to_vec(),
            None => Vec::new(),
        };
        Ok(Reading {
            embedding,
            domain: logits(&outputs, Some(&heads.domain))?,
            guard: logits(&outputs, heads.guard.as_ref())?,
            complexity: logits(&outputs, heads.complexity.as_ref())?.first().copied(),
            tokens: tokens.total,
            tokens_read: tokens.read,
        })
    }

    /// The same text through tokenizer and graph with no output read: what [`Model::encode`] is measured against. Gives the
    /// number of tokens of the pass.
    ///
    /// # Errors
    /// As [`Model::encode`].
    pub fn bare(&mut self, text: &str) -> Result<usize, EncodeError> {
        let tokens = tokenize(&self.tokenizer, text, self.manifest.input.max_tokens, &self.around)?;
        self.session.run(self.inputs.values(&tokens.ids)?)?;
        Ok(tokens.ids.len())
    }

    /// Finds out at the start, not at the first query, that graph and manifest do not fit.
    fn try_once(&mut self, folder: &Path, path: PathBuf) -> Result<(), LoadError> {
        let problem = match self.encode("What is 2 + 2?") {
            Ok(reading) => {
                let numbers = [&reading.domain, &reading.guard, &reading.embedding];
                let mut numbers = numbers.into_iter().flatten().chain(&reading.complexity);
                match numbers.all(|value| value.is_finite()) {
                    true => return Ok(()),
                    false => "the model gives numbers that are not finite".to_owned(),
                }
            }
            Err(EncodeError::Session(source)) => return Err(LoadError::Session { path, source }),
            Err(error) => error.to_string(),
        };
        Err(LoadError::Inconsistent {
            path,
            problem: format!("does not fit {}: {problem}", folder.join(FILE).display()),
        })
    }
}

/// Where a graph's weights are.
enum Weights<'a> {
    Inside(&'a [u8]),
    /// In files beside the graph, which only its path leads to.
    Beside(&'a Path),
}

fn session(environment: &ort::environment::Environment, weights: Weights<'_>) -> Result<Session, ort::Error> {
    // One thread: time is spent better on another query than on waking a second one.
    let mut builder = Session::builder(environment)?
        .with_optimization_level(GraphOptimizationLevel::All)?
        .with_intra_threads(1)?
        .with_inter_threads(1)?;
    match weights {
        Weights::Inside(bytes) => builder.commit_from_memory(bytes),
        Weights::Beside(path) => builder.commit_from_file(path),
    }
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

/// A head's logits; empty where there is no such head.
fn logits(outputs: &SessionOutputs<'_>, head: Option<&Head>) -> Result<Vec<f32>, EncodeError> {
    head.map_or(Ok(Vec::new()), |head| {
        Ok(values(outputs, &head.output, head.labels.len())?.to_vec())
    })
}
