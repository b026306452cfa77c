//! `plexus trace`.

use std::io::IsTerminal as _;

use crate::{
    args::Trace,
    failure::{Failure, code},
    output,
    trace::{self, Style, TraceError},
};

/// Prints a trace as a tree.
pub(super) async fn run(args: Trace) -> Result<(), Failure> {
    tree(&args.jaeger.jaeger, &args.id).await
}

/// Prints the trace `id` that `jaeger` has.
pub(super) async fn tree(jaeger: &str, id: &str) -> Result<(), Failure> {
    let style = match std::io::stdout().is_terminal() {
        true => Style::terminal(output::width(), output::colors()),
        false => Style::plain(),
    };
    let text = trace::run(jaeger, id, style).await.map_err(|error| {
        let code = exit_code(&error);
        Failure::new(code, plexus_errors::chain(&error))
    })?;
    output::print(&text)
}

fn exit_code(error: &TraceError) -> u8 {
    match error {
        TraceError::Address { .. } | TraceError::Id { .. } => code::USAGE,
        TraceError::NotFound { .. } => code::NO,
        TraceError::Timeout { .. } => code::TEMPORARY,
        TraceError::Unreachable { .. }
        | TraceError::Status { .. }
        | TraceError::TooBig { .. }
        | TraceError::Broken { .. }
        | TraceError::NotJaeger { .. } => code::UNAVAILABLE,
    }
}
