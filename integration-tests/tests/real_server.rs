//! A model server that nobody here wrote, llama.cpp's, behind both kinds of network engines.

#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use std::{
    io::{self, Write as _},
    process::Stdio,
};

use plexus_integration_tests::{DEADLINE, Service, connect, root, timed};
use plexus_proto::v1::{
    AnswerFinished, AnswerRequest, AnswerResult, Constraints, answer_response::Event,
    specialist_service_client::SpecialistServiceClient,
};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
};
use tonic::transport::Channel;

/// A Python with the packages of `foreign/requirements.txt`; `make test` makes one.
const PYTHON: &str = "PLEXUS_TEST_PYTHON";
const KEY: &str = "sk-canary-51d0c3";
const SENTENCE: &str = "I am a tiny model that says this.";

/// The server, which ends with its standard input, and its address.
async fn start() -> Option<(Child, String)> {
    let Some(python) = std::env::var_os(PYTHON).filter(|python| !python.is_empty()) else {
        // Not `eprintln!`: that would be shown only if the test failed.
        let _ = writeln!(
            io::stderr(),
            "NOT TRIED: {PYTHON} is not set (`make test` sets it), so no real model server ran"
        );
        return None;
    };
    let there = Command::new(&python)
        .args(["-c", "import gguf, xllamacpp"])
        .stderr(Stdio::null())
        .status();
    if !there.await.unwrap().success() {
        let _ = writeln!(
            io::stderr(),
            "NOT TRIED: {PYTHON} has no xllamacpp, so no real model server ran"
        );
        return None;
    }
    let mut server = Command::new(python)
        .arg(root().join("integration-tests/foreign/model_server.py"))
        .args([KEY, SENTENCE])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
    let line = tokio::time::timeout(DEADLINE, lines.next_line())
        .await
        .unwrap()
        .unwrap();
    let line = line.expect("the model server says where it listens; run it by hand to see why not");
    let url = line.strip_prefix("listening ").unwrap().to_owned();
    Some((server, url))
}

/// Asks one of the engines; gives its text and how it ended.
async fn ask(
    specialist: &mut SpecialistServiceClient<Channel>,
    engine: &str,
    max_output_tokens: Option<u32>,
) -> (String, AnswerFinished) {
    let engines = ["openai", "anthropic", "locked-openai", "locked-anthropic"];
    let question = AnswerRequest {
        query: "Tell me, at length, why people like the sea so much.".to_owned(),
        exclude_engines: engines
            .iter()
            .filter(|name| **name != engine)
            .map(|name| (*name).to_owned())
            .collect(),
        constraints: Some(Constraints {
            max_output_tokens,
            ..Constraints::default()
        }),
        ..AnswerRequest::default()
    };
    let mut events = specialist.answer(timed(question, DEADLINE)).await.unwrap().into_inner();
    let mut text = String::new();
    loop {
        match events.message().await.unwrap().unwrap().event.unwrap() {
            Event::Committed(_) => {}
            Event::Delta(delta) => text.push_str(&delta),
            Event::Finished(finished) => return (text, finished),
        }
    }
}

#[tokio::test]
async fn it_answers_through_both_kinds_of_engines() {
    let Some((server, url)) = start().await else { return };
    let keys = tempfile::tempdir().unwrap();
    for (name, key) in [("right", KEY), ("wrong", "sk-wrong")] {
        std::fs::write(keys.path().join(name), key).unwrap();
    }
    let engine = |kind: &str, prefix: &str, key: &str| {
        let key = keys.path().join(key);
        format!(
            r#"{{name = "{prefix}{kind}", kind = "{kind}", tier = "edge", base_url = "{url}/v1", model = "tiny", temperature = 0.0, price = {{input_per_mtok = 0.0, output_per_mtok = 0.0}}, api_key_file = "{}"}}"#,
            key.display()
        )
    };
    let engines = [
        engine("openai", "", "right"),
        engine("anthropic", "", "right"),
        engine("openai", "locked-", "wrong"),
        engine("anthropic", "locked-", "wrong"),
    ];
    let engines = format!("[{}]", engines.join(", "));
    let service = Service::start("language", &[("ENGINES", &engines)]);
    let mut specialist = SpecialistServiceClient::new(connect(&service.url()).await);
    let words = u64::try_from(SENTENCE.split(' ').count()).unwrap();

    for kind in ["openai", "anthropic"] {
        let (text, finished) = ask(&mut specialist, kind, None).await;
        assert_eq!(text.trim(), SENTENCE, "{finished:#?}");
        assert_eq!(finished.result(), AnswerResult::Answered, "{finished:#?}");
        assert_eq!(finished.engine, kind);
        // The template makes a token of each byte, and the end is a token, too.
        let usage = finished.usage.unwrap();
        assert!(!usage.estimated && usage.input_tokens > 100, "{kind}: {usage:?}");
        assert_eq!(usage.output_tokens, words + 1, "{kind}: {usage:?}");

        let (text, finished) = ask(&mut specialist, kind, Some(3)).await;
        assert_eq!(text.trim(), "I am a", "{finished:#?}");
        assert_eq!(finished.usage.unwrap().output_tokens, 3, "{kind}");

        let (text, finished) = ask(&mut specialist, &format!("locked-{kind}"), None).await;
        assert_eq!((text.as_str(), finished.result()), ("", AnswerResult::Failed));
        assert!(finished.detail.contains("401: check the key"), "{}", finished.detail);
    }
    let logs = service.process.errors();
    assert!(!logs.contains(KEY) && !logs.contains("sk-wrong"), "a key is in a log");

    drop(server);
    let (_, finished) = ask(&mut specialist, "openai", None).await;
    assert!(
        finished.detail.contains("cannot be reached") || finished.detail.contains("broke off"),
        "{}",
        finished.detail
    );
}
