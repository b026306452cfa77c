//! What is seen of engines that behave, fail and are left alone.

use std::time::Duration;

use plexus_core::Price;

use super::*;
use crate::{
    config::{Rule, Script},
    engines::ScriptedEngine,
};

fn observed(script: Script) -> ObservedEngine {
    let info = EngineInfo {
        model: "tiny".to_owned(),
        price: Price {
            input_per_mtok: 0.0,
            output_per_mtok: 1.0,
        },
        ..EngineInfo::new("played", "scripted")
    };
    let rules = vec![Rule {
        contains: "?".to_owned(),
        answer: "one two three four".to_owned(),
    }];
    let script = Script {
        rules,
        latency: Duration::from_millis(200),
        ..script
    };
    let engine = ScriptedEngine::new(info, script).unwrap();
    let settings = Adaptation {
        min_calls: 1,
        failing_share: 1.0,
        ..Adaptation::default()
    };
    ObservedEngine::new(Arc::new(engine), settings)
}

fn question(text: &str) -> Question {
    Question {
        text: text.to_owned(),
        ..Question::default()
    }
}

async fn ask(engine: &ObservedEngine, text: &str) {
    if let Ok(chunks) = engine.answer(&question(text)).await {
        chunks.count().await;
    }
}

fn seen(engine: &ObservedEngine) -> (u32, u32, u32) {
    let figures = engine.live.figures().unwrap();
    (figures.calls, figures.failures, figures.in_flight)
}

#[tokio::test(start_paused = true)]
async fn calls_failures_and_times_are_seen() {
    let engine = observed(Script::default());
    assert_eq!(engine.live.figures(), None);
    for _ in 0..3 {
        ask(&engine, "why?").await;
    }
    assert_eq!(seen(&engine), (3, 0, 0));
    assert_eq!(engine.live.look().first_word, Some(Duration::from_millis(200)));
    // It declines: nothing is wrong with it.
    ask(&engine, "why").await;
    assert_eq!(seen(&engine), (4, 0, 0));

    let failing = observed(Script {
        failure_rate: 1.0,
        ..Script::default()
    });
    ask(&failing, "why?").await;
    assert_eq!(seen(&failing), (1, 1, 0));
    assert!(failing.live.look().trouble.is_some());

    let broken = observed(Script {
        cut_off_after: 2,
        ..Script::default()
    });
    ask(&broken, "why?").await;
    assert_eq!(seen(&broken), (1, 1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_leaves_is_neither_a_failure_nor_forgotten() {
    let engine = observed(Script::default());
    let asked = question("why?");
    {
        let mut answer = std::pin::pin!(engine.answer(&asked));
        let gone = tokio::time::timeout(Duration::from_millis(50), &mut answer).await;
        assert!(gone.is_err());
        assert_eq!(seen(&engine), (0, 0, 1));
    }
    assert_eq!(seen(&engine), (0, 0, 0));
    let mut chunks = engine.answer(&asked).await.unwrap();
    assert!(chunks.next().await.is_some());
    assert_eq!(seen(&engine), (0, 0, 1));
    drop(chunks);
    assert_eq!(seen(&engine), (0, 0, 0));
}

#[tokio::test(start_paused = true)]
async fn answers_longer_than_expected_make_an_engine_dear() {
    let engine = observed(Script::default());
    let mut asked = question("why?");
    asked.constraints.max_output_tokens = Some(1);
    let chunks = engine.answer(&asked).await.unwrap();
    chunks.count().await;
    // 18 bytes are about five tokens.
    let ratio = engine.live.look().price_ratio;
    assert!((ratio - 5.0).abs() < 1e-9, "{ratio}");
}

#[tokio::test(start_paused = true)]
async fn a_generous_limit_does_not_make_every_answer_cheap() {
    let engine = observed(Script::default());
    let mut asked = question("why?");
    asked.constraints.max_output_tokens = Some(u32::MAX);
    asked.paid_output = Some(1);
    engine.answer(&asked).await.unwrap().count().await;
    let sums = engine.live.change(|state| state.sums(tokio::time::Instant::now()));
    assert!((sums.expected - 512e-6).abs() < 1e-12, "{sums:?}");
}

#[test]
fn a_question_at_fault_says_nothing_of_the_engine() {
    let status = |status| EngineError::Status {
        status,
        retry_after: None,
    };
    for unasked in [
        status(400),
        status(413),
        status(422),
        EngineError::Resting(Duration::ZERO),
    ] {
        assert_eq!(of(&unasked), Ended::Unasked, "{unasked}");
    }
    for failed in [
        status(401),
        status(429),
        status(500),
        EngineError::Silent(Duration::ZERO),
    ] {
        assert_eq!(of(&failed), Ended::Failed, "{failed}");
    }
}
