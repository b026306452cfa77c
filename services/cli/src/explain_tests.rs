//! What a person sees of a response.

use super::*;

fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

fn nanos(nanos: i32) -> Option<prost_types::Duration> {
    Some(prost_types::Duration { seconds: 0, nanos })
}

fn route_message() -> v1::Route {
    let score = |domain: v1::Domain, score| v1::DomainScore {
        domain: domain.into(),
        score,
    };
    v1::Route {
        domains: vec![score(v1::Domain::Math, 0.981), score(v1::Domain::Language, 0.02)],
        complexity: 0.1,
        guard: Some(v1::Guard {
            label: "benign".into(),
            score: 0.99,
            action: "allow".into(),
        }),
        plan: Some(v1::Plan {
            mode: v1::PlanMode::Single.into(),
            steps: vec![v1::PlanStep {
                domain: v1::Domain::Math.into(),
                input: "2+2".into(),
                validators: vec!["math".into()],
                parts: vec![],
            }],
        }),
        reason: "math is likely".into(),
        model: "m@1".into(),
        tokens: 5,
        tokens_read: 5,
        stage: v1::ClassifierStage::First.into(),
        cached: true,
        language: "en".into(),
    }
}

fn degraded() -> v1::Degradation {
    v1::Degradation {
        domain: v1::Domain::Math.into(),
        reason: v1::DegradationReason::SpecialistDown.into(),
        detail: "no replica\nserves".into(),
        served_by: "reasoning@h:3".into(),
    }
}

#[test]
fn everything_is_shown() {
    let attempt = |result: v1::AttemptResult, detail: &str| v1::Attempt {
        replica: "math@h:2".into(),
        engine: "exact".into(),
        result: result.into(),
        detail: detail.into(),
        latency: nanos(500_000),
        ..v1::Attempt::default()
    };
    let step = v1::Step {
        domain: v1::Domain::Math.into(),
        replica: "math@h:2".into(),
        engine: "exact".into(),
        tier: v1::Tier::Edge.into(),
        attempts: vec![
            attempt(v1::AttemptResult::Failed, "gone"),
            attempt(v1::AttemptResult::Answered, ""),
        ],
        latency: nanos(1_270_000),
        ..v1::Step::default()
    };
    let message = v1::AskResponse {
        answer: "4".into(),
        route: Some(route_message()),
        steps: vec![step],
        verdicts: vec![v1::Verdict {
            validator: "math".into(),
            result: v1::VerdictResult::Pass.into(),
            reason: "1 claim holds".into(),
            latency: nanos(300_000),
            ..v1::Verdict::default()
        }],
        degradations: vec![degraded()],
        usage: Some(v1::Usage {
            input_tokens: 5,
            output_tokens: 1,
            cost_usd: 0.001,
            strongest_cost_usd: 0.004,
            estimated: true,
            wasted_cost_usd: 0.0,
        }),
        trace_id: "ab".into(),
        timings: Some(v1::Timings {
            total: nanos(4_000_000),
            classify: nanos(2_000_000),
            upstream: nanos(1_500_000),
            overhead: nanos(500_000),
        }),
        ..v1::AskResponse::default()
    };
    insta::assert_snapshot!(plain(&response(&message, "http://h/trace/ab")), @r#"
    route     math 0.98  language 0.02  complexity 0.10
              math is likely
              guard: allow (benign 0.99)
              m@1, first stage, kept from before, en, 5 tokens
    plan      single
              1 math "2+2"  checked by math
    steps     1 math by math@h:2 exact (edge) 1.27ms
                 math@h:2 exact failed: gone 500us
                 math@h:2 exact answered 500us
    verdicts  1 math says pass: 1 claim holds  300us
    degraded  math: SPECIALIST_DOWN, reasoning@h:3 served instead (no replica serves)
    usage     $0.001000, 5 tokens in, 1 out (estimated), 75% less than the $0.004000 of the strongest engine
    time      4.00ms = classify 2.00ms + upstream 1.50ms + own 500us
    trace     ab  http://h/trace/ab
    "#);
}

#[test]
fn foreign_text_stays_on_its_line() {
    assert_eq!(
        degradations(&[degraded()]),
        "math: SPECIALIST_DOWN, reasoning@h:3 served instead (no replica serves)"
    );
}
