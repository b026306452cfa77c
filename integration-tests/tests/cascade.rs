//! The cascade: the cheapest engine that can answer, and up when its answer is not good enough.

#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use plexus_integration_tests::{DEADLINE, Mesh, Says as _, Shared, answered, ask, streamed, timed};
use plexus_proto::v1::{
    AskRequest, AskResponse, AttemptResult, ClassifyRequest, Constraints, DegradationReason, Domain, GetStatusRequest,
    Outcome, Tier, ask_stream_response::Event,
};
use plexus_testkit::{FakeLlm, Play};
use tonic::Code;

/// Engines of math: the dear one stands first, on purpose.
const MATH: &str = r#"[
    {name = "large", kind = "scripted", tier = "cloud", region = "us-east", price = {input_per_mtok = 10.0, output_per_mtok = 30.0}, rules = [{contains = "apples", answer = "3 * 4 = 12, so there are 12 apples."}, {contains = "JSON", answer = "{\"n\": 12}"}, {answer = "From afar."}]},
    {name = "small", kind = "scripted", tier = "edge", region = "eu-west", price = {input_per_mtok = 0.1, output_per_mtok = 0.1}, rules = [{contains = "apples", answer = "3 * 4 = 13, so there are 13 apples."}, {contains = "JSON", answer = "There are twelve."}, {answer = "From near by."}]},
    {name = "exact", kind = "exact"},
]"#;

static MESH: Shared = std::sync::LazyLock::new(|| Mesh::with(&[("PLEXUS_MATH__ENGINES", MATH)]));

/// A question for math that its exact engine declines.
fn question(text: &str, change: impl FnOnce(&mut Constraints)) -> AskRequest {
    let mut constraints = Constraints {
        domains: vec![Domain::Math.into()],
        min_confidence: Some(0.0),
        ..Constraints::default()
    };
    change(&mut constraints);
    AskRequest {
        constraints: Some(constraints),
        ..ask(text)
    }
}

const WHY: &str = "Tell me, at length, why numbers are beautiful.";

async fn put(request: AskRequest) -> AskResponse {
    answered(&mut MESH.router().await, request).await
}

fn attempts(response: &AskResponse) -> Vec<(&str, AttemptResult)> {
    let attempts = response.steps[0].attempts.iter();
    attempts.map(|one| (one.engine.as_str(), one.result())).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn the_cheapest_is_asked_first_whatever_the_order_of_the_configuration() {
    let response = put(question(WHY, |_| {})).await;
    assert_eq!(response.answer, "From near by.");
    assert_eq!(
        attempts(&response),
        [("exact", AttemptResult::Declined), ("small", AttemptResult::Answered)]
    );
    let usage = response.usage.unwrap();
    assert!(
        usage.cost_usd > 0.0 && usage.strongest_cost_usd > 50.0 * usage.cost_usd,
        "{usage:?}"
    );
    assert_eq!(usage.wasted_cost_usd, 0.0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_wrong_answer_escalates_and_is_billed_as_waste() {
    let response = put(question(
        "There are 3 baskets with 4 apples each, how many apples is that, and why?",
        |_| {},
    ))
    .await;
    assert_eq!(response.answer, "3 * 4 = 12, so there are 12 apples.");
    assert_eq!(response.outcome(), Outcome::Answered, "{response:#?}");
    let attempts = &response.steps[0].attempts;
    let of = |name: &str| attempts.iter().find(|one| one.engine == name).unwrap();
    assert_eq!(of("small").result(), AttemptResult::Rejected);
    let again = attempts.iter().filter(|one| one.engine == "exact").count();
    assert_eq!(again, 1, "who declined once is not asked again: {attempts:#?}");
    assert!(of("small").detail.contains("math"), "{:?}", of("small"));
    assert_eq!(of("large").result(), AttemptResult::Answered);
    let usage = response.usage.unwrap();
    let cost = |name: &str| of(name).usage.unwrap().cost_usd;
    assert!(
        (usage.cost_usd - cost("small") - cost("large")).abs() < 1e-12,
        "{usage:?}"
    );
    assert_eq!(usage.wasted_cost_usd, cost("small"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn who_demands_everything_enters_at_the_strongest() {
    let response = put(question(WHY, |demands| demands.min_confidence = Some(1.0))).await;
    assert_eq!(response.answer, "From afar.");
    let small = response.steps[0]
        .attempts
        .iter()
        .find(|one| one.engine == "small")
        .unwrap();
    assert_eq!(small.result(), AttemptResult::Skipped);
    assert!(small.detail.contains("the strongest engine is wanted"), "{small:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn tiers_regions_and_cost_are_hard_limits() {
    let afar = put(question(WHY, |demands| demands.regions = vec!["us-east".to_owned()])).await;
    assert_eq!(afar.served(), [(Domain::Math, "large")]);
    let cloud = put(question(WHY, |demands| demands.tiers = vec![Tier::Cloud.into()])).await;
    assert_eq!(cloud.served(), [(Domain::Math, "large")]);
    let nowhere = put(question(WHY, |demands| demands.regions = vec!["mars".to_owned()])).await;
    assert_eq!(nowhere.answer, "");
    nowhere.is_degraded_by(DegradationReason::EnginesDeclined);
    let free = put(question(WHY, |demands| demands.max_cost_usd = Some(0.0))).await;
    free.is_degraded_by(DegradationReason::Budget);
    // Enough for the small one, not for both: the rejected answer is all that can be paid for.
    let little = question(
        "There are 3 baskets with 4 apples each, how many apples is that, and why?",
        |demands| {
            demands.max_cost_usd = Some(0.001);
        },
    );
    let little = put(little).await;
    assert_eq!(little.served(), [(Domain::Math, "small")]);
    little.is_degraded_by(DegradationReason::ValidationFailed);
    assert!(little.usage.unwrap().cost_usd <= 0.001);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn an_answer_fits_its_schema_or_another_engine_is_asked() {
    let schema = r#"{"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}"#;
    let request = AskRequest {
        json_schema: schema.to_owned(),
        ..question("How many are there? Answer as JSON.", |_| {})
    };
    let (events, status) = streamed(&mut MESH.router().await, timed(request.clone(), DEADLINE)).await;
    assert!(status.is_none(), "{status:?}");
    let text: String = events
        .iter()
        .filter_map(|event| match event {
            Event::Delta(delta) => Some(delta.text.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(text, "{\"n\": 12}", "nothing of the answer that does not fit was sent");
    let response = put(request.clone()).await;
    assert_eq!(response.served(), [(Domain::Math, "large")]);
    let rejected: Vec<_> = attempts(&response)
        .into_iter()
        .filter(|one| one.1 == AttemptResult::Rejected)
        .collect();
    assert_eq!(
        rejected,
        [("small", AttemptResult::Rejected); 2],
        "it was asked once to mend it"
    );

    for (schema, part) in [
        ("{", "is no JSON"),
        (r#"{"type": 7}"#, "is no JSON Schema"),
        (
            r##"{"allOf": [{"items": {"$ref": "#"}}, {"items": {"$ref": "#"}}]}"##,
            "checks of one value",
        ),
        (r#"{"$ref": "http://127.0.0.1:1/x"}"#, "is no JSON Schema"),
    ] {
        let wrong = AskRequest {
            json_schema: schema.to_owned(),
            ..request.clone()
        };
        let status = MESH.router().await.ask(timed(wrong, DEADLINE)).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument);
        assert!(status.message().contains(part), "{status:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_task_is_asked_for_instead_of_a_model() {
    let mut router = MESH.router().await;
    let status = router
        .get_status(timed(GetStatusRequest {}, DEADLINE))
        .await
        .unwrap()
        .into_inner();
    let tasks: Vec<&str> = status.tasks.iter().map(|task| task.name.as_str()).collect();
    assert!(
        tasks.contains(&"summarise") && tasks.contains(&"review_code"),
        "{tasks:?}"
    );
    let unknown = AskRequest {
        task: "paint".to_owned(),
        ..ask("a house")
    };
    let status = router.ask(timed(unknown, DEADLINE)).await.unwrap_err();
    assert!(
        status.message().contains("task") && status.message().contains("summarise"),
        "{status:?}"
    );
    let route = ClassifyRequest {
        query: "What is 2 + 2?".to_owned(),
        task: "review_code".to_owned(),
        ..ClassifyRequest::default()
    };
    let route = router
        .classify(timed(route, DEADLINE))
        .await
        .unwrap()
        .into_inner()
        .route
        .unwrap();
    assert_eq!(route.plan.unwrap().steps[0].domain(), Domain::Code);
    let review = AskRequest {
        task: "review_code".to_owned(),
        ..ask("def f(x) return x")
    };
    let response = put(review).await;
    assert!(response.answer.contains("line 1, column 9"), "{response:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn the_commit_point_comes_before_the_first_word() {
    for held in [false, true] {
        let request = AskRequest {
            validate_before_stream: held,
            ..question(WHY, |_| {})
        };
        let (events, _) = streamed(&mut MESH.router().await, timed(request, DEADLINE)).await;
        let commit = events
            .iter()
            .position(|event| matches!(event, Event::Commit(_)))
            .unwrap();
        let delta = events
            .iter()
            .position(|event| matches!(event, Event::Delta(_)))
            .unwrap();
        assert!(commit < delta, "{events:#?}");
        let Event::Commit(commit) = &events[commit] else {
            panic!()
        };
        assert_eq!(
            (commit.step, commit.engine.as_str(), commit.tier()),
            (0, "small", Tier::Edge)
        );
        assert!(commit.replica.starts_with("math@"), "{commit:?}");
        let commits = events.iter().filter(|event| matches!(event, Event::Commit(_))).count();
        assert_eq!(commits, 1);
    }
}

/// Three lines of configuration are all that a new model takes.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn three_lines_swap_a_model() {
    let old = FakeLlm::start(Play::words("said by the old one")).await;
    let new = FakeLlm::start(Play::words("said by the new one")).await;
    for (server, model, said) in [
        (&old, "old-7b", "said by the old one"),
        (&new, "new-2b", "said by the new one"),
    ] {
        let engines = format!(
            "[{{name = 'one', kind = 'openai', tier = 'edge', price = {{input_per_mtok = 0.0, output_per_mtok = 0.0}}, base_url = '{}/v1', model = '{model}'}}]",
            server.url()
        );
        let mesh = Mesh::with(&[("PLEXUS_LANGUAGE__ENGINES", engines.as_str())]);
        let request = AskRequest {
            constraints: Some(Constraints {
                domains: vec![Domain::Language.into()],
                ..Constraints::default()
            }),
            ..ask("Tell me about the sea.")
        };
        let response = answered(&mut mesh.router().await, request).await;
        assert_eq!(response.answer, said);
        assert!(server.take_requests()[0].body.contains(model));
    }
}
