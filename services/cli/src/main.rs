//! The `plexus` program: parse, run, end with the right exit code. No logic here.

use std::{process::ExitCode, time::Duration};

use clap::Parser as _;
use plexus_cli::{args::Args, commands, failure, output};

/// How long threads that block (on standard input, say) may outlive the command.
const LAST_WORDS: Duration = Duration::from_millis(200);

fn main() -> ExitCode {
    let args = Args::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    let result = match runtime {
        Ok(runtime) => {
            let result = runtime.block_on(commands::run(args.command));
            runtime.shutdown_timeout(LAST_WORDS);
            result
        }
        Err(error) => Err(failure::Failure::new(
            failure::code::SOFTWARE,
            format!("cannot start the runtime: {error}"),
        )),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output::failure(&failure);
            ExitCode::from(failure.code())
        }
    }
}
