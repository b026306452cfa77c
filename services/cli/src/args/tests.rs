//! What is read, and what is refused by its name.

use clap::CommandFactory as _;

use super::*;

fn ask(words: &[&str]) -> Result<Ask, String> {
    let words = ["plexus", "ask"].iter().chain(words);
    match Args::try_parse_from(words).map_err(|error| error.to_string())?.command {
        Command::Ask(ask) => Ok(ask),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_command_line_is_consistent() {
    Args::command().debug_assert();
}

#[test]
fn questions_and_demands_are_read() {
    let ask = ask(&[
        "2+2",
        "-d",
        "math,code",
        "--domain",
        "language",
        "--tier",
        "edge",
        "--max-cost",
        "0",
    ])
    .unwrap();
    assert_eq!(ask.query.as_deref(), Some("2+2"));
    assert_eq!(ask.domains, [Domain::Math, Domain::Code, Domain::Language]);
    assert_eq!(ask.tiers, [Tier::Edge]);
    assert_eq!(ask.max_cost, Some(0.0));
    assert_eq!(ask.timeout, Duration::from_secs(60));
}

#[test]
fn wrong_values_are_named() {
    for (words, part) in [
        (["x", "--max-cost=-1"], "--max-cost"),
        (["x", "--max-cost=NaN"], "0 or more"),
        (["x", "--timeout=0s"], "longer than 0s"),
        (["x", "--timeout=soon"], "60s"),
        (["x", "--addr=nowhere"], "host:port"),
        (["x", "--domain=poetry"], "reasoning"),
    ] {
        let error = ask(&words).unwrap_err();
        assert!(error.contains(part), "{error}");
    }
    assert!(ask(&["x", "--json", "--explain"]).is_err());
}
