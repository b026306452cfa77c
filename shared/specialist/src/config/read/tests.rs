//! What a person may write, and what is said to one who wrote something else.

use plexus_config::Environment;

use super::*;
use crate::{
    config::{ApiKey, Config, Network, PerMinute, Script},
    engine::Hardware,
};

const DEFAULTS: &str = "prompts.system = \"be brief\"\n[server]\nlisten = \"127.0.0.1:0\"\n";
const FREE: &str = "price = {input_per_mtok = 0.0, output_per_mtok = 0.0}";

/// Loads a specialist whose second engine is written like this.
fn load(engine: &str) -> Result<Definition, String> {
    let engines = format!("[{{name = \"exact\", kind = \"exact\"}}, {{{engine}}}]");
    let environment: Environment = [("PLEXUS_MATH__ENGINES", engines)].into_iter().collect();
    let config: Config =
        plexus_config::load("math", DEFAULTS, None, &environment).map_err(|error| error.to_string())?;
    read(&config.engines[1]).map_err(|wrong| wrong.key)
}

#[test]
fn every_key_of_a_network_engine_arrives() {
    let definition = load(
        "name = 'far', kind = 'anthropic', tier = 'cloud', model = 'm', base_urls = ['https://a/v1', 'http://b:1'], \
         price = {input_per_mtok = 1.0, output_per_mtok = 2.0}, context_window = 8192, hardware = 'gpu', \
         region = 'eu-central', max_concurrency = 4, queue_timeout = '1s', max_complexity = 0.5, \
         expected_latency = '300ms', api_key_file = '/run/key', first_token_timeout = '5s', silence_timeout = '2s', \
         temperature = 0.2, max_output_tokens = 100, requests_per_minute = 60, tokens_per_minute = 90000",
    )
    .unwrap();
    let info = EngineInfo {
        tier: Tier::Cloud,
        model: "m".to_owned(),
        price: PriceConfig {
            input_per_mtok: 1.0,
            output_per_mtok: 2.0,
        }
        .into(),
        context_window: Some(8192),
        hardware: Hardware::Gpu,
        region: "eu-central".to_owned(),
        max_concurrency: Some(4),
        max_complexity: 0.5,
        expected_latency: Duration::from_millis(300),
        ..EngineInfo::new("far", "anthropic")
    };
    let network = Network {
        endpoints: vec!["https://a/v1".parse().unwrap(), "http://b:1".parse().unwrap()],
        api_key: ApiKey::File("/run/key".into()),
        first_token_timeout: Duration::from_secs(5),
        silence_timeout: Duration::from_secs(2),
        temperature: Some(0.2),
        max_output_tokens: Some(100),
        per_minute: PerMinute {
            requests: Some(60),
            tokens: Some(90_000),
        },
    };
    let expected = Definition {
        info,
        queue_timeout: Duration::from_secs(1),
        source: Source::Anthropic(network),
    };
    assert_eq!(definition, expected);
}

#[test]
fn what_is_not_written_has_a_default() {
    let definition = load(&format!(
        "name = 'near', kind = 'openai', tier = 'edge', model = 'm', base_url = 'http://a/v1', {FREE}"
    ))
    .unwrap();
    assert_eq!(definition.queue_timeout, Duration::from_millis(100));
    assert_eq!(definition.info.hardware, Hardware::Cpu);
    assert_eq!(definition.info.max_complexity, 1.0);
    let Source::Openai(network) = definition.source else {
        panic!("{:?}", definition.source)
    };
    assert_eq!(network.api_key, ApiKey::None);
    assert_eq!(network.first_token_timeout, Duration::from_secs(60));
    assert_eq!((network.temperature, network.max_output_tokens), (None, None));
    let script = load("name = 's', kind = 'scripted', tier = 'edge'").unwrap();
    let expected = Script {
        answers: "text".to_owned(),
        ..Script::default()
    };
    assert_eq!(script.source, Source::Scripted(expected));
    assert_eq!(script.info.model, "scripted-s");
}

#[test]
fn a_wrong_key_is_named_with_its_engine() {
    let near = "name = 'near', kind = 'openai', tier = 'edge', model = 'm'";
    let full = format!("{near}, base_url = 'http://a/v1', {FREE}");
    let script = "name = 's', kind = 'scripted', tier = 'edge'";
    for (engine, key, problem) in [
        (
            "name = 'x', kind = 'opanai'",
            "kind",
            "`exact`, `openai`, `anthropic`, `scripted`",
        ),
        ("name = 'x'", "", "missing field `kind`"),
        ("kind = 'exact'", "", "missing field `name`"),
        ("name = '', kind = 'exact'", "name", "is empty"),
        ("name = 'exact', kind = 'exact'", "name", "two engines"),
        (
            "name = 'x', kind = 'exact', model = 'm'",
            "model",
            "is no key of engines of kind `exact`",
        ),
        (
            &format!("{near}, base_url = 'http://a/v1'"),
            "price",
            "of engine `near` is missing: write price = {",
        ),
        (&format!("{near}, {FREE}"), "base_url", "is missing"),
        (&format!("{near}, {FREE}, base_url = 'a/v1'"), "base_url", "http://"),
        (
            &format!("{near}, {FREE}, base_url = 'http://me@a/v1'"),
            "base_url",
            "api_key_file",
        ),
        (&format!("{near}, {FREE}, base_urls = []"), "base_urls", "1 to 32"),
        (
            &format!("{near}, {FREE}, base_urls = ['http://a', 'b']"),
            "base_urls",
            "`b` must begin with",
        ),
        (
            &format!("{full}, base_urls = ['http://a']"),
            "base_urls",
            "stands beside",
        ),
        (
            &format!("{full}, api_key_env = 'A', api_key_file = 'b'"),
            "api_key_file",
            "stands beside",
        ),
        (&format!("{full}, temperature = 3.0"), "temperature", "between 0 and 2"),
        (&format!("{full}, temperature = 'hot'"), "temperature", "expected f32"),
        (
            &format!("{full}, max_output_tokens = 0"),
            "max_output_tokens",
            "more than 0",
        ),
        (
            &format!("{full}, requests_per_minute = 0"),
            "requests_per_minute",
            "more than 0",
        ),
        (
            &format!("{full}, tokens_per_minute = 0"),
            "tokens_per_minute",
            "more than 0",
        ),
        (
            &format!("{script}, tokens_per_minute = 9"),
            "tokens_per_minute",
            "is no key of engines of kind `scripted`",
        ),
        (
            &format!("{full}, max_concurrency = 0"),
            "max_concurrency",
            "more than 0",
        ),
        (
            &format!("{full}, context_window = -1"),
            "context_window",
            "expected u32",
        ),
        (
            &format!("{full}, first_token_timeout = '0s'"),
            "first_token_timeout",
            "longer than 0s",
        ),
        (
            &format!("{full}, silence_timeout = 'long'"),
            "silence_timeout",
            "expected a duration",
        ),
        (
            &format!("{full}, max_complexity = 1.5"),
            "max_complexity",
            "between 0 and 1",
        ),
        (&format!("{full}, hardware = 'tpu'"), "hardware", "`cpu`, `gpu`, `npu`"),
        (&format!("{full}, tools = true"), "tools", "unknown field"),
        (
            &format!("{full}, rules = []"),
            "rules",
            "is no key of engines of kind `openai`",
        ),
        (
            "name = 'x', kind = 'openai', tier = 'moon'",
            "tier",
            "edge, onprem or cloud",
        ),
        ("name = 'x', kind = 'scripted'", "tier", "is missing"),
        (
            &format!("{script}, failure_rate = 2.0"),
            "failure_rate",
            "between 0 and 1",
        ),
        (&format!("{script}, answers = 'a'"), "answers", "needs the key `file`"),
        (&format!("{script}, file = 'a', answers = ''"), "answers", "is empty"),
        (&format!("{script}, base_url = 'http://a'"), "base_url", "is no key"),
        (
            &format!("{script}, rules = [{{answer = 1}}]"),
            "rules.0.answer",
            "expected a string",
        ),
        (
            &format!("{script}, price = {{input_per_mtok = -1.0, output_per_mtok = 0.0}}"),
            "price",
            "0 or more",
        ),
    ] {
        let error = load(engine).unwrap_err();
        let path = format!("`engines.1.{key}`").replace(".`", "`");
        assert!(error.contains(&path), "{engine}: no {path} in {error}");
        assert!(error.contains(problem), "{engine}: no `{problem}` in {error}");
        assert!(error.contains("PLEXUS_MATH__ENGINES"), "{engine}: {error}");
    }
}

#[test]
fn a_variable_makes_an_engine() {
    let engine = |url: &str, more: &[(&str, &str)]| {
        let variables = more.iter().copied().chain([("PLEXUS_LLM_URL", url)]);
        super::super::engine_of_environment(&variables.collect()).map_err(|error| error.to_string())
    };
    let near = read(&engine("http://localhost:8080/", &[]).unwrap().unwrap()).unwrap();
    assert_eq!((near.info.tier, near.info.model.as_str()), (Tier::Edge, "default"));
    let far = engine(
        "https://far/api/v3",
        &[("PLEXUS_LLM_MODEL", "m"), ("PLEXUS_LLM_KEY_ENV", "KEY")],
    );
    let far = read(&far.unwrap().unwrap()).unwrap();
    assert_eq!((far.info.tier, far.info.model.as_str()), (Tier::Cloud, "m"));
    for (definition, url, key) in [
        (near, "http://localhost:8080/v1", ApiKey::None),
        (far, "https://far/api/v3", ApiKey::Env("KEY".to_owned())),
    ] {
        let Source::Openai(network) = definition.source else {
            panic!("{:?}", definition.source)
        };
        assert_eq!((network.endpoints, network.api_key), (vec![url.parse().unwrap()], key));
    }
    assert!(engine("llm:8080", &[]).unwrap_err().contains("PLEXUS_LLM_URL"));
    assert!(engine("", &[]).unwrap().is_none());
}

const PAGE: &str = include_str!("../../../../../docs/engines.md");

#[test]
fn examples_of_the_page_load() {
    let examples = PAGE
        .split("```toml\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next());
    let mut kinds = Vec::new();
    for example in examples.filter(|example| example.contains("[[engines]]")) {
        let defaults = format!("{DEFAULTS}{example}");
        let config: Config = plexus_config::load("math", &defaults, None, &Environment::default()).unwrap();
        kinds.extend(config.engines.iter().map(|engine| engine.kind.name()));
    }
    assert_eq!(kinds, ["exact", "openai", "anthropic", "scripted"]);
}

#[test]
fn every_key_is_on_the_page() {
    let error = load("name = 'x', kind = 'exact', zzz = 1").unwrap_err();
    let (_, keys) = error.split_once("one of ").unwrap();
    let keys: Vec<&str> = keys.split('`').skip(1).step_by(2).collect();
    assert!(keys.len() > 25, "{error}");
    for key in keys {
        assert!(
            PAGE.contains(&format!("`{key}`")),
            "docs/engines.md does not say what `{key}` is"
        );
    }
}
