//! Keys of all specialists and of one alone, in one table.

use plexus_config::{ConfigError, Environment};
use serde::Deserialize;

use super::*;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Own {
    #[serde(default)]
    peers: Vec<String>,
    depth: u8,
}

impl Validate for Own {
    fn validate(&self) -> Result<(), Invalid> {
        match self.depth {
            0 => Err(Invalid::new("depth", "must be more than 0")),
            _ => Ok(()),
        }
    }
}

const DEFAULTS: &str = "
depth = 2
[server]
listen = '127.0.0.1:50099'
[prompts]
system = 'You are brief.'
[[engines]]
name = 'exact'
kind = 'exact'
";

fn load<C: DeserializeOwned + Validate>(environment: &[(&str, &str)]) -> Result<C, String> {
    let environment = environment.iter().copied().collect();
    plexus_config::load("test", DEFAULTS, None, &environment).map_err(|error: ConfigError| error.to_string())
}

fn refused(name: &str, value: &str) -> String {
    load::<Config<Own>>(&[(name, value)]).unwrap_err()
}

#[test]
fn both_kinds_of_keys_are_read() {
    let config: Config<Own> = load(&[("PLEXUS_TEST__PEERS", "['a']")]).unwrap();
    assert_eq!(
        (config.own.depth, config.own.peers.as_slice()),
        (2, &["a".to_owned()][..])
    );
    assert_eq!(
        (config.engines[0].name.as_str(), config.library.folders.len()),
        ("exact", 0)
    );
    assert_eq!(config.prompts.system, "You are brief.");
}

#[test]
fn an_unknown_key_is_named_and_so_are_the_known_ones() {
    let error = refused("PLEXUS_TEST__SERVR", "1");
    assert!(
        error.contains("key `servr` in environment variable PLEXUS_TEST__SERVR"),
        "{error}"
    );
    assert!(error.contains("`server`") && error.contains("`peers`"), "{error}");
    // Where it has no keys of its own, the other one's is unknown.
    let error = load::<Config>(&[]).unwrap_err();
    assert!(error.contains("key `depth` in the defaults: unknown field"), "{error}");
}

#[test]
fn errors_name_the_key_whoever_it_is_of() {
    let cases = [
        (
            "PLEXUS_TEST__SERVER__LISTEN",
            "nowhere",
            "key `server.listen` in environment variable",
        ),
        ("PLEXUS_TEST__PROMPTS__SYSTM", "x", "key `prompts.systm`"),
        ("PLEXUS_TEST__LIBRARY__WATCH", "soon", "key `library.watch`"),
        ("PLEXUS_TEST__LIBRARY__MIN_SCORE", "2", "key `library.min_score`"),
        (
            "PLEXUS_TEST__DEPTH",
            "x",
            "key `depth` in environment variable PLEXUS_TEST__DEPTH",
        ),
        (
            "PLEXUS_TEST__DEPTH",
            "0",
            "key `depth` in environment variable PLEXUS_TEST__DEPTH: must be more than 0",
        ),
        ("PLEXUS_TEST__ENGINES", "[]", "key `engines` in environment variable"),
        (
            "PLEXUS_TEST__PROMPTS__SYSTEM",
            "Hello {{ questoin }}",
            "key `prompts.system` in environment variable PLEXUS_TEST__PROMPTS__SYSTEM: line 1: there is no `questoin`",
        ),
    ];
    for (name, value, expected) in cases {
        let error = refused(name, value);
        assert!(error.contains(expected), "{name}: {error}");
    }
}

#[test]
fn a_missing_key_is_told() {
    let environment = Environment::default();
    let error = plexus_config::load::<Config>("test", "[prompts]\nsystem = 'x'", None, &environment).unwrap_err();
    assert!(error.to_string().contains("missing field `server`"), "{error}");
}
