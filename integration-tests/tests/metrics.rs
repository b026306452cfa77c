//! What Prometheus sees of the real binaries.

#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use std::time::Duration;

use plexus_integration_tests::{DEADLINE, Mesh, Says as _, answered, ask, http_get};
use plexus_proto::v1::{AskRequest, Constraints, DegradationReason, Domain};
use plexus_testkit::{FakeLlm, Play, eventually};

const QUESTION: &str = "What is 15% of 240?";

/// What all services of a mesh that have metrics show. Port 0 was taken, so their logs say where.
async fn scrape(mesh: &Mesh, services: usize) -> Vec<String> {
    let addresses = eventually("all metrics are served", DEADLINE, async || {
        let logs = mesh.logs();
        let lines = logs.lines().filter(|line| line.contains("metrics are served"));
        // A line that is not written to its end has no address, or none that can be read.
        let addresses: Vec<String> = lines
            .filter_map(|line| Some(line.rsplit_once("address=")?.1.trim().to_owned()))
            .collect();
        (addresses.len() == services).then_some(addresses)
    })
    .await;
    let mut texts = Vec::new();
    for address in addresses {
        let (status, text) = http_get(&format!("http://{address}/metrics")).await;
        assert_eq!(status, 200, "{text}");
        assert!(text.ends_with("# EOF\n"), "{text}");
        assert!(text.contains("\nplexus_server_limit "), "{text}");
        texts.push(text);
    }
    texts
}

fn holds(text: &str, row: &str) {
    assert!(text.lines().any(|line| line == row), "`{row}` is not in\n{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_dead_specialist_is_shown_and_what_it_cost() {
    let mesh = Mesh::with(&[("PLEXUS_ROUTER__TELEMETRY__METRICS", "127.0.0.1:0")]);
    let mut router = mesh.router().await;
    let math = mesh.address("math");
    let state = |state: &str, holds: u8| {
        format!("plexus_replica_state{{upstream=\"math\",replica=\"{math}\",state=\"{state}\"}} {holds}")
    };
    let degraded =
        |count: u8| format!("plexus_degradations_total{{domain=\"math\",reason=\"SPECIALIST_DOWN\"}} {count}");
    answered(&mut router, ask(QUESTION)).await.is_answered();
    let text = scrape(&mesh, 1).await.remove(0);
    holds(&text, "plexus_requests_total{outcome=\"answered\"} 1");
    holds(&text, &degraded(0));
    holds(&text, &state("down", 0));
    holds(
        &text,
        &format!("plexus_replica_attempts_total{{upstream=\"math\",replica=\"{math}\"}} 1"),
    );

    mesh.kill("math").await;
    let response = answered(&mut router, ask(QUESTION)).await;
    response.is_degraded_by(DegradationReason::SpecialistDown);
    let text = eventually("the scrape says that math is down", DEADLINE, async || {
        let text = scrape(&mesh, 1).await.remove(0);
        text.lines().any(|line| line == state("down", 1)).then_some(text)
    })
    .await;
    holds(&text, &state("serving", 0));
    holds(&text, &degraded(1));
    holds(&text, "plexus_requests_total{outcome=\"answered\"} 1");
    holds(&text, "plexus_requests_total{outcome=\"degraded\"} 1");
    mesh.has_not_panicked();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn specialists_show_their_engines_and_reasoning_whom_it_asks() {
    let llm = FakeLlm::start(Play::Words {
        text: "Because it never looks the same.".to_owned(),
        pause: Duration::ZERO,
        usage: Some((21, 9)),
    })
    .await;
    let mesh = Mesh::with(&[
        ("PLEXUS_LLM_URL", &llm.url()),
        ("PLEXUS_LANGUAGE__TELEMETRY__METRICS", "127.0.0.1:0"),
        ("PLEXUS_REASONING__TELEMETRY__METRICS", "127.0.0.1:0"),
    ]);
    let mut router = mesh.router().await;
    let request = AskRequest {
        constraints: Some(Constraints {
            domains: vec![Domain::Language.into()],
            ..Constraints::default()
        }),
        ..ask("Tell me, at length, why people like the sea so much.")
    };
    // After three calls it is known how long its first words take.
    for _ in 0..3 {
        let response = answered(&mut router, request.clone()).await;
        assert_eq!(response.served(), [(Domain::Language, "llm")]);
    }
    let asked = "plexus_engine_calls{engine=\"llm\"} 3";
    let texts = eventually("language says that its model was asked", DEADLINE, async || {
        let texts = scrape(&mesh, 2).await;
        texts
            .iter()
            .any(|text| text.lines().any(|line| line == asked))
            .then_some(texts)
    })
    .await;
    let reasoning = texts.iter().find(|text| text.contains("upstream=")).unwrap();
    for (upstream, address) in ["code", "math", "language"].map(|name| (name, mesh.address(name))) {
        let row = format!("plexus_breaker_state{{upstream=\"{upstream}\",replica=\"{address}\",state=\"closed\"}} 1");
        holds(reasoning, &row);
    }
    let language = texts.iter().find(|text| !text.contains("upstream=")).unwrap();
    holds(language, "plexus_engine_failures{engine=\"llm\"} 0");
    holds(language, "plexus_engine_in_flight{engine=\"llm\"} 0");
    holds(language, "plexus_engine_adapted{engine=\"llm\"} 0");
    let first_word = "\nplexus_engine_first_word_seconds{engine=\"llm\"} ";
    assert!(language.contains(first_word), "{language}");
    mesh.has_not_panicked();
}
