//! How well domains are told: all rows that need one domain, and groups of them.

use std::collections::{BTreeMap, BTreeSet};

use plexus_core::Domain;
use serde::Serialize;

use super::{
    measures::{Coverage, Judged, confusion, coverage, ece, f1, macro_f1, share},
    seen::Seen,
};

/// A family of sources (all that is before the first `-`) with more members than this is one group.
const MAX_FAMILY: usize = 25;
/// Length bands, tokens as the encoder counts them; the last has no end.
const BANDS: [(usize, usize); 6] = [(0, 16), (17, 32), (33, 64), (65, 128), (129, 256), (257, usize::MAX)];

/// How well domains are told. Shares lie between 0 and 1.
#[derive(Debug, Serialize)]
pub(super) struct Domains {
    /// Rows that need one domain.
    pub(super) rows: usize,
    /// Share whose best domain is the label.
    pub(super) strict: f64,
    /// The same, `also_ok` accepted.
    pub(super) lenient: f64,
    /// Mean of the domains' F1.
    pub(super) macro_f1: Option<f64>,
    /// F1 of each domain.
    pub(super) f1: BTreeMap<&'static str, Option<f64>>,
    /// Rows: the label; columns: the answer; both in the order code, math, reasoning, language.
    pub(super) confusion: [[usize; 4]; 4],
    /// Expected calibration error of the best score.
    pub(super) ece: Option<f64>,
    /// Accuracy of the surest.
    pub(super) coverage: Vec<Coverage>,
    /// Share for which the label's domain alone is told as needed, parts and all.
    pub(super) routed: f64,
    /// By source.
    pub(super) sources: Vec<Group>,
    /// By length, tokens.
    pub(super) tokens: Vec<Group>,
    /// By language.
    pub(super) languages: Vec<Group>,
    /// By category.
    pub(super) kinds: Vec<Group>,
}

/// Rows that have something in common.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Group {
    /// What.
    pub(super) name: String,
    /// How many.
    pub(super) rows: usize,
    /// Strict accuracy.
    pub(super) strict: f64,
    /// Lenient accuracy.
    pub(super) lenient: f64,
}

impl Domains {
    /// Of the rows that need one domain; none where there are none.
    pub(super) fn of(seen: &[Seen<'_>]) -> Option<Self> {
        let pairs: Vec<(&Seen<'_>, Judged)> = seen
            .iter()
            .filter_map(|one| Some((one, Judged::of(one.row, one.both.domains)?)))
            .collect();
        let judged: Vec<Judged> = pairs.iter().map(|(_, judged)| *judged).collect();
        let counts = confusion(&judged);
        let families = families(pairs.iter().map(|(one, _)| one.row.source.as_str()));
        let group = |name: &dyn Fn(&Seen<'_>) -> String| groups(pairs.iter().map(|(one, judged)| (name(one), *judged)));
        let mut tokens = group(&|one| band(one.encoder.tokens));
        tokens.sort_by_key(|group| BANDS.iter().position(|band| label(*band) == group.name));
        Some(Self {
            rows: judged.len(),
            strict: share(judged.iter().map(|one| one.strict))?,
            lenient: share(judged.iter().map(|one| one.lenient))?,
            macro_f1: macro_f1(&counts),
            f1: Domain::ALL
                .iter()
                .map(|domain| domain.name())
                .zip(f1(&counts))
                .collect(),
            confusion: counts,
            ece: ece(&judged),
            coverage: coverage(&judged),
            routed: share(pairs.iter().map(|(one, _)| one.needed == one.row.domains))?,
            sources: group(&|one| family(&one.row.source, &families)),
            tokens,
            languages: group(&|one| one.row.lang.clone()),
            kinds: group(&|one| one.row.kind.clone()),
        })
    }
}

/// Groups by name; rows without one are in none.
fn groups(rows: impl Iterator<Item = (String, Judged)>) -> Vec<Group> {
    let mut groups: BTreeMap<String, Vec<Judged>> = BTreeMap::new();
    for (name, judged) in rows.filter(|(name, _)| !name.is_empty()) {
        groups.entry(name).or_default().push(judged);
    }
    let group = |(name, rows): (String, Vec<Judged>)| {
        Some(Group {
            name,
            rows: rows.len(),
            strict: share(rows.iter().map(|one| one.strict))?,
            lenient: share(rows.iter().map(|one| one.lenient))?,
        })
    };
    groups.into_iter().filter_map(group).collect()
}

fn head(source: &str) -> &str {
    source.split_once('-').map_or(source, |(head, _)| head)
}

/// Families with too many members to be told one by one.
pub(super) fn families<'a>(sources: impl Iterator<Item = &'a str>) -> BTreeSet<&'a str> {
    let mut members: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for source in sources {
        members.entry(head(source)).or_default().insert(source);
    }
    let large = members.into_iter().filter(|(_, members)| members.len() > MAX_FAMILY);
    large.map(|(head, _)| head).collect()
}

/// The group of a source.
pub(super) fn family(source: &str, families: &BTreeSet<&str>) -> String {
    let head = head(source);
    match families.contains(head) {
        true => head.to_owned(),
        false => source.to_owned(),
    }
}

fn band(tokens: usize) -> String {
    let band = BANDS.into_iter().find(|(_, last)| tokens <= *last);
    band.map(label).unwrap_or_default()
}

fn label((first, last): (usize, usize)) -> String {
    match last {
        usize::MAX => format!("{first}+"),
        _ => format!("{first}-{last}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::{rows::Row, seen::tests::seen};

    fn row(domain: Domain, source: &str, lang: &str) -> Row {
        Row {
            domains: vec![domain],
            source: source.into(),
            lang: lang.into(),
            ..Row::default()
        }
    }

    #[test]
    fn groups_count_their_own_rows() {
        let rows = [
            row(Domain::Code, "a-x", "en"),
            row(Domain::Math, "a-x", "de"),
            row(Domain::Language, "b", ""),
            Row {
                also_ok: vec![Domain::Code],
                ..row(Domain::Reasoning, "b", "en")
            },
            Row::default(),
        ];
        let code = [0.9, 0.6, 0.1, 0.1];
        let mut all: Vec<Seen<'_>> = rows.iter().map(|row| seen(row, code, 0.0)).collect();
        all[1].encoder.tokens = 300;
        let domains = Domains::of(&all).unwrap();
        assert_eq!(
            (domains.rows, domains.strict, domains.lenient, domains.routed),
            (4, 0.25, 0.5, 0.0)
        );
        let group = |name: &str, rows, strict, lenient| Group {
            name: name.into(),
            rows,
            strict,
            lenient,
        };
        assert_eq!(domains.sources, [group("a-x", 2, 0.5, 0.5), group("b", 2, 0.0, 0.5)]);
        assert_eq!(domains.languages, [group("de", 1, 0.0, 0.0), group("en", 2, 0.5, 1.0)]);
        assert_eq!(
            domains.tokens,
            [group("0-16", 3, 1.0 / 3.0, 2.0 / 3.0), group("257+", 1, 0.0, 0.0)]
        );
        assert!(domains.kinds.is_empty());
        assert!(Domains::of(&all[4..]).is_none());
    }

    #[test]
    fn large_families_are_one_group() {
        let many: Vec<String> = (0..26).map(|index| format!("biggen-{index}")).collect();
        let few: Vec<String> = (0..25).map(|index| format!("mmlu-{index}")).collect();
        let families = families(many.iter().chain(&few).map(String::as_str));
        assert_eq!(family("biggen-3", &families), "biggen");
        assert_eq!(family("mmlu-3", &families), "mmlu-3");
        assert_eq!(family("plain", &families), "plain");
    }

    #[test]
    fn bands_meet() {
        let found = [0, 16, 17, 32, 33, 64, 65, 128, 129, 256, 257, 9999].map(band);
        let expected = ["0-16", "17-32", "33-64", "65-128", "129-256", "257+"];
        assert!(
            found
                .chunks(2)
                .zip(expected)
                .all(|(pair, name)| pair.iter().all(|band| band == name)),
            "{found:?}"
        );
    }
}
