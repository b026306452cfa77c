//! `plexus demo`: what happens to a mesh that loses a part, and gets it back.

use std::time::{Duration, Instant};

use plexus_proto::v1;

use super::{
    stop::Stop,
    trace,
    up::{drain, start, welcome},
};
use crate::{
    args::MeshArgs,
    client::Router,
    explain,
    failure::{Failure, code},
    mesh::Mesh,
    output::{self, FAINT, STRONG, paint},
    samples::{self, COMPOUND, MATH, Sample},
};

/// How long the mesh may take to see that the specialist is back.
const RECOVERY: Duration = Duration::from_secs(10);
const VICTIM: &str = "math";

/// Shows it; any expectation that is not met ends it.
pub(super) async fn run(args: MeshArgs) -> Result<(), Failure> {
    let mut stop = Stop::new(false)?;
    let mut mesh = start(&args, &mut stop).await?;
    output::print(&welcome(&mesh, &args))?;
    let result = tokio::select! {
        result = play(&mut mesh) => result,
        () = stop.asked() => Err(Failure::quiet(code::INTERRUPTED)),
    };
    let drained = drain(mesh, &mut stop, false).await;
    result.and(drained)
}

async fn play(mesh: &mut Mesh) -> Result<(), Failure> {
    let router = Router::connect(&mesh.endpoint()).await?;

    heading("Questions of all domains")?;
    for sample in &samples::ALL {
        answered(&router, sample).await?;
    }

    let pid = mesh.pid(VICTIM).unwrap_or_default();
    heading(&format!("The {VICTIM} specialist dies (SIGKILL to process {pid})"))?;
    mesh.kill(VICTIM).await?;
    degraded(&router, &MATH).await?;
    degraded(&router, &COMPOUND).await?;

    heading(&format!("The {VICTIM} specialist is started again"))?;
    let begin = Instant::now();
    mesh.restart(VICTIM).await?;
    mesh.healthy(RECOVERY).await?;
    output::print(&paint(
        FAINT,
        format!("serving again, seen by the router, {:.1?} later\n\n", begin.elapsed()),
    ))?;
    answered(&router, &MATH).await?;
    let response = answered(&router, &COMPOUND).await?;

    if let Some(traces) = mesh.traces_addr() {
        heading("The path of that last question")?;
        trace::tree(&format!("http://{traces}"), &response.trace_id).await?;
        output::print("\n")?;
    }
    Ok(())
}

fn heading(text: &str) -> Result<(), Failure> {
    output::print(&format!("{}\n\n", paint(STRONG, format!("== {text}"))))
}

async fn ask(router: &Router, sample: &Sample) -> Result<v1::AskResponse, Failure> {
    let response = sample.ask(router).await?;
    output::print(&format!("{}\n", sample.render(&response)))?;
    Ok(response)
}

/// Asks; expects the right answer, as planned.
async fn answered(router: &Router, sample: &Sample) -> Result<v1::AskResponse, Failure> {
    let response = ask(router, sample).await?;
    let problem = sample.problem(&response);
    let problem = problem.or_else(|| outcome(&response, v1::Outcome::Answered, sample));
    problem.map_or(Ok(response), unmet)
}

/// Asks; expects an answer that says which specialist is down and, where somebody else served, who.
async fn degraded(router: &Router, sample: &Sample) -> Result<v1::AskResponse, Failure> {
    let response = ask(router, sample).await?;
    let down = i32::from(v1::DegradationReason::SpecialistDown);
    let math = i32::from(v1::Domain::Math);
    let marked = response
        .degradations
        .iter()
        .any(|one| one.reason == down && one.domain == math);
    let problem = outcome(&response, v1::Outcome::Degraded, sample)
        .or_else(|| (!marked).then(|| format!("{}: no degradation says that math is down", sample.title)))
        .or_else(|| {
            response
                .answer
                .is_empty()
                .then(|| format!("{}: there is no answer", sample.title))
        });
    problem.map_or(Ok(response), unmet)
}

fn outcome(response: &v1::AskResponse, expected: v1::Outcome, sample: &Sample) -> Option<String> {
    let outcome = v1::Outcome::try_from(response.outcome).unwrap_or_default();
    (outcome != expected).then(|| {
        let why = explain::degradations(&response.degradations);
        format!(
            "{}: expected {}, got {} {why}",
            sample.title,
            expected.as_str_name(),
            outcome.as_str_name()
        )
    })
}

fn unmet<T>(problem: String) -> Result<T, Failure> {
    Err(Failure::new(code::NO, "the demo did not go as it should").details([problem.trim_end()]))
}
