//! How well queries that need several domains are split.

use serde::Serialize;

use super::{measures::share, seen::Seen};

/// Rows that need several domains; what is found are the domains told as needed, parts included.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Compound {
    /// How many.
    pub(super) rows: usize,
    /// Share of which every domain is found.
    pub(super) found: f64,
    /// Share for which no other domain is told.
    pub(super) clean: f64,
    /// Share with both.
    pub(super) exact: f64,
}

impl Compound {
    /// None where there are no such rows.
    pub(super) fn of(seen: &[Seen<'_>]) -> Option<Self> {
        let rows: Vec<(bool, bool)> = seen
            .iter()
            .filter(|one| one.row.domains.len() > 1)
            .map(|one| {
                let (wanted, got) = (&one.row.domains, &one.needed);
                let found = wanted.iter().all(|domain| got.contains(domain));
                (found, got.iter().all(|domain| wanted.contains(domain)))
            })
            .collect();
        Some(Self {
            rows: rows.len(),
            found: share(rows.iter().map(|one| one.0))?,
            clean: share(rows.iter().map(|one| one.1))?,
            exact: share(rows.iter().map(|one| one.0 && one.1))?,
        })
    }
}

#[cfg(test)]
mod tests {
    use plexus_core::Domain;

    use super::*;
    use crate::eval::{rows::Row, seen::tests::seen};

    #[test]
    fn found_clean_and_exact() {
        let row = Row {
            // Not in the order of the domains: order does not count.
            domains: vec![Domain::Math, Domain::Code],
            ..Row::default()
        };
        let single = Row {
            domains: vec![Domain::Math],
            ..Row::default()
        };
        let rows = [
            seen(&row, [0.9, 0.9, 0.1, 0.1], 0.0),
            seen(&row, [0.9, 0.9, 0.1, 0.7], 0.0),
            seen(&row, [0.9, 0.1, 0.1, 0.1], 0.0),
            seen(&row, [0.1, 0.1, 0.9, 0.1], 0.0),
            seen(&single, [0.1, 0.1, 0.9, 0.1], 0.0),
        ];
        let compound = Compound::of(&rows).unwrap();
        let expected = Compound {
            rows: 4,
            found: 0.5,
            clean: 0.5,
            exact: 0.25,
        };
        assert_eq!(compound, expected);
        assert_eq!(Compound::of(&rows[4..]), None);
    }
}
