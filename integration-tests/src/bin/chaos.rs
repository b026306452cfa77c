//! Runs the chaos suite and writes its table; `docs/chaos.md` tells how to read it.

use std::{fs, path::PathBuf, process::ExitCode, time::Duration};

use anyhow::Context as _;
use clap::Parser;
use plexus_integration_tests::{
    chaos::{Measured, ROWS, Report, Rig, Row, Setting},
    use_bins,
};

/// Runs the chaos suite: faults in a running mesh, and whether it keeps its promises meanwhile.
#[derive(Debug, Parser)]
#[command(version)]
struct Args {
    /// Rows to run, by number, e.g. 1,4,7; all where none is named
    #[arg(long, value_delimiter = ',')]
    rows: Vec<u32>,
    /// How often each row runs, each time with another seed; the worst is told
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..))]
    seeds: u64,
    /// How long each phase lasts: before a fault, and while there is one
    #[arg(long, default_value_t = 10.0)]
    seconds: f64,
    /// Questions a second
    #[arg(long, default_value_t = 200.0)]
    rate: f64,
    /// One seed, phases of 3 s, a tenth of the calls: to see that everything runs, not to judge
    #[arg(long)]
    quick: bool,
    /// Writes the figures of every seed as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Writes the table as Markdown
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
    /// Exits with 1 where a promise is not kept
    #[arg(long)]
    strict: bool,
    /// Where the binaries of the mesh are; otherwise PLEXUS_BIN_DIR, or beside this program
    #[arg(long, value_name = "FOLDER")]
    bin_dir: Option<PathBuf>,
}

fn main() -> ExitCode {
    let args = Args::parse();
    // A row that panics is told in the table; a backtrace for each would bury the rest.
    std::panic::set_hook(Box::new(|panic| eprintln!("  {panic}")));
    match run(&args) {
        Ok(kept) if kept || !args.strict => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::from(70)
        }
    }
}

/// Runs the rows that are asked for; whether all of them held.
fn run(args: &Args) -> anyhow::Result<bool> {
    if let Some(folder) = &args.bin_dir {
        use_bins(folder.clone());
    }
    let rows = chosen(&args.rows)?;
    let phase = Duration::try_from_secs_f64(if args.quick { 3.0 } else { args.seconds }).context("--seconds")?;
    anyhow::ensure!(phase >= Duration::from_secs(1), "--seconds must be 1 or more");
    anyhow::ensure!(args.rate >= 1.0, "--rate must be 1 or more");
    // Before there are threads: those to come inherit the core.
    let rig = Rig::pinned();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("no runtime")?;
    let seeds = if args.quick { 1 } else { args.seeds };
    let others = others();
    let mut measured = Vec::new();
    for row in rows {
        let mut runs = Vec::new();
        for seed in 1..=seeds {
            eprintln!("row {}, seed {seed}: {}", row.number, row.fault);
            let setting = Setting {
                seed,
                rate: args.rate,
                phase,
                scale: if args.quick { 0.1 } else { 1.0 },
                slack: 1.0,
                rig,
            };
            // A row that panics is a row that could not be measured: the others still run.
            let run = runtime.block_on(async { tokio::spawn((row.run)(setting)).await });
            runs.push(match run {
                Ok(Ok(checks)) => Ok(checks),
                Ok(Err(error)) => Err(format!("{error:#}")),
                Err(error) => Err(panic_message(error)),
            });
        }
        measured.push(Measured::new(row.number, row.fault, row.promise, runs));
    }
    let report = Report {
        version: env!("CARGO_PKG_VERSION"),
        rig: format!(
            "{}{others} Open loop, {} questions a second, latency from when each was meant to be asked, phases of {:.0} s, worst of {seeds} seeds{}.",
            rig.describe(),
            args.rate,
            phase.as_secs_f64(),
            if args.quick {
                ", quick: a tenth of the calls"
            } else {
                ""
            }
        ),
        rows: measured,
    };
    let table = report.markdown();
    println!("{table}");
    if let Some(path) = &args.markdown {
        fs::write(path, &table).with_context(|| format!("cannot write {}", path.display()))?;
    }
    if let Some(path) = &args.json {
        let json = serde_json::to_vec_pretty(&report).context("the report is no JSON")?;
        fs::write(path, json).with_context(|| format!("cannot write {}", path.display()))?;
    }
    let (held, all) = report.held();
    Ok(held == all)
}

/// What else the machine was doing before, for the table: times are only as good as it was idle.
fn others() -> String {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    match load.split_whitespace().next() {
        Some(load) => format!(" Load of the machine before: {load}."),
        None => String::new(),
    }
}

/// The rows of these numbers; all where there are none.
fn chosen(numbers: &[u32]) -> anyhow::Result<Vec<&'static Row>> {
    let known = |number: &u32| {
        let row = ROWS.iter().find(|row| row.number == *number);
        row.with_context(|| format!("--rows: there is no row {number}, only 1 to {}", ROWS.len()))
    };
    match numbers {
        [] => Ok(ROWS.iter().collect()),
        numbers => numbers.iter().map(known).collect(),
    }
}

fn panic_message(error: tokio::task::JoinError) -> String {
    let Ok(panic) = error.try_into_panic() else {
        return "it was ended".to_owned();
    };
    let text = panic
        .downcast_ref::<String>()
        .cloned()
        .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
    text.unwrap_or_else(|| "it panicked".to_owned())
        .chars()
        .take(300)
        .collect()
}
