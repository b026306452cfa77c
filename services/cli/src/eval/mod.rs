//! `plexus eval`: report cards. The classifier runs in this process; no mesh is needed.
//!
//! Read in the order of the work: `rows` (labelled queries) -> `seen` (each through every stage, with times) -> `domains`,
//! `compound`, `guard`, `stages`, `latency` (what follows from that; `measures` has the formulas), `baselines` and
//! `against` (others on the same rows) -> `report` (all of it) -> `text`, or JSON; `gate` holds it against floors.

mod against;
mod bare;
mod baselines;
mod compound;
mod domains;
mod gate;
mod guard;
mod latency;
mod measures;
mod report;
mod rows;
mod seen;
mod stages;
mod text;

use std::{io::IsTerminal as _, path::PathBuf};

use plexus_classifier::{Classifier, EncodeError, ModelConfig};
use plexus_config::{Environment, locate};
use plexus_encoder::{Manifest, Model, find_library};

use self::{bare::Bare, gate::Gate, report::Report, rows::Row};
use crate::{
    failure::{Failure, code},
    output,
};

/// `plexus eval`.
#[derive(Debug, clap::Args)]
pub struct EvalArgs {
    /// What is judged.
    #[command(subcommand)]
    pub subject: Subject,
}

/// What is judged.
#[derive(Debug, clap::Subcommand)]
pub enum Subject {
    /// The router's classifier: accuracy, calibration, guard, cost, beside simpler ways and other models
    #[command(after_help = HELP)]
    Router(RouterEval),
}

const HELP: &str = "\
Rows are JSON Lines, e.g. {\"text\": \"2 + 2?\", \"label\": \"math\", \"lang\": \"en\", \"source\": \"mine\"}; docs/report-card.md has
all fields, how to read each figure, and the floors of --gate.
Exit codes: 0 done, 1 a floor is missed, 2 wrong use, 66 data or a model that is missing or broken.";

/// `plexus eval router`.
#[derive(Debug, clap::Args)]
pub struct RouterEval {
    /// Labelled queries, JSON Lines (several: repeat)
    #[arg(long, value_name = "FILE", required = true)]
    pub data: Vec<PathBuf>,
    /// Labelled queries to train the simpler ways on that need it (several: repeat)
    #[arg(long, value_name = "FILE")]
    pub train: Vec<PathBuf>,
    /// Folder of the model
    #[arg(long, value_name = "FOLDER", default_value = "models/router")]
    pub model: PathBuf,
    /// Folder of a second model to compare with
    #[arg(long, value_name = "FOLDER")]
    pub against: Option<PathBuf>,
    /// Print the report as JSON
    #[arg(long)]
    pub json: bool,
    /// End with 1 where a floor in FILE.gate.toml beside the data is missed
    #[arg(long)]
    pub gate: bool,
}

/// Judges and prints.
///
/// # Errors
/// Data, floors or models that are missing or broken; a pass that fails; a floor that is missed.
pub async fn run(args: EvalArgs) -> Result<(), Failure> {
    let Subject::Router(args) = args.subject;
    let gate = floors(&args)?;
    let mut report = judge(&args).await?;
    report.missed = gate.map(|gate| gate.missed(&report));
    if args.json {
        let json = serde_json::to_string_pretty(&report);
        let json = json.map_err(|error| Failure::new(code::SOFTWARE, format!("cannot write the report: {error}")))?;
        output::print(&format!("{json}\n"))?;
    } else {
        output::print(&text::render(&report))?;
    }
    let missed = text::missed(&report);
    match missed.len() {
        0 => Ok(()),
        1 => Err(Failure::new(code::NO, "a floor is missed").details(missed)),
        count => Err(Failure::new(code::NO, format!("{count} floors are missed")).details(missed)),
    }
}

/// The floors, before any time is spent on a report.
fn floors(args: &RouterEval) -> Result<Option<Gate>, Failure> {
    match args.data.as_slice() {
        _ if !args.gate => Ok(None),
        [data] => Gate::read(&gate::beside(data)).map(Some).map_err(|error| input(&error)),
        _ => Err(Failure::new(
            code::USAGE,
            "--gate takes one --data: the floors beside a file are meant for its rows alone",
        )),
    }
}

async fn judge(args: &RouterEval) -> Result<Report, Failure> {
    let environment = Environment::process();
    let rows = rows::read(&args.data).map_err(|error| input(&error))?;
    let train = rows::read(&args.train).map_err(|error| input(&error))?;
    let folder = locate(&args.model);
    let classifier = open(folder.clone(), &environment).await?;
    let other = match &args.against {
        Some(folder) => Some(open(locate(folder), &environment).await?),
        None => None,
    };
    let rule = Manifest::read(&folder).map_err(|error| input(&error))?.first_stage;
    let library = find_library(None, &environment).map_err(|error| input(&error))?;
    let bare = Model::load(&folder, &library).map_err(|error| input(&error))?;
    let bare =
        Bare::start(bare).map_err(|error| Failure::new(code::SOFTWARE, format!("cannot start a thread: {error}")))?;

    let failed = |error: EncodeError| Failure::new(code::SOFTWARE, plexus_errors::chain(&error));
    let loaded = classifier.loaded();
    progress(&format!("{} rows through {} …", rows.len(), loaded.id()));
    let seen = seen::see(&rows, &classifier, &bare).await.map_err(failed)?;
    let mut report = Report::of(loaded.id(), &args.data, &rows, loaded.thresholds(), rule, &seen);
    if let Some(other) = &other {
        report.against = against::compare(&seen, other).await.map_err(failed)?;
    }
    let lessons = baselines::lessons(&train, &rows);
    report.ways = baselines::own(&seen);
    report.ways.extend(baselines::untrained(&seen, &lessons));
    if !lessons.is_empty() {
        progress(&format!("training simpler ways on {} rows …", lessons.len()));
        let trained = baselines::trained(&seen, &lessons, &loaded);
        report.ways.extend(trained.await.map_err(failed)?);
    }
    report.notes = notes(&train, lessons.len(), &report);
    Ok(report)
}

/// Tells a person who waits what is going on; a script hears nothing.
fn progress(text: &str) {
    if std::io::stderr().is_terminal() {
        output::note(text);
    }
}

/// What is not measured, and why.
fn notes(train: &[Row], lessons: usize, report: &Report) -> Vec<String> {
    let mut notes = Vec::new();
    if train.is_empty() {
        notes.push("TF-IDF and nearest neighbours need --train FILE; majority class is that of the data".to_owned());
    } else {
        let singles = train.iter().filter(|row| row.single().is_some()).count();
        let overlap = singles.saturating_sub(lessons);
        notes.push(format!(
            "{lessons} rows to train on; {overlap} more are measured and left out"
        ));
    }
    if report.stages.is_none() {
        notes.push("the model has no first stage: the encoder answers every row".to_owned());
    }
    if report.guard.is_none() && report.rows.guard > 0 {
        notes.push("the model has no guard: rows about attacks are not judged".to_owned());
    }
    notes
}

/// A model without a cache, with one thread.
async fn open(folder: PathBuf, environment: &Environment) -> Result<Classifier, Failure> {
    let environment = environment.clone();
    // Its own texts go through a new model at once, which must not block a thread of the runtime.
    let opened = tokio::task::spawn_blocking(move || Classifier::open(&ModelConfig::of(folder), &environment)).await;
    let opened = opened.map_err(|error| Failure::new(code::SOFTWARE, format!("loading the model failed: {error}")))?;
    opened.map_err(|error| input(&error))
}

fn input(error: &(dyn std::error::Error + 'static)) -> Failure {
    Failure::new(code::INPUT, plexus_errors::chain(error))
}
