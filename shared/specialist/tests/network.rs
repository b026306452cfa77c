//! Engines behind servers that behave, misbehave, come in numbers, or are not there.

#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use std::{sync::Arc, time::Duration};

use futures_util::StreamExt as _;
use plexus_config::Environment;
use plexus_core::{Constraints, Tier};
use plexus_specialist::{
    config::{Adaptation, EngineConfig, Kind, PriceConfig},
    engine::{Chunk, Engine, EngineError, Question},
    engines,
};
use plexus_testkit::{BACKEND_WORDS, FakeLlm, Play, eventually};

const KINDS: [Kind; 2] = [Kind::Openai, Kind::Anthropic];
const LONG: Duration = Duration::from_secs(30);
const MIB: usize = 1024 * 1024;

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

async fn ask(engine: &Arc<dyn Engine>) -> (Vec<Chunk>, Option<EngineError>) {
    let question = Question {
        text: "why?".to_owned(),
        ..Question::default()
    };
    let mut chunks = match engine.answer(&question).await {
        Ok(chunks) => chunks,
        Err(error) => return (Vec::new(), Some(error)),
    };
    let mut said = Vec::new();
    while let Some(chunk) = chunks.next().await {
        match chunk {
            Ok(chunk) => said.push(chunk),
            Err(error) => return (said, Some(error)),
        }
    }
    (said, None)
}

fn text(chunks: &[Chunk]) -> String {
    let texts = chunks.iter().filter_map(|chunk| match chunk {
        Chunk::Text(text) => Some(text.as_str()),
        _ => None,
    });
    texts.collect()
}

#[tokio::test]
async fn answers_come_in_words_with_their_tokens() {
    for kind in KINDS {
        let llm = FakeLlm::start(Play::Words {
            text: "so it is".to_owned(),
            pause: Duration::ZERO,
            usage: Some((5, 3)),
        })
        .await;
        let engine = build(config(kind, &[&llm]));
        let word = |word: &str| Chunk::Text(word.to_owned());
        let tokens = Chunk::Tokens { input: 5, output: 3 };
        let expected = vec![word("so "), word("it "), word("is"), tokens];
        assert_eq!(ask(&engine).await, (expected, None), "{kind:?}");
        let request = llm.take_requests().remove(0);
        assert_eq!(request.headers["accept-encoding"], "identity");
        assert!(!request.headers.contains_key("authorization") && !request.headers.contains_key("x-api-key"));

        llm.play(Play::Json("all at once".to_owned()));
        let tokens = Chunk::Tokens { input: 11, output: 7 };
        assert_eq!(
            ask(&engine).await,
            (vec![word("all at once"), tokens], None),
            "{kind:?}"
        );
    }
}

#[tokio::test]
async fn keys_come_from_a_file_or_a_variable_and_go_where_the_dialect_wants_them() {
    const KEY: &str = "sk-canary-9f2c";
    let llm = FakeLlm::start(Play::words("yes")).await;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), format!("{KEY}\n")).unwrap();
    let environment: Environment = [("THE_KEY", KEY)].into_iter().collect();
    for (kind, header, value) in [
        (Kind::Openai, "authorization", format!("Bearer {KEY}")),
        (Kind::Anthropic, "x-api-key", KEY.to_owned()),
    ] {
        let of_file = EngineConfig {
            api_key_file: Some(file.path().to_owned()),
            ..config(kind, &[&llm])
        };
        let of_variable = EngineConfig {
            api_key_env: Some("THE_KEY".to_owned()),
            ..config(kind, &[&llm])
        };
        let engines = engines::build(
            &[of_file, of_variable],
            &Adaptation::default(),
            &environment,
            |_, _| unreachable!(),
        )
        .unwrap();
        for engine in engines {
            assert_eq!(text(&ask(&engine).await.0), "yes");
            let request = llm.take_requests().remove(0);
            assert_eq!(request.headers[header], value, "{kind:?}");
        }
    }
    for (bad, problem) in [
        (None, "/nowhere/key cannot be read"),
        (Some(""), "is empty"),
        (Some("two\nlines"), "holds characters that no key has"),
    ] {
        let path = match bad {
            None => "/nowhere/key".into(),
            Some(text) => {
                std::fs::write(file.path(), text).unwrap();
                file.path().to_owned()
            }
        };
        let config = EngineConfig {
            api_key_file: Some(path),
            ..config(Kind::Openai, &[&llm])
        };
        let built = engines::build(&[config], &Adaptation::default(), &environment, |_, _| unreachable!());
        let error = built.err().unwrap().to_string();
        assert!(error.contains("engine `near`") && error.contains(problem), "{error}");
    }
}

#[tokio::test]
async fn a_server_that_misbehaves_is_a_typed_error_without_its_words() {
    for kind in KINDS {
        let llm = FakeLlm::start(Play::Html).await;
        for (play, expected) in [
            (Play::Html, "something else than an answer: content type text/html"),
            (Play::Status(301, None), "status 301: check base_url"),
            (Play::Status(400, None), "status 400: it does not take such a request"),
            (Play::Status(401, None), "status 401: check the key"),
            (Play::Status(404, None), "status 404: check base_url and model"),
            (Play::Status(429, None), "status 429: its rate limit is reached"),
            (Play::Status(500, None), "status 500"),
            (Play::Status(529, None), "status 529: it is overloaded"),
            (Play::Truncated(String::new()), "broke off: the stream ended"),
            (Play::Error(String::new()), "broke off: the server reported an error"),
            (Play::Reset(String::new()), "broke off: "),
            (Play::Huge(100 * MIB), "broke off: length limit exceeded"),
            (Play::Line(100 * MIB), "an event of more than 1 MiB"),
            (Play::InvalidUtf8, "bytes that are no UTF-8"),
            (Play::Garbage, ""),
            (Play::Gzip, "content encoding gzip"),
            (
                Play::Ends(String::new(), "tool_use".to_owned()),
                "an answer without text",
            ),
            (Play::Silence, "said nothing for 300ms"),
            (Play::Pings(String::new()), "said nothing for 300ms"),
        ] {
            let shown = format!("{kind:?}, {play:?}");
            // Each time a new engine: the last one may rest.
            let engine = build(EngineConfig {
                first_token_timeout: Some(match play {
                    Play::Silence | Play::Pings(_) => Duration::from_millis(300),
                    _ => LONG,
                }),
                ..config(kind, &[&llm])
            });
            llm.play(play);
            let (said, error) = ask(&engine).await;
            let error = error.unwrap_or_else(|| panic!("{shown}: {said:?}")).to_string();
            assert!(said.is_empty(), "{shown}: {said:?}");
            assert!(error.contains(expected), "{shown}: no `{expected}` in {error}");
            assert!(!error.contains(BACKEND_WORDS), "{shown}: {error}");
            assert_eq!(llm.take_requests().len(), 1, "{shown}: it was asked again");
            eventually!(llm.open() == 0, LONG);
        }
    }
}

#[tokio::test]
async fn what_was_said_before_a_failure_stays_said() {
    for kind in KINDS {
        let llm = FakeLlm::start(Play::Html).await;
        let engine = build(EngineConfig {
            silence_timeout: Some(Duration::from_millis(300)),
            ..config(kind, &[&llm])
        });
        for (play, expected) in [
            (Play::Truncated("so it ".to_owned()), "broke off: the stream ended"),
            (Play::Error("so it ".to_owned()), "broke off: the server reported"),
            (Play::Reset("so it ".to_owned()), "broke off: "),
            (Play::Pings("so it ".to_owned()), "said nothing for 300ms"),
        ] {
            let shown = format!("{kind:?}, {play:?}");
            llm.play(play);
            let (said, error) = ask(&engine).await;
            assert_eq!(text(&said), "so it ", "{shown}");
            assert!(error.unwrap().to_string().contains(expected), "{shown}");
        }
    }
}

#[tokio::test]
async fn limits_and_refusals_are_told_apart() {
    for (kind, limit, refusal) in [
        (Kind::Openai, "length", "content_filter"),
        (Kind::Anthropic, "max_tokens", "refusal"),
    ] {
        let llm = FakeLlm::start(Play::Ends("so it ".to_owned(), limit.to_owned())).await;
        let engine = build(config(kind, &[&llm]));
        let (said, error) = ask(&engine).await;
        assert_eq!((said.last(), error), (Some(&Chunk::Truncated), None), "{kind:?}");
        llm.play(Play::Ends(String::new(), refusal.to_owned()));
        let (_, error) = ask(&engine).await;
        assert!(matches!(error, Some(EngineError::Declined(_))), "{kind:?}: {error:?}");
    }
}

#[tokio::test]
async fn the_next_endpoint_answers_where_one_fails() {
    for kind in KINDS {
        let (bad, good) = (
            FakeLlm::start(Play::Html).await,
            FakeLlm::start(Play::words("yes")).await,
        );
        let gone = FakeLlm::start(Play::Html).await;
        let engine_of = || build(config(kind, &[&bad, &good]));
        for status in [429, 500, 503, 529] {
            bad.play(Play::Status(status, None));
            let engine = engine_of();
            for _ in 0..4 {
                assert_eq!(text(&ask(&engine).await.0), "yes", "{kind:?}, {status}");
            }
            // It was asked once, then others came before it.
            assert_eq!(bad.take_requests().len(), 1, "{kind:?}, {status}");
            assert_eq!(good.take_requests().len(), 4, "{kind:?}, {status}");
        }
        // What is wrong with the question or the key is wrong everywhere.
        for status in [400, 401, 403, 404] {
            bad.play(Play::Status(status, None));
            let (_, error) = ask(&engine_of()).await;
            assert!(
                matches!(error, Some(EngineError::Status { status: told, .. }) if told == status),
                "{error:?}"
            );
            assert_eq!(good.take_requests().len(), 0, "{kind:?}, {status}");
        }
        let engine = build(config(kind, &[&gone, &good]));
        drop(gone);
        assert_eq!(text(&ask(&engine).await.0), "yes", "{kind:?}");
        drop(good);
        let (_, error) = ask(&engine).await;
        assert!(matches!(error, Some(EngineError::Unreachable(_))), "{error:?}");
    }
}

#[tokio::test]
async fn endpoints_take_turns() {
    let (a, b) = (
        FakeLlm::start(Play::words("a")).await,
        FakeLlm::start(Play::words("b")).await,
    );
    let engine = build(config(Kind::Openai, &[&a, &b]));
    let mut said = String::new();
    for _ in 0..6 {
        said += &text(&ask(&engine).await.0);
    }
    assert_eq!(said, "ababab");
}

#[tokio::test]
async fn one_that_asks_for_a_rest_gets_it() {
    let llm = FakeLlm::start(Play::Status(429, Some(3600))).await;
    let engine = build(config(Kind::Anthropic, &[&llm]));
    let refused = EngineError::Status {
        status: 429,
        retry_after: Some(Duration::from_secs(3600)),
    };
    assert_eq!(ask(&engine).await, (vec![], Some(refused)));
    // It would answer again, but it is not asked; nor for longer than a minute.
    llm.play(Play::words("yes"));
    let (_, error) = ask(&engine).await;
    match error {
        Some(EngineError::Resting(left)) => assert!(left <= Duration::from_secs(60), "{left:?}"),
        other => panic!("{other:?}"),
    }
    assert_eq!(llm.take_requests().len(), 1);
}

#[tokio::test]
async fn the_callers_limit_wins_over_the_engines() {
    let llm = FakeLlm::start(Play::words("yes")).await;
    for kind in KINDS {
        let engine = build(EngineConfig {
            max_output_tokens: Some(10),
            ..config(kind, &[&llm])
        });
        for (demanded, sent) in [(None, 10), (Some(5), 5), (Some(20), 20)] {
            let question = Question {
                constraints: Constraints {
                    max_output_tokens: demanded,
                    ..Constraints::default()
                },
                ..Question::default()
            };
            engine.answer(&question).await.unwrap().count().await;
            let body: serde_json::Value = serde_json::from_str(&llm.take_requests()[0].body).unwrap();
            assert_eq!(body["max_tokens"], sent, "{kind:?}");
        }
    }
}

#[tokio::test]
async fn whoever_drops_an_answer_ends_the_call_at_once_and_frees_its_slot() {
    for kind in KINDS {
        let endless = Play::Words {
            text: "and on ".repeat(10_000),
            pause: Duration::from_millis(20),
            usage: None,
        };
        let llm = FakeLlm::start(endless).await;
        let engine = build(EngineConfig {
            max_concurrency: Some(1),
            queue_timeout: Some(Duration::ZERO),
            ..config(kind, &[&llm])
        });
        let question = Question::default();
        let mut chunks = engine.answer(&question).await.unwrap();
        assert!(chunks.next().await.unwrap().is_ok());
        assert_eq!(llm.open(), 1);
        let busy = engine.answer(&question).await.err();
        assert!(matches!(busy, Some(EngineError::Busy { limit: 1, .. })), "{busy:?}");
        drop(chunks);
        eventually!(llm.open() == 0, LONG);
        assert!(engine.answer(&question).await.is_ok());
    }
}
