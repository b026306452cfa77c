//! Signals of a whole query: its own reading and those of its parts.

use plexus_compound::Part;
use plexus_core::Domain;
use plexus_encoder::EncodeError;

use crate::{
    Guard, Loaded, PartSignals, Signals, Stage, StageReading, best_first,
    loaded::{Look, Unsure},
};

impl Loaded {
    /// The signals of a text, without the cache.
    pub(crate) async fn signals(&self, text: &str) -> Signals {
        let mut parts = plexus_compound::split(text);
        if parts.len() < 2 {
            parts.clear();
        }
        let texts: Vec<&str> = std::iter::once(text)
            .chain(parts.iter().map(|part| part.text.as_str()))
            .collect();
        let looks: Vec<Look> = texts.iter().map(|text| self.look(text)).collect();
        let asked = texts.iter().zip(&looks).filter_map(|(text, look)| match look {
            Look::Open(_) => Some((*text).to_owned()),
            Look::Decided(_) => None,
        });
        // Only what the first stage leaves open, in one job.
        let asked: Vec<String> = asked.collect();
        let passes = match asked.is_empty() {
            true => Ok(Vec::new()),
            false => self.pass(asked).await,
        };
        let down = passes.as_ref().err().map(|error| {
            tracing::error!(
                error = plexus_errors::chain(error),
                "the encoder failed; keywords route"
            );
            describe(error)
        });
        let mut passes = passes.unwrap_or_default().into_iter();
        let mut read = |(text, look): (&str, Look)| match look {
            Look::Decided(reading) => reading,
            Look::Open(unsure) => self.finish(text, &unsure, passes.next().as_ref()),
        };
        let mut readings = texts.into_iter().zip(looks).map(&mut read);
        let whole = readings
            .next()
            .unwrap_or_else(|| self.finish(text, &Unsure::default(), None));
        let readings: Vec<StageReading> = readings.collect();
        self.assemble(&whole, parts, &readings, down.unwrap_or_default())
    }

    fn assemble(&self, whole: &StageReading, parts: Vec<Part>, readings: &[StageReading], down: String) -> Signals {
        let scores = joined(whole.domains, readings);
        let domains = best_first(scores);
        let thresholds = self.thresholds();
        let parts = parts.into_iter().zip(readings).map(|(part, reading)| PartSignals {
            text: part.text,
            depends_on: part.depends_on,
            domains: best_first(reading.domains),
        });
        Signals {
            outside: whole.stage != Stage::Keywords && domains.iter().all(|(_, score)| *score < thresholds.outside),
            domains,
            complexity: whole.complexity.unwrap_or_default(),
            guard: whole.guard.map_or_else(Guard::absent, Guard::of),
            tokens: whole.tokens,
            tokens_read: whole.tokens_read,
            parts: parts.collect(),
            model: match whole.stage {
                Stage::Keywords => Stage::Keywords.name().to_owned(),
                Stage::First | Stage::Encoder => self.id().to_owned(),
            },
            stage: whole.stage,
            cached: false,
            language: whole.language,
            foreign: whole.foreign,
            thresholds,
            classifier_down: down,
        }
    }
}

/// The scores of a query with parts: what a part plainly is, the whole is too.
fn joined(mut scores: [f32; 4], parts: &[StageReading]) -> [f32; 4] {
    for part in parts {
        let (best, score) = part.best();
        for (domain, whole) in Domain::ALL.into_iter().zip(&mut scores) {
            if domain == best {
                *whole = whole.max(score);
            }
        }
    }
    scores
}

/// What callers are told; the rest is in the log.
fn describe(error: &EncodeError) -> String {
    let text = match error {
        EncodeError::Stopped => "the encoder has stopped",
        EncodeError::Session(_) => "ONNX Runtime failed",
        EncodeError::Tokenizer(_) | EncodeError::Output { .. } | EncodeError::NoEmbedding => "the model failed",
    };
    text.to_owned()
}
