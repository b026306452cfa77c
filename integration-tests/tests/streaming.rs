//! Streamed answers: their order, when a wrong one can still be replaced, and what an engine that breaks off leaves.

#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use std::sync::LazyLock;

use plexus_integration_tests::{DEADLINE, Mesh, Router, Says as _, Shared, answered, ask, streamed, timed};
use plexus_proto::v1::{
    AskRequest, AskResponse, AttemptResult, Constraints, DegradationReason, Domain, Outcome, VerdictResult,
    ask_stream_response::Event,
};

/// Engines of math, in this order. Each speaks only when its word is in the question.
const ENGINES: &str = r#"[
    {name = "exact", kind = "exact"},
    {name = "a", kind = "scripted", tier = "edge", rules = [
        {contains = "WRONG", answer = "So 12 * 12 = 145, I would say."},
        {contains = "HOPELESS", answer = "So 12 * 12 = 145, I would say."},
    ]},
    {name = "failing", kind = "scripted", tier = "edge", failure_rate = 1.0, rules = [
        {contains = "FAILING", answer = "never said"},
    ]},
    {name = "breaking", kind = "scripted", tier = "edge", cut_off_after = 3, rules = [
        {contains = "BREAKING", answer = "one two three four five"},
    ]},
    {name = "b", kind = "scripted", tier = "onprem", rules = [
        {contains = "HOPELESS", answer = "Surely 12 * 12 = 146 then."},
        {contains = "", answer = "As everybody knows: 12 * 12 = 144 of course."},
    ]},
]"#;

static MESH: Shared = LazyLock::new(|| Mesh::with(&[("PLEXUS_MATH__ENGINES", ENGINES)]));

/// A question for math that no exact engine takes, with the word that an engine waits for.
fn tale(word: &str) -> AskRequest {
    AskRequest {
        constraints: Some(Constraints {
            domains: vec![Domain::Math.into()],
            ..Constraints::default()
        }),
        ..ask(&format!("Tell my pupils the tale of twelve squared, {word}."))
    }
}

/// Streams to the good end: every event, and the response at the end.
async fn complete(router: &mut Router, request: AskRequest) -> (Vec<Event>, AskResponse) {
    let (mut events, status) = streamed(router, timed(request, DEADLINE)).await;
    assert!(status.is_none(), "{status:?} after {events:#?}");
    let done = events.iter().filter(|event| matches!(event, Event::Done(_))).count();
    assert_eq!(done, 1, "{events:#?}");
    match events.pop() {
        Some(Event::Done(response)) => (events, response),
        other => panic!("the last event is {other:?}"),
    }
}

fn text(events: &[Event]) -> String {
    events
        .iter()
        .filter_map(|event| match event {
            Event::Delta(delta) => Some(delta.text.as_str()),
            _ => None,
        })
        .collect()
}

fn verdicts(response: &AskResponse) -> Vec<VerdictResult> {
    // How sure an answer is, is another matter than whether it is right.
    let checks = response
        .verdicts
        .iter()
        .filter(|verdict| verdict.validator != "confidence");
    checks.map(|verdict| verdict.result()).collect()
}

fn attempts(response: &AskResponse) -> Vec<(&str, AttemptResult)> {
    let attempts = response.steps[0].attempts.iter();
    attempts
        .map(|attempt| (attempt.engine.as_str(), attempt.result()))
        .collect()
}

fn checked(request: AskRequest) -> AskRequest {
    AskRequest {
        validate_before_stream: true,
        ..request
    }
}

#[tokio::test]
async fn deltas_joined_are_the_answer() {
    let mut router = MESH.router().await;
    for request in [
        ask("What is 15% of 240?"),
        ask("What is an 18% tip on $84.50?"),
        ask("compute 15% of 240 and check this Python: def f(x) return x"),
        ask("Compute 15% of 240, then double the result"),
        tale("PLAIN"),
    ] {
        for request in [request.clone(), checked(request)] {
            let (events, response) = complete(&mut router, request).await;
            assert!(matches!(events.first(), Some(Event::Route(_))), "{events:#?}");
            assert!(!response.answer.is_empty(), "{response:#?}");
            assert_eq!(text(&events), response.answer);
            // Every record of the response came as an event too.
            let count = |kind: fn(&Event) -> bool| events.iter().filter(|event| kind(event)).count();
            assert_eq!(count(|event| matches!(event, Event::Step(_))), response.steps.len());
            assert_eq!(
                count(|event| matches!(event, Event::Verdict(_))),
                response.verdicts.len()
            );
            assert_eq!(
                count(|event| matches!(event, Event::Degradation(_))),
                response.degradations.len()
            );
        }
    }
}

#[tokio::test]
async fn words_come_as_they_are_written() {
    let (events, response) = complete(&mut MESH.router().await, tale("PLAIN")).await;
    let deltas = events.iter().filter(|event| matches!(event, Event::Delta(_))).count();
    assert!(deltas > 3, "the answer came in {deltas} pieces");
    assert_eq!(response.served(), [(Domain::Math, "b")]);
    response.is_answered();
}

#[tokio::test]
async fn parts_come_in_the_order_of_the_question() {
    let question = "check this Python: def f(x) return x and compute 15% of 240";
    let (events, response) = complete(&mut MESH.router().await, ask(question)).await;
    let steps: Vec<u32> = events
        .iter()
        .filter_map(|event| match event {
            Event::Delta(delta) => Some(delta.step),
            _ => None,
        })
        .collect();
    assert!(steps.is_sorted(), "{steps:?}");
    assert_eq!(steps.last(), Some(&(response.steps.len() as u32 - 1)), "{steps:?}");
    let joined: Vec<&str> = response.steps.iter().map(|step| step.answer.as_str()).collect();
    assert_eq!(response.answer, joined.join("\n\n"));
}

#[tokio::test]
async fn a_wrong_answer_is_replaced_where_nothing_was_said_yet() {
    let mut router = MESH.router().await;
    let whole = answered(&mut router, tale("WRONG")).await;
    let (events, streamed) = complete(&mut router, checked(tale("WRONG"))).await;
    assert_eq!(text(&events), streamed.answer);
    for response in [whole, streamed] {
        assert!(response.answer.contains("12 * 12 = 144"), "{response:#?}");
        assert!(!response.answer.contains("145"), "{response:#?}");
        assert_eq!(response.served(), [(Domain::Math, "b")]);
        assert_eq!(verdicts(&response), [VerdictResult::Pass], "{response:#?}");
        let attempts = attempts(&response);
        assert!(attempts.contains(&("a", AttemptResult::Rejected)), "{attempts:?}");
        assert_eq!(attempts.last(), Some(&("b", AttemptResult::Answered)), "{attempts:?}");
        let rejected = response.steps[0].attempts.iter().find(|one| one.engine == "a").unwrap();
        assert!(
            rejected.detail.contains("math"),
            "who rejected it, and why: {rejected:?}"
        );
        response.is_answered();
    }
}

#[tokio::test]
async fn a_wrong_answer_that_is_out_stands_and_is_marked() {
    let (events, response) = complete(&mut MESH.router().await, tale("WRONG")).await;
    assert!(text(&events).contains("12 * 12 = 145"), "{events:#?}");
    assert!(!text(&events).contains("144"), "two answers were spliced: {events:#?}");
    assert_eq!(text(&events), response.answer);
    assert_eq!(verdicts(&response), [VerdictResult::Fail]);
    let math = response.verdicts.iter().find(|verdict| verdict.validator == "math");
    let finding = &math.unwrap().findings[0];
    assert!(finding.excerpt.contains("145"), "{finding:?}");
    response.is_degraded_by(DegradationReason::ValidationFailed);
}

#[tokio::test]
async fn where_all_are_wrong_the_strongest_stands_and_is_marked() {
    let mut router = MESH.router().await;
    let whole = answered(&mut router, tale("HOPELESS")).await;
    let (events, streamed) = complete(&mut router, checked(tale("HOPELESS"))).await;
    assert_eq!(text(&events), streamed.answer);
    for response in [whole, streamed] {
        assert!(response.answer.contains("12 * 12 = 146"), "{response:#?}");
        assert!(!response.answer.contains("145"), "{response:#?}");
        assert_eq!(verdicts(&response), [VerdictResult::Fail]);
        response.is_degraded_by(DegradationReason::ValidationFailed);
        assert_eq!(response.steps[0].engine, "b");
    }
}

#[tokio::test]
async fn before_the_first_word_another_engine_takes_over() {
    let mut router = MESH.router().await;
    for request in [tale("FAILING"), checked(tale("FAILING"))] {
        let (events, response) = complete(&mut router, request).await;
        assert_eq!(text(&events), response.answer);
        assert!(response.answer.contains("144"), "{response:#?}");
        response.is_degraded_by(DegradationReason::EngineFailed);
        assert_eq!(response.degradations[0].served_by, "b");
        assert!(response.degradations[0].detail.contains("failing"), "{response:#?}");
    }
}

#[tokio::test]
async fn after_the_first_word_nobody_does() {
    let mut router = MESH.router().await;
    let whole = answered(&mut router, tale("BREAKING")).await;
    let (live_events, live) = complete(&mut router, tale("BREAKING")).await;
    let (checked_events, checked) = complete(&mut router, checked(tale("BREAKING"))).await;
    assert_eq!(text(&live_events), live.answer);
    assert_eq!(text(&checked_events), checked.answer);
    for response in [whole, live, checked] {
        assert_eq!(response.answer.trim(), "one two three", "{response:#?}");
        response.is_degraded_by(DegradationReason::CutOff);
        assert_eq!(response.steps[0].engine, "breaking");
    }
}

#[tokio::test]
async fn a_caller_that_leaves_disturbs_nobody() {
    let mut router = MESH.router().await;
    for _ in 0..20 {
        let mut stream = router
            .ask_stream(timed(tale("PLAIN"), DEADLINE))
            .await
            .unwrap()
            .into_inner();
        assert!(stream.message().await.unwrap().is_some());
        drop(stream);
    }
    let response = answered(&mut router, tale("PLAIN")).await;
    assert_eq!(response.outcome(), Outcome::Answered);
    MESH.has_not_panicked();
}

#[tokio::test]
async fn a_demand_decides_which_engines_are_asked() {
    use plexus_proto::v1::Tier;
    let mut request = tale("WRONG");
    request.constraints.as_mut().unwrap().tiers = vec![Tier::Onprem.into()];
    let response = answered(&mut MESH.router().await, request).await;
    assert_eq!(response.served(), [(Domain::Math, "b")]);
    assert_eq!(response.steps[0].tier(), Tier::Onprem);
    let skipped = attempts(&response)
        .iter()
        .filter(|(_, result)| *result == AttemptResult::Skipped)
        .count();
    assert!(skipped > 0, "{response:#?}");
}
