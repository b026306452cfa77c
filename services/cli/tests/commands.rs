//! The program against a router that plays a script: what it prints, where, and how it ends.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::{net::SocketAddr, pin::Pin, process::Stdio};

use futures_util::{Stream, stream};
use plexus_proto::v1::{self, ask_stream_response::Event, router_service_server as server};
use tokio::{io::AsyncWriteExt as _, net::TcpListener, process::Command};
use tonic::{Request, Response, Status, transport::server::TcpIncoming};
use tonic_types::{ErrorDetails, StatusExt as _};

/// Its first word says what it does with a query.
struct Script;

fn answer(query: &str) -> Result<v1::AskResponse, Status> {
    let response = |outcome: v1::Outcome, answer: &str| v1::AskResponse {
        answer: answer.into(),
        outcome: outcome.into(),
        trace_id: "ab".repeat(16),
        ..v1::AskResponse::default()
    };
    let degradation = |reason: v1::DegradationReason, served_by: &str| v1::Degradation {
        domain: v1::Domain::Math.into(),
        reason: reason.into(),
        detail: "told".into(),
        served_by: served_by.into(),
    };
    match query.split(' ').next().unwrap_or_default() {
        "answer" => Ok(response(v1::Outcome::Answered, "four\x1b[31m is 4")),
        "degrade" => Ok(v1::AskResponse {
            degradations: vec![degradation(v1::DegradationReason::SpecialistDown, "reasoning@h:3")],
            ..response(v1::Outcome::Degraded, "4")
        }),
        "decline" => Ok(v1::AskResponse {
            degradations: vec![degradation(v1::DegradationReason::EnginesDeclined, "")],
            ..response(v1::Outcome::Degraded, "")
        }),
        "refuse" => Ok(v1::AskResponse {
            route: Some(v1::Route {
                reason: "refused as injection".into(),
                ..v1::Route::default()
            }),
            ..response(v1::Outcome::Refused, "")
        }),
        "invalid" => {
            let mut details = ErrorDetails::new();
            details.add_bad_request_violation("query", "is odd");
            Err(Status::with_error_details(
                tonic::Code::InvalidArgument,
                "query: is odd",
                details,
            ))
        }
        other => Err(Status::internal(other.to_owned())),
    }
}

#[tonic::async_trait]
impl server::RouterService for Script {
    type AskStreamStream = Pin<Box<dyn Stream<Item = Result<v1::AskStreamResponse, Status>> + Send>>;

    async fn ask(&self, request: Request<v1::AskRequest>) -> Result<Response<v1::AskResponse>, Status> {
        Ok(Response::new(answer(&request.into_inner().query)?))
    }

    async fn ask_stream(&self, request: Request<v1::AskRequest>) -> Result<Response<Self::AskStreamStream>, Status> {
        let query = request.into_inner().query;
        if query == "break off" {
            let delta = Event::Delta(v1::Delta {
                step: 0,
                text: "half an".into(),
            });
            let events = [
                Ok(v1::AskStreamResponse { event: Some(delta) }),
                Err(Status::internal("the engine died")),
            ];
            return Ok(Response::new(Box::pin(stream::iter(events))));
        }
        let done = answer(&query)?;
        let deltas = done.answer.split_inclusive(' ').map(|text| {
            Event::Delta(v1::Delta {
                step: 0,
                text: text.to_owned(),
            })
        });
        let events: Vec<_> = deltas
            .chain([Event::Done(done.clone())])
            .map(|event| Ok(v1::AskStreamResponse { event: Some(event) }))
            .collect();
        Ok(Response::new(Box::pin(stream::iter(events))))
    }

    async fn classify(&self, _: Request<v1::ClassifyRequest>) -> Result<Response<v1::ClassifyResponse>, Status> {
        Ok(Response::new(v1::ClassifyResponse::default()))
    }

    async fn get_status(&self, _: Request<v1::GetStatusRequest>) -> Result<Response<v1::GetStatusResponse>, Status> {
        Ok(Response::new(v1::GetStatusResponse {
            healthy: false,
            model: "m@1".into(),
            ..v1::GetStatusResponse::default()
        }))
    }
}

async fn router() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(
        tonic::transport::Server::builder()
            .add_service(server::RouterServiceServer::new(Script))
            .serve_with_incoming(TcpIncoming::from(listener)),
    );
    address
}

struct Ended {
    code: Option<i32>,
    out: String,
    err: String,
}

async fn plexus(words: &[&str], input: &str) -> Ended {
    let mut child = Command::new(env!("CARGO_BIN_EXE_plexus"))
        .args(words)
        .env("PLEXUS_ADDR", router().await.to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let _ = stdin.write_all(input.as_bytes()).await;
    drop(stdin);
    let output = child.wait_with_output().await.unwrap();
    Ended {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

#[tokio::test]
async fn an_answer_goes_through_a_pipe_untouched() {
    let ended = plexus(&["ask", "answer me"], "").await;
    assert_eq!(
        (ended.code, ended.out.as_str(), ended.err.as_str()),
        (Some(0), "four\x1b[31m is 4\n", "")
    );
    let ended = plexus(&["ask", "-"], "answer me\n").await;
    assert_eq!((ended.code, ended.out.as_str()), (Some(0), "four\x1b[31m is 4\n"));
}

#[tokio::test]
async fn less_than_an_answer_is_noted_on_standard_error() {
    let ended = plexus(&["ask", "degrade"], "").await;
    assert_eq!((ended.code, ended.out.as_str()), (Some(0), "4\n"));
    assert_eq!(
        ended.err,
        "degraded: math: SPECIALIST_DOWN, reasoning@h:3 served instead (told)\n"
    );

    let ended = plexus(&["ask", "decline"], "").await;
    assert_eq!((ended.code, ended.out.as_str()), (Some(1), ""));
    assert!(
        ended.err.starts_with("no answer: math: ENGINES_DECLINED (told)\n"),
        "{}",
        ended.err
    );
    assert!(ended.err.contains("PLEXUS_LLM_URL"), "{}", ended.err);

    let ended = plexus(&["ask", "refuse"], "").await;
    assert_eq!(
        (ended.code, ended.out.as_str(), ended.err.as_str()),
        (Some(1), "", "refused as injection\n")
    );
}

#[tokio::test]
async fn errors_say_what_is_wrong() {
    let ended = plexus(&["ask", "invalid"], "").await;
    assert_eq!(ended.code, Some(2));
    assert_eq!(ended.err, "error: the request is wrong\n  query: is odd\n");

    let ended = plexus(&["ask", "break off"], "").await;
    assert_eq!((ended.code, ended.out.as_str()), (Some(70), "half an\n"));
    assert!(ended.err.contains("the engine died"), "{}", ended.err);
}

#[tokio::test]
async fn explanations_and_documents() {
    let ended = plexus(&["ask", "--explain", "--jaeger", "http://j/", "answer"], "").await;
    assert_eq!(ended.code, Some(0));
    let link = format!("http://j/trace/{}", "ab".repeat(16));
    assert!(
        ended.out.starts_with("four") && ended.out.contains(&link),
        "{}",
        ended.out
    );

    let ended = plexus(&["ask", "--json", "degrade"], "").await;
    let document: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(document["outcome"], "OUTCOME_DEGRADED");
    assert_eq!(document["degradations"][0]["servedBy"], "reasoning@h:3");
    assert!(ended.out.starts_with("{\n  \"answer\""), "{}", ended.out);
}

#[tokio::test]
async fn the_state_of_the_mesh_is_the_exit_code() {
    let ended = plexus(&["status"], "").await;
    assert_eq!(ended.code, Some(1));
    assert!(ended.out.starts_with("not healthy"), "{}", ended.out);
}

#[tokio::test]
async fn a_mesh_without_programs_does_not_start() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().to_str().unwrap();
    let ended = plexus(&["up", "--ephemeral", "--bin-dir", folder, "--log", folder], "").await;
    assert_eq!(ended.code, Some(66));
    assert!(
        ended.err.contains("there is no program") && ended.err.contains("--bin-dir"),
        "{}",
        ended.err
    );
}
