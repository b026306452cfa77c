//! A report card for a person.

mod cost;
mod domains;
mod grid;
mod guard;

use self::grid::{Grid, points, section};
use super::{gate::ceiling, report::Report};
use crate::output::{BAD, FAINT, GOOD, NAME, STRONG, line, paint};

/// Groups shown of each sort; the JSON has all.
const MAX_GROUPS: usize = 40;

/// All sections.
pub(super) fn render(report: &Report) -> String {
    let rows = &report.rows;
    let mut out = format!(
        "{} {}: {} rows, {} of one domain, {} compound, {} for the guard\n",
        paint(STRONG, "report card of"),
        paint(NAME, line(&report.model)),
        rows.all,
        rows.single,
        rows.compound,
        rows.guard
    );
    if !report.ways.is_empty() {
        out += &section("domains told", "rows of one domain", &domains::ways(report));
    }
    if let Some(one) = &report.domains {
        out += &domains::domains(one);
    }
    if let Some(one) = &report.compound {
        let mut table = Grid::new(["rows", "all found", "none superfluous", "exact"]);
        table.row([
            one.rows.to_string(),
            points(one.found),
            points(one.clean),
            points(one.exact),
        ]);
        out += &section("compound queries", "domains told as needed", &table);
    }
    if let Some(one) = &report.stages {
        out += &cost::stages(one);
    }
    if let Some(one) = &report.guard {
        out += &guard::guard(one);
    }
    if let Some(one) = &report.latency {
        out += &cost::latency(one);
    }
    if let Some(one) = &report.against {
        let mut table = Grid::new(["model", "strict", "only this right"]);
        table.row([line(&report.model), points(one.strict), one.only_this.to_string()]);
        table.row([line(&one.model), points(one.other_strict), one.only_other.to_string()]);
        let detail = format!("they agree on {} %, {:+.2} points", points(one.agreement), one.points);
        out += &section("against", &detail, &table);
    }
    for note in &report.notes {
        out += &format!("{} {note}\n", paint(FAINT, "note:"));
    }
    if report.missed.as_ref().is_some_and(Vec::is_empty) {
        out += &format!("{}\n", paint(GOOD, "every floor is reached"));
    }
    out
}

/// The floors that are missed, a line each.
pub(super) fn missed(report: &Report) -> Vec<String> {
    let floors = report.missed.iter().flatten();
    floors
        .map(|one| {
            let side = if ceiling(&one.floor) { "at most" } else { "at least" };
            let got = grid::digits(one.got, 4);
            format!(
                "{} is {}, wanted {side} {}",
                line(&one.floor),
                paint(BAD, got),
                one.wanted
            )
        })
        .collect()
}

#[cfg(test)]
mod tests;
