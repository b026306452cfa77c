//! Embeddings of texts: of length 1, so that their product is their likeness.

use std::path::Path;

use async_trait::async_trait;
use plexus_config::Environment;
use plexus_encoder::{Encoder, LoadError, ModelConfig};

/// An embedding that could not be made, in words for the log.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct EmbedError(pub String);

/// Makes embeddings, not on the threads that serve calls.
#[async_trait]
pub trait Embedder: Send + Sync + 'static {
    /// The embedding of a text.
    async fn embed(&self, text: String) -> Result<Vec<f32>, EmbedError>;
}

/// The encoder of a configuration; none where no folder is named, or where its model has no embedding.
pub(crate) fn open(config: &ModelConfig, environment: &Environment) -> Result<Option<Box<dyn Embedder>>, LoadError> {
    if config.folder == Path::new("") {
        return Ok(None);
    }
    let opened = config.open(environment)?;
    Ok(match opened.manifest.outputs.embedding {
        Some(_) => Some(Box::new(OfEncoder(opened.encoder))),
        None => None,
    })
}

struct OfEncoder(Encoder);

#[async_trait]
impl Embedder for OfEncoder {
    async fn embed(&self, text: String) -> Result<Vec<f32>, EmbedError> {
        let readings = self.0.encode(vec![text]).await;
        let reading = readings
            .map_err(|error| EmbedError(plexus_errors::chain(&error)))?
            .pop();
        let embedding = reading.map(|reading| reading.embedding);
        embedding.ok_or_else(|| EmbedError("the encoder gave nothing".to_owned()))
    }
}
