//! A loaded model folder: first stage, encoder, and what their outputs mean.

use std::sync::atomic::{AtomicBool, Ordering};

use plexus_config::Environment;
use plexus_core::Domain;
use plexus_encoder::{EncodeError, Encoder, LoadError, Opened, Reading, Smoke, Thresholds};

use crate::{
    ModelConfig, Stage, StageReading,
    cache::Cache,
    first_stage::First,
    heads::{Beside, Heads},
    keywords, language,
};

/// A loaded model folder. A request keeps the one that it began with.
#[derive(Debug)]
pub struct Loaded {
    id: String,
    digest: String,
    languages: Vec<String>,
    thresholds: Thresholds,
    embeds: bool,
    heads: Heads,
    first: Option<First>,
    encoder: Encoder,
    healthy: AtomicBool,
    pub(crate) cache: Option<Cache>,
}

/// What is known of a text before the encoder.
pub(crate) enum Look {
    /// The first stage decides.
    Decided(StageReading),
    /// The encoder must be asked.
    Open(Unsure),
}

/// A text for the encoder.
#[derive(Default)]
pub(crate) struct Unsure {
    beside: Option<Beside>,
    language: Option<&'static str>,
}

impl Loaded {
    /// Loads and checks the folder of `config`. Blocks.
    ///
    /// # Errors
    /// Whatever is missing, changed, cut, does not fit together, or gives other domains than the folder itself expects.
    pub(crate) fn open(config: &ModelConfig, environment: &Environment) -> Result<Self, LoadError> {
        let opened = config.encoder().open(environment)?;
        let path = opened.folder.join("manifest.toml");
        let smoke = opened.manifest.smoke.clone();
        let loaded = Self::new(opened, config.cache)?;
        // On a thread of its own: the caller's may drive an async runtime, which does not let itself be blocked.
        let tried = std::thread::scope(|scope| {
            let tried = scope.spawn(|| smoke.iter().try_for_each(|one| loaded.smoke(one)));
            tried.join().unwrap_or_else(|_| Err("trying it panicked".to_owned()))
        });
        match tried {
            Ok(()) => Ok(loaded),
            Err(problem) => Err(LoadError::Inconsistent { path, problem }),
        }
    }

    /// Whether a text gets the domain that the folder itself expects.
    fn smoke(&self, one: &Smoke) -> Result<(), String> {
        let wrong = |problem: String| format!("`smoke`: \"{}\" {problem}", one.text);
        let reading = self
            .blocking(&one.text)
            .map_err(|error| wrong(format!("fails: {}", plexus_errors::chain(&error))))?;
        let (best, score) = reading.best();
        match Domain::from_name(&one.domain) == Some(best) {
            true => Ok(()),
            false => Err(wrong(format!("gets {best} {score:.2}, expected {}", one.domain))),
        }
    }

    /// Fits a manifest's labels to the mesh's words, and reads the first stage.
    pub(crate) fn new(opened: Opened, cache: usize) -> Result<Self, LoadError> {
        let Opened {
            encoder,
            manifest,
            folder,
        } = opened;
        let heads = Heads::of(&manifest).map_err(|problem| LoadError::Inconsistent {
            path: folder.join("manifest.toml"),
            problem,
        })?;
        Ok(Self {
            id: manifest.id(),
            first: First::load(&manifest, &folder)?,
            digest: manifest.digest,
            languages: manifest.languages,
            thresholds: manifest.thresholds,
            embeds: manifest.outputs.embedding.is_some(),
            heads,
            encoder,
            healthy: true.into(),
            cache: Cache::new(cache),
        })
    }

    /// Name and version, e.g. `plexus-router@2.1.0`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The model's limits.
    pub fn thresholds(&self) -> Thresholds {
        self.thresholds
    }

    /// SHA-256 of its manifest.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Whether the last pass of the encoder succeeded.
    pub(crate) fn healthy(&self) -> bool {
        self.healthy.load(Ordering::Relaxed)
    }

    /// The first stage alone; none where the model has none.
    pub fn first(&self, text: &str) -> Option<StageReading> {
        self.first.as_ref().map(|first| first.read(text).1)
    }

    /// A pass of the encoder, fused with the first stage.
    ///
    /// # Errors
    /// A pass that fails.
    pub async fn encoder(&self, text: &str) -> Result<StageReading, EncodeError> {
        let unsure = Unsure {
            beside: self.first.as_ref().map(|first| first.read(text).0),
            language: None,
        };
        let reading = self.pass(vec![text.to_owned()]).await?;
        let reading = reading.first().ok_or(EncodeError::Stopped)?;
        Ok(self.fused(&unsure, reading))
    }

    /// Both stages as configured, without cache and parts; keywords where the encoder fails.
    pub async fn single(&self, text: &str) -> StageReading {
        match self.look(text) {
            Look::Decided(reading) => reading,
            Look::Open(unsure) => {
                let reading = self.pass(vec![text.to_owned()]).await.ok();
                self.finish(text, &unsure, reading.as_deref().and_then(<[Reading]>::first))
            }
        }
    }

    /// The sentence embedding of a text.
    ///
    /// # Errors
    /// A model without an embedding, or a pass that fails.
    pub async fn embed(&self, text: &str) -> Result<Vec<f32>, EncodeError> {
        if !self.embeds {
            return Err(EncodeError::NoEmbedding);
        }
        let readings = self.pass(vec![text.to_owned()]).await?;
        let reading = readings.into_iter().next().ok_or(EncodeError::Stopped)?;
        Ok(reading.embedding)
    }

    /// What the first stage says, and whether the encoder must be asked.
    pub(crate) fn look(&self, text: &str) -> Look {
        let first = self.first.as_ref().map(|first| first.read(text));
        let sure = first.as_ref().is_some_and(|(_, reading)| reading.sure);
        let language = match sure && language::mostly_ascii(text) {
            true => None,
            false => language::identify(text),
        };
        let listed = |code: &str| self.languages.is_empty() || self.languages.iter().any(|one| one == code);
        let foreign = language.is_some_and(|code| !listed(code));
        match first {
            Some((_, reading)) if sure || foreign => Look::Decided(StageReading {
                language,
                foreign,
                ..reading
            }),
            first => Look::Open(Unsure {
                beside: first.map(|(beside, _)| beside),
                language,
            }),
        }
    }

    /// Passes of the encoder, as one job.
    pub(crate) async fn pass(&self, texts: Vec<String>) -> Result<Vec<Reading>, EncodeError> {
        let readings = self.encoder.encode(texts).await;
        self.healthy.store(readings.is_ok(), Ordering::Relaxed);
        readings
    }

    /// The encoder's reading with the first stage's, or keywords where there is none.
    pub(crate) fn finish(&self, text: &str, unsure: &Unsure, reading: Option<&Reading>) -> StageReading {
        let Some(reading) = reading else {
            // What the first stage says of attacks is better than nothing.
            let scores = unsure.beside.map(|beside| beside.scores);
            return StageReading {
                domains: keywords(text),
                guard: scores.and_then(|scores| scores.guard),
                complexity: scores.and_then(|scores| scores.complexity),
                stage: Stage::Keywords,
                sure: false,
                tokens: 0,
                tokens_read: 0,
                language: unsure.language,
                foreign: false,
            };
        };
        self.fused(unsure, reading)
    }

    fn fused(&self, unsure: &Unsure, reading: &Reading) -> StageReading {
        let scores = self.heads.scores(reading, unsure.beside.as_ref());
        StageReading {
            domains: scores.domains,
            guard: scores.guard,
            complexity: scores.complexity,
            stage: Stage::Encoder,
            sure: scores.domains.iter().any(|score| *score >= self.thresholds.not_sure),
            tokens: reading.tokens,
            tokens_read: reading.tokens_read,
            language: unsure.language,
            foreign: false,
        }
    }

    /// As [`Loaded::single`], for threads that may block, and with the error.
    fn blocking(&self, text: &str) -> Result<StageReading, EncodeError> {
        match self.look(text) {
            Look::Decided(reading) => Ok(reading),
            Look::Open(unsure) => {
                let readings = self.encoder.encode_blocking(vec![text.to_owned()])?;
                Ok(self.finish(text, &unsure, readings.first()))
            }
        }
    }
}

#[cfg(test)]
#[path = "loaded_tests.rs"]
pub(crate) mod tests;
