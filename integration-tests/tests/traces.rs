//! One request, one trace: who called whom, in whose name, and what stands on the spans.

#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use plexus_integration_tests::{DEADLINE, Mesh, Shared, Span, answered, ask, streamed, timed, trace};
use plexus_proto::v1::{AskRequest, AskResponse, Constraints, Domain, Message, Role};
use plexus_testkit::eventually;

/// Stands in questions and answers; must stand nowhere else.
const CANARY: &str = "zanzibar-canary-7731";

const ENGINES: &str = r#"[
    {name = "exact", kind = "exact"},
    {name = "poet", kind = "scripted", tier = "edge", rules = [{answer = "O sea, zanzibar-canary-7731 of old."}]},
]"#;

static MESH: Shared = LazyLock::new(|| Mesh::with(&[("PLEXUS_LANGUAGE__ENGINES", ENGINES)]));

/// The edges of a trace, `parent -> child`, with how often each occurs where that is more than once.
fn edges(spans: &[Span]) -> BTreeSet<String> {
    let labels: BTreeMap<&str, String> = spans.iter().map(|span| (span.id.as_str(), span.label())).collect();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for span in spans {
        let parent = labels.get(span.parent.as_str()).map_or("caller", String::as_str);
        *counts.entry(format!("{parent} -> {}", span.label())).or_default() += 1;
    }
    let write = |(edge, count): (String, usize)| match count {
        1 => edge,
        _ => format!("{edge} x{count}"),
    };
    counts.into_iter().map(write).collect()
}

/// Waits until the trace of a response has the expected edges, and gives its spans.
async fn has(response: &AskResponse, expected: &[&str]) -> Vec<Span> {
    assert_eq!(response.trace_id.len(), 32, "{response:#?}");
    let expected: BTreeSet<String> = expected
        .iter()
        .map(|edge| edge.replace("ROUTER", "router:plexus.v1.RouterService/Ask"))
        .collect();
    let found = std::cell::RefCell::new(BTreeSet::new());
    let look = eventually("the trace is whole", DEADLINE, async || {
        let spans = trace(MESH.traces(), &response.trace_id).await?;
        found.replace(edges(&spans));
        (*found.borrow() == expected).then_some(spans)
    });
    match tokio::time::timeout(DEADLINE / 3, look).await {
        Ok(spans) => spans,
        Err(_) => {
            let found = found.borrow();
            let missing: Vec<_> = expected.difference(&found).collect();
            let more: Vec<_> = found.difference(&expected).collect();
            panic!("missing edges: {missing:#?}; edges that were not expected: {more:#?}");
        }
    }
}

async fn response(query: &str) -> AskResponse {
    answered(&mut MESH.router().await, ask(query)).await
}

#[tokio::test]
async fn a_question_of_one_step() {
    let spans = has(
        &response("What is 15% of 240?").await,
        &[
            "caller -> ROUTER",
            "ROUTER -> router:classify",
            "ROUTER -> router:plan",
            "ROUTER -> router:step math",
            "router:step math -> router:plexus.v1.SpecialistService/Answer",
            "router:plexus.v1.SpecialistService/Answer -> math:plexus.v1.SpecialistService/Answer",
            "math:plexus.v1.SpecialistService/Answer -> math:engine exact",
            "router:step math -> router:validate math",
            "router:validate math -> router:plexus.v1.ValidatorService/Validate",
            "router:plexus.v1.ValidatorService/Validate -> validator:plexus.v1.ValidatorService/Validate",
            "validator:plexus.v1.ValidatorService/Validate -> validator:check math",
        ],
    )
    .await;
    let root = spans.iter().find(|span| span.parent.is_empty()).unwrap();
    assert_eq!(root.attributes["rpc.system.name"], "grpc");
    assert_eq!(root.attributes["rpc.method"], "plexus.v1.RouterService/Ask");
    assert_eq!(root.attributes["rpc.response.status_code"], "OK");
    assert_eq!(root.attributes["plexus.outcome"], "answered");
    let classify = spans.iter().find(|span| span.label() == "router:classify").unwrap();
    assert!(["first", "encoder"].contains(&classify.attributes["plexus.stage"].as_str()));
    assert!(classify.attributes.contains_key("plexus.cached"), "{classify:?}");
    // No model was called.
    for span in &spans {
        let model: Vec<&String> = span
            .attributes
            .keys()
            .filter(|key| key.starts_with("gen_ai."))
            .collect();
        assert!(model.is_empty(), "{}: {model:?}", span.label());
    }
}

#[tokio::test]
async fn a_question_of_two_steps_at_the_same_time() {
    has(
        &response("compute 15% of 240 and check this Python: def f(x) return x").await,
        &[
            "caller -> ROUTER",
            "ROUTER -> router:classify",
            "ROUTER -> router:plan",
            "ROUTER -> router:step math",
            "ROUTER -> router:step code",
            "router:step math -> router:plexus.v1.SpecialistService/Answer",
            "router:step code -> router:plexus.v1.SpecialistService/Answer",
            "router:plexus.v1.SpecialistService/Answer -> math:plexus.v1.SpecialistService/Answer",
            "router:plexus.v1.SpecialistService/Answer -> code:plexus.v1.SpecialistService/Answer",
            "math:plexus.v1.SpecialistService/Answer -> math:engine exact",
            "code:plexus.v1.SpecialistService/Answer -> code:engine exact",
            "router:step math -> router:validate math",
            "router:step code -> router:validate code",
            "router:validate math -> router:plexus.v1.ValidatorService/Validate",
            "router:validate code -> router:plexus.v1.ValidatorService/Validate",
            "router:plexus.v1.ValidatorService/Validate -> validator:plexus.v1.ValidatorService/Validate x2",
            "validator:plexus.v1.ValidatorService/Validate -> validator:check math",
            "validator:plexus.v1.ValidatorService/Validate -> validator:check code",
        ],
    )
    .await;
}

#[tokio::test]
async fn a_question_whose_parts_build_on_each_other() {
    has(
        &response("Compute 15% of 240, then double the result").await,
        &[
            "caller -> ROUTER",
            "ROUTER -> router:classify",
            "ROUTER -> router:plan",
            "ROUTER -> router:step reasoning",
            "router:step reasoning -> router:plexus.v1.SpecialistService/Answer",
            "router:plexus.v1.SpecialistService/Answer -> reasoning:plexus.v1.SpecialistService/Answer",
            "reasoning:plexus.v1.SpecialistService/Answer -> reasoning:engine exact",
            "reasoning:engine exact -> reasoning:part math x2",
            "reasoning:part math -> reasoning:plexus.v1.SpecialistService/Answer x2",
            "reasoning:plexus.v1.SpecialistService/Answer -> math:plexus.v1.SpecialistService/Answer x2",
            "math:plexus.v1.SpecialistService/Answer -> math:engine exact x2",
            "router:step reasoning -> router:validate math",
            "router:validate math -> router:plexus.v1.ValidatorService/Validate",
            "router:plexus.v1.ValidatorService/Validate -> validator:plexus.v1.ValidatorService/Validate",
            "validator:plexus.v1.ValidatorService/Validate -> validator:check math",
        ],
    )
    .await;
}

fn secret() -> AskRequest {
    let message = |role: Role, content: String| Message {
        role: role.into(),
        content,
    };
    AskRequest {
        messages: vec![
            message(Role::System, format!("You are {CANARY}.")),
            message(Role::User, format!("Write a poem about the sea and {CANARY}")),
        ],
        constraints: Some(Constraints {
            domains: vec![Domain::Language.into()],
            ..Constraints::default()
        }),
        ..AskRequest::default()
    }
}

#[tokio::test]
async fn a_model_call() {
    let response = answered(&mut MESH.router().await, secret()).await;
    assert!(response.answer.contains(CANARY), "{response:#?}");
    let spans = has(
        &response,
        &[
            "caller -> ROUTER",
            "ROUTER -> router:classify",
            "ROUTER -> router:plan",
            "ROUTER -> router:step language",
            "router:step language -> router:plexus.v1.SpecialistService/Answer",
            "router:plexus.v1.SpecialistService/Answer -> language:plexus.v1.SpecialistService/Answer",
            "language:plexus.v1.SpecialistService/Answer -> language:engine exact",
            "language:plexus.v1.SpecialistService/Answer -> language:chat scripted-poet",
            "router:step language -> router:validate confidence",
            "router:validate confidence -> router:plexus.v1.ValidatorService/Validate",
            "router:plexus.v1.ValidatorService/Validate -> validator:plexus.v1.ValidatorService/Validate",
            "validator:plexus.v1.ValidatorService/Validate -> validator:check confidence",
        ],
    )
    .await;
    for span in &spans {
        let call = span.name.starts_with("chat ");
        let model = span.attributes.keys().filter(|key| key.starts_with("gen_ai.")).count();
        assert_eq!(
            model > 0,
            call,
            "gen_ai.* stands on model calls, and only there: {span:#?}"
        );
        if call {
            assert_eq!(span.attributes["gen_ai.operation.name"], "chat");
            assert_eq!(span.attributes["gen_ai.provider.name"], "scripted");
            assert_eq!(span.attributes["gen_ai.request.model"], "scripted-poet");
            assert!(span.attributes["gen_ai.usage.output_tokens"].parse::<u64>().unwrap() > 0);
        }
        // What was asked and what was answered stands on no span, and in no log.
        let shown = format!("{span:?}");
        assert!(!shown.contains(CANARY), "{shown}");
    }
    assert!(
        !MESH.logs().contains(CANARY),
        "a log holds the text of a question or an answer"
    );
}

#[tokio::test]
async fn the_trace_of_a_caller_goes_on() {
    let mut router = MESH.router().await;
    for (index, stream) in [false, true].into_iter().enumerate() {
        let id = format!("4bf92f3577b34da6a3ce929d0e0e473{index}");
        let mut request = timed(ask("12 * 12"), DEADLINE);
        let parent = format!("00-{id}-00f067aa0ba902b7-01");
        request.metadata_mut().insert("traceparent", parent.parse().unwrap());
        let got = match stream {
            false => router.ask(request).await.unwrap().into_inner().trace_id,
            true => {
                let (events, _) = streamed(&mut router, request).await;
                match events.into_iter().next_back() {
                    Some(plexus_proto::v1::ask_stream_response::Event::Done(response)) => response.trace_id,
                    other => panic!("{other:?}"),
                }
            }
        };
        assert_eq!(got, id);
        eventually(
            "the router's span has the caller's as its parent",
            DEADLINE,
            async || {
                let spans = trace(MESH.traces(), &id).await?;
                spans
                    .iter()
                    .any(|span| span.service == "router" && span.parent == "00f067aa0ba902b7")
                    .then_some(())
            },
        )
        .await;
    }
}

#[tokio::test]
async fn what_is_no_trace_context_starts_a_new_trace() {
    let mut router = MESH.router().await;
    for wrong in [
        "",
        "00",
        "hello",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
    ] {
        let mut request = timed(ask("12 * 12"), DEADLINE);
        request.metadata_mut().insert("traceparent", wrong.parse().unwrap());
        let id = router.ask(request).await.unwrap().into_inner().trace_id;
        assert!(
            id.len() == 32 && id.bytes().any(|byte| byte != b'0'),
            "traceparent {wrong:?} gave {id:?}"
        );
    }
}

#[tokio::test]
async fn a_caller_that_does_not_want_a_trace_gets_none() {
    let id = "4bf92f3577b34da6a3ce929d0e0eaaaa";
    let mut request = timed(ask("12 * 12"), DEADLINE);
    request
        .metadata_mut()
        .insert("traceparent", format!("00-{id}-00f067aa0ba902b7-00").parse().unwrap());
    let mut router = MESH.router().await;
    router.ask(request).await.unwrap();
    // One that is traced, sent later, has arrived: so would have the other.
    let later = response("12 * 12").await;
    eventually("a later trace has arrived", DEADLINE, async || {
        let spans = trace(MESH.traces(), &later.trace_id).await?;
        let services: BTreeSet<String> = spans.into_iter().map(|span| span.service).collect();
        (services.contains("router") && services.contains("math")).then_some(())
    })
    .await;
    assert!(trace(MESH.traces(), id).await.is_none_or(|spans| spans.is_empty()));
}
