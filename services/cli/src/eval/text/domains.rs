//! How well domains are told, as tables.

use plexus_core::Domain;

use super::{
    super::{
        domains::{Domains, Group},
        report::Report,
    },
    MAX_GROUPS,
    grid::{Grid, digits, points, section},
};
use crate::output::line;

/// The ways to tell domains, beside each other.
pub(super) fn ways(report: &Report) -> Grid {
    let mut table = Grid::new(["way", "strict %", "lenient %", "macro-F1", "ECE", "us a row"]);
    for way in &report.ways {
        let (macro_f1, ece, time) = (digits(way.macro_f1, 4), digits(way.ece, 4), digits(way.mean_us, 1));
        table.row([
            way.name.clone(),
            points(way.strict),
            points(way.lenient),
            macro_f1,
            ece,
            time,
        ]);
    }
    table
}

/// Confusion, confidence and groups.
pub(super) fn domains(domains: &Domains) -> String {
    let mut table = Grid::new(["label", "code", "math", "reasoning", "language", "F1"]);
    for (domain, counts) in Domain::ALL.iter().zip(&domains.confusion) {
        let f1 = domains.f1.get(domain.name()).copied().flatten();
        let counts = counts.iter().map(ToString::to_string);
        let name = std::iter::once(domain.name().to_owned());
        table.row(name.chain(counts).chain([digits(f1, 4)]));
    }
    let detail = format!(
        "strict {} %, told alone {} %",
        points(domains.strict),
        points(domains.routed)
    );
    let mut out = section("confusion", &detail, &table);
    let mut table = Grid::new(["surest %", "score from", "strict %"]);
    for one in &domains.coverage {
        table.row([
            format!("{:.0}", one.share * 100.0),
            format!("{:.3}", one.score),
            points(one.strict),
        ]);
    }
    let detail = format!("calibration error {}", digits(domains.ece, 4));
    out += &section("confidence", &detail, &table);
    for (title, groups) in [
        ("tokens", &domains.tokens),
        ("language", &domains.languages),
        ("kind", &domains.kinds),
        ("source", &domains.sources),
    ] {
        out += &groups_of(title, groups);
    }
    out
}

fn groups_of(title: &str, groups: &[Group]) -> String {
    // One group says nothing that is not said above.
    if groups.len() < 2 {
        return String::new();
    }
    let mut table = Grid::new([title, "rows", "strict %", "lenient %"]);
    for group in groups.iter().take(MAX_GROUPS) {
        table.row([
            line(&group.name),
            group.rows.to_string(),
            points(group.strict),
            points(group.lenient),
        ]);
    }
    let more = groups.len().saturating_sub(MAX_GROUPS);
    let detail = match more {
        0 => String::new(),
        more => format!("{more} more in --json"),
    };
    section(&format!("by {title}"), &detail, &table)
}
