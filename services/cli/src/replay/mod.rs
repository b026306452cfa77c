//! `plexus replay`: recorded answers of a weak and a strong engine, played through a running mesh (its router, its
//! validators, its cascade), and what follows: quality, cost, and the curve between them.
//!
//! Read in the order of the work: `rows` (the data) -> `setup` (scripted engines that play it) -> `ask` (every question,
//! once for the weak and once for the strong engine) -> `decide` (what the cascade does at a threshold; the same pure
//! functions as the router's) -> `curve` (over all thresholds) -> `baselines` -> `report`. What is reported for a threshold
//! is then *run*: every question once more at that threshold, decision by decision.

mod ask;
mod baselines;
mod curve;
mod decide;
mod report;
mod rows;
mod setup;

use std::path::PathBuf;

use plexus_client::Endpoint;
use plexus_core::CascadePolicy;
use plexus_proto::v1::GetStatusResponse;

pub use self::report::Report;
use self::{
    ask::Asker,
    curve::Curve,
    decide::Seen,
    report::Played,
    rows::Row,
    setup::{Engines, Script},
};
use crate::{
    args::MeshArgs,
    client::Router,
    failure::{Failure, code},
    output,
};

/// The share of the strong engine's accuracy that must be kept.
const KEPT: f64 = 0.95;

const HELP: &str = "\
Rows are JSON Lines: {\"prompt\": \"2 + 2?\", \"engines\": {\"small\": {\"text\": \"5\", \"correct\": false}, \"large\": {...}}}; without
`text` only signals count, for there is nothing to check. docs/cascade.md says how to read each figure.
Exit codes: 0 done, 2 wrong use, 66 data that is missing or broken.";

/// `plexus replay`.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct ReplayArgs {
    /// How the mesh is started; its ports are always free ones
    #[command(flatten)]
    pub mesh: MeshArgs,
    /// Recorded answers, JSON Lines
    #[arg(long, value_name = "FILE")]
    data: PathBuf,
    /// Print the report as JSON
    #[arg(long)]
    pub json: bool,
    /// Write what was known of each question, and what was decided, as JSON Lines
    #[arg(long, value_name = "FILE")]
    decisions: Option<PathBuf>,
    /// Play only the first N questions
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// The weak engine [default: the one that is least often right]
    #[arg(long, value_name = "NAME")]
    weak: Option<String>,
    /// The strong engine [default: the one that is most often right]
    #[arg(long, value_name = "NAME")]
    strong: Option<String>,
    /// Price of the weak engine, US dollars for a million tokens, read or written
    #[arg(long, value_name = "USD", default_value_t = 0.24, value_parser = price)]
    weak_price: f64,
    /// Price of the strong engine; both defaults are those of RouteLLM's two models (Ong et al., 2024)
    #[arg(long, value_name = "USD", default_value_t = 24.7, value_parser = price)]
    strong_price: f64,
}

fn price(text: &str) -> Result<f64, String> {
    let price: f64 = text.parse().map_err(|_| "write it like 0.24".to_owned())?;
    match price.is_finite() && price > 0.0 {
        true => Ok(price),
        false => Err("must be more than 0".to_owned()),
    }
}

/// Recorded answers, and engines that play them.
pub struct Recording {
    rows: Vec<Row>,
    engines: Engines,
    script: Script,
    data: String,
    decisions: Option<PathBuf>,
}

impl Recording {
    /// Reads the data and writes what the engines play.
    ///
    /// # Errors
    /// Data that is missing or broken, engines that it does not hold.
    pub fn prepare(args: &ReplayArgs) -> Result<Self, Failure> {
        let input = |problem: String| Failure::new(code::INPUT, problem);
        let mut rows = rows::read(&args.data).map_err(|error| input(error.to_string()))?;
        rows.truncate(args.limit.unwrap_or(rows.len()).max(1));
        let known = rows::engines(&rows);
        let engines = Engines::choose(&known, args).map_err(|problem| Failure::new(code::USAGE, problem))?;
        let script = Script::write(&rows, &engines)
            .map_err(|error| input(format!("cannot write what the engines play: {error}")))?;
        Ok(Self {
            rows,
            engines,
            script,
            data: args.data.display().to_string(),
            decisions: args.decisions.clone(),
        })
    }

    /// What the services must be told, so that they play it.
    pub fn environment(&self) -> Vec<(String, String)> {
        self.script.environment(&self.engines)
    }

    /// Plays it.
    ///
    /// # Errors
    /// A mesh that does not answer.
    pub async fn play(&self, router: &Endpoint) -> Result<Report, Failure> {
        let router = Router::connect(router).await?;
        let asker = Asker::new(&router, &self.rows, &self.engines);
        output::note(&format!("{} questions, asked once of each engine", self.rows.len()));
        let weak = asker.all(0.0).await?;
        let strong = asker.all(1.0).await?;
        let price = self.engines.strong.price();
        let seen: Vec<Seen> = weak
            .iter()
            .zip(&strong)
            .map(|(weak, strong)| Seen::of(weak, strong, price))
            .collect();
        let status = router.status().await?;
        let policy = policy(&status);
        let curve = Curve::of(&seen, &policy);
        // RouteLLM counts calls, at one price for all.
        let calls = Curve::of(
            &seen,
            &CascadePolicy {
                price_weight: 0.0,
                ..policy
            },
        );
        let threshold = curve.cheapest(KEPT);
        output::note(&format!("… and once at a confidence of {threshold:.4}"));
        let run = asker.all(threshold).await?;
        if let Some(path) = &self.decisions {
            report::write_decisions(path, &self.rows, &seen, &run).map_err(|error| {
                Failure::new(code::INPUT, format!("{}: cannot be written: {error}", path.display()))
            })?;
        }
        output::note("nearest neighbours, for comparison");
        let nearest = baselines::nearest(&self.rows, &self.engines.weak.name).await?;
        let played = Played {
            seen: &seen,
            curve: &curve,
            calls: &calls,
            policy: &policy,
            threshold,
            run: &run,
            nearest: &nearest,
            status: &status,
        };
        Ok(Report::of(self, &played))
    }
}

/// The policy that a router says it has.
fn policy(status: &GetStatusResponse) -> CascadePolicy {
    let cascade = status.cascade.unwrap_or_default();
    CascadePolicy {
        min_confidence: cascade.min_confidence,
        enter_below: cascade.enter_below,
        enter_unchecked: cascade.enter_unchecked,
        price_weight: cascade.price_weight,
        max_escalations: cascade.max_escalations as usize,
    }
}
