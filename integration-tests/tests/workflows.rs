//! Reasoning as an orchestrator: plans, parallel parts, results put where they belong, all of it visible.

#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use plexus_integration_tests::{DEADLINE, Mesh, Span, connect, timed, trace};
use plexus_proto::v1::{
    AnswerRequest, AnswerResult, Domain, answer_response::Event, specialist_service_client::SpecialistServiceClient,
};
use plexus_testkit::eventually;
use tonic::Request;

/// A model that plans three steps, of which two are independent, and answers everything else itself.
const REASONING: &str = r#"[
    {name = "exact", kind = "exact"},
    {name = "thinker", kind = "scripted", tier = "edge", price = {input_per_mtok = 1.0, output_per_mtok = 1.0}, rules = [{contains = "trip", answer = "{\"steps\": [{\"domain\": \"math\", \"ask\": \"What is 15% of 240?\"}, {\"domain\": \"language\", \"ask\": \"name a town\"}, {\"domain\": \"language\", \"ask\": \"write of {2} for {1} dollars\", \"needs\": [1]}]}"}]},
]"#;
const LANGUAGE: &str = r#"[{name = "poet", kind = "scripted", tier = "edge", latency = "60ms", rules = [{contains = "name a town", answer = "Porto"}, {contains = "write of Porto for 36 dollars", answer = "Porto, for 36 dollars."}]}]"#;
const SLOW_MATH: &str = r#"[{name = "sums", kind = "scripted", tier = "edge", latency = "60ms", rules = [{contains = "15%", answer = "36"}]}]"#;

/// What the specialist says, and how it ends.
async fn conducted(mesh: &Mesh, request: Request<AnswerRequest>) -> (String, plexus_proto::v1::AnswerFinished) {
    let mut client = SpecialistServiceClient::new(connect(&mesh.url("reasoning")).await);
    let mut events = client.answer(request).await.unwrap().into_inner();
    let mut text = String::new();
    loop {
        match events.message().await.unwrap().unwrap().event.unwrap() {
            Event::Delta(delta) => text.push_str(&delta),
            Event::Committed(_) => {}
            Event::Finished(finished) => return (text, finished),
        }
    }
}

fn trip(complexity: f64) -> AnswerRequest {
    AnswerRequest {
        query: "Plan a trip with what I have.".to_owned(),
        complexity: Some(complexity),
        hops_left: 2,
        ..AnswerRequest::default()
    }
}

fn mesh() -> Mesh {
    Mesh::with(&[
        ("PLEXUS_REASONING__ENGINES", REASONING),
        ("PLEXUS_LANGUAGE__ENGINES", LANGUAGE),
        ("PLEXUS_MATH__ENGINES", SLOW_MATH),
    ])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_model_plans_and_the_others_answer() {
    let mesh = mesh();
    let (text, finished) = conducted(&mesh, timed(trip(0.95), DEADLINE)).await;
    assert_eq!(text, "Porto, for 36 dollars.", "{finished:#?}");
    assert_eq!(
        (finished.result(), finished.planned_by.as_str()),
        (AnswerResult::Answered, "thinker")
    );
    let steps: Vec<(Domain, &str, &[u32])> = finished
        .substeps
        .iter()
        .map(|step| (step.domain(), step.engine.as_str(), step.depends_on.as_slice()))
        .collect();
    assert_eq!(
        steps,
        [
            (Domain::Reasoning, "thinker", &[][..]),
            (Domain::Math, "sums", &[][..]),
            (Domain::Language, "poet", &[][..]),
            (Domain::Language, "poet", &[1, 2][..]),
        ]
    );
    assert!(finished.substeps[0].answer.contains("\"steps\""), "the plan is visible");
    assert_eq!(finished.substeps[3].input, "write of Porto for 36 dollars");
    assert!(finished.usage.unwrap().cost_usd > 0.0, "the plan is paid for");
    // A plain question needs no plan, and without hops there is none.
    for request in [
        trip(0.2),
        AnswerRequest {
            hops_left: 0,
            ..trip(0.95)
        },
    ] {
        let (_, finished) = conducted(&mesh, timed(request, DEADLINE)).await;
        assert_eq!(finished.planned_by, "", "{finished:#?}");
    }
    // A budget that the plan itself would break is kept.
    let poor = AnswerRequest {
        constraints: Some(plexus_proto::v1::Constraints {
            max_cost_usd: Some(0.0),
            ..Default::default()
        }),
        ..trip(0.95)
    };
    let (_, finished) = conducted(&mesh, timed(poor, DEADLINE)).await;
    assert_eq!(
        (finished.result(), finished.usage.unwrap().cost_usd),
        (AnswerResult::Declined, 0.0)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn independent_parts_run_at_the_same_time() {
    let mesh = mesh();
    let id = "0123456789abcdef0123456789abcdef";
    let mut request = timed(trip(0.95), DEADLINE);
    let parent = format!("00-{id}-0123456789abcdef-01");
    request.metadata_mut().insert("traceparent", parent.parse().unwrap());
    let (text, _) = conducted(&mesh, request).await;
    assert_eq!(text, "Porto, for 36 dollars.");
    let spans: Vec<Span> = eventually("the parts' spans are there", DEADLINE, async || {
        let spans = trace(mesh.traces(), id).await?;
        let parts: Vec<Span> = spans
            .into_iter()
            .filter(|span| span.name.starts_with("part "))
            .collect();
        (parts.len() == 3).then_some(parts)
    })
    .await;
    assert!(
        spans
            .iter()
            .enumerate()
            .any(|(index, one)| spans[index + 1..].iter().any(|other| one.overlaps(other))),
        "{spans:#?}"
    );
}
