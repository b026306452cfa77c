//! Sentence embeddings by the encoder.

use std::path::Path;

use plexus_config::Environment;
use plexus_encoder::{Encoder, ModelConfig};
use plexus_server::StartError;

use crate::domain::{EmbedError, Embedder};

/// The encoder of a configuration; none where no folder is named.
pub(crate) fn open(config: &ModelConfig, environment: &Environment) -> Result<Option<Box<dyn Embedder>>, StartError> {
    if config.folder == Path::new("") {
        return Ok(None);
    }
    let opened = config.open(environment).map_err(|source| StartError::Input {
        what: format!("the model (key `model.folder` = \"{}\")", config.folder.display()),
        source: source.into(),
    })?;
    // A model without an embedding is right for routing; here word counts serve then, as without a folder.
    Ok(match opened.manifest.outputs.embedding {
        Some(_) => Some(Box::new(EncoderEmbedder(opened.encoder))),
        None => None,
    })
}

struct EncoderEmbedder(Encoder);

impl Embedder for EncoderEmbedder {
    fn embed(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, EmbedError> {
        let texts = texts.iter().map(|text| (*text).to_owned()).collect();
        let readings = self
            .0
            .encode_blocking(texts)
            .map_err(|error| EmbedError(error.to_string()))?;
        Ok(readings.into_iter().map(|reading| reading.embedding).collect())
    }
}
