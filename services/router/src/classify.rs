//! From a query to its signals: one pass of the encoder, one more for the parts of a compound query. If the model
//! fails, keywords route, marked.

use std::path::PathBuf;

use plexus_core::Domain;
use plexus_encoder::{Activation, EncodeError, Encoder, Head, LoadError, Opened, Reading, Thresholds};
use tracing::{Instrument as _, Span, field::Empty, info_span};

use crate::domain::{Guard, PartSignals, Signals, keywords};

/// The encoder with the meaning of its outputs.
pub(crate) struct Classifier {
    encoder: Encoder,
    /// What each value of the domain head means.
    domains: Vec<Domain>,
    domain: Head,
    guard: Option<Head>,
    complexity: Option<Head>,
    thresholds: Thresholds,
    id: String,
    healthy: std::sync::atomic::AtomicBool,
}

impl Classifier {
    /// Fits a manifest's labels to the mesh's words.
    pub(crate) fn new(opened: Opened) -> Result<Self, LoadError> {
        let Opened {
            encoder,
            manifest,
            folder,
        } = opened;
        let labels = &manifest.heads.domain.labels;
        let domains: Vec<Domain> = labels.iter().filter_map(|label| Domain::from_name(label)).collect();
        let complete = Domain::ALL.iter().all(|domain| domains.contains(domain));
        if domains.len() != labels.len() || !complete {
            let path: PathBuf = folder.join("manifest.toml");
            let problem = format!("`heads.domain.labels` is {labels:?}; code, math, reasoning and language are needed");
            return Err(LoadError::Inconsistent { path, problem });
        }
        Ok(Self {
            encoder,
            domains,
            domain: manifest.heads.domain.clone(),
            guard: manifest.heads.guard.clone(),
            complexity: manifest.heads.complexity.clone(),
            thresholds: manifest.thresholds,
            id: manifest.id(),
            healthy: true.into(),
        })
    }

    /// The model's thresholds.
    pub(crate) fn thresholds(&self) -> Thresholds {
        self.thresholds
    }

    /// Name and version of the model.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// Whether the last pass succeeded.
    pub(crate) fn healthy(&self) -> bool {
        self.healthy.load(std::sync::atomic::Ordering::Relaxed)
    }

    /// The signals of a query.
    pub(crate) async fn classify(&self, text: &str) -> Signals {
        let span = info_span!(
            "classify",
            plexus.model = self.id,
            plexus.tokens = Empty,
            plexus.parts = Empty,
            otel.status_code = Empty,
        );
        self.signals(text, &span).instrument(span.clone()).await
    }

    async fn signals(&self, text: &str, span: &Span) -> Signals {
        let split = plexus_compound::split(text);
        // The whole query and its parts go through the encoder together.
        let mut texts = vec![text.to_owned()];
        if split.len() > 1 {
            texts.extend(split.iter().map(|part| part.text.clone()));
            span.record("plexus.parts", split.len());
        }
        let readings = self.encoder.encode(texts).await;
        self.healthy
            .store(readings.is_ok(), std::sync::atomic::Ordering::Relaxed);
        let scores = match &readings {
            Ok(readings) => readings.iter().map(|reading| self.scores(reading)).collect(),
            Err(_) => std::iter::once(text)
                .chain(split.iter().map(|part| part.text.as_str()))
                .map(keywords)
                .collect(),
        };
        let mut scores: std::vec::IntoIter<Vec<(Domain, f32)>> = Vec::into_iter(scores);
        let domains = scores.next().unwrap_or_else(|| keywords(text));
        let parts = if split.len() > 1 {
            let parts = split.into_iter().zip(scores);
            parts
                .map(|(part, domains)| PartSignals {
                    text: part.text,
                    depends_on: part.depends_on,
                    domains,
                })
                .collect()
        } else {
            Vec::new()
        };
        let signals = Signals {
            domains,
            complexity: 0.0,
            guard: Guard::absent(),
            tokens: 0,
            tokens_read: 0,
            parts,
            model: self.id.clone(),
            classifier_down: String::new(),
        };
        match readings {
            Ok(readings) => {
                let whole = readings.into_iter().next();
                let tokens = whole.as_ref().map_or(0, |reading| reading.tokens);
                span.record("plexus.tokens", tokens);
                Signals {
                    complexity: whole
                        .as_ref()
                        .and_then(|reading| self.complexity(reading))
                        .unwrap_or_default(),
                    guard: whole.as_ref().map_or_else(Guard::absent, |reading| self.guard(reading)),
                    tokens,
                    tokens_read: whole.as_ref().map_or(0, |reading| reading.tokens_read),
                    ..signals
                }
            }
            Err(error) => {
                span.record("otel.status_code", "ERROR");
                tracing::error!(
                    error = plexus_errors::chain(&error),
                    "the classifier failed; keywords route"
                );
                Signals {
                    model: "keywords".to_owned(),
                    classifier_down: describe(&error),
                    ..signals
                }
            }
        }
    }

    fn scores(&self, reading: &Reading) -> Vec<(Domain, f32)> {
        let mut scores = reading.domain.clone();
        let activation = self.domain.activation.unwrap_or(Activation::Sigmoid);
        activation.apply(&mut scores, self.domain.temperature);
        crate::domain::best_first(self.domains.iter().copied().zip(scores).collect())
    }

    fn complexity(&self, reading: &Reading) -> Option<f32> {
        let mut value = [reading.complexity?];
        Activation::Sigmoid.apply(&mut value, self.complexity.as_ref()?.temperature);
        Some(value[0])
    }

    fn guard(&self, reading: &Reading) -> Guard {
        let Some(head) = &self.guard else {
            return Guard::absent();
        };
        let mut scores = reading.guard.clone();
        Activation::Softmax.apply(&mut scores, head.temperature);
        let best = scores.iter().zip(&head.labels).max_by(|a, b| a.0.total_cmp(b.0));
        let Some((score, label)) = best else {
            return Guard::absent();
        };
        let benign = scores.first().copied().unwrap_or(1.0);
        Guard {
            label: label.clone(),
            score: *score,
            attack: 1.0 - benign,
        }
    }
}

/// What callers are told; the rest is in the log.
fn describe(error: &EncodeError) -> String {
    match error {
        EncodeError::Stopped => "the encoder has stopped".to_owned(),
        EncodeError::Session(_) => "ONNX Runtime failed".to_owned(),
        EncodeError::Tokenizer(_) | EncodeError::Output { .. } | EncodeError::NoEmbedding => {
            "the model failed".to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use plexus_encoder::Manifest;

    use super::*;

    const MANIFEST: &str = r#"
        schema = 2
        name = "test"
        version = "1"
        files = { model = { path = "m", sha256 = "" }, tokenizer = { path = "t", sha256 = "" } }
        input = { max_tokens = 64 }
        outputs = { embedding = { name = "e", dim = 4 } }
        thresholds = { multi_label = 0.5, not_sure = 0.4, outside = 0.2, guard_flag = 0.9, guard_refuse = 0.99 }
        [heads.domain]
        output = "d"
        labels = ["code", "math", "reasoning", "language"]
        temperature = 1.0
    "#;

    /// A manifest with an encoder that has no thread.
    fn opened(manifest: &str) -> Opened {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("manifest.toml"), manifest).unwrap();
        Opened {
            encoder: Encoder::start(vec![]).unwrap(),
            manifest: Manifest::read(folder.path()).unwrap(),
            folder: "m".into(),
        }
    }

    #[tokio::test]
    async fn when_the_model_is_dead_keywords_route_and_it_is_told() {
        let classifier = Classifier::new(opened(MANIFEST)).unwrap();
        let signals = classifier.classify("What is 15% of 240?").await;
        assert_eq!(signals.domains[0].0, Domain::Math);
        assert_eq!(
            (signals.model.as_str(), signals.classifier_down.as_str()),
            ("keywords", "the encoder has stopped")
        );
        assert!(!classifier.healthy());
    }

    #[tokio::test]
    async fn labels_that_are_no_domains_are_refused() {
        let text = MANIFEST.replace("\"code\"", "\"kode\"");
        let error = Classifier::new(opened(&text));
        assert!(error.is_err_and(|error| error.to_string().contains("heads.domain.labels")));
    }
}
