//! A model behind PLEXUS_LLM_URL: full answers when it behaves, an honest word when it does not.

#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use std::time::Duration;

use plexus_integration_tests::{
    DEADLINE, Mesh, Router, Says as _, Service, answered, ask, connect, reasons, streamed, timed,
};
use plexus_proto::v1::{
    AnswerRequest, AskRequest, AskResponse, Constraints, DegradationReason, Domain, Outcome, answer_response::Event,
    specialist_service_client::SpecialistServiceClient,
};
use plexus_testkit::{BACKEND_WORDS, FakeLlm, Play, eventually};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

const KEY: &str = "sk-canary-2b7e151628aed2a6";

/// A question for a domain that no exact engine takes.
fn tale(domain: Domain) -> AskRequest {
    AskRequest {
        constraints: Some(Constraints {
            domains: vec![domain.into()],
            ..Constraints::default()
        }),
        ..ask("Tell me, at length, why people like the sea so much.")
    }
}

fn mesh(llm: &FakeLlm) -> Mesh {
    Mesh::with(&[
        ("PLEXUS_LLM_URL", &llm.url()),
        ("PLEXUS_LLM_MODEL", "tiny-1"),
        ("PLEXUS_LLM_KEY_ENV", "MY_SECRET_KEY"),
        ("MY_SECRET_KEY", KEY),
    ])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn one_variable_gives_full_answers() {
    let llm = FakeLlm::start(Play::Words {
        text: "Because it never looks the same.".to_owned(),
        pause: Duration::ZERO,
        usage: Some((21, 9)),
    })
    .await;
    let mesh = mesh(&llm);
    let mut router = mesh.router().await;
    for domain in [Domain::Code, Domain::Math, Domain::Reasoning, Domain::Language] {
        llm.take_requests();
        let response = answered(&mut router, tale(domain)).await;
        response.is_answered();
        assert_eq!(response.answer, "Because it never looks the same.");
        assert_eq!(response.served(), [(domain, "llm")]);
        let usage = response.usage.unwrap();
        assert_eq!(
            (usage.input_tokens, usage.output_tokens, usage.estimated),
            (21, 9, false)
        );

        let requests = llm.take_requests();
        assert_eq!(requests.len(), 1, "{requests:#?}");
        assert_eq!(requests[0].line, "POST /v1/chat/completions");
        assert_eq!(requests[0].headers["authorization"], format!("Bearer {KEY}"));
        let parent = &requests[0].headers["traceparent"];
        assert!(
            parent.contains(&response.trace_id),
            "{parent} is not of trace {}",
            response.trace_id
        );
        let body: serde_json::Value = serde_json::from_str(&requests[0].body).unwrap();
        assert_eq!(body["model"], "tiny-1");
        assert_eq!(body["stream"], true);
        let messages = body["messages"].as_array().unwrap();
        assert_eq!(messages[0]["role"], "system");
        assert!(
            messages.last().unwrap()["content"]
                .as_str()
                .unwrap()
                .contains("the sea")
        );
    }
    // What can be computed is computed: the model is not asked.
    answered(&mut router, ask("What is 15% of 240?")).await.is_answered();
    assert!(llm.take_requests().is_empty());

    // A server that does not stream is as good.
    llm.play(Play::Json("It is wide.".to_owned()));
    let response = answered(&mut router, tale(Domain::Language)).await;
    response.is_answered();
    assert_eq!(response.answer, "It is wide.");
    assert_eq!(response.usage.unwrap().output_tokens, 7);

    // The key is nowhere but on the wire to the model.
    assert!(!mesh.logs().contains(KEY), "the key is in a log");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn words_of_a_model_are_passed_on_as_they_come() {
    let llm = FakeLlm::start(Play::words("one two three four")).await;
    let mesh = mesh(&llm);
    let (events, status) = streamed(&mut mesh.router().await, timed(tale(Domain::Language), DEADLINE)).await;
    assert!(status.is_none(), "{status:?}");
    let deltas: Vec<&str> = events
        .iter()
        .filter_map(|event| match event {
            plexus_proto::v1::ask_stream_response::Event::Delta(delta) => Some(delta.text.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(deltas, ["one ", "two ", "three ", "four"]);
}

/// Asks a model that plays badly.
async fn badly(router: &mut Router, llm: &FakeLlm, play: Play) -> Result<AskResponse, Status> {
    llm.play(play);
    router
        .ask(timed(tale(Domain::Language), DEADLINE))
        .await
        .map(tonic::Response::into_inner)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_model_that_misbehaves_is_named_with_its_fault() {
    let llm = FakeLlm::start(Play::Html).await;
    let mesh = mesh(&llm);
    let mut router = mesh.router().await;
    for (play, cause) in [
        (Play::Html, "text/html"),
        (Play::Status(401, None), "401"),
        (Play::Status(404, None), "404"),
        (Play::Status(500, None), "500"),
        (Play::Truncated(String::new()), "broke off"),
        (Play::Reset(String::new()), "broke off"),
        (Play::Huge(20 * 1024 * 1024), "broke off"),
        (Play::InvalidUtf8, ""),
        (Play::Garbage, "something else"),
        (Play::Gzip, "gzip"),
        (Play::Error(String::new()), "reported an error"),
    ] {
        let shown = format!("{play:?}");
        let status = badly(&mut router, &llm, play).await.unwrap_err();
        assert_eq!(status.code(), Code::Unavailable, "{shown}: {status:?}");
        for part in ["llm", cause] {
            assert!(
                status.message().contains(part),
                "{shown}: no `{part}` in {}",
                status.message()
            );
        }
        let tried = status.get_error_details().error_info().unwrap().metadata["tried"].clone();
        assert!(tried.contains(cause), "{shown}: {tried}");
        // What a backend says is for nobody else's eyes.
        let all = format!("{status:?}");
        assert!(!all.contains(BACKEND_WORDS) && !all.contains(KEY), "{shown}: {all}");
    }
    let logs = mesh.logs();
    assert!(
        !logs.contains(BACKEND_WORDS) && !logs.contains(KEY),
        "words of a backend, or the key, are in a log"
    );
    mesh.has_not_panicked();

    // It gets well again, and so does the mesh, at once.
    let response = badly(&mut router, &llm, Play::words("Fine.")).await.unwrap();
    assert_eq!(
        (response.answer.as_str(), response.outcome()),
        ("Fine.", Outcome::Answered)
    );

    // It may ask for a rest, and gets it.
    let status = badly(&mut router, &llm, Play::Status(429, Some(60))).await.unwrap_err();
    assert!(status.message().contains("429"), "{status:?}");
    llm.take_requests();
    let status = badly(&mut router, &llm, Play::words("Fine.")).await.unwrap_err();
    assert!(status.message().contains("rests for another"), "{status:?}");
    assert!(llm.take_requests().is_empty(), "it was asked all the same");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_model_that_breaks_off_leaves_what_it_said() {
    let llm = FakeLlm::start(Play::Html).await;
    let mesh = mesh(&llm);
    let mut router = mesh.router().await;
    for play in [
        Play::Truncated("It is wide ".to_owned()),
        Play::Reset("It is wide ".to_owned()),
    ] {
        let shown = format!("{play:?}");
        let response = badly(&mut router, &llm, play).await.unwrap();
        assert_eq!(response.answer.trim(), "It is wide", "{shown}");
        response.is_degraded_by(DegradationReason::CutOff);
        assert_eq!(llm.take_requests().len(), 1, "{shown}: it was asked again");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn nobody_listens_where_the_model_should_be() {
    let llm = FakeLlm::start(Play::Html).await;
    let mesh = mesh(&llm);
    drop(llm);
    let status = mesh
        .router()
        .await
        .ask(timed(tale(Domain::Language), DEADLINE))
        .await
        .unwrap_err();
    assert_eq!(status.code(), Code::Unavailable, "{status:?}");
    assert!(status.message().contains("cannot be reached"), "{}", status.message());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_silent_model_takes_no_more_than_the_deadline() {
    let llm = FakeLlm::start(Play::Silence).await;
    let mesh = mesh(&llm);
    let mut router = mesh.router().await;
    let status = router
        .ask(timed(tale(Domain::Language), Duration::from_secs(2)))
        .await
        .unwrap_err();
    assert!(
        matches!(status.code(), Code::DeadlineExceeded | Code::Unavailable),
        "{status:?}"
    );
    eventually!(llm.open() == 0, DEADLINE);
    mesh.has_not_panicked();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_caller_that_leaves_ends_the_call_of_the_model() {
    let endless = Play::Words {
        text: "and on ".repeat(10_000),
        pause: Duration::from_millis(20),
        usage: None,
    };
    let llm = FakeLlm::start(endless).await;
    let mesh = mesh(&llm);
    let mut router = mesh.router().await;

    // From a stream that has begun. How fast is printed, for whoever measures; machines are too different to assert it.
    let mut slowest = Duration::ZERO;
    for _ in 0..10 {
        let mut stream = router
            .ask_stream(timed(tale(Domain::Language), DEADLINE))
            .await
            .unwrap()
            .into_inner();
        eventually!(llm.open() == 1, DEADLINE);
        assert!(stream.message().await.unwrap().is_some());
        let left = std::time::Instant::now();
        drop(stream);
        eventually!(llm.open() == 0, DEADLINE);
        slowest = slowest.max(left.elapsed());
    }
    eprintln!("of 10 callers that left, the slowest ended the model's call after {slowest:?}");

    // From a call that waits for its answer.
    let mut other = router.clone();
    let call = tokio::spawn(async move { other.ask(timed(tale(Domain::Language), DEADLINE)).await });
    eventually!(llm.open() == 1, DEADLINE);
    call.abort();
    eventually!(llm.open() == 0, DEADLINE);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn an_engine_of_another_dialect_is_as_good() {
    let llm = FakeLlm::start(Play::Words {
        text: "Because it is wide.".to_owned(),
        pause: Duration::ZERO,
        usage: Some((21, 9)),
    })
    .await;
    let engines = format!(
        r#"[{{name = "far", kind = "anthropic", tier = "cloud", base_url = "{}", api_key_env = "MY_SECRET_KEY", model = "tiny-1", price = {{input_per_mtok = 1.0, output_per_mtok = 2.0}}}}]"#,
        llm.url()
    );
    let mesh = Mesh::with(&[("PLEXUS_LANGUAGE__ENGINES", &engines), ("MY_SECRET_KEY", KEY)]);
    let mut router = mesh.router().await;
    let response = answered(&mut router, tale(Domain::Language)).await;
    response.is_answered();
    assert_eq!(response.answer, "Because it is wide.");
    let usage = response.usage.unwrap();
    assert_eq!(
        (usage.input_tokens, usage.output_tokens, usage.estimated),
        (21, 9, false)
    );
    let request = llm.take_requests().remove(0);
    assert_eq!(request.line, "POST /v1/messages");
    assert_eq!(request.headers["x-api-key"], KEY);
    assert_eq!(request.headers["anthropic-version"], "2023-06-01");
    assert!(!mesh.logs().contains(KEY), "the key is in a log");

    // The one that makes it rest comes last.
    for play in [Play::Error(String::new()), Play::Status(529, None)] {
        let shown = format!("{play:?}");
        let status = badly(&mut router, &llm, play).await.unwrap_err();
        assert_eq!(status.code(), Code::Unavailable, "{shown}");
        let all = format!("{status:?}{}", mesh.logs());
        assert!(!all.contains(BACKEND_WORDS) && !all.contains(KEY), "{shown}: {all}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn costs_are_counted_and_limited() {
    let llm = FakeLlm::start(Play::Words {
        text: "Because.".to_owned(),
        pause: Duration::ZERO,
        usage: Some((1_000, 500)),
    })
    .await;
    let engine = |name: &str, tier: &str, price: f64| {
        let (url, output) = (llm.url(), 2.0 * price);
        format!(
            r#"{{name = "{name}", kind = "openai", tier = "{tier}", base_url = "{url}/v1", model = "{name}-1", price = {{input_per_mtok = {price:.1}, output_per_mtok = {output:.1}}}}}"#
        )
    };
    let engines = format!("[{}, {}]", engine("cheap", "edge", 1.0), engine("dear", "cloud", 100.0));
    let mesh = Mesh::with(&[("PLEXUS_LANGUAGE__ENGINES", &engines)]);
    let mut router = mesh.router().await;
    let response = answered(&mut router, tale(Domain::Language)).await;
    response.is_answered();
    assert_eq!(response.served(), [(Domain::Language, "cheap")]);
    let usage = response.usage.unwrap();
    assert!((usage.cost_usd - 0.002).abs() < 1e-9, "{usage:?}");
    assert!((usage.strongest_cost_usd - 0.2).abs() < 1e-9, "{usage:?}");

    // Nothing that has a price may be asked for nothing.
    llm.take_requests();
    let mut free = tale(Domain::Language);
    free.constraints.as_mut().unwrap().max_cost_usd = Some(0.0);
    let response = answered(&mut router, free).await;
    assert_eq!(response.answer, "");
    assert_eq!(reasons(&response), [DegradationReason::Budget], "{response:#?}");
    assert_eq!(response.usage.unwrap().cost_usd, 0.0);
    assert!(llm.take_requests().is_empty(), "it was asked all the same");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn impatience_can_be_configured() {
    let llm = FakeLlm::start(Play::Silence).await;
    let engines = format!(
        r#"[{{name = "mute", kind = "openai", tier = "edge", base_url = "{}/v1", model = "m", price = {{input_per_mtok = 0.0, output_per_mtok = 0.0}}, first_token_timeout = "200ms"}}]"#,
        llm.url()
    );
    let service = Service::start("math", &[("ENGINES", &engines)]);
    let mut client = SpecialistServiceClient::new(connect(&service.url()).await);
    let question = AnswerRequest {
        query: "why?".to_owned(),
        ..AnswerRequest::default()
    };
    let mut events = client.answer(timed(question, DEADLINE)).await.unwrap().into_inner();
    match events.message().await.unwrap().unwrap().event {
        Some(Event::Finished(finished)) => assert!(finished.detail.contains("said nothing"), "{finished:?}"),
        other => panic!("{other:?}"),
    }
    eventually!(llm.open() == 0, DEADLINE);
}
