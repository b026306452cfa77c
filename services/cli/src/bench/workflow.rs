//! What conducting a workflow costs beyond its steps.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use plexus_proto::v1::{
    AnswerRequest, AnswerResult, Domain, Part, answer_response::Event,
    specialist_service_client::SpecialistServiceClient,
};
use tonic::transport::{Channel, Endpoint};

use super::{load, report::Workflow, us};
use crate::mesh::Mesh;

/// How long each step takes.
const STEP: Duration = Duration::from_millis(20);
/// Times that it is asked.
const SAMPLES: usize = 100;

/// Engines of the language specialist: what has this word in it takes [`STEP`].
pub const ENGINES: (&str, &str) = (
    "PLEXUS_LANGUAGE__ENGINES",
    r#"[{name = "exact", kind = "exact"}, {name = "slow", kind = "scripted", tier = "edge", latency = "20ms", rules = [{contains = "ballad", answer = "done"}]}]"#,
);

/// Asks the reasoning specialist for three steps, and the language specialist for one of them alone.
pub(super) async fn run(mesh: &Mesh) -> anyhow::Result<Workflow> {
    let part = |text: &str, depends_on: &[u32]| Part {
        text: text.to_owned(),
        domain: Domain::Language.into(),
        depends_on: depends_on.to_vec(),
    };
    let three = AnswerRequest {
        query: "Sing a ballad of the sea, sing a ballad of the hills, then sing a ballad of the result".to_owned(),
        parts: vec![
            part("sing a ballad of the sea", &[]),
            part("sing a ballad of the hills", &[]),
            part("sing a ballad of the result", &[0, 1]),
        ],
        hops_left: 2,
        ..AnswerRequest::default()
    };
    let one = AnswerRequest {
        query: "sing a ballad of the sea".to_owned(),
        ..AnswerRequest::default()
    };
    let (mut reasoning, mut language) = (client(mesh, "reasoning").await?, client(mesh, "language").await?);
    let (mut wholes, mut singles) = (load::histogram(), load::histogram());
    for _ in 0..SAMPLES {
        wholes.saturating_record(load::nanos(timed(&mut reasoning, &three, 3).await?));
        singles.saturating_record(load::nanos(timed(&mut language, &one, 0).await?));
    }
    let (whole, alone) = (
        us(wholes.value_at_quantile(0.5)),
        2.0 * us(singles.value_at_quantile(0.5)),
    );
    let critical_path = 2.0 * STEP.as_secs_f64() * 1e6;
    Ok(Workflow {
        whole_p50_us: whole,
        whole_p99_us: us(wholes.value_at_quantile(0.99)),
        critical_path_us: critical_path,
        ratio_p50: whole / critical_path,
        alone_p50_us: alone,
        overhead_p50_us: whole - alone,
    })
}

async fn client(mesh: &Mesh, name: &str) -> anyhow::Result<SpecialistServiceClient<Channel>> {
    let part = mesh.parts().into_iter().find(|part| part.name == name);
    let address = part.with_context(|| format!("{name} does not run"))?.address;
    let channel = Endpoint::from_shared(format!("http://{address}"))?
        .tcp_nodelay(true)
        .connect()
        .await?;
    Ok(SpecialistServiceClient::new(channel))
}

async fn timed(
    client: &mut SpecialistServiceClient<Channel>,
    request: &AnswerRequest,
    steps: usize,
) -> anyhow::Result<Duration> {
    let begin = Instant::now();
    let mut events = client.answer(request.clone()).await?.into_inner();
    while let Some(event) = events.message().await? {
        if let Some(Event::Finished(finished)) = event.event {
            anyhow::ensure!(
                finished.result() == AnswerResult::Answered && finished.substeps.len() == steps,
                "the workflow ended otherwise: {}",
                finished.detail
            );
        }
    }
    Ok(begin.elapsed())
}
