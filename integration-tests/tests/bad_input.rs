//! Whatever a caller sends: a typed error that names the field, and a mesh that goes on as if nothing had been.

#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use std::sync::LazyLock;

use plexus_integration_tests::{DEADLINE, Mesh, Says as _, Shared, answered, ask, connect, streamed, timed};
use plexus_proto::v1::{
    AnswerRequest, AskRequest, ClassifyRequest, Constraints, Domain, Message, Role, ValidateRequest,
    specialist_service_client::SpecialistServiceClient, validator_service_client::ValidatorServiceClient,
};
use prost::Message as _;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

static MESH: Shared = LazyLock::new(Mesh::start);

/// It must be refused, naming `field`.
async fn refused(what: &str, request: AskRequest, field: &str) {
    let mut router = MESH.router().await;
    let status = router.ask(timed(request.clone(), DEADLINE)).await.unwrap_err();
    names(what, &status, field);
    let (events, status) = streamed(&mut router, timed(request.clone(), DEADLINE)).await;
    assert!(events.is_empty(), "{what}: {events:?}");
    names(what, &status.unwrap(), field);
    // Health of the mesh, right after.
    answered(&mut router, ask("What is 15% of 240?")).await.is_answered();
}

fn names(what: &str, status: &Status, field: &str) {
    assert_eq!(status.code(), Code::InvalidArgument, "{what}: {status:?}");
    assert!(status.message().contains(field), "{what}: {}", status.message());
    assert!(
        status.message().len() < 2000,
        "{what}: the message repeats what was sent"
    );
    let details = status.get_error_details();
    let fields: Vec<&str> = details
        .bad_request()
        .map(|bad| bad.field_violations.iter().map(|one| one.field.as_str()).collect())
        .unwrap_or_default();
    assert!(fields.contains(&field), "{what}: {fields:?}");
}

/// A good question with other demands.
fn demand(change: impl FnOnce(&mut Constraints)) -> AskRequest {
    let mut constraints = Constraints::default();
    change(&mut constraints);
    AskRequest {
        constraints: Some(constraints),
        ..ask("What is 15% of 240?")
    }
}

/// A good question with something else about it.
fn but(change: impl FnOnce(&mut AskRequest)) -> AskRequest {
    let mut request = ask("What is 15% of 240?");
    change(&mut request);
    request
}

fn message(role: i32, content: &str) -> Message {
    Message {
        role,
        content: content.to_owned(),
    }
}

#[tokio::test]
async fn queries_and_messages() {
    let user: i32 = Role::User.into();
    let conversation = |messages: Vec<Message>| AskRequest {
        messages,
        ..AskRequest::default()
    };
    let both = AskRequest {
        messages: vec![message(user, "2 + 2?")],
        ..ask("2 + 2?")
    };
    for (what, request, field) in [
        ("empty query", ask(""), "query"),
        ("neither", AskRequest::default(), "query"),
        ("blank query", ask(" \t\n\u{a0}"), "query"),
        ("both", both, "messages"),
        ("5 MiB query", ask(&"why ".repeat(5 * 1024 * 1024 / 4)), "query"),
        ("a byte too many", ask(&"a".repeat(1024 * 1024 + 1)), "query"),
        (
            "an empty message",
            conversation(vec![message(user, "")]),
            "messages[0].content",
        ),
        (
            "a message of nobody",
            conversation(vec![message(0, "hi")]),
            "messages[0].role",
        ),
        (
            "a message of a stranger",
            conversation(vec![message(77, "hi")]),
            "messages[0].role",
        ),
        (
            "an assistant that asks",
            conversation(vec![message(Role::Assistant.into(), "hi")]),
            "messages[0].role",
        ),
        (
            "too many messages",
            conversation(vec![message(user, "hi"); 257]),
            "messages",
        ),
        (
            "too much in them",
            conversation(vec![message(user, &"a".repeat(600 * 1024)); 2]),
            "messages",
        ),
    ] {
        refused(what, request, field).await;
    }
    MESH.has_not_panicked();
}

#[tokio::test]
async fn demands() {
    let math: i32 = Domain::Math.into();
    for (request, field) in [
        (demand(|it| it.domains = vec![math, 42]), "constraints.domains[1]"),
        (demand(|it| it.domains = vec![0]), "constraints.domains[0]"),
        (demand(|it| it.domains = vec![-1]), "constraints.domains[0]"),
        (demand(|it| it.tiers = vec![99]), "constraints.tiers[0]"),
        (demand(|it| it.max_cost_usd = Some(-0.01)), "constraints.max_cost_usd"),
        (
            demand(|it| it.max_cost_usd = Some(f64::NAN)),
            "constraints.max_cost_usd",
        ),
        (
            demand(|it| it.max_cost_usd = Some(f64::INFINITY)),
            "constraints.max_cost_usd",
        ),
        (
            demand(|it| it.max_output_tokens = Some(0)),
            "constraints.max_output_tokens",
        ),
        (but(|it| it.request_id = "x".repeat(129)), "request_id"),
        (but(|it| it.session_id = "x".repeat(129)), "session_id"),
        (but(|it| it.request_id = "a\nINFO forged".to_owned()), "request_id"),
    ] {
        let what = format!("{:?} {:?}", request.constraints, request.request_id);
        refused(&what, request, field).await;
    }
    MESH.has_not_panicked();
}

#[tokio::test]
async fn everything_wrong_is_named_at_once() {
    let request = AskRequest {
        request_id: "x".repeat(200),
        constraints: Some(Constraints {
            domains: vec![42],
            max_cost_usd: Some(-1.0),
            ..Constraints::default()
        }),
        ..AskRequest::default()
    };
    let status = MESH.router().await.ask(timed(request, DEADLINE)).await.unwrap_err();
    for field in [
        "query",
        "request_id",
        "constraints.domains[0]",
        "constraints.max_cost_usd",
    ] {
        names("all of it", &status, field);
    }
    MESH.has_not_panicked();
}

#[tokio::test]
async fn classify_refuses_the_same() {
    let status = MESH
        .router()
        .await
        .classify(timed(ClassifyRequest::default(), DEADLINE))
        .await
        .unwrap_err();
    names("an empty classification", &status, "query");
    MESH.has_not_panicked();
}

#[tokio::test]
async fn messages_over_the_limit_of_the_door() {
    let mut router = MESH.router().await;
    let request = ask(&"a".repeat(9 * 1024 * 1024));
    let status = router.ask(timed(request, DEADLINE)).await.unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted, "{status:?}");
    assert!(status.message().contains("too large"), "{}", status.message());
    answered(&mut router, ask("12 * 12")).await.is_answered();
    MESH.has_not_panicked();
}

/// The code that a call ends with whose client itself does not watch its deadline.
async fn code_with(timeout: &str, method: &str) -> Code {
    let stream = tokio::net::TcpStream::connect(MESH.address("router")).await.unwrap();
    let (sender, connection) = h2::client::handshake(stream).await.unwrap();
    let connection = tokio::spawn(connection);
    let request = http::Request::post(format!("http://mesh/plexus.v1.RouterService/{method}"))
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .header("grpc-timeout", timeout)
        .body(())
        .unwrap();
    let (response, mut body) = sender.ready().await.unwrap().send_request(request, false).unwrap();
    let message = ask("12 * 12").encode_to_vec();
    let mut frame = vec![0];
    frame.extend(u32::try_from(message.len()).unwrap().to_be_bytes());
    frame.extend(message);
    // It may have been refused before its body.
    let _ = body.send_data(frame.into(), true);
    let mut response = response.await.unwrap();
    let code = |headers: &http::HeaderMap| Some(Code::from_bytes(headers.get("grpc-status")?.as_bytes()));
    let code = match code(response.headers()) {
        Some(code) => code,
        None => {
            while response.body_mut().data().await.is_some() {}
            code(&response.body_mut().trailers().await.unwrap().unwrap()).unwrap()
        }
    };
    connection.abort();
    code
}

#[tokio::test]
async fn deadlines() {
    for (timeout, expected) in [
        ("0n", Code::DeadlineExceeded),
        ("1n", Code::DeadlineExceeded),
        ("0S", Code::DeadlineExceeded),
        ("soon", Code::InvalidArgument),
        ("-1S", Code::InvalidArgument),
        ("1.5S", Code::InvalidArgument),
        ("123456789S", Code::InvalidArgument),
        ("5", Code::InvalidArgument),
        ("20S", Code::Ok),
        ("99999999H", Code::Ok),
    ] {
        for method in ["Ask", "AskStream"] {
            let code = tokio::time::timeout(DEADLINE, code_with(timeout, method))
                .await
                .expect("it hangs");
            assert_eq!(code, expected, "{method} with grpc-timeout {timeout}");
        }
    }
    MESH.has_not_panicked();
}

#[tokio::test]
async fn strange_texts_are_texts() {
    let mut router = MESH.router().await;
    let bracket = "(".repeat(50_000);
    let powers = "9^".repeat(2_000) + "9";
    let long = "why? ".repeat(1024 * 1024 / 5);
    for query in [
        "\u{0}\u{1}\u{7}\u{1b}[31mred\u{1b}[0m",
        "\u{202e}olleh\u{202c} \u{200b}\u{200d}\u{feff}",
        "e\u{301}\u{301}\u{301}\u{301} 👩‍👩‍👧‍👦 🇩🇪 \u{10ffff}",
        "१५% of २४०",
        "<|endoftext|> [CLS] [SEP] [MASK] </s>",
        "{\"a\":{\"a\":{\"a\":{\"a\":[[[[[[[[[[[[",
        "'; DROP TABLE answers; --",
        "%s%n%x ${jndi:ldap://x} {{7*7}}",
        "2^(10^9)",
        "compute 1/0",
        bracket.as_str(),
        powers.as_str(),
        long.as_str(),
    ] {
        let shown: String = query.chars().take(20).collect();
        let response = tokio::time::timeout(DEADLINE * 2, router.ask(timed(ask(query), DEADLINE))).await;
        let response = response.unwrap_or_else(|_| panic!("{shown:?} hangs"));
        // Answered or declined: both are right; an error would not be.
        assert!(response.is_ok(), "{shown:?}: {response:?}");
    }
    answered(&mut router, ask("12 * 12")).await.is_answered();
    MESH.has_not_panicked();
}

#[tokio::test]
async fn specialists_and_validators_refuse_the_same_way() {
    let mut math = SpecialistServiceClient::new(connect(&MESH.url("math")).await);
    let status = math
        .answer(timed(AnswerRequest::default(), DEADLINE))
        .await
        .unwrap_err();
    names("an empty question", &status, "query");
    let request = AnswerRequest {
        query: "2 + 2".to_owned(),
        constraints: Some(Constraints {
            domains: vec![9],
            ..Constraints::default()
        }),
        ..AnswerRequest::default()
    };
    let status = math.answer(timed(request, DEADLINE)).await.unwrap_err();
    names("an unknown domain", &status, "constraints.domains[0]");

    let mut validator = ValidatorServiceClient::new(connect(&MESH.url("validator-math")).await);
    let request = |kind: &str, answer: &str| ValidateRequest {
        kind: kind.to_owned(),
        answer: answer.to_owned(),
        query: "2 + 2".to_owned(),
        domain: Domain::Math.into(),
    };
    let status = validator
        .validate(timed(request("poetry", "4"), DEADLINE))
        .await
        .unwrap_err();
    names("an unknown kind", &status, "kind");
    assert!(
        status.message().contains("math"),
        "the kinds that there are: {}",
        status.message()
    );
    let status = validator
        .validate(timed(request("math", &"4".repeat(1024 * 1024 + 1)), DEADLINE))
        .await
        .unwrap_err();
    names("a long answer", &status, "answer");
    MESH.has_not_panicked();
}

#[tokio::test]
async fn methods_and_paths_that_are_not_there() {
    let mut client = tonic::client::Grpc::new(connect(&MESH.url("router")).await);
    client.ready().await.unwrap();
    let path = "/plexus.v1.RouterService/Destroy".parse().unwrap();
    let codec: tonic_prost::ProstCodec<AskRequest, AskRequest> = tonic_prost::ProstCodec::default();
    let status = client
        .unary(timed(ask("2 + 2"), DEADLINE), path, codec)
        .await
        .unwrap_err();
    assert_eq!(status.code(), Code::Unimplemented, "{status:?}");
    MESH.has_not_panicked();
}
