//! `plexus replay`: a mesh of its own that plays recorded answers.

use super::{
    stop::Stop,
    up::{drain, start_with},
};
use crate::{
    args::MeshArgs,
    failure::{Failure, code},
    output,
    replay::{Recording, ReplayArgs},
};

/// Replays and prints.
pub(super) async fn run(args: ReplayArgs) -> Result<(), Failure> {
    let recording = Recording::prepare(&args)?;
    let mut stop = Stop::new(false)?;
    // Its own ports: a mesh that is up already is neither disturbed nor asked.
    let mesh_args = MeshArgs {
        ephemeral: true,
        no_traces: true,
        ..args.mesh.clone()
    };
    let variables = recording.environment();
    let variables: Vec<(&str, &str)> = variables
        .iter()
        .map(|(key, value)| (key.as_str(), value.as_str()))
        .collect();
    let mesh = start_with(&mesh_args, &variables, &mut stop).await?;
    let endpoint = mesh.endpoint();
    let report = tokio::select! {
        report = recording.play(&endpoint) => report,
        () = stop.asked() => Err(Failure::quiet(code::INTERRUPTED)),
    };
    let drained = drain(mesh, &mut stop, false).await;
    let report = report?;
    output::print(&match args.json {
        true => report.json()?,
        false => report.table(),
    })?;
    drained
}
