//! One file for each command.

mod ask;
mod bench;
mod certs;
mod classify;
mod demo;
mod keys;
mod replay;
mod status;
mod stop;
mod trace;
mod tracestore;
mod up;

use std::io::{IsTerminal as _, Read as _};

use crate::{
    args::Command,
    eval,
    failure::{Failure, code},
};

/// Does what the command line says.
///
/// # Errors
/// Everything that is no success, with its exit code.
pub async fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Up(args) => up::run(args).await,
        Command::Demo(args) => demo::run(args).await,
        Command::Ask(args) => ask::run(args).await,
        Command::Classify(args) => classify::run(args).await,
        Command::Status(args) => status::run(args).await,
        Command::Trace(args) => trace::run(args).await,
        Command::Bench(args) => bench::run(args).await,
        Command::Eval(args) => eval::run(args).await,
        Command::Replay(args) => replay::run(args).await,
        Command::Certs(args) => certs::run(&args),
        Command::Keys(args) => keys::run(&args),
        Command::Tracestore(args) => tracestore::run(args).await,
        Command::EchoHop(args) => bench::hop(args).await,
    }
}

/// The question: as given, or from standard input for `-` and for nothing at all in a pipe.
fn question(given: Option<String>) -> Result<String, Failure> {
    let mut stdin = std::io::stdin();
    match given {
        Some(query) if query != "-" => Ok(query),
        None if stdin.is_terminal() => Err(Failure::new(
            code::USAGE,
            "no question: give it as an argument, or `-` to type it and end with Ctrl-D",
        )),
        _ => {
            let mut bytes = Vec::new();
            stdin
                .read_to_end(&mut bytes)
                .map_err(|error| Failure::new(code::INPUT, format!("cannot read standard input: {error}")))?;
            let text =
                String::from_utf8(bytes).map_err(|_| Failure::new(code::USAGE, "standard input is no UTF-8 text"))?;
            Ok(text.trim_end_matches(['\r', '\n']).to_owned())
        }
    }
}

/// Page of a trace.
fn trace_url(jaeger: &str, trace_id: &str) -> String {
    format!("{}/trace/{trace_id}", jaeger.trim_end_matches('/'))
}
