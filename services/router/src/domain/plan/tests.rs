//! Plans of made-up signals.

use plexus_classifier::{Guard, PartSignals, Stage, best_first};
use plexus_core::CascadePolicy;
use proptest::prelude::*;

use super::*;
use crate::domain::{GuardAction, GuardMode, OnDown, ValidatorPolicy};

fn policy() -> Policy {
    Policy {
        guard: GuardMode::Refuse,
        fallback: vec![vec![]; 4],
        validators: vec![ValidatorPolicy {
            kind: "math".into(),
            domains: vec![Domain::Math],
            on_down: OnDown::Open,
            confidence: false,
        }],
        cascade: CascadePolicy {
            min_confidence: 0.5,
            enter_below: 0.9,
            enter_unchecked: 0.6,
            price_weight: 1.0,
            max_escalations: 3,
        },
        tasks: [("summarise".to_owned(), Domain::Language)].into(),
    }
}

fn query(domains: &[Domain]) -> Query {
    Query {
        text: "the query".into(),
        context: vec![],
        constraints: Constraints {
            domains: domains.to_vec(),
            ..Constraints::default()
        },
        request_id: String::new(),
        session_id: String::new(),
        task: String::new(),
        json_schema: String::new(),
    }
}

fn signals(scores: [f32; 4], parts: &[(Domain, &[usize])]) -> Signals {
    Signals {
        domains: best_first(scores),
        complexity: 0.0,
        guard: Guard::absent(),
        tokens: 0,
        tokens_read: 0,
        parts: parts
            .iter()
            .enumerate()
            .map(|(index, (domain, depends_on))| PartSignals {
                text: format!("part {index}"),
                depends_on: depends_on.to_vec(),
                domains: best_first(Domain::ALL.map(|one| if one == *domain { 0.9 } else { 0.1 })),
            })
            .collect(),
        model: "m".into(),
        stage: Stage::Encoder,
        cached: false,
        language: None,
        foreign: false,
        outside: false,
        thresholds: Thresholds {
            multi_label: 0.5,
            not_sure: 0.45,
            outside: 0.2,
            guard_flag: 0.9,
            guard_refuse: 0.99,
        },
        classifier_down: String::new(),
    }
}

fn domains(plan: &Plan) -> Vec<Domain> {
    plan.steps.iter().map(|step| step.domain).collect()
}

#[test]
fn the_best_domain_answers_with_its_validators() {
    let plan = plan(&query(&[]), &signals([0.1, 0.9, 0.2, 0.1], &[]), &policy());
    assert_eq!((plan.mode, domains(&plan)), (PlanMode::Single, vec![Domain::Math]));
    assert_eq!(plan.steps[0].validators, ["math"]);
    assert_eq!(
        plan.steps[0].alternatives,
        [Domain::Reasoning, Domain::Code, Domain::Language]
    );
    assert_eq!(plan.reason, "math 0.90");
}

#[test]
fn when_not_sure_the_generalist_answers_and_says_so() {
    let plan = plan(&query(&[]), &signals([0.1, 0.4, 0.2, 0.1], &[]), &policy());
    assert_eq!(domains(&plan), [Domain::Language]);
    assert!(plan.reason.contains("not sure"), "{}", plan.reason);
    assert_eq!(plan.steps[0].alternatives[0], Domain::Math);
}

#[test]
fn outside_all_domains_the_generalist_answers_and_says_so() {
    for scores in [[0.1, 0.15, 0.1, 0.1], [0.1, 0.1, 0.1, 0.15]] {
        let plan = plan(&query(&[]), &signals(scores, &[]), &policy());
        assert_eq!(domains(&plan), [Domain::Language]);
        assert!(plan.reason.contains("outside all domains"), "{}", plan.reason);
    }
}

#[test]
fn a_foreign_language_is_told() {
    let mut signals = signals([0.1, 0.9, 0.2, 0.1], &[]);
    (signals.language, signals.foreign) = (Some("hi"), true);
    let plan = plan(&query(&[]), &signals, &policy());
    assert_eq!(
        plan.reason,
        "hi is outside the encoder's languages: the first stage decided, math 0.90"
    );
}

#[test]
fn attacks_are_dealt_with_by_the_models_limits() {
    let mut signals = signals([0.1, 0.9, 0.2, 0.1], &[]);
    for (attack, mode, action) in [
        (0.95, GuardMode::Refuse, GuardAction::Flag),
        (0.995, GuardMode::Refuse, GuardAction::Refuse),
        (0.995, GuardMode::Flag, GuardAction::Flag),
        (0.995, GuardMode::Off, GuardAction::Allow),
        (0.5, GuardMode::Refuse, GuardAction::Allow),
    ] {
        signals.guard.attack = attack;
        assert_eq!(mode.action(&signals), action);
    }
}

#[test]
fn the_caller_may_choose() {
    let plan = plan(
        &query(&[Domain::Code, Domain::Language]),
        &signals([0.1, 0.9, 0.2, 0.3], &[]),
        &policy(),
    );
    assert_eq!(domains(&plan), [Domain::Language]);
    assert_eq!(plan.steps[0].alternatives, [Domain::Code]);
}

#[test]
fn a_task_goes_to_who_does_it_and_is_never_split() {
    let two = [(Domain::Math, &[][..]), (Domain::Code, &[][..])];
    let asked = Query {
        task: "summarise".to_owned(),
        ..query(&[])
    };
    let plan = super::plan(&asked, &signals([0.1, 0.9, 0.2, 0.1], &two), &policy());
    assert_eq!((plan.mode, domains(&plan)), (PlanMode::Single, vec![Domain::Language]));
    assert_eq!(plan.reason, "task summarise: language does it");
}

#[test]
fn what_must_fit_a_schema_is_not_split() {
    let two = [(Domain::Math, &[][..]), (Domain::Code, &[][..])];
    let asked = Query {
        json_schema: "{}".to_owned(),
        ..query(&[])
    };
    let plan = super::plan(&asked, &signals([0.1, 0.9, 0.2, 0.1], &two), &policy());
    assert_eq!((plan.mode, domains(&plan)), (PlanMode::Single, vec![Domain::Math]));
}

#[test]
fn independent_parts_fan_out_and_dependent_ones_are_conducted() {
    let two = [(Domain::Math, &[][..]), (Domain::Code, &[][..])];
    let fan_out = plan(&query(&[]), &signals([0.5; 4], &two), &policy());
    assert_eq!(
        (fan_out.mode, domains(&fan_out)),
        (PlanMode::FanOut, vec![Domain::Math, Domain::Code])
    );
    assert_eq!(fan_out.steps[1].input, "part 1");

    let chain = [(Domain::Math, &[][..]), (Domain::Math, &[0][..])];
    let workflow = plan(&query(&[]), &signals([0.5; 4], &chain), &policy());
    assert_eq!(
        (workflow.mode, domains(&workflow)),
        (PlanMode::Workflow, vec![Domain::Reasoning])
    );
    assert_eq!(workflow.steps[0].input, "the query");
    assert_eq!(workflow.steps[0].parts[1].depends_on, [0]);
}

proptest! {
    #[test]
    fn there_is_always_a_step_and_demands_are_kept(
        scores in proptest::array::uniform4(0.0_f32..1.0),
        allowed in proptest::sample::subsequence(Domain::ALL.to_vec(), 0..=4),
        parts in 0_usize..4,
    ) {
        let parts: Vec<(Domain, &[usize])> = (0..parts).map(|index| (Domain::ALL[index], &[][..])).collect();
        let plan = plan(&query(&allowed), &signals(scores, &parts), &policy());
        prop_assert!(!plan.steps.is_empty() && !plan.reason.is_empty());
        for step in &plan.steps {
            prop_assert!(allowed.is_empty() || allowed.contains(&step.domain));
            prop_assert!(!step.alternatives.contains(&step.domain));
        }
    }
}
