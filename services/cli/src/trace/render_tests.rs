//! Tests of the drawing: what a person sees, to the character.

use serde_json::{Value, json};

use super::{
    super::model::tests::{Line, body},
    *,
};

/// 2026-11-20T12:00:00Z in microseconds.
const NOON: u64 = 1_795_176_000_000_000;

fn trace(lines: &[Line<'_>]) -> Trace {
    Trace::parse(&body(lines)).unwrap()
}

fn span<'a>(name: &'a str, id: &'a str, parent: Option<&'a str>, at: u64, took: u64, service: &'a str) -> Line<'a> {
    (name, id, parent, NOON + at, took, service, Value::Null)
}

fn with<'a>(line: Line<'a>, tags: Value) -> Line<'a> {
    (line.0, line.1, line.2, line.3, line.4, line.5, tags)
}

fn mesh() -> Trace {
    trace(&[
        with(
            span("plexus.v1.RouterService/Ask", "a", None, 0, 12_400, "router"),
            json!({"plexus.domain": "math", "plexus.mode": "single", "rpc.response.status_code": "OK", "other": "x"}),
        ),
        span("classify", "b", Some("a"), 120, 410, "router"),
        span("call math", "c", Some("a"), 700, 9_800, "router"),
        with(
            span(
                "plexus.v1.SpecialistService/Answer",
                "d",
                Some("c"),
                1_200,
                8_100,
                "math",
            ),
            json!({"gen_ai.request.model": "qwen", "rpc.response.status_code": "UNAVAILABLE", "error": true,
                   "otel.status_description": "no engine"}),
        ),
        span("validate", "e", Some("a"), 10_900, 1_300, "validator"),
    ])
}

#[test]
fn a_terminal_sees_a_tree_with_bars() {
    let style = Style::terminal(100, false);
    insta::assert_snapshot!(render(&mesh(), style), @r"
    trace t1
    2026-11-20T12:00:00.000Z  12.4ms in 5 spans over 3 services, 1 span failed

    router plexus.v1.RouterService/Ask                       12.4ms  +0s       █████████████████████████
    │  domain=math  mode=single
    ├─ router classify                                        410us  +120us    █························
    ├─ router call math                                      9.80ms  +700us    ·████████████████████····
    │  └─ math plexus.v1.SpecialistService/Answer            8.10ms  +1.20ms   ··████████████████·······
    │        model=qwen  status=UNAVAILABLE
    │        error: no engine
    └─ validator validate                                    1.30ms  +10.9ms   ·····················███·
    ");
}

#[test]
fn a_pipe_sees_ascii() {
    let text = render(&mesh(), Style::plain());
    assert!(text.is_ascii());
    insta::assert_snapshot!(text, @r"
    trace t1
    2026-11-20T12:00:00.000Z  12.4ms in 5 spans over 3 services, 1 span failed

    router plexus.v1.RouterService/Ask                                      12.4ms  +0s       ##############################
    |  domain=math  mode=single
    |- router classify                                                       410us  +120us    #.............................
    |- router call math                                                     9.80ms  +700us    .########################.....
    |  `- math plexus.v1.SpecialistService/Answer                           8.10ms  +1.20ms   ..####################........
    |        model=qwen  status=UNAVAILABLE
    |        error: no engine
    `- validator validate                                                   1.30ms  +10.9ms   ..........................###.
    ");
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    let long = "x".repeat(300);
    let spans: Vec<_> = (0..60).map(|id| format!("s{id}")).collect();
    let mut lines = vec![with(
        span(&long, "root", None, 0, 100, "router"),
        json!({"plexus.reason": &long, "plexus.a": "b"}),
    )];
    let mut parent = "root";
    for id in &spans {
        lines.push(span(&long, id, Some(parent), 1, 50, "math"));
        parent = id;
    }
    let trace = trace(&lines);
    for width in [60, 72, 80, 100, 200] {
        for color in [false, true] {
            let text = render(&trace, Style::terminal(width, color));
            let widest = text.lines().map(visible).max();
            assert!(
                widest.is_some_and(|widest| widest <= width),
                "{width}: {widest:?}\n{text}"
            );
        }
    }
    render(&trace, Style::terminal(0, false));
}

/// The columns of a line, without its colours.
fn visible(line: &str) -> usize {
    line.split('\u{1b}')
        .enumerate()
        .map(|(place, part)| {
            let text = if place == 0 {
                part
            } else {
                part.split_once('m').map_or("", |(_, text)| text)
            };
            text.chars().count()
        })
        .sum()
}

#[test]
fn colours_only_when_asked() {
    assert!(!render(&mesh(), Style::terminal(100, false)).contains('\u{1b}'));
    let coloured = render(&mesh(), Style::terminal(100, true));
    assert!(
        coloured.contains("\u{1b}[31mplexus") || coloured.contains("\u{1b}[31m plexus"),
        "{coloured:?}"
    );
}

#[test]
fn a_span_cannot_write_to_the_terminal() {
    let evil = "\u{1b}]0;owned\u{7}\u{202e}\r\n\u{9b}2J";
    let trace = trace(&[with(
        span(evil, "a", None, 0, 1, evil),
        json!({"plexus.reason": evil, "error": true, "otel.status_description": evil}),
    )]);
    let text = render(&trace, Style::terminal(100, false));
    assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text:?}");
    assert!(!text.contains('\u{202e}'));
    // Also when the cut between service and operation falls into a changed name.
    render(&trace, Style::terminal(30, true));
}

#[test]
fn orphans_skewed_clocks_and_absurd_times_are_drawn() {
    let mut early = span("early", "b", Some("a"), 0, 30, "math");
    early.3 = NOON - 20;
    let text = render(
        &trace(&[
            span("Ask", "a", None, 0, 60, "router"),
            early,
            span("lost", "c", Some("z"), 10, 5, "code"),
        ]),
        Style::plain(),
    );
    assert!(
        text.contains("code lost (parent missing)") && text.contains("`- math early"),
        "{text}"
    );
    let absurd = ("x", "a", None, u64::MAX, u64::MAX, "s", Value::Null);
    render(
        &trace(&[absurd, span("y", "b", None, 0, 0, "s")]),
        Style::terminal(100, true),
    );
    assert!(
        render(
            &Trace {
                id: String::new(),
                spans: vec![],
                rows: vec![],
                warnings: vec!["w".into()]
            },
            Style::plain()
        )
        .contains("warning: w")
    );
}
