//! What classification says of a query.

use plexus_core::Domain;
use plexus_encoder::Thresholds;

use crate::Stage;

/// Labels of the guard, the harmless one first.
pub(crate) const GUARD: [&str; 3] = ["benign", "injection", "jailbreak"];

/// Whether a query is an attack.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Guard {
    /// The most probable of `benign`, `injection` and `jailbreak`.
    pub label: &'static str,
    /// Its probability.
    pub score: f32,
    /// Probability that it is an attack of any kind.
    pub attack: f32,
}

impl Guard {
    /// What a model without a guard head says.
    pub fn absent() -> Self {
        Self {
            label: GUARD[0],
            score: 0.0,
            attack: 0.0,
        }
    }

    /// From the probabilities of the three labels.
    pub fn of(scores: [f32; 3]) -> Self {
        let best = GUARD.into_iter().zip(scores).max_by(|a, b| a.1.total_cmp(&b.1));
        best.map_or_else(Self::absent, |(label, score)| Self {
            label,
            score,
            attack: 1.0 - scores[0],
        })
    }
}

/// Everything that classification says; made once for a request and passed along.
#[derive(Debug, Clone, PartialEq)]
pub struct Signals {
    /// All domains with their probabilities, best first.
    pub domains: Vec<(Domain, f32)>,
    /// 0 simple .. 1 complex.
    pub complexity: f32,
    /// Whether it is an attack.
    pub guard: Guard,
    /// Tokens of the text.
    pub tokens: usize,
    /// Tokens that were read.
    pub tokens_read: usize,
    /// Parts of a compound query; empty where it is one request.
    pub parts: Vec<PartSignals>,
    /// Name and version of the model; `keywords` where it failed.
    pub model: String,
    /// Who decided.
    pub stage: Stage,
    /// Whether the same text was decided before.
    pub cached: bool,
    /// Its language (ISO 639-1), where that was asked and is sure.
    pub language: Option<&'static str>,
    /// Whether that is none of the encoder's languages, so that the first stage alone decided.
    pub foreign: bool,
    /// Whether its best score says that it belongs to no domain.
    pub outside: bool,
    /// Limits of the model that decided.
    pub thresholds: Thresholds,
    /// Why the model did not decide; empty where it did.
    pub classifier_down: String,
}

/// A part of a compound query.
#[derive(Debug, Clone, PartialEq)]
pub struct PartSignals {
    /// Its text.
    pub text: String,
    /// Indexes of earlier parts that it refers to.
    pub depends_on: Vec<usize>,
    /// Its domains, best first.
    pub domains: Vec<(Domain, f32)>,
}

/// Scores in the order of [`Domain::ALL`], best first; equal ones keep that order.
pub fn best_first(scores: [f32; 4]) -> Vec<(Domain, f32)> {
    let mut domains: Vec<(Domain, f32)> = Domain::ALL.into_iter().zip(scores).collect();
    domains.sort_by(|a, b| b.1.total_cmp(&a.1));
    domains
}
