//! Limits of servers: our own, which keep theirs from being reached, and those that they tell of.

#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use std::{sync::Arc, time::Duration};

use futures_util::StreamExt as _;
use plexus_config::Environment;
use plexus_core::{Constraints, Tier};
use plexus_specialist::{
    config::{Adaptation, EngineConfig, Kind, PriceConfig},
    engine::{Engine, EngineError, Question},
    engines,
};
use plexus_testkit::{FakeLlm, Play};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

const KINDS: [Kind; 2] = [Kind::Openai, Kind::Anthropic];

fn config(kind: Kind, urls: &[&FakeLlm]) -> EngineConfig {
    EngineConfig {
        tier: Some(Tier::Edge),
        model: Some("tiny".to_owned()),
        price: Some(PriceConfig::default()),
        base_urls: Some(urls.iter().map(|llm| format!("{}/v1", llm.url())).collect()),
        ..EngineConfig::new("near", kind)
    }
}

fn build(config: EngineConfig) -> Arc<dyn Engine> {
    let environment = Environment::default();
    let engines = engines::build(&[config], &Adaptation::default(), &environment, |_, _| unreachable!());
    engines.unwrap().remove(0)
}

/// Why there is no answer, or no whole one.
async fn ask(engine: &Arc<dyn Engine>) -> Option<EngineError> {
    let question = Question {
        text: "why?".to_owned(),
        ..Question::default()
    };
    match engine.answer(&question).await {
        Ok(chunks) => chunks.filter_map(async |chunk| chunk.err()).boxed().next().await,
        Err(error) => Some(error),
    }
}

#[tokio::test]
async fn no_server_is_asked_for_more_than_our_own_limit() {
    for kind in KINDS {
        let (one, two) = (
            FakeLlm::start(Play::words("one")).await,
            FakeLlm::start(Play::words("two")).await,
        );
        let engine = build(EngineConfig {
            requests_per_minute: Some(2),
            ..config(kind, &[&one, &two])
        });
        for _ in 0..4 {
            assert_eq!(ask(&engine).await, None);
        }
        let error = ask(&engine).await;
        let Some(EngineError::Limited { what, limit, free_in }) = error else {
            panic!("{error:?}")
        };
        assert_eq!((what, limit), ("requests", 2));
        assert!(
            free_in > Duration::ZERO && free_in <= Duration::from_secs(61),
            "{free_in:?}"
        );
        // Each has its own.
        assert_eq!((one.take_requests().len(), two.take_requests().len()), (2, 2));
    }
}

#[tokio::test]
async fn tokens_are_limited_by_what_the_server_counts() {
    let counted = |tokens| Play::Words {
        text: "yes".to_owned(),
        pause: Duration::ZERO,
        usage: Some(tokens),
    };
    for kind in KINDS {
        // About 512 tokens are expected of each answer; the server counts ten, so many fit.
        let llm = FakeLlm::start(counted((9, 1))).await;
        let engine = build(EngineConfig {
            tokens_per_minute: Some(1000),
            ..config(kind, &[&llm])
        });
        for _ in 0..10 {
            assert_eq!(ask(&engine).await, None);
        }
        llm.play(counted((9, 900)));
        assert_eq!(ask(&engine).await, None);
        let error = ask(&engine).await;
        assert!(
            matches!(
                error,
                Some(EngineError::Limited {
                    what: "tokens",
                    limit: 1000,
                    ..
                })
            ),
            "{error:?}"
        );
    }
}

/// Words that take an hour.
fn endless() -> Play {
    Play::Words {
        text: "and on ".repeat(180_000),
        pause: Duration::from_millis(20),
        usage: None,
    }
}

#[tokio::test]
async fn what_a_caller_could_pay_for_is_not_taken_from_the_others() {
    let money = Question {
        text: "why?".to_owned(),
        paid_output: Some(2_499_998),
        ..Question::default()
    };
    let limit = Question {
        text: "why?".to_owned(),
        constraints: Constraints {
            max_output_tokens: Some(u32::MAX),
            ..Constraints::default()
        },
        ..Question::default()
    };
    for (question, each) in [(money, 600), (limit, 4200)] {
        let llm = FakeLlm::start(endless()).await;
        let engine = build(EngineConfig {
            tokens_per_minute: Some(2 * each),
            ..config(Kind::Openai, &[&llm])
        });
        let first = engine.answer(&question).await.unwrap();
        let second = engine.answer(&question).await.unwrap();
        assert!(matches!(ask(&engine).await, Some(EngineError::Limited { .. })));
        // Whoever leaves leaves room.
        drop((first, second));
        assert!(engine.answer(&question).await.is_ok());
    }
}

#[tokio::test]
async fn a_server_is_told_no_limit_that_its_model_could_not_reach() {
    let llm = FakeLlm::start(Play::words("yes")).await;
    for (kind, window, paid, sent) in [
        (Kind::Openai, Some(8192), 2_499_998, None),
        (Kind::Openai, Some(8192), 100, Some(100)),
        (Kind::Openai, None, 2_499_998, Some(2_499_998)),
        (Kind::Anthropic, None, 2_499_998, Some(4096)),
        (Kind::Anthropic, Some(8192), 100, Some(100)),
    ] {
        let engine = build(EngineConfig {
            context_window: window,
            ..config(kind, &[&llm])
        });
        let question = Question {
            paid_output: Some(paid),
            ..Question::default()
        };
        engine.answer(&question).await.unwrap().count().await;
        let body: serde_json::Value = serde_json::from_str(&llm.take_requests()[0].body).unwrap();
        assert_eq!(
            body.get("max_tokens").and_then(serde_json::Value::as_u64),
            sent,
            "{kind:?}"
        );
    }
}

#[tokio::test]
async fn a_server_that_says_that_nothing_is_left_rests() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut asked = Vec::new();
        while !String::from_utf8_lossy(&asked).contains("why?") {
            assert!(stream.read_buf(&mut asked).await.unwrap() > 0);
        }
        let body = r#"{"choices": [{"message": {"content": "yes"}, "finish_reason": "stop"}]}"#;
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-ratelimit-remaining-requests: 0\r\n\
                    x-ratelimit-reset-requests: 1m30s\r\nconnection: close\r\n";
        let response = format!("{head}content-length: {}\r\n\r\n{body}", body.len());
        stream.write_all(response.as_bytes()).await.unwrap();
    });
    let engine = build(EngineConfig {
        base_urls: Some(vec![url]),
        ..config(Kind::Openai, &[])
    });
    assert_eq!(ask(&engine).await, None);
    let error = ask(&engine).await;
    assert!(matches!(error, Some(EngineError::Resting(_))), "{error:?}");
    server.await.unwrap();
}
