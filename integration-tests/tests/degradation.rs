//! Parts of the mesh die, hang and come back; the mesh goes on, and says so.

#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use std::{net::TcpListener, time::Duration};

use futures_util::future::join_all;
use plexus_integration_tests::{
    DEADLINE, Mesh, Router, Says as _, Service, answered, ask,
    chaos::{Rig, Topology, far_engine},
    connect, timed, until,
};
use plexus_proto::v1::{
    AskRequest, AttemptResult, Constraints, DegradationReason, Domain, Outcome, ReplicaState,
    ask_stream_response::Event, router_service_client::RouterServiceClient,
};
use plexus_testkit::{FakeLlm, Play, eventually};
use tonic::Code;
use tonic_types::StatusExt as _;

const QUESTION: &str = "What is 15% of 240?";
const COMPOUND: &str = "compute 15% of 240 and check this Python: def f(x) return x";

fn only(domain: Domain, query: &str) -> AskRequest {
    AskRequest {
        constraints: Some(Constraints {
            domains: vec![domain.into()],
            ..Constraints::default()
        }),
        ..ask(query)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_specialist_dies_and_comes_back() {
    let mesh = Mesh::start();
    let mut router = mesh.router().await;
    answered(&mut router, ask(QUESTION)).await.is_answered();

    mesh.kill("math").await;
    // The first question finds it out, the second knows it already.
    for _ in 0..2 {
        let response = answered(&mut router, ask(QUESTION)).await;
        assert!(response.answer.contains("36"), "{response:#?}");
        response.is_degraded_by(DegradationReason::SpecialistDown);
        let record = &response.degradations[0];
        assert_eq!(record.domain(), Domain::Math);
        assert!(record.served_by.starts_with("reasoning@"), "{record:?}");
        let step = &response.steps[0];
        assert_eq!(step.domain(), Domain::Math, "what the plan wanted");
        assert!(step.replica.starts_with("reasoning@"), "who served: {step:?}");
        until(&mut router, "the router knows that math is down", |status| {
            let math = status.upstreams.iter().find(|one| one.name == "math");
            math.is_some_and(|math| math.replicas[0].state() == ReplicaState::Down) && !status.healthy
        })
        .await;
    }

    // Where nobody else may answer, nobody does.
    let request = timed(only(Domain::Math, QUESTION), DEADLINE);
    let status = router.ask(request).await.unwrap_err();
    assert_eq!(status.code(), Code::Unavailable, "{status:?}");

    let address = mesh.address("math").to_string();
    let _again = Service::start_at("math", &address, &[]);
    until(&mut router, "the mesh is healthy again", |status| status.healthy).await;
    answered(&mut router, ask(QUESTION)).await.is_answered();
    mesh.has_not_panicked();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_compound_question_is_answered_in_part() {
    let mesh = Mesh::start();
    let mut router = mesh.router().await;
    mesh.kill("code").await;
    let response = answered(&mut router, ask(COMPOUND)).await;
    response.is_degraded_by(DegradationReason::SpecialistDown);
    response.is_degraded_by(DegradationReason::Partial);
    assert_eq!(response.steps.len(), 2);
    assert!(response.answer.contains("36"), "{response:#?}");
    assert_eq!(response.steps[1].answer, "", "nobody else can check Python");
    assert_eq!(response.answer, response.steps[0].answer);
    mesh.has_not_panicked();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn without_its_validator_an_answer_is_marked_as_unchecked() {
    let mesh = Mesh::start();
    let mut router = mesh.router().await;
    mesh.kill("validator-math").await;
    for _ in 0..2 {
        let response = answered(&mut router, ask(QUESTION)).await;
        assert!(response.answer.contains("36"), "{response:#?}");
        response.is_degraded_by(DegradationReason::ValidatorDown);
        assert!(response.verdicts.is_empty(), "{response:#?}");
    }
    mesh.has_not_panicked();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_validator_that_must_pass_an_answer_keeps_it_back_when_it_is_down() {
    let mesh = Mesh::with(&[("PLEXUS_ROUTER__VALIDATORS__MATH__ON_DOWN", "closed")]);
    let mut router = mesh.router().await;
    mesh.kill("validator-math").await;
    let response = answered(&mut router, ask(QUESTION)).await;
    response.is_degraded_by(DegradationReason::ValidatorDown);
    assert_eq!(response.answer, "", "{response:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn when_everybody_is_dead_it_says_so_at_once() {
    let mesh = Mesh::start();
    let mut router = mesh.router().await;
    for service in ["code", "math", "reasoning", "language"] {
        mesh.kill(service).await;
    }
    for _ in 0..2 {
        let status = router.ask(timed(ask(QUESTION), DEADLINE)).await.unwrap_err();
        assert_eq!(status.code(), Code::Unavailable, "{status:?}");
        let details = status.get_error_details();
        assert!(
            details.retry_info().is_some_and(|info| info.retry_delay.is_some()),
            "{status:?}"
        );
        let info = details.error_info().unwrap();
        assert_eq!((info.domain.as_str(), info.reason.as_str()), ("plexus.v1", "NO_ANSWER"));
        for name in ["math", "reasoning", "language"] {
            assert!(info.metadata["tried"].contains(name), "{info:?}");
        }
        assert!(status.message().contains("tried"), "{}", status.message());
    }
    // Streams say the same.
    let mut stream = router
        .ask_stream(timed(ask(QUESTION), DEADLINE))
        .await
        .unwrap()
        .into_inner();
    let status = loop {
        match stream.message().await {
            Ok(Some(_)) => {}
            Ok(None) => panic!("the stream ended as if all were well"),
            Err(status) => break status,
        }
    };
    assert_eq!(status.code(), Code::Unavailable, "{status:?}");
    mesh.has_not_panicked();
}

/// An address where nobody listens.
fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("[\"{}\"]", listener.local_addr().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn of_two_replicas_one_may_die_and_every_question_is_answered() {
    let (one, two) = (Service::start("math", &[]), Service::start("math", &[]));
    let validator = Service::start("validator", &[]);
    let nobody = nobody();
    let router = Service::start(
        "router",
        &[
            (
                "SPECIALISTS__MATH",
                &format!("[\"{}\", \"{}\"]", one.address, two.address),
            ),
            ("SPECIALISTS__CODE", &nobody),
            ("SPECIALISTS__REASONING", &nobody),
            ("SPECIALISTS__LANGUAGE", &nobody),
            ("VALIDATORS__MATH__ENDPOINTS", &format!("[\"{}\"]", validator.address)),
            ("VALIDATORS__CODE__ENDPOINTS", &format!("[\"{}\"]", validator.address)),
        ],
    );
    let mut client = RouterServiceClient::new(connect(&router.url()).await);
    until(&mut client, "both replicas serve", |status| {
        let math = status.upstreams.iter().find(|one| one.name == "math");
        math.is_some_and(|math| math.replicas.iter().all(|one| one.state() == ReplicaState::Serving))
    })
    .await;

    // Four callers at a time; one of the replicas dies while they ask.
    let caller = async |caller: usize| {
        let mut by_the_other = 0;
        for index in 0..25 {
            if (caller, index) == (0, 8) {
                one.process.signal("KILL");
            }
            let response = answered(&mut client.clone(), ask(QUESTION)).await;
            // Those that the dead one had begun are marked; nobody else is.
            for record in &response.degradations {
                assert_eq!(record.reason(), DegradationReason::ReplicaFailed, "{response:#?}");
                assert!(record.served_by.ends_with(&two.address.to_string()), "{record:?}");
            }
            assert!(response.answer.contains("36"), "{response:#?}");
            by_the_other += usize::from(response.steps[0].replica.ends_with(&two.address.to_string()));
        }
        by_the_other
    };
    let by_the_other: usize = join_all([caller(0), caller(1), caller(2), caller(3)])
        .await
        .into_iter()
        .sum();
    assert!(by_the_other < 100, "only one replica was ever asked");
    assert!(by_the_other >= 17, "the dead cannot have served: {by_the_other}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_validator_that_hangs_does_not_hold_an_answer_up() {
    let mesh = Mesh::start();
    let mut router = mesh.router().await;
    mesh.signal("validator-math", "STOP");
    let response = router
        .ask(timed(ask(QUESTION), Duration::from_secs(10)))
        .await
        .unwrap()
        .into_inner();
    mesh.signal("validator-math", "CONT");
    assert!(response.answer.contains("36"), "{response:#?}");
    response.is_degraded_by(DegradationReason::ValidatorDown);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_specialist_that_hangs_is_replaced_before_the_deadline() {
    let mesh = Mesh::start();
    let mut router = mesh.router().await;
    mesh.signal("math", "STOP");
    let response = router
        .ask(timed(ask(QUESTION), Duration::from_secs(5)))
        .await
        .unwrap()
        .into_inner();
    assert!(response.answer.contains("36"), "{response:#?}");
    response.is_degraded_by(DegradationReason::SpecialistDown);
    let attempts = &response.steps[0].attempts;
    assert_eq!(attempts[0].result(), AttemptResult::Failed, "{attempts:#?}");

    mesh.signal("math", "CONT");
    let router = &router;
    eventually("math answers again", DEADLINE, async || {
        let response = answered(&mut router.clone(), ask(QUESTION)).await;
        (response.outcome() == Outcome::Answered).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn the_routers_clients_see_who_is_up() {
    let mesh = Mesh::start();
    let mut router = mesh.router().await;
    until(&mut router, "everybody is up", |status| {
        status.healthy && status.upstreams.len() == 7
    })
    .await;
    mesh.kill("language").await;
    until(&mut router, "language is down, and why", |status| {
        let language = status.upstreams.iter().find(|one| one.name == "language");
        let replica = language.map(|one| one.replicas[0].clone()).unwrap_or_default();
        !status.healthy && replica.state() == ReplicaState::Down && !replica.last_error.is_empty()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_that_freezes_in_the_middle_of_an_answer_is_not_waited_for() {
    let rig = Rig::unpinned();
    let engine = FakeLlm::start(Play::Pings("It is wide ".to_owned())).await;
    let math = rig.specialist(Domain::Math, &far_engine(&engine.url())).await;
    let mut topology = Topology::of(Domain::Math, &[math.address]);
    // Pings of the connection would tell too, but later.
    topology.keys.push(("CLIENT__PING_INTERVAL", "1h".to_owned()));
    let router = rig.router(&topology).await;
    let mut client = Router::new(connect(&router.url()).await);
    let mut stream = client
        .ask_stream(timed(only(Domain::Math, "How wide is it?"), DEADLINE))
        .await
        .unwrap()
        .into_inner();
    let mut text = String::new();
    let done = loop {
        match stream.message().await.unwrap().unwrap().event {
            Some(Event::Delta(delta)) => {
                text.push_str(&delta.text);
                if text.trim() == "It is wide" {
                    math.process.signal("STOP");
                }
            }
            Some(Event::Done(done)) => break done,
            _ => {}
        }
    };
    math.process.signal("CONT");
    assert_eq!((done.answer.trim(), text.trim()), ("It is wide", "It is wide"));
    done.is_degraded_by(DegradationReason::CutOff);
    let detail = &done.degradations[0].detail;
    assert!(detail.contains("stopped answering health checks"), "{detail}");
}
