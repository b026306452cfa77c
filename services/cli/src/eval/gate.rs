//! Floors that a report must reach: `FILE.gate.toml` beside the data.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::{domains::Group, report::Report};

/// Floors, and for names in `_max` ceilings. What is not set is not asked.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Gate {
    rows: Option<f64>,
    strict: Option<f64>,
    lenient: Option<f64>,
    macro_f1: Option<f64>,
    routed: Option<f64>,
    ece_max: Option<f64>,
    compound_found: Option<f64>,
    compound_clean: Option<f64>,
    compound_exact: Option<f64>,
    guard_precision: Option<f64>,
    guard_recall: Option<f64>,
    guard_false_alarms_max: Option<f64>,
    guard_refused_recall: Option<f64>,
    guard_refused_false_alarms_max: Option<f64>,
    guard_auc: Option<f64>,
    planted_recall: Option<f64>,
    first_share: Option<f64>,
    first_strict_sure: Option<f64>,
    first_agreement_sure: Option<f64>,
    first_p50_us_max: Option<f64>,
    first_p50_us_at_32_max: Option<f64>,
    both_p50_ms_max: Option<f64>,
    both_p99_ms_max: Option<f64>,
    encoder_to_bare_max: Option<f64>,
    against_points: Option<f64>,
    f1: BTreeMap<String, f64>,
    lang: BTreeMap<String, f64>,
    kind: BTreeMap<String, f64>,
    source: BTreeMap<String, f64>,
    tokens: BTreeMap<String, f64>,
}

/// Why there are no floors.
#[derive(Debug, thiserror::Error)]
pub(super) enum GateError {
    /// A file that cannot be read.
    #[error("{}: cannot be read: {source}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file that is no list of floors.
    #[error("{}: {source}", .path.display())]
    Toml {
        /// The file.
        path: PathBuf,
        /// Line and key.
        source: Box<toml::de::Error>,
    },
    /// A file that asks nothing, or something that no number can meet.
    #[error("{}: {problem}", .path.display())]
    Value {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
}

/// A floor that is missed.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Missed {
    /// Its name, as in the file.
    pub(super) floor: String,
    /// What the file asks.
    pub(super) wanted: f64,
    /// What was measured; none: there are no such rows.
    pub(super) got: Option<f64>,
}

/// The file of floors beside a data file: `queries.jsonl` has `queries.gate.toml`.
pub(super) fn beside(data: &Path) -> PathBuf {
    data.with_extension("gate.toml")
}

impl Gate {
    /// Reads floors.
    ///
    /// # Errors
    /// A file that is missing, no TOML, with a key that is unknown, or without any floor.
    pub(super) fn read(path: &Path) -> Result<Self, GateError> {
        let text = fs::read_to_string(path).map_err(|source| GateError::Read {
            path: path.to_owned(),
            source,
        })?;
        Self::parse(path, &text)
    }

    fn parse(path: &Path, text: &str) -> Result<Self, GateError> {
        let gate: Self = toml::from_str(text).map_err(|source| GateError::Toml {
            path: path.to_owned(),
            source: Box::new(source),
        })?;
        let floors = gate.floors(None);
        let problem = match floors.iter().find(|floor| !floor.wanted.is_finite()) {
            Some(floor) => format!("`{}` is {}, which nothing can reach", floor.name, floor.wanted),
            None if floors.is_empty() => "asks nothing".to_owned(),
            None => return Ok(gate),
        };
        Err(GateError::Value {
            path: path.to_owned(),
            problem,
        })
    }

    /// The floors that a report misses, in the file's order of kinds.
    pub(super) fn missed(&self, report: &Report) -> Vec<Missed> {
        let floors = self.floors(Some(report)).into_iter();
        let missed = floors.filter(|floor| !floor.met());
        missed
            .map(|floor| Missed {
                floor: floor.name,
                wanted: floor.wanted,
                got: floor.got,
            })
            .collect()
    }

    fn floors(&self, report: Option<&Report>) -> Vec<Floor> {
        let domains = report.and_then(|report| report.domains.as_ref());
        let compound = report.and_then(|report| report.compound.as_ref());
        let guard = report.and_then(|report| report.guard.as_ref());
        let stages = report.and_then(|report| report.stages.as_ref());
        let latency = report.and_then(|report| report.latency.as_ref());
        let first = latency.and_then(|latency| latency.first.as_ref());
        let against = report.and_then(|report| report.against.as_ref());
        let named = [
            ("rows", self.rows, report.map(|report| report.rows.all as f64)),
            ("strict", self.strict, domains.map(|one| one.strict)),
            ("lenient", self.lenient, domains.map(|one| one.lenient)),
            ("macro_f1", self.macro_f1, domains.and_then(|one| one.macro_f1)),
            ("routed", self.routed, domains.map(|one| one.routed)),
            ("ece_max", self.ece_max, domains.and_then(|one| one.ece)),
            ("compound_found", self.compound_found, compound.map(|one| one.found)),
            ("compound_clean", self.compound_clean, compound.map(|one| one.clean)),
            ("compound_exact", self.compound_exact, compound.map(|one| one.exact)),
            (
                "guard_precision",
                self.guard_precision,
                guard.and_then(|one| one.flag.precision),
            ),
            ("guard_recall", self.guard_recall, guard.and_then(|one| one.flag.recall)),
            (
                "guard_false_alarms_max",
                self.guard_false_alarms_max,
                guard.and_then(|one| one.flag.false_alarms),
            ),
            (
                "guard_refused_recall",
                self.guard_refused_recall,
                guard.and_then(|one| one.refuse.recall),
            ),
            (
                "guard_refused_false_alarms_max",
                self.guard_refused_false_alarms_max,
                guard.and_then(|one| one.refuse.false_alarms),
            ),
            ("guard_auc", self.guard_auc, guard.and_then(|one| one.auc)),
            (
                "planted_recall",
                self.planted_recall,
                guard.and_then(|one| one.planted.as_ref()?.flagged),
            ),
            ("first_share", self.first_share, stages.and_then(|one| one.share)),
            (
                "first_strict_sure",
                self.first_strict_sure,
                stages.and_then(|one| one.strict_sure),
            ),
            (
                "first_agreement_sure",
                self.first_agreement_sure,
                stages.and_then(|one| one.agreement_sure),
            ),
            ("first_p50_us_max", self.first_p50_us_max, first.map(|one| one.p50_us)),
            (
                "first_p50_us_at_32_max",
                self.first_p50_us_at_32_max,
                first.and_then(|one| one.p50_us_at_32),
            ),
            (
                "both_p50_ms_max",
                self.both_p50_ms_max,
                latency.map(|one| one.both.p50_ms),
            ),
            (
                "both_p99_ms_max",
                self.both_p99_ms_max,
                latency.map(|one| one.both.p99_ms),
            ),
            (
                "encoder_to_bare_max",
                self.encoder_to_bare_max,
                latency.map(|one| one.encoder_to_bare),
            ),
            ("against_points", self.against_points, against.map(|one| one.points)),
        ];
        let named = named.into_iter().filter_map(|(name, wanted, got)| {
            Some(Floor {
                name: name.to_owned(),
                wanted: wanted?,
                got,
            })
        });
        let groups = |of: fn(&super::domains::Domains) -> &[Group]| domains.map(of).unwrap_or_default();
        let strict =
            |groups: &[Group], name: &str| groups.iter().find(|group| group.name == name).map(|one| one.strict);
        let f1 = table("f1", &self.f1, |name| *domains?.f1.get(name)?);
        let lang = table("lang", &self.lang, |name| strict(groups(|one| &one.languages), name));
        let kind = table("kind", &self.kind, |name| strict(groups(|one| &one.kinds), name));
        let source = table("source", &self.source, |name| strict(groups(|one| &one.sources), name));
        let tokens = table("tokens", &self.tokens, |name| strict(groups(|one| &one.tokens), name));
        let tables = f1.into_iter().chain(lang).chain(kind).chain(source).chain(tokens);
        named.chain(tables).collect()
    }
}

/// Whether a floor of this name is a ceiling; what stands in a table is a group of the data, whatever its name.
pub(super) fn ceiling(name: &str) -> bool {
    name.ends_with("_max") && !name.contains('.')
}

/// The floors of one table.
fn table(table: &str, wanted: &BTreeMap<String, f64>, got: impl Fn(&str) -> Option<f64>) -> Vec<Floor> {
    let floor = |(name, wanted): (&String, &f64)| Floor {
        name: format!("{table}.{name}"),
        wanted: *wanted,
        got: got(name),
    };
    wanted.iter().map(floor).collect()
}

struct Floor {
    name: String,
    wanted: f64,
    got: Option<f64>,
}

impl Floor {
    /// What was not measured is not met: a gate must not pass because rows are gone.
    fn met(&self) -> bool {
        self.got.is_some_and(|got| match ceiling(&self.name) {
            true => got <= self.wanted,
            false => got >= self.wanted,
        })
    }
}

#[cfg(test)]
#[path = "gate_tests.rs"]
mod tests;
