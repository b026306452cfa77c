//! Documents of a deployment: the best passages stand in the prompt, and their sources in the answer.

#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use plexus_integration_tests::{DEADLINE, Mesh, Says as _, answered, ask};
use plexus_proto::v1::{AskRequest, Constraints, Domain};
use plexus_testkit::{FakeLlm, Play, eventually};

const ROLLBACK: &str = "# Rolling back\n\nUndo a release with `shipctl undo --last`; it takes a minute.\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn passages_are_read_and_named() {
    let folder = tempfile::tempdir().unwrap();
    let handbook = folder.path().join("handbook");
    std::fs::create_dir(&handbook).unwrap();
    std::fs::write(handbook.join("rollback.md"), ROLLBACK).unwrap();
    std::fs::write(handbook.join("lunch.md"), "# Lunch\n\nThe kitchen opens at noon.\n").unwrap();
    let llm = FakeLlm::start(Play::words("Run shipctl undo.")).await;
    let folders = format!("[{:?}]", handbook.display().to_string());
    let mesh = Mesh::with(&[
        ("PLEXUS_CODE__LIBRARY__FOLDERS", folders.as_str()),
        ("PLEXUS_CODE__LIBRARY__WATCH", "200ms"),
        ("PLEXUS_LLM_URL", &llm.url()),
    ]);
    let question = || AskRequest {
        constraints: Some(Constraints {
            domains: vec![Domain::Code.into()],
            ..Constraints::default()
        }),
        ..ask("How do I undo a release with shipctl?")
    };
    let router = mesh.router().await;
    // The library is indexed beside serving.
    let response = eventually("the handbook is found", DEADLINE, async || {
        let response = answered(&mut router.clone(), question()).await;
        (!response.steps[0].sources.is_empty()).then_some(response)
    })
    .await;
    assert_eq!(response.served(), [(Domain::Code, "llm")]);
    let source = &response.steps[0].sources[0];
    assert_eq!((source.name.as_str(), source.first_line), ("handbook/rollback.md", 1));
    let asked = llm.take_requests().pop().unwrap();
    assert!(asked.body.contains("shipctl undo --last"), "{}", asked.body);

    // What changes on disk is followed, without a restart.
    std::fs::write(handbook.join("rollback.md"), ROLLBACK.replace("--last", "--newest")).unwrap();
    eventually("the change is followed", DEADLINE, async || {
        answered(&mut router.clone(), question()).await;
        let asked = llm.take_requests().pop()?;
        asked.body.contains("--newest").then_some(())
    })
    .await;
}
