//! Cascades over scripted engines, with a paused clock.

use std::collections::BTreeMap;

use futures_util::StreamExt as _;
use plexus_core::{AttemptResult, Constraints, DegradationReason, Price};

use super::*;
use crate::{
    config::{Adaptation, Rule, Script},
    engine::EngineInfo,
    engines::ScriptedEngine,
    live::ObservedEngine,
    prompt::{Prompts, PromptsConfig},
};

mod limits;

fn scripted(name: &str, answer: Option<&str>) -> (EngineInfo, Script) {
    let info = EngineInfo {
        price: Price {
            input_per_mtok: 1.0,
            output_per_mtok: 2.0,
        },
        model: format!("scripted-{name}"),
        ..EngineInfo::new(name, "scripted")
    };
    let rule = answer.map(|answer| Rule {
        contains: String::new(),
        answer: answer.to_owned(),
    });
    let script = Script {
        rules: rule.into_iter().collect(),
        latency: Duration::from_millis(20),
        seed: 7,
        ..Script::default()
    };
    (info, script)
}

fn prepare() -> Arc<Prepare> {
    let prompts = PromptsConfig {
        system: String::new(),
        question: "{{ question }}".to_owned(),
        tasks: BTreeMap::default(),
    };
    Arc::new(Prepare::new(Domain::Math, Prompts::new(&prompts).unwrap(), None))
}

async fn play(scripts: Vec<(EngineInfo, Script)>, constraints: Constraints, exclude: &[&str]) -> (String, Finished) {
    play_by(scripts, constraints, exclude, None).await
}

async fn play_by(
    scripts: Vec<(EngineInfo, Script)>,
    constraints: Constraints,
    exclude: &[&str],
    schema: Option<Schema>,
) -> (String, Finished) {
    let engines: Vec<Arc<dyn Engine>> = scripts
        .into_iter()
        .map(|(info, script)| Arc::new(ScriptedEngine::new(info, script).unwrap()) as Arc<dyn Engine>)
        .collect();
    let question = Question {
        text: "why?".to_owned(),
        constraints,
        ..Question::default()
    };
    let asked = Asked {
        question,
        exclude: exclude.iter().map(|name| (*name).to_owned()).collect(),
        schema,
    };
    let mut text = String::new();
    let mut events = std::pin::pin!(run(Domain::Math, engines.into(), prepare(), asked));
    while let Some(event) = events.next().await {
        match event {
            Event::Committed { .. } => assert!(text.is_empty(), "committed after the first word"),
            Event::Delta(delta) => text.push_str(&delta),
            Event::Finished(finished) => return (text, *finished),
        }
    }
    panic!("a cascade ends with Finished");
}

fn results(finished: &Finished) -> Vec<(&str, AttemptResult)> {
    finished
        .attempts
        .iter()
        .map(|attempt| (attempt.engine.as_str(), attempt.result))
        .collect()
}

#[tokio::test(start_paused = true)]
async fn the_next_engine_answers_when_one_declines_or_fails() {
    let mut failing = scripted("b", Some("never"));
    failing.1.failure_rate = 1.0;
    let (text, finished) = play(
        vec![scripted("a", None), failing, scripted("c", Some("because it is"))],
        Constraints::default(),
        &[],
    )
    .await;
    assert_eq!(text, "because it is");
    assert_eq!(finished.ending, Ending::Answered);
    assert_eq!(finished.engine, Some(("c".to_owned(), Tier::Edge)));
    let expected = [
        ("a", AttemptResult::Declined),
        ("b", AttemptResult::Failed),
        ("c", AttemptResult::Answered),
    ];
    assert_eq!(results(&finished), expected);
    assert_eq!(finished.degradations.len(), 1);
    assert_eq!(finished.degradations[0].reason, DegradationReason::EngineFailed);
    assert_eq!(finished.engine_time, Duration::from_millis(40));
    assert!(finished.usage.cost_usd > 0.0 && finished.usage.estimated);
}

#[tokio::test(start_paused = true)]
async fn after_the_first_word_nobody_takes_over() {
    let mut broken = scripted("a", Some("one two three"));
    broken.1.cut_off_after = 2;
    let (text, finished) = play(vec![broken, scripted("b", Some("other"))], Constraints::default(), &[]).await;
    assert_eq!(text, "one two ");
    assert_eq!(finished.ending, Ending::CutOff);
    assert_eq!(results(&finished), [("a", AttemptResult::Failed)]);
    assert_eq!(finished.degradations[0].reason, DegradationReason::CutOff);
}

#[tokio::test(start_paused = true)]
async fn tiers_costs_and_exclusions_are_kept() {
    let mut cloud = scripted("cloud", Some("far"));
    cloud.0.tier = Tier::Cloud;
    let edge_only = Constraints {
        tiers: vec![Tier::Edge],
        ..Constraints::default()
    };
    let (text, _) = play(vec![cloud.clone(), scripted("edge", Some("near"))], edge_only, &[]).await;
    assert_eq!(text, "near");

    let free_only = Constraints {
        max_cost_usd: Some(0.0),
        ..Constraints::default()
    };
    let (text, finished) = play(vec![cloud.clone()], free_only, &[]).await;
    assert_eq!((text.as_str(), finished.ending), ("", Ending::Declined));
    assert_eq!(finished.degradations[0].reason, DegradationReason::Budget);

    let (_, finished) = play(vec![cloud], Constraints::default(), &["cloud"]).await;
    assert_eq!((finished.ending, finished.attempts.len()), (Ending::Declined, 0));
}

#[tokio::test(start_paused = true)]
async fn what_breaks_off_or_does_not_fit_costs_and_gives_way() {
    let (info, script) = scripted("broken", Some("{\"n\": 1 }"));
    let broken = (
        info,
        Script {
            cut_off_after: 1,
            ..script
        },
    );
    let scripts = vec![
        broken,
        scripted("chatty", Some("one")),
        scripted("good", Some("{\"n\": 1}")),
    ];
    let schema = Schema::compile(r#"{"type": "object"}"#).unwrap();
    let (text, finished) = play_by(scripts, Constraints::default(), &[], Some(schema)).await;
    assert_eq!((text.as_str(), finished.ending), ("{\"n\": 1}", Ending::Answered));
    let expected = [
        ("broken", AttemptResult::Failed),
        ("chatty", AttemptResult::Rejected),
        ("chatty", AttemptResult::Rejected),
        ("good", AttemptResult::Answered),
    ];
    assert_eq!(results(&finished), expected);
    assert_eq!(finished.degradations[0].reason, DegradationReason::EngineFailed);
    let wasted: f64 = finished.attempts[..3]
        .iter()
        .map(|attempt| attempt.usage.cost_usd)
        .sum();
    assert!(wasted > 0.0 && (finished.usage.wasted_cost_usd - wasted).abs() < 1e-12);
}

/// Engines that are watched, the first of them failing.
fn watched(settings: &Adaptation) -> Arc<[Arc<dyn Engine>]> {
    let mut small = scripted("small", Some("from near by"));
    small.1.failure_rate = 1.0;
    let mut large = scripted("large", Some("from afar"));
    large.0.price.output_per_mtok = 20.0;
    let watch = |(info, script)| {
        let engine = Arc::new(ScriptedEngine::new(info, script).unwrap());
        Arc::new(ObservedEngine::new(engine, settings.clone())) as Arc<dyn Engine>
    };
    [small, large].map(watch).into()
}

async fn put(engines: &Arc<[Arc<dyn Engine>]>) -> Finished {
    let question = Question {
        text: "why?".to_owned(),
        ..Question::default()
    };
    let asked = Asked {
        question,
        ..Asked::default()
    };
    let mut events = std::pin::pin!(run(Domain::Math, engines.clone(), prepare(), asked));
    while let Some(event) = events.next().await {
        if let Event::Finished(finished) = event {
            return *finished;
        }
    }
    panic!("a cascade ends with Finished");
}

#[tokio::test(start_paused = true)]
async fn an_engine_that_fails_is_left_and_tried_now_and_then() {
    let engines = watched(&Adaptation::default());
    let failed_first = [("small", AttemptResult::Failed), ("large", AttemptResult::Answered)];
    for _ in 0..10 {
        let finished = put(&engines).await;
        assert_eq!(results(&finished), failed_first);
        assert_eq!(finished.adaptations, Vec::<String>::new());
    }
    let mut tried = 0;
    for _ in 0..100 {
        tokio::time::advance(Duration::from_secs(1)).await;
        let finished = put(&engines).await;
        if results(&finished) == failed_first {
            tried += 1;
            continue;
        }
        let passed_over = [("small", AttemptResult::Skipped), ("large", AttemptResult::Answered)];
        assert_eq!(results(&finished), passed_over);
        let what = "asked after large: 100% of its last 10 calls failed";
        assert_eq!(finished.attempts[0].detail, what);
        assert_eq!(finished.adaptations, [format!("engine small is {what}")]);
        // Nothing is missing in such an answer, and nobody stronger is left.
        assert!(finished.degradations.is_empty() && finished.engines_left == 0);
    }
    assert_eq!(tried, 5, "one of twenty");
}

#[tokio::test(start_paused = true)]
async fn who_is_asked_later_is_told_only_where_somebody_is_asked_before() {
    let engines = watched(&Adaptation::default());
    assert_eq!(asked_later(&engines), [None, None]);
    for _ in 0..10 {
        put(&engines).await;
    }
    let why = "asked after large: 100% of its last 10 calls failed".to_owned();
    assert_eq!(asked_later(&engines), [Some(why), None]);
    // Nobody else is there to be asked.
    assert_eq!(asked_later(&engines[..1]), [None]);
}

#[tokio::test(start_paused = true)]
async fn switched_off_nothing_is_adapted() {
    let engines = watched(&Adaptation::off());
    for _ in 0..30 {
        let finished = put(&engines).await;
        let failed_first = [("small", AttemptResult::Failed), ("large", AttemptResult::Answered)];
        assert_eq!(results(&finished), failed_first);
        assert!(finished.adaptations.is_empty());
    }
}
