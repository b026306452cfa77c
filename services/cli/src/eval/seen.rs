//! Every row through the classifier, once a stage, with its times.

use std::time::Instant;

use plexus_classifier::{Classifier, StageReading};
use plexus_core::Domain;
use plexus_encoder::EncodeError;

use super::{bare::Bare, measures::best, rows::Row};

/// Rows that go through one stage before the next: each stage finds its own weights in the caches, as under load. Taking
/// turns row by row would make whoever runs least often look slow.
const BLOCK: usize = 16;

/// What the classifier said of a row.
#[derive(Debug, Clone)]
pub(super) struct Seen<'a> {
    /// The row.
    pub(super) row: &'a Row,
    /// The first stage alone; none where the model has none.
    pub(super) first: Option<StageReading>,
    /// A pass of the encoder, fused with the first stage.
    pub(super) encoder: StageReading,
    /// Both stages as configured, the text as a whole.
    pub(super) both: StageReading,
    /// The domains that are told as needed: the whole way, parts included.
    pub(super) needed: Vec<Domain>,
    /// How long each took.
    pub(super) times: Times,
}

/// Times of one row, microseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Times {
    /// The first stage; none where the model has none.
    pub(super) first: Option<f64>,
    /// A pass of the encoder, with the first stage beside it.
    pub(super) encoder: f64,
    /// Both stages as configured.
    pub(super) both: f64,
    /// Tokenizer and graph with nothing around them.
    pub(super) bare: f64,
}

/// Sends every row through the stages, one after the other, so that times are those of one thread.
///
/// # Errors
/// A pass that fails.
pub(super) async fn see<'a>(
    rows: &'a [Row],
    classifier: &Classifier,
    bare: &Bare,
) -> Result<Vec<Seen<'a>>, EncodeError> {
    // Once for nothing: allocators and lazily made tables start cold.
    block(&rows[..rows.len().min(BLOCK)], classifier, bare, true).await?;
    let mut seen = Vec::with_capacity(rows.len());
    for (index, rows) in rows.chunks(BLOCK).enumerate() {
        seen.extend(block(rows, classifier, bare, index % 2 == 0).await?);
    }
    Ok(seen)
}

/// One block. Encoder and bare run take turns in going first: who does is a few hundredths faster.
async fn block<'a>(
    rows: &'a [Row],
    classifier: &Classifier,
    bare: &Bare,
    bare_first: bool,
) -> Result<Vec<Seen<'a>>, EncodeError> {
    let loaded = classifier.loaded();
    let alone = || {
        rows.iter()
            .map(|row| bare.time(&row.text))
            .collect::<Result<Vec<f64>, _>>()
    };
    let mut first = Vec::with_capacity(rows.len());
    for row in rows {
        let begin = Instant::now();
        let reading = loaded.first(&row.text);
        first.push(reading.map(|reading| (reading, micros(begin))));
    }
    let before = if bare_first { Some(alone()?) } else { None };
    let mut encoder = Vec::with_capacity(rows.len());
    for row in rows {
        let begin = Instant::now();
        // A pass that fails is told here: `single` and `classify` would go on with keywords.
        let reading = loaded.encoder(&row.text).await?;
        encoder.push((reading, micros(begin)));
    }
    let alone = match before {
        Some(times) => times,
        None => alone()?,
    };
    let mut both = Vec::with_capacity(rows.len());
    for row in rows {
        let begin = Instant::now();
        let reading = loaded.single(&row.text).await;
        both.push((reading, micros(begin)));
    }
    let mut seen = Vec::with_capacity(rows.len());
    for (index, row) in rows.iter().enumerate() {
        let signals = classifier.classify(&row.text).await;
        seen.push(Seen {
            row,
            first: first[index].map(|(reading, _)| reading),
            encoder: encoder[index].0,
            both: both[index].0,
            needed: needed(&signals.domains, signals.thresholds.multi_label),
            times: Times {
                first: first[index].map(|(_, time)| time),
                encoder: encoder[index].1,
                both: both[index].1,
                bare: alone[index],
            },
        });
    }
    Ok(seen)
}

fn micros(begin: Instant) -> f64 {
    begin.elapsed().as_secs_f64() * 1e6
}

/// The domains at or above the threshold, or the best one; given best first, in the order of [`Domain::ALL`].
pub(super) fn needed(best_first: &[(Domain, f32)], threshold: f32) -> Vec<Domain> {
    let above = best_first.iter().filter(|(_, score)| *score >= threshold);
    let mut domains: Vec<Domain> = above.map(|(domain, _)| *domain).collect();
    if domains.is_empty() {
        domains.extend(best_first.first().map(|(domain, _)| *domain));
    }
    domains.sort();
    domains
}

impl Seen<'_> {
    /// Whether first stage and encoder name the same domain; none where there is no first stage.
    pub(super) fn agree(&self) -> Option<bool> {
        let first = self.first?;
        Some(best(first.domains).0 == best(self.encoder.domains).0)
    }

    /// Whether the first stage answered.
    pub(super) fn by_first(&self) -> bool {
        self.both.stage == plexus_classifier::Stage::First
    }
}

#[cfg(test)]
pub(super) mod tests {
    use plexus_classifier::Stage;

    use super::*;

    /// What one stage says: these domain scores, a guard of this probability of an attack.
    pub(in crate::eval) fn reading(stage: Stage, domains: [f32; 4], attack: f32) -> StageReading {
        StageReading {
            domains,
            guard: Some([1.0 - attack, attack, 0.0]),
            complexity: None,
            stage,
            sure: false,
            tokens: 10,
            tokens_read: 10,
            language: None,
            foreign: false,
        }
    }

    /// A row that all stages answer alike.
    pub(in crate::eval) fn seen(row: &Row, domains: [f32; 4], attack: f32) -> Seen<'_> {
        Seen {
            row,
            first: Some(reading(Stage::First, domains, attack)),
            encoder: reading(Stage::Encoder, domains, attack),
            both: reading(Stage::Encoder, domains, attack),
            needed: needed(&plexus_classifier::best_first(domains), 0.5),
            times: Times {
                first: Some(20.0),
                encoder: 5000.0,
                both: 5000.0,
                bare: 4000.0,
            },
        }
    }

    #[test]
    fn the_best_is_needed_where_none_is_plain() {
        let needed = |scores| needed(&plexus_classifier::best_first(scores), 0.5);
        assert_eq!(needed([0.1, 0.9, 0.2, 0.6]), [Domain::Math, Domain::Language]);
        assert_eq!(needed([0.5, 0.1, 0.2, 0.1]), [Domain::Code]);
        assert_eq!(needed([0.1, 0.2, 0.3, 0.1]), [Domain::Reasoning]);
    }

    #[test]
    fn agreement_is_of_the_best_domain() {
        let row = Row::default();
        let same = seen(&row, [0.1, 0.9, 0.2, 0.6], 0.0);
        assert_eq!((same.agree(), same.by_first()), (Some(true), false));
        let other = Seen {
            encoder: reading(Stage::Encoder, [0.9, 0.1, 0.1, 0.1], 0.0),
            both: reading(Stage::First, [0.1; 4], 0.0),
            ..same.clone()
        };
        assert_eq!((other.agree(), other.by_first()), (Some(false), true));
        assert_eq!(Seen { first: None, ..same }.agree(), None);
    }
}
