//! How well attacks are told, as tables.

use super::{
    super::guard::{At, Guard, GuardGroup},
    MAX_GROUPS,
    grid::{Grid, digits, maybe, section},
};
use crate::output::line;

/// Thresholds, then groups.
pub(super) fn guard(guard: &Guard) -> String {
    let mut table = Grid::new(["from", "threshold", "precision %", "recall %", "false alarms %"]);
    for (name, at) in [("flag", &guard.flag), ("refuse", &guard.refuse)] {
        let At {
            threshold,
            precision,
            recall,
            false_alarms,
        } = at;
        let threshold = format!("{threshold:.4}");
        let shares = [precision, recall, false_alarms].map(|share| maybe(*share));
        table.row([name.to_owned(), threshold].into_iter().chain(shares));
    }
    let auc = digits(guard.auc, 4);
    let detail = format!("{} attacks, {} harmless, AUC {auc}", guard.attacks, guard.benign);
    let mut out = section("guard", &detail, &table);
    for (title, groups) in [("subtype", &guard.subtypes), ("source", &guard.sources)] {
        let columns = [title, "attacks", "flagged %", "refused %", "harmless", "false alarms %"];
        let mut table = Grid::new(columns);
        let planted = guard.planted.as_ref().filter(|_| title == "subtype");
        for group in planted.into_iter().chain(groups.iter().take(MAX_GROUPS)) {
            table.row(row(group));
        }
        if planted.is_some() || groups.len() > 1 {
            out += &section(&format!("guard by {title}"), "", &table);
        }
    }
    out
}

fn row(group: &GuardGroup) -> [String; 6] {
    [
        line(&group.name),
        group.attacks.to_string(),
        maybe(group.flagged),
        maybe(group.refused),
        group.benign.to_string(),
        maybe(group.false_alarms),
    ]
}
