//! Labelled queries: JSON Lines, one row a line.

use std::path::PathBuf;

use plexus_core::Domain;
use serde::Deserialize;

use crate::jsonl::{self, JsonlError};

/// Labels of guard rows, the harmless one first.
const GUARD: [&str; 3] = ["benign", "injection", "jailbreak"];

/// A labelled query.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Row {
    /// The query.
    pub(super) text: String,
    /// The domains that it needs, all of them; empty: it says nothing about domains.
    pub(super) domains: Vec<Domain>,
    /// Domains that lenient accuracy accepts too.
    pub(super) also_ok: Vec<Domain>,
    /// Whether it is an attack; none: it says nothing about the guard.
    pub(super) attack: Option<bool>,
    /// Where it comes from.
    pub(super) source: String,
    /// Its language, as the data says.
    pub(super) lang: String,
    /// Its category.
    pub(super) kind: String,
    /// What sort of attack, or of harmless text.
    pub(super) subtype: String,
}

impl Row {
    /// Its domain, where it needs exactly one.
    pub(super) fn single(&self) -> Option<Domain> {
        match self.domains.as_slice() {
            [domain] => Some(*domain),
            _ => None,
        }
    }
}

/// A row as it is written.
#[derive(Debug, Deserialize)]
struct Raw {
    text: String,
    label: Option<String>,
    labels: Option<Vec<String>>,
    #[serde(alias = "also")]
    also_ok: Option<Vec<String>>,
    guard: Option<String>,
    source: Option<String>,
    lang: Option<String>,
    kind: Option<String>,
    subtype: Option<String>,
}

/// The rows of all files, in their order.
///
/// # Errors
/// A file that cannot be read, is empty, or has a line that is no row.
pub(super) fn read(paths: &[PathBuf]) -> Result<Vec<Row>, JsonlError> {
    let mut rows = Vec::new();
    for path in paths {
        rows.extend(jsonl::read(path, row)?);
    }
    Ok(rows)
}

fn row(line: &str) -> Result<Row, String> {
    // The position within the line stays; its number is always 1.
    let raw: Raw = serde_json::from_str(line).map_err(|error| jsonl::problem(&error))?;
    if raw.text.trim().is_empty() {
        return Err("`text` is empty".to_owned());
    }
    let mut domains = domains("labels", raw.labels.as_deref())?;
    let mut guard = raw.guard.as_deref().map(|label| attack("guard", label)).transpose()?;
    if let Some(label) = raw.label.as_deref() {
        match Domain::from_name(label) {
            Some(domain) if domains.is_empty() => domains.push(domain),
            Some(domain) if !domains.contains(&domain) => {
                return Err(format!("`label` is `{label}`, which `labels` do not hold"));
            }
            Some(_) => {}
            None => {
                let known = attack("label", label)?;
                if guard.is_some_and(|guard| guard != known) {
                    let guard = raw.guard.unwrap_or_default();
                    return Err(format!("`label` is `{label}`, but `guard` is `{guard}`"));
                }
                guard = Some(known);
            }
        }
    }
    if domains.is_empty() && guard.is_none() {
        return Err("has neither `label` nor `labels` nor `guard`".to_owned());
    }
    Ok(Row {
        text: raw.text,
        domains,
        also_ok: self::domains("also_ok", raw.also_ok.as_deref())?,
        attack: guard,
        source: raw.source.unwrap_or_default(),
        lang: raw.lang.unwrap_or_default(),
        kind: raw.kind.unwrap_or_default(),
        subtype: raw.subtype.unwrap_or_default(),
    })
}

/// Each domain once.
fn domains(field: &str, names: Option<&[String]>) -> Result<Vec<Domain>, String> {
    let mut domains = Vec::new();
    for name in names.unwrap_or_default() {
        let domain = Domain::from_name(name)
            .ok_or_else(|| format!("`{field}` holds `{name}`, expected one of {}", known(&[])))?;
        if !domains.contains(&domain) {
            domains.push(domain);
        }
    }
    Ok(domains)
}

/// Whether a label of the guard means an attack.
fn attack(field: &str, label: &str) -> Result<bool, String> {
    match GUARD.iter().position(|known| *known == label) {
        Some(place) => Ok(place > 0),
        None if field == "label" => Err(format!("`label` is `{label}`, expected one of {}", known(&GUARD))),
        None => Err(format!("`{field}` is `{label}`, expected one of {}", GUARD.join(", "))),
    }
}

fn known(more: &[&str]) -> String {
    let domains = Domain::ALL.iter().map(|domain| domain.name());
    domains.chain(more.iter().copied()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
#[path = "rows_tests.rs"]
mod tests;
