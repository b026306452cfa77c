//! Everything that was measured; the JSON of `--json`. Names are stable; `docs/report-card.md` says what each means.

use std::path::PathBuf;

use plexus_classifier::Thresholds;
use serde::Serialize;

use super::{
    against::Against, baselines::Way, compound::Compound, domains::Domains, gate::Missed, guard::Guard,
    latency::Latency, rows::Row, seen::Seen, stages::Stages,
};

/// A report card. A section is null where there is nothing to say.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    /// Version of the program.
    pub(super) version: &'static str,
    /// Name and version of the model.
    pub(super) model: String,
    /// The data's files.
    pub(super) data: Vec<PathBuf>,
    /// Rows of each sort.
    pub(super) rows: Rows,
    /// The model's limits.
    pub(super) thresholds: Limits,
    /// How well domains are told.
    pub(super) domains: Option<Domains>,
    /// How well queries of several domains are split.
    pub(super) compound: Option<Compound>,
    /// How well attacks are told.
    pub(super) guard: Option<Guard>,
    /// The first stage beside the encoder.
    pub(super) stages: Option<Stages>,
    /// How long it takes.
    pub(super) latency: Option<Latency>,
    /// The classifier's stages and simpler ways on the same rows.
    pub(super) ways: Vec<Way>,
    /// A second model.
    pub(super) against: Option<Against>,
    /// What is not measured, and why.
    pub(super) notes: Vec<String>,
    /// Floors that were asked for and missed; null: none were asked for.
    pub(super) missed: Option<Vec<Missed>>,
}

/// Numbers of rows.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Rows {
    /// All.
    pub(super) all: usize,
    /// Those that need one domain.
    pub(super) single: usize,
    /// Those that need several.
    pub(super) compound: usize,
    /// Those that say whether they are attacks.
    pub(super) guard: usize,
}

impl Rows {
    /// Counts.
    pub(super) fn of(rows: &[Row]) -> Self {
        let count = |wanted: fn(&Row) -> bool| rows.iter().filter(|row| wanted(row)).count();
        Self {
            all: rows.len(),
            single: count(|row| row.domains.len() == 1),
            compound: count(|row| row.domains.len() > 1),
            guard: count(|row| row.attack.is_some()),
        }
    }
}

/// The model's limits, as in its manifest.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Limits {
    /// A domain at or above is needed.
    pub(super) multi_label: f32,
    /// Best score below it: not sure.
    pub(super) not_sure: f32,
    /// Best score below it: outside all domains.
    pub(super) outside: f32,
    /// Probability of an attack from which a query is flagged.
    pub(super) guard_flag: f32,
    /// Probability of an attack from which a query is refused.
    pub(super) guard_refuse: f32,
}

impl From<Thresholds> for Limits {
    fn from(thresholds: Thresholds) -> Self {
        Self {
            multi_label: thresholds.multi_label,
            not_sure: thresholds.not_sure,
            outside: thresholds.outside,
            guard_flag: thresholds.guard_flag,
            guard_refuse: thresholds.guard_refuse,
        }
    }
}

impl Report {
    /// Everything that follows from what was seen; the rest is empty.
    pub(super) fn of(
        model: &str,
        data: &[PathBuf],
        rows: &[Row],
        thresholds: Thresholds,
        rule: Option<plexus_encoder::FirstStage>,
        seen: &[Seen<'_>],
    ) -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION"),
            model: model.to_owned(),
            data: data.to_owned(),
            rows: Rows::of(rows),
            thresholds: thresholds.into(),
            domains: Domains::of(seen),
            compound: Compound::of(seen),
            guard: Guard::of(seen, thresholds.guard_flag, thresholds.guard_refuse),
            stages: Stages::of(seen, rule),
            latency: Latency::of(seen),
            ways: Vec::new(),
            against: None,
            notes: Vec::new(),
            missed: None,
        }
    }
}
