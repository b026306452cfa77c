//! `plexus bench`: a mesh of its own, measured.

use super::{
    stop::Stop,
    up::{drain, start_with},
};
use crate::{
    args::MeshArgs,
    bench::{self, BenchArgs, echo},
    failure::{Failure, code},
    output,
};

/// The load repeats a few questions: with their signals kept, nothing would be classified after the first round.
const UNCACHED: &[(&str, &str)] = &[("PLEXUS_ROUTER__MODEL__CACHE", "0"), bench::workflow::ENGINES];

/// Measures and prints.
pub(super) async fn run(args: BenchArgs) -> Result<(), Failure> {
    let mut stop = Stop::new(false)?;
    // Its own ports: a mesh that is up already is neither disturbed nor measured.
    let mesh_args = MeshArgs {
        ephemeral: true,
        ..args.mesh.clone()
    };
    let mesh = start_with(&mesh_args, UNCACHED, &mut stop).await?;
    let report = tokio::select! {
        report = bench::run(&mesh, &args) => report.map_err(|error| fault(&error)),
        () = stop.asked() => Err(Failure::quiet(code::INTERRUPTED)),
    };
    let drained = drain(mesh, &mut stop, false).await;
    output::print(&report?)?;
    drained
}

/// One hop of the floor.
pub(super) async fn hop(args: echo::EchoArgs) -> Result<(), Failure> {
    echo::serve(&args).await.map_err(|error| fault(&error))
}

fn fault(error: &anyhow::Error) -> Failure {
    Failure::new(code::SOFTWARE, format!("{error:#}"))
}
