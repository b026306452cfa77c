//! How the mesh and its parts end: nothing under way is lost, and nothing is left behind.

#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use std::time::Duration;

use plexus_integration_tests::{DEADLINE, Mesh, Service, alive, answered, ask, connect, timed};
use plexus_proto::v1::{
    AnswerRequest, AnswerResult, answer_response::Event, specialist_service_client::SpecialistServiceClient,
};
use plexus_testkit::eventually;
use tonic::Code;
use tonic_health::pb::{HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient};

/// Twenty words, one every 50 ms: a second in all.
const SLOW: &str = r#"[{name = "slow", kind = "scripted", tier = "edge", word_latency = "50ms", rules = [
    {answer = "w1 w2 w3 w4 w5 w6 w7 w8 w9 w10 w11 w12 w13 w14 w15 w16 w17 w18 w19 w20"},
]}]"#;

async fn are_gone(pids: &[u32]) {
    eventually("every process of the mesh is gone", DEADLINE, async || {
        pids.iter().all(|pid| !alive(*pid)).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_mesh_that_is_asked_to_end_ends_all_of_it() {
    for signal in ["TERM", "INT"] {
        let mut mesh = Mesh::start();
        answered(&mut mesh.router().await, ask("12 * 12")).await;
        let pids = mesh.pids();
        assert!(pids.len() >= 7 && pids.iter().all(|pid| alive(*pid)), "{pids:?}");
        mesh.up.signal(signal);
        let status = mesh.up.ended(DEADLINE).await;
        assert_eq!(status.code(), Some(0), "{}", mesh.up.errors());
        assert!(pids.iter().all(|pid| !alive(*pid)), "it ended before its children did");
        mesh.has_not_panicked();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_mesh_that_is_killed_leaves_nothing_behind() {
    let mut mesh = Mesh::start();
    let pids = mesh.pids();
    mesh.up.signal("KILL");
    mesh.up.ended(DEADLINE).await;
    are_gone(&pids).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_mesh_whose_starter_goes_away_ends() {
    let mesh = Mesh::start();
    let pids = mesh.pids();
    drop(mesh);
    are_gone(&pids).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_mesh_with_calls_under_way_ends_after_them() {
    let mut mesh = Mesh::with(&[("PLEXUS_LANGUAGE__ENGINES", SLOW)]);
    let mut router = mesh.router().await;
    let mut stream = router
        .ask_stream(timed(ask("write a poem about the sea"), DEADLINE))
        .await
        .unwrap()
        .into_inner();
    let mut text = String::new();
    let mut done = false;
    while let Some(event) = stream.message().await.unwrap() {
        match event.event {
            Some(plexus_proto::v1::ask_stream_response::Event::Delta(delta)) => {
                if text.is_empty() {
                    mesh.up.signal("TERM");
                }
                text.push_str(&delta.text);
            }
            Some(plexus_proto::v1::ask_stream_response::Event::Done(_)) => done = true,
            _ => {}
        }
    }
    assert!(done && text.ends_with("w20"), "{text}");
    assert_eq!(mesh.up.ended(DEADLINE).await.code(), Some(0), "{}", mesh.up.errors());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_service_finishes_what_it_has_begun() {
    // The notice is longer than the answer: what watchers see is then no race.
    let mut service = Service::start("math", &[("ENGINES", SLOW), ("SERVER__DRAIN_NOTICE", "300ms")]);
    let watched = HealthCheckRequest {
        service: "plexus.v1.SpecialistService".to_owned(),
    };
    let mut health = HealthClient::new(connect(&service.url()).await);
    let mut states = health.watch(watched.clone()).await.unwrap().into_inner();
    assert_eq!(
        states.message().await.unwrap().unwrap().status(),
        ServingStatus::Serving
    );

    let mut client = SpecialistServiceClient::new(connect(&service.url()).await);
    let question = AnswerRequest {
        query: "slowly, please".to_owned(),
        ..AnswerRequest::default()
    };
    let mut events = client
        .answer(timed(question.clone(), DEADLINE))
        .await
        .unwrap()
        .into_inner();
    let commit = events.message().await.unwrap().unwrap();
    assert!(matches!(commit.event, Some(Event::Committed(_))), "{commit:?}");
    let first = events.message().await.unwrap().unwrap();
    assert_eq!(first.event, Some(Event::Delta("w1 ".to_owned())));

    service.process.signal("TERM");
    assert_eq!(
        states.message().await.unwrap().unwrap().status(),
        ServingStatus::NotServing
    );
    let mut text = String::from("w1 ");
    let finished = loop {
        match events.message().await.unwrap().unwrap().event {
            Some(Event::Delta(delta)) => text.push_str(&delta),
            Some(Event::Finished(finished)) => break finished,
            Some(Event::Committed(_)) | None => panic!("committed twice, or nothing"),
        }
    };
    assert!(text.ends_with("w20"), "{text}");
    assert_eq!(finished.result(), AnswerResult::Answered);
    let status = service.process.ended(DEADLINE).await;
    assert_eq!(status.code(), Some(0), "{}", service.process.errors());
    let late = client.answer(timed(question, DEADLINE)).await;
    assert_eq!(late.map(drop).unwrap_err().code(), Code::Unavailable);
}

/// A thousand calls at once, more than one connection may carry, and one that comes while clients are being told.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_calls_under_way_are_finished() {
    const CONNECTIONS: usize = 20;
    const CALLS: usize = 50;
    let slow = SLOW.replace("50ms", "500ms");
    let mut service = Service::start(
        "math",
        &[
            ("ENGINES", &slow),
            ("SERVER__MAX_CONCURRENT_CALLS", "2000"),
            ("SERVER__DRAIN_NOTICE", "1s"),
            // How fast a build without optimisation is does not matter here.
            ("SERVER__LOOP_DELAY", "0s"),
        ],
    );
    let question = AnswerRequest {
        query: "slowly, please".to_owned(),
        ..AnswerRequest::default()
    };
    let mut calls = Vec::new();
    for _ in 0..CONNECTIONS {
        let client = SpecialistServiceClient::new(connect(&service.url()).await);
        for _ in 0..CALLS {
            let (mut client, question) = (client.clone(), question.clone());
            calls.push(tokio::spawn(async move {
                let mut events = client.answer(timed(question, DEADLINE * 2)).await?.into_inner();
                // It has begun.
                events.message().await?;
                Ok::<_, tonic::Status>((client, events))
            }));
        }
    }
    let mut begun = Vec::new();
    for call in calls {
        begun.push(call.await.unwrap().unwrap());
    }
    assert_eq!(begun.len(), CONNECTIONS * CALLS);
    service.process.signal("TERM");
    // Whoever comes while clients are being told is served as ever.
    let late = begun[0].0.clone().answer(timed(question, DEADLINE * 2)).await;
    let late = late.unwrap().into_inner();
    let rest = begun.into_iter().map(|(_, events)| events).chain([late]);
    let ends = rest.map(|mut events| {
        tokio::spawn(async move {
            let mut last = None;
            while let Some(event) = events.message().await? {
                last = event.event;
            }
            Ok::<_, tonic::Status>(last)
        })
    });
    for end in ends.collect::<Vec<_>>() {
        match end.await.unwrap() {
            Ok(Some(Event::Finished(finished))) => assert_eq!(finished.result(), AnswerResult::Answered),
            other => panic!("{other:?}"),
        }
    }
    let status = service.process.ended(DEADLINE).await;
    assert_eq!(status.code(), Some(0), "{}", service.process.errors());
    assert!(
        !service.process.errors().contains("grace"),
        "{}",
        service.process.errors()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_service_does_not_wait_for_ever() {
    let slow = SLOW.replace("50ms", "20s");
    let mut service = Service::start("math", &[("ENGINES", &slow), ("SERVER__GRACE", "200ms")]);
    let mut client = SpecialistServiceClient::new(connect(&service.url()).await);
    let question = AnswerRequest {
        query: "slowly, please".to_owned(),
        ..AnswerRequest::default()
    };
    let mut events = client
        .answer(timed(question, Duration::from_secs(100)))
        .await
        .unwrap()
        .into_inner();
    assert!(events.message().await.unwrap().is_some());
    service.process.signal("TERM");
    let status = service.process.ended(Duration::from_secs(10)).await;
    assert_eq!(status.code(), Some(0), "{}", service.process.errors());
    assert!(
        service.process.errors().contains("grace"),
        "{}",
        service.process.errors()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_connection_on_which_nothing_is_asked_holds_nobody() {
    let mut math = Service::start("math", &[("SERVER__GRACE", "1h")]);
    let silent = tokio::net::TcpStream::connect(math.address).await.unwrap();
    math.process.signal("TERM");
    let status = math.process.ended(DEADLINE).await;
    assert_eq!(status.code(), Some(0), "{}", math.process.errors());
    drop(silent);
}
