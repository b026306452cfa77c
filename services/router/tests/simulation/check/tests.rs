//! What no promise allows is found, whatever shape it has.

use plexus_proto::v1::Route;

use super::*;
use crate::{order::Order, script::Ask};

/// What is wrong with this answer to the only request of a quiet simulation.
fn found(answer: AskResponse) -> String {
    let ask = Ask {
        at: Duration::ZERO,
        upstream: "math",
        order: Order {
            number: 0,
            words: 1,
            pause: Duration::ZERO,
            ending: Ending::Whole,
        },
        within: Duration::from_secs(1),
        streamed: false,
        alone: false,
    };
    let script = Script {
        name: "quiet",
        seed: 0,
        faults: Vec::new(),
        asks: vec![ask],
        overrides: Vec::new(),
        even: None,
    };
    let played = Played {
        records: vec![Record {
            ask,
            sent: Duration::ZERO,
            ended: Duration::ZERO,
            deltas: String::new(),
            result: Ok(answer),
        }],
        told: Vec::new(),
        broken: String::new(),
    };
    check(&script, &played).concat()
}

fn answer(text: &str) -> AskResponse {
    AskResponse {
        answer: text.to_owned(),
        route: Some(Route {
            stage: ClassifierStage::First.into(),
            ..Route::default()
        }),
        ..AskResponse::default()
    }
}

#[test]
fn words_that_nobody_wrote_are_wrong() {
    for text in ["hello", "a.0", "0", "0.1"] {
        let found = found(answer(text));
        assert!(found.contains("words"), "{text}: {found:?}");
    }
    assert!(found(answer("0.0")).contains("another request"));
}

#[test]
fn an_answer_without_a_route_is_wrong() {
    let unrouted = AskResponse {
        route: None,
        ..answer("")
    };
    assert!(found(unrouted).contains("route"));
}
