//! Engines that turn bad are left before they hurt, and come back when they are well again; the answer says so.

#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use std::time::Duration;

use plexus_integration_tests::{DEADLINE, Mesh, Router, Says as _, answered, ask, connect};
use plexus_proto::v1::{
    AskRequest, AskResponse, AttemptResult, Constraints, Domain, EngineLive, SpecialistServiceDescribeRequest,
    specialist_service_client::SpecialistServiceClient,
};
use plexus_testkit::{FakeLlm, Play, eventually};

/// A question for math that its exact engine declines, and that any answer is good enough for.
fn question() -> AskRequest {
    AskRequest {
        constraints: Some(Constraints {
            domains: vec![Domain::Math.into()],
            min_confidence: Some(0.0),
            ..Constraints::default()
        }),
        ..ask("Tell me, at length, why numbers are beautiful.")
    }
}

/// A mesh whose math has a cheap and a dear engine.
struct Pair {
    small: FakeLlm,
    _large: FakeLlm,
    mesh: Mesh,
    router: Router,
}

impl Pair {
    async fn start(adaptation: &[(&str, &str)]) -> Self {
        let small = FakeLlm::start(Play::words("From near by.")).await;
        let large = FakeLlm::start(Play::words("From afar.")).await;
        let engine = |name: &str, llm: &FakeLlm, price: f64| {
            let url = llm.url();
            format!(
                "{{name = \"{name}\", kind = \"openai\", tier = \"edge\", base_url = \"{url}/v1\", model = \"m\", \
                 price = {{input_per_mtok = {price:?}, output_per_mtok = {price:?}}}}}"
            )
        };
        let engines = format!(
            "[{{name = \"exact\", kind = \"exact\"}}, {}, {}]",
            engine("small", &small, 0.1),
            engine("large", &large, 10.0)
        );
        let keys = adaptation
            .iter()
            .map(|(key, value)| (format!("PLEXUS_MATH__ADAPTATION__{key}"), *value))
            .chain([("PLEXUS_MATH__ENGINES".to_owned(), engines.as_str())]);
        let keys: Vec<(String, &str)> = keys.collect();
        let keys: Vec<(&str, &str)> = keys.iter().map(|(key, value)| (key.as_str(), *value)).collect();
        let mesh = Mesh::with(&keys);
        let router = mesh.router().await;
        Self {
            small,
            _large: large,
            mesh,
            router,
        }
    }

    async fn put(&self) -> AskResponse {
        answered(&mut self.router.clone(), question()).await
    }

    /// Asks until the reason of the route says this, or does not.
    async fn until(&self, what: &str, said: bool) -> AskResponse {
        eventually(&format!("`{what}` is said: {said}"), DEADLINE, async || {
            let response = self.put().await;
            (reason(&response).contains(what) == said).then_some(response)
        })
        .await
    }

    /// What the specialist shows of its cheap engine.
    async fn live(&self) -> EngineLive {
        let mut math = SpecialistServiceClient::new(connect(&self.mesh.url("math")).await);
        let described = math.describe(SpecialistServiceDescribeRequest {}).await.unwrap();
        let engines = described.into_inner().engines;
        assert!(
            engines
                .iter()
                .all(|engine| engine.kind != "exact" || engine.live.is_none())
        );
        let small = engines.into_iter().find(|engine| engine.name == "small");
        small.unwrap().live.unwrap()
    }
}

fn reason(response: &AskResponse) -> &str {
    &response.route.as_ref().unwrap().reason
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn an_engine_that_fails_is_left_and_comes_back() {
    let pair = Pair::start(&[
        ("MIN_CALLS", "4"),
        ("PROBE_AFTER", "10ms"),
        ("PROBE_SHARE", "0.5"),
        // Only failures matter here, however slow the machine.
        ("SLOW_ABOVE", "1h"),
    ])
    .await;
    let first = pair.put().await;
    first.is_answered();
    assert_eq!(first.served(), [(Domain::Math, "small")]);
    assert!(!reason(&first).contains("asked after"), "{first:#?}");

    pair.small.play(Play::Status(500, None));
    let left = pair.until("; math: engine small is asked after large: ", true).await;
    assert!(reason(&left).contains("calls failed"), "{left:#?}");
    // Nothing is missing: whoever answered is the better one, only dearer.
    left.is_answered();
    assert_eq!(left.served(), [(Domain::Math, "large")]);
    let attempts = &left.steps[0].attempts;
    let small = attempts.iter().find(|one| one.engine == "small").unwrap();
    assert_eq!(small.result(), AttemptResult::Skipped);
    assert!(small.detail.starts_with("asked after large: "), "{small:?}");
    let live = pair.live().await;
    assert!(
        live.failures >= 2 && live.adaptation.contains("calls failed"),
        "{live:?}"
    );

    pair.small.play(Play::words("Here again."));
    eventually("small answers in its turn again", DEADLINE, async || {
        let response = pair.put().await;
        (response.answer == "Here again." && pair.live().await.adaptation.is_empty()).then_some(())
    })
    .await;
    let back = pair.put().await;
    back.is_answered();
    assert_eq!(back.served(), [(Domain::Math, "small")]);
    assert!(!reason(&back).contains("asked after"), "{back:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn an_engine_that_turns_slow_is_left() {
    let pair = Pair::start(&[("SLOW_ABOVE", "500ms"), ("PROBE_AFTER", "1h")]).await;
    // So many that it is known what is usual.
    for _ in 0..12 {
        pair.put().await.is_answered();
    }
    pair.small
        .play(Play::Late(Duration::from_secs(2), "At last.".to_owned()));
    let left = pair.until("; math: engine small is asked after large: ", true).await;
    assert!(reason(&left).contains("its first words take about"), "{left:#?}");
    assert_eq!(left.served(), [(Domain::Math, "large")]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn switched_off_the_price_alone_decides() {
    let pair = Pair::start(&[("ENABLED", "false"), ("MIN_CALLS", "1")]).await;
    pair.small.play(Play::Status(500, None));
    for _ in 0..5 {
        let response = pair.put().await;
        assert!(!reason(&response).contains("asked after"), "{response:#?}");
        let attempts = &response.steps[0].attempts;
        let small = attempts.iter().find(|one| one.engine == "small").unwrap();
        assert_eq!(small.result(), AttemptResult::Failed);
    }
    assert!(pair.live().await.adaptation.is_empty());
}
