//! Right answers with no model configured at all: the router finds the specialist, its exact engine answers, and no
//! validator finds fault.

#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use std::sync::LazyLock;

use plexus_integration_tests::{DEADLINE, Mesh, Says as _, Shared, answered, ask, timed};
use plexus_proto::v1::{
    AskResponse, ClassifierStage, ClassifyRequest, Constraints, DegradationReason, Domain, Outcome, PlanMode, Route,
};

static MESH: Shared = LazyLock::new(Mesh::start);

async fn response(query: &str) -> AskResponse {
    answered(&mut MESH.router().await, ask(query)).await
}

/// Asks; the answer must hold `parts`, and come from the exact engine of `domain` as planned.
async fn exactly(query: &str, domain: Domain, parts: &[&str]) {
    let response = response(query).await;
    response.is_answered();
    assert_eq!(response.served(), [(domain, "exact")], "{response:#?}");
    let name = domain.as_str_name().trim_start_matches("DOMAIN_").to_lowercase();
    let step = &response.steps[0];
    assert!(
        step.replica.starts_with(&format!("{name}@")),
        "{query}: {}",
        step.replica
    );
    for part in parts {
        assert!(
            response.answer.contains(part),
            "{query}: no `{part}` in `{}`",
            response.answer
        );
    }
    assert_eq!(response.usage.unwrap().cost_usd, 0.0);
}

#[tokio::test]
async fn arithmetic() {
    for (query, part) in [
        ("What is an 18% tip on $84.50?", "15.21"),
        ("How much is an 18% tip on $84.50?", "15.21"),
        ("Solve 3x + 5 = 20", "x = 5"),
        ("What is 2^100?", "1267650600228229401496703205376"),
        ("Convert 72 F to C", "22.2"),
        ("What is 72 F in C?", "22.2"),
        ("What is 15% of 240?", "36"),
        ("12 * 12", "144"),
        ("What is 17 times 23?", "391"),
    ] {
        exactly(query, Domain::Math, &[part]).await;
    }
}

#[tokio::test]
async fn answers_that_a_validator_can_check_are_checked() {
    let response = response("What is 15% of 240?").await;
    let verdicts: Vec<_> = response
        .verdicts
        .iter()
        .map(|one| (one.validator.as_str(), one.step))
        .collect();
    assert_eq!(verdicts, [("math", 0)], "{response:#?}");
}

#[tokio::test]
async fn python_syntax() {
    let query = "Find the syntax error in this Python code:\n```python\ndef f(x)\n    return x\n```";
    exactly(query, Domain::Code, &["line 1", "column 9"]).await;
}

#[tokio::test]
async fn rust_syntax() {
    let query = "Find the syntax error in this Rust code:\n```rust\nfn main() {\n    let x = ;\n}\n```";
    exactly(query, Domain::Code, &["line 2, column 1"]).await;
}

#[tokio::test]
async fn json_syntax() {
    let query = "Is this valid JSON? {\"a\": 1, \"b\": }";
    exactly(query, Domain::Code, &["line 1", "column"]).await;
}

#[tokio::test]
async fn right_code_is_found_right() {
    let query = "Check the syntax of this Python code:\n```python\ndef f(x):\n    return x\n```";
    exactly(query, Domain::Code, &["No syntax errors"]).await;
}

#[tokio::test]
async fn the_language_of_a_sentence() {
    for (query, language) in [
        (
            "Which language is this: \"Où est la bibliothèque, s'il vous plaît ?\"",
            "French",
        ),
        (
            "What language is this sentence written in: Der schnelle braune Fuchs springt über den faulen Hund.",
            "German",
        ),
    ] {
        exactly(query, Domain::Language, &[language]).await;
    }
}

const ARTICLE: &str = "\
The city council voted on Monday to close the old harbour bridge for repairs that will last eighteen months. \
Engineers had found cracks in two of its steel arches during a routine inspection in March. \
The bridge carries about forty thousand cars and nine thousand cyclists every day. \
Traffic will be led over the northern tunnel, which was opened only four years ago. \
Shop owners near the harbour fear that customers will stay away while the bridge is closed. \
The council has promised them a fund of two million euros to make up for lost trade. \
Cyclists will get a free ferry that crosses the harbour every ten minutes. \
Critics say that the ferry cannot carry all of them in the morning rush. \
The repairs will cost ninety million euros, of which the state pays half. \
If the steel proves worse than expected, the bridge may have to be replaced altogether. \
A decision on that will be taken next spring, when the arches have been laid bare.";

#[tokio::test]
async fn a_summary_of_three_sentences_of_the_text() {
    let query = format!("Summarize the following text in three sentences:\n\n{ARTICLE}");
    let response = response(&query).await;
    response.is_answered();
    assert_eq!(response.served(), [(Domain::Language, "exact")], "{response:#?}");
    let sentences: Vec<&str> = response.answer.split_inclusive(". ").map(str::trim).collect();
    assert_eq!(sentences.len(), 3, "{}", response.answer);
    for sentence in sentences {
        assert!(ARTICLE.contains(sentence), "not a sentence of the text: {sentence}");
    }
}

#[tokio::test]
async fn parts_that_have_nothing_to_do_with_each_other_are_answered_at_the_same_time() {
    let response = response("compute 15% of 240 and check this Python: def f(x) return x").await;
    response.is_answered();
    assert_eq!(
        response.route.as_ref().unwrap().plan.as_ref().unwrap().mode(),
        PlanMode::FanOut
    );
    assert_eq!(response.served(), [(Domain::Math, "exact"), (Domain::Code, "exact")]);
    let (math, code) = (&response.steps[0].answer, &response.steps[1].answer);
    assert!(math.contains("36"), "{math}");
    assert!(code.contains("line 1"), "{code}");
    assert_eq!(response.answer, format!("{math}\n\n{code}"));
}

#[tokio::test]
async fn a_result_goes_into_the_part_that_speaks_of_it() {
    for (query, parts) in [
        ("Compute 15% of 240, then double the result", ["36", "72"]),
        ("What is 12 * 12? Then divide that by 6.", ["144", "24"]),
    ] {
        let response = response(query).await;
        response.is_answered();
        assert_eq!(
            response.route.as_ref().unwrap().plan.as_ref().unwrap().mode(),
            PlanMode::Workflow,
            "{query}"
        );
        assert_eq!(response.served(), [(Domain::Reasoning, "exact")]);
        let substeps = &response.steps[0].substeps;
        assert_eq!(substeps.len(), 2, "{response:#?}");
        assert!(
            substeps.iter().all(|step| step.domain() == Domain::Math),
            "{response:#?}"
        );
        assert!(
            substeps[1].input.contains(parts[0]),
            "the result was not put in: {}",
            substeps[1].input
        );
        for part in parts {
            assert!(response.answer.contains(part), "{query}: {}", response.answer);
        }
    }
}

#[tokio::test]
async fn what_no_exact_engine_can_do_is_said_honestly() {
    for query in [
        "write a poem about the sea",
        "Write me a short story about a lighthouse keeper.",
    ] {
        let response = response(query).await;
        assert_eq!(response.answer, "", "{query}");
        response.is_degraded_by(DegradationReason::EnginesDeclined);
        assert!(response.verdicts.is_empty(), "there is nothing to check: {response:#?}");
        assert!(!response.steps[0].attempts.is_empty());
    }
}

#[tokio::test]
async fn a_caller_may_choose_the_domain() {
    let mut request = ask("What is 15% of 240?");
    request.constraints = Some(Constraints {
        domains: vec![Domain::Reasoning.into()],
        ..Constraints::default()
    });
    let response = answered(&mut MESH.router().await, request).await;
    assert_eq!(response.served(), [(Domain::Reasoning, "exact")]);
    assert_eq!(response.outcome(), Outcome::Answered);
    assert!(response.answer.contains("36"));
}

#[tokio::test]
async fn classify_says_what_ask_does() {
    let mut router = MESH.router().await;
    for query in [
        "What is 15% of 240?",
        "write a poem about the sea",
        "compute 15% of 240 and check this Python: def f(x) return x",
        "Compute 15% of 240, then double the result",
    ] {
        let request = ClassifyRequest {
            query: query.to_owned(),
            ..ClassifyRequest::default()
        };
        let classified = router
            .classify(timed(request, DEADLINE))
            .await
            .unwrap()
            .into_inner()
            .route
            .unwrap();
        let asked = answered(&mut router, ask(query)).await.route.unwrap();
        // The second time the signals are there already: nothing else may differ.
        assert!(asked.cached, "{asked:?}");
        let cached = classified.cached;
        assert_eq!(
            classified,
            Route {
                cached,
                ..asked.clone()
            },
            "{query}"
        );
        assert_ne!(asked.stage(), ClassifierStage::Unspecified);
        assert_eq!(asked.domains.len(), 4);
        assert!(
            asked.domains.is_sorted_by(|a, b| a.score >= b.score),
            "{:?}",
            asked.domains
        );
        assert!(asked.model.starts_with("plexus-router@"), "{}", asked.model);
        assert!(!asked.reason.is_empty() && asked.tokens > 0 && asked.tokens_read == asked.tokens);
    }
}
