//! The table: for a person as Markdown, for a program as JSON.

use std::fmt::Write as _;

use serde::Serialize;

use super::{Check, Checks};

/// A row as it was measured.
#[derive(Debug, Clone, Serialize)]
pub struct Measured {
    /// Number of the row.
    pub row: u32,
    /// What was done to the mesh.
    pub fault: &'static str,
    /// What it has promised.
    pub promise: &'static str,
    /// The worst of all seeds, figure by figure.
    pub worst: Checks,
    /// Every seed's figures.
    pub seeds: Vec<Checks>,
    /// Why there are no figures of a seed: what went wrong with the experiment itself.
    pub broken: Vec<String>,
    /// Whether every promise was kept with every seed.
    pub held: bool,
}

impl Measured {
    /// Puts the seeds of a row together; `broken` ones have no figures.
    pub fn new(row: u32, fault: &'static str, promise: &'static str, runs: Vec<Result<Checks, String>>) -> Self {
        let (mut seeds, mut broken): (Vec<Checks>, Vec<String>) = (Vec::new(), Vec::new());
        for run in runs {
            match run {
                Ok(checks) => seeds.push(checks),
                Err(why) => broken.push(why),
            }
        }
        let mut worst: Checks = Vec::new();
        for check in seeds.iter().flatten() {
            match worst.iter_mut().find(|one| one.name == check.name) {
                Some(one) => *one = one.clone().worse(check.clone()),
                None => worst.push(check.clone()),
            }
        }
        let held = broken.is_empty() && !seeds.is_empty() && seeds.iter().flatten().all(Check::held);
        Self {
            row,
            fault,
            promise,
            worst,
            seeds,
            broken,
            held,
        }
    }

    /// The figures in one line.
    fn figures(&self) -> String {
        let figures = self.worst.iter().map(ToString::to_string);
        let broken = self
            .broken
            .iter()
            .map(|why| format!("**could not be measured: {why}**"));
        figures.chain(broken).collect::<Vec<_>>().join("; ")
    }
}

/// The whole scorecard.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// Version of the mesh.
    pub version: &'static str,
    /// How it was measured: one line for a person.
    pub rig: String,
    /// The rows.
    pub rows: Vec<Measured>,
}

impl Report {
    /// Promises kept, of how many.
    pub fn held(&self) -> (usize, usize) {
        (self.rows.iter().filter(|row| row.held).count(), self.rows.len())
    }

    /// As Markdown.
    pub fn markdown(&self) -> String {
        let (held, all) = self.held();
        let mut text = format!("# Chaos scorecard\n\n{held} of {all} held. {}\n\n", self.rig);
        text.push_str("| # | fault | promise | measured, worst of the seeds | held |\n|---|---|---|---|---|\n");
        for row in &self.rows {
            let held = if row.held { "yes" } else { "**no**" };
            // Writing into a text cannot fail.
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} | {held} |",
                row.row,
                row.fault,
                row.promise,
                row.figures().replace('|', "\\|").replace('\n', " ")
            );
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_of_the_seeds_is_told_figure_by_figure() {
        let seed = |failed, slow| {
            Ok(vec![
                Check::at_most("failed", failed, 0),
                Check::at_most("slow", slow, 10),
            ])
        };
        let row = Measured::new(2, "a", "b", vec![seed(0, 9), seed(1, 3)]);
        assert!(!row.held);
        assert_eq!(row.figures(), "failed 1 (**more than 0**); slow 9");
        assert!(Measured::new(2, "a", "b", vec![seed(0, 10), seed(0, 0)]).held);
    }

    #[test]
    fn an_experiment_that_breaks_is_a_miss() {
        let row = Measured::new(3, "a", "b", vec![Ok(vec![]), Err("it|panicked\nbadly".to_owned())]);
        assert!(!row.held && !Measured::new(3, "a", "b", vec![]).held);
        let report = Report {
            version: "0",
            rig: "Here.".to_owned(),
            rows: vec![row],
        };
        let text = report.markdown();
        assert!(text.contains("0 of 1 held"), "{text}");
        assert!(
            text.lines()
                .all(|line| !line.starts_with("| ") || line.matches(" | ").count() == 4),
            "{text}"
        );
    }
}
