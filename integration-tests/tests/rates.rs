//! Rate limits of callers, at the door of the real router.

#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use std::{sync::LazyLock, time::Duration};

use plexus_integration_tests::{DEADLINE, Mesh, Shared, ask, timed};
use plexus_proto::v1::{AskRequest, ClassifyRequest, Constraints, Domain, GetStatusRequest};
use plexus_testkit::eventually;
use tonic::{Code, Request, Status};
use tonic_types::StatusExt as _;

/// A word every 100 ms, for ten minutes, for a price.
fn engines() -> String {
    let long = "and on ".repeat(3_000);
    let price = "{input_per_mtok = 10.0, output_per_mtok = 30.0}";
    let rules = format!(r#"[{{contains = "sea", answer = "{long}"}}, {{answer = "Briefly: no."}}]"#);
    let what = r#"name = "paid", kind = "scripted", tier = "cloud", word_latency = "100ms""#;
    format!("[{{{what}, price = {price}, rules = {rules}}}]")
}

static MESH: Shared = LazyLock::new(|| {
    let callers = "PLEXUS_ROUTER__RATE_LIMITS__CALLERS__";
    let limits = [
        ("FEW__REQUESTS", r#"{limit = 3, per = "1h"}"#),
        ("TALKER__TOKENS", r#"{limit = 1, per = "1h"}"#),
        ("SPENDER__DOLLARS", r#"{limit = 0.000001, per = "1h"}"#),
        ("QUITTER__TOKENS", r#"{limit = 1, per = "1h"}"#),
    ];
    let limits = limits.map(|(key, limit)| (format!("{callers}{key}"), limit));
    let engines = engines();
    let mut environment = vec![("PLEXUS_LANGUAGE__ENGINES", engines.as_str())];
    environment.extend(limits.iter().map(|(key, limit)| (key.as_str(), *limit)));
    Mesh::with(&environment)
});

fn of<T>(caller: &str, message: T) -> Request<T> {
    let mut request = timed(message, DEADLINE);
    request
        .metadata_mut()
        .insert("x-plexus-caller", caller.parse().unwrap());
    request
}

fn question(text: &str) -> AskRequest {
    AskRequest {
        constraints: Some(Constraints {
            domains: vec![Domain::Language.into()],
            ..Constraints::default()
        }),
        ..ask(text)
    }
}

/// Refused for this limit, with a wait that makes sense.
fn is_limited(status: &Status, limit: &str) {
    assert_eq!(status.code(), Code::ResourceExhausted, "{status:?}");
    let details = status.get_error_details();
    let info = details.error_info().unwrap();
    assert_eq!(
        (info.reason.as_str(), info.metadata["limit"].as_str()),
        ("RATE_LIMITED", limit)
    );
    let wait = details.retry_info().unwrap().retry_delay.unwrap();
    assert!(wait > Duration::ZERO, "{wait:?}");
}

#[tokio::test]
async fn requests_are_counted_before() {
    let mut router = MESH.router().await;
    for _ in 0..3 {
        router.ask(of("few", question("Is it so?"))).await.unwrap();
    }
    let status = router.ask(of("few", question("Is it so?"))).await.unwrap_err();
    is_limited(&status, "requests");
    let details = status.get_error_details();
    let wait = details.retry_info().unwrap().retry_delay.unwrap();
    assert!(wait <= Duration::from_secs(3600 / 3), "{wait:?}");
    // Others, and callers without a name, are not held by it; and whoever is refused may see why.
    router.ask(of("many", question("Is it so?"))).await.unwrap();
    router.ask(timed(question("Is it so?"), DEADLINE)).await.unwrap();
    let status = router
        .get_status(of("few", GetStatusRequest {}))
        .await
        .unwrap()
        .into_inner();
    assert!(status.load.unwrap().rate_limited >= 1, "{:?}", status.load);
    assert!(status.load.unwrap().limit == 512, "{:?}", status.load);
    MESH.has_not_panicked();
}

#[tokio::test]
async fn what_is_spent_is_charged_after() {
    let mut router = MESH.router().await;
    for (caller, limit) in [("talker", "tokens"), ("spender", "dollars")] {
        router.ask(of(caller, question("Is it so?"))).await.unwrap();
        let status = router.ask(of(caller, question("Is it so?"))).await.unwrap_err();
        is_limited(&status, limit);
        let status = router.ask_stream(of(caller, question("Is it so?"))).await.unwrap_err();
        is_limited(&status, limit);
    }
    MESH.has_not_panicked();
}

#[tokio::test]
async fn whoever_goes_away_pays_for_what_was_done() {
    let mut router = MESH.router().await;
    let call = router.ask_stream(of("quitter", question("Why is the sea so wide?")));
    let mut stream = call.await.unwrap().into_inner();
    assert!(stream.message().await.unwrap().is_some());
    drop(stream);
    let router = &router;
    // A classification is refused as well, but spends nothing itself.
    let status = eventually("the caller owes something", DEADLINE, async || {
        let message = ClassifyRequest {
            query: "Is it so?".to_owned(),
            ..ClassifyRequest::default()
        };
        router.clone().classify(of("quitter", message)).await.err()
    })
    .await;
    is_limited(&status, "tokens");
    MESH.has_not_panicked();
}
