//! What one stage says of one text.

use std::fmt;

use plexus_core::Domain;

/// Who decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The first stage alone.
    First,
    /// The encoder, with the first stage where there is one.
    Encoder,
    /// Rules of thumb, because the encoder failed.
    Keywords,
}

impl Stage {
    /// Lower-case name.
    pub fn name(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Encoder => "encoder",
            Self::Keywords => "keywords",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What one stage says of one text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StageReading {
    /// Probability of each domain, in the order of [`Domain::ALL`].
    pub domains: [f32; 4],
    /// Probabilities of benign, injection and jailbreak; none where nobody knows.
    pub guard: Option<[f32; 3]>,
    /// 0 simple .. 1 complex; none where nobody knows.
    pub complexity: Option<f32>,
    /// Who decided.
    pub stage: Stage,
    /// Whether it is sure: the first stage by its rule, the encoder by `not_sure`.
    pub sure: bool,
    /// Tokens of the text, as this stage counts them.
    pub tokens: usize,
    /// Tokens that were read.
    pub tokens_read: usize,
    /// Its language (ISO 639-1), where that was asked and is sure.
    pub language: Option<&'static str>,
    /// Whether that is none of the encoder's languages, so that the first stage alone decided.
    pub foreign: bool,
}

impl StageReading {
    /// The best domain and its probability.
    pub fn best(&self) -> (Domain, f32) {
        let scores = Domain::ALL.into_iter().zip(self.domains);
        scores.fold((Domain::Language, f32::NEG_INFINITY), |best, one| {
            if one.1 > best.1 { one } else { best }
        })
    }
}
