//! The classifier of a process: the model in use, which may be replaced while it works.

use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use plexus_config::Environment;
use plexus_encoder::LoadError;
use plexus_telemetry::names;
use tracing::{Instrument as _, Span, field::Empty, info_span};

use crate::{Loaded, ModelConfig, Signals};

/// The classifier of a process.
#[derive(Debug)]
pub struct Classifier {
    pub(crate) config: ModelConfig,
    pub(crate) environment: Environment,
    loaded: ArcSwap<Loaded>,
    refused: Mutex<String>,
}

impl Classifier {
    /// Loads and checks the folder of `config`. Blocks for as long as that takes.
    ///
    /// # Errors
    /// A model or a library that is missing or broken.
    pub fn open(config: &ModelConfig, environment: &Environment) -> Result<Self, LoadError> {
        let loaded = Loaded::open(config, environment)?;
        Ok(Self::with(loaded, config, environment))
    }

    pub(crate) fn with(loaded: Loaded, config: &ModelConfig, environment: &Environment) -> Self {
        Self {
            config: config.clone(),
            environment: environment.clone(),
            loaded: ArcSwap::from_pointee(loaded),
            refused: Mutex::default(),
        }
    }

    /// The model in use now; whoever keeps it goes on with it after a swap.
    pub fn loaded(&self) -> Arc<Loaded> {
        self.loaded.load_full()
    }

    /// Whether the last pass of the encoder succeeded.
    pub fn healthy(&self) -> bool {
        self.loaded.load().healthy()
    }

    /// Why the newest model folder is not in use; empty where it is.
    pub fn refused(&self) -> String {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts a model in the place of the one in use.
    pub(crate) fn swap(&self, loaded: Loaded) {
        self.loaded.store(Arc::new(loaded));
    }

    /// Notes why the newest folder is not in use; empty: it is.
    pub(crate) fn refuse(&self, why: String) {
        *self.refused.lock().unwrap_or_else(PoisonError::into_inner) = why;
    }

    /// The signals of a text: from the cache, by the first stage, or by the encoder; its parts too.
    pub async fn classify(&self, text: &str) -> Signals {
        let loaded = self.loaded();
        let span = info_span!(
            "classify",
            plexus.model = loaded.id(),
            plexus.tokens = Empty,
            plexus.parts = Empty,
            plexus.stage = Empty,
            plexus.cached = Empty,
            plexus.language = Empty,
            otel.status_code = Empty,
        );
        let signals = async {
            let kept = loaded.cache.as_ref().and_then(|cache| cache.get(text));
            if let Some(kept) = kept {
                return Signals {
                    cached: true,
                    ..Signals::clone(&kept)
                };
            }
            let signals = loaded.signals(text).await;
            if let Some(cache) = &loaded.cache
                && signals.classifier_down.is_empty()
            {
                cache.put(text, &signals);
            }
            signals
        };
        let signals = signals.instrument(span.clone()).await;
        note(&span, &signals);
        signals
    }
}

fn note(span: &Span, signals: &Signals) {
    span.record(names::STAGE, signals.stage.name());
    span.record(names::CACHED, signals.cached);
    if signals.tokens > 0 {
        span.record(names::TOKENS, signals.tokens);
    }
    if !signals.parts.is_empty() {
        span.record(names::PARTS, signals.parts.len());
    }
    if let Some(language) = signals.language {
        span.record(names::LANGUAGE, language);
    }
    if !signals.classifier_down.is_empty() {
        span.record("otel.status_code", "ERROR");
    }
}
