//! What a replay came to, as a table and as JSON.

use std::{
    fmt::Write as _,
    fs::File,
    io::{BufWriter, Write as _},
    path::Path,
};

use plexus_core::CascadePolicy;
use plexus_proto::v1::GetStatusResponse;
use serde::Serialize;
use serde_json::json;

use super::{
    KEPT, Recording,
    ask::{Asked, Given, Try},
    baselines::{self, Way},
    curve::{Curve, Ends, Point},
    decide::{Decision, Seen, decide},
    rows::Row,
};
use crate::failure::{Failure, code};

/// Points of the curve in the table.
const ROWS: usize = 11;

/// What a replay came to.
#[derive(Debug, Serialize)]
pub struct Report {
    data: String,
    questions: usize,
    weak: String,
    strong: String,
    /// Of the strong engine's cost, at 95% of its accuracy, escalated questions paying for both: as it was run.
    saved_at_95: f64,
    /// The same in calls to the strong engine, and APGR and CPT, as RouteLLM counts: the same signals, every call at one
    /// price.
    calls_saved_at_95: f64,
    apgr: f64,
    cpt: Cpt,
    ends: Ends,
    /// The threshold of `saved_at_95`, as the mesh ran it.
    run: Point,
    /// Questions that the mesh decided otherwise in that run than its own words before made expect.
    decisions_that_differ: usize,
    /// Questions without an answer of one engine: split into parts, or refused.
    unanswered: usize,
    /// Questions whose answer somebody gave a confidence.
    with_confidence: usize,
    /// Answers of the weak engine that a validator rejected, and how many of these were wrong.
    rejected: usize,
    rejected_wrong: usize,
    /// SHA-256 of all decisions of the run: the same model, configuration and questions give the same.
    decisions_sha256: String,
    /// Model and configuration that decided.
    basis: String,
    model: String,
    baselines: Vec<Way>,
    curve: Vec<Point>,
}

#[derive(Debug, Serialize)]
struct Cpt {
    #[serde(rename = "50")]
    half: f64,
    #[serde(rename = "80")]
    most: f64,
    #[serde(rename = "95")]
    nearly_all: f64,
}

/// What follows from a played recording.
pub(super) struct Played<'a> {
    pub(super) seen: &'a [Seen],
    pub(super) curve: &'a Curve,
    pub(super) calls: &'a Curve,
    pub(super) policy: &'a CascadePolicy,
    pub(super) threshold: f64,
    pub(super) run: &'a [Asked],
    /// For each question, how probable its neighbours say it is that the weak engine is wrong.
    pub(super) nearest: &'a [f64],
    pub(super) status: &'a GetStatusResponse,
}

impl Report {
    pub(super) fn of(recording: &Recording, played: &Played<'_>) -> Self {
        let Played {
            seen,
            curve,
            threshold,
            policy,
            calls,
            ..
        } = *played;
        let ends = curve.ends;
        let run = ends.point(threshold, played.run.iter().map(Decision::of));
        let differ = seen.iter().zip(played.run);
        let differ = differ
            .filter(|(seen, run)| !decide(seen, policy, threshold).same_as(run))
            .count();
        let weak = |one: &&Seen| one.weak.is_some_and(|weak| weak.failed);
        Self {
            data: recording.data.clone(),
            questions: seen.len(),
            weak: recording.engines.weak.name.clone(),
            strong: recording.engines.strong.name.clone(),
            saved_at_95: run.saved,
            calls_saved_at_95: calls.calls_saved(KEPT),
            apgr: calls.apgr(),
            cpt: Cpt {
                half: calls.cpt(0.5),
                most: calls.cpt(0.8),
                nearly_all: calls.cpt(0.95),
            },
            ends,
            run,
            decisions_that_differ: differ,
            unanswered: played.run.iter().filter(|one| one.given.is_none()).count(),
            with_confidence: seen
                .iter()
                .filter(|one| one.weak.is_some_and(|weak| weak.confidence.is_some()))
                .count(),
            rejected: seen.iter().filter(weak).count(),
            rejected_wrong: seen
                .iter()
                .filter(weak)
                .filter(|one| one.weak.is_some_and(|weak| !weak.correct))
                .count(),
            decisions_sha256: digest(played.run),
            basis: played.status.basis.clone(),
            model: played.status.model.clone(),
            baselines: vec![
                baselines::random(&ends, KEPT),
                baselines::ranked("nearest neighbours", seen, played.nearest, KEPT),
                baselines::ranked("oracle", seen, &baselines::oracle(seen), KEPT),
            ],
            curve: curve.points.clone(),
        }
    }

    /// As JSON.
    ///
    /// # Errors
    /// Never in practice: every field can be written.
    pub fn json(&self) -> Result<String, Failure> {
        serde_json::to_string_pretty(self)
            .map(|json| json + "\n")
            .map_err(|error| Failure::new(code::SOFTWARE, format!("cannot write the report: {error}")))
    }

    /// As a table for a person.
    pub fn table(&self) -> String {
        let percent = |share: f64| format!("{:.1}%", share * 100.0);
        let mut text = format!(
            "{}: {} questions, {} and {}\n{}, basis {}\n\n",
            self.data, self.questions, self.weak, self.strong, self.model, self.basis
        );
        let mut line = |name: &str, value: String| {
            let _ = writeln!(text, "{name:<44} {value}");
        };
        line(
            "saved at 95% of the strong engine's accuracy",
            percent(self.saved_at_95),
        );
        line(
            "  as run at a confidence of",
            format!(
                "{:.4}: accuracy {}, {} of the calls, ${:.4}; {} decisions differ from the curve",
                self.run.threshold,
                percent(self.run.accuracy),
                percent(self.run.strong_calls),
                self.run.cost_usd,
                self.decisions_that_differ
            ),
        );
        line(
            "every call at one price: calls saved at 95%",
            percent(self.calls_saved_at_95),
        );
        line("  APGR", format!("{:.3}", self.apgr));
        line(
            "  CPT 50%, 80%, 95%",
            [self.cpt.half, self.cpt.most, self.cpt.nearly_all]
                .map(percent)
                .join(", "),
        );
        let ends = self.ends;
        line(
            "always weak",
            format!("{}, ${:.4}", percent(ends.weak_accuracy), ends.weak_cost_usd),
        );
        line(
            "always strong",
            format!("{}, ${:.4}", percent(ends.strong_accuracy), ends.strong_cost_usd),
        );
        line(
            "rejected by a validator",
            format!(
                "{} answers of the weak engine, {} of them wrong",
                self.rejected, self.rejected_wrong
            ),
        );
        line("given a confidence", self.with_confidence.to_string());
        line(
            "without one engine's answer (split, refused)",
            self.unanswered.to_string(),
        );
        text += "\n                      saved   calls   APGR    CPT 50%, 80%, 95%\n";
        for way in &self.baselines {
            let _ = writeln!(
                text,
                "  {:<18} {:>6}  {:>6}  {:.3}   {}",
                way.name,
                percent(way.saved_at_95),
                percent(way.calls_saved_at_95),
                way.apgr,
                way.cpt.map(percent).join(", ")
            );
        }
        text += "\n  confidence  accuracy  strong calls  saved\n";
        let step = self.curve.len().div_ceil(ROWS).max(1);
        for point in self.curve.iter().step_by(step).chain(self.curve.last()) {
            let _ = writeln!(
                text,
                "  {:>10.4}  {:>8}  {:>12}  {:>6}",
                point.threshold,
                percent(point.accuracy),
                percent(point.strong_calls),
                percent(point.saved)
            );
        }
        let _ = writeln!(text, "\ndecisions {}", self.decisions_sha256);
        text
    }
}

/// Writes a line for each question: what was known of it, and what was decided.
pub(super) fn write_decisions(path: &Path, rows: &[Row], seen: &[Seen], run: &[Asked]) -> std::io::Result<()> {
    let mut out = BufWriter::new(File::create(path)?);
    for ((row, seen), run) in rows.iter().zip(seen).zip(run) {
        let tried = |one: Option<Try>| {
            one.map(|one| {
                json!({
                    "cost_usd": one.cost, "confidence": one.confidence, "rejected": one.failed, "correct": one.correct,
                })
            })
        };
        let line = json!({
            "id": row.id,
            "complexity": seen.complexity,
            "next_weight": seen.next_weight,
            "weak": tried(seen.weak),
            "strong": tried(seen.strong),
            "given": run.given.map(Given::name),
            "cost_usd": run.cost,
        });
        writeln!(out, "{line}")?;
    }
    out.flush()
}

/// A digest of who answered each question, and what that cost.
fn digest(run: &[Asked]) -> String {
    use sha2::{Digest as _, Sha256};
    let mut hash = Sha256::new();
    for one in run {
        let given = one.given.map_or("nobody", Given::name);
        hash.update(format!("{given} {:.9}\n", one.cost));
    }
    let bytes = hash.finalize();
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
