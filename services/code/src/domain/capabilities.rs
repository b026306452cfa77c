//! Every kind of question that is answered exactly, each with one of its kind.

use plexus_specialist::exact::Capability;

const fn kind(name: &'static str, example: &'static str) -> Capability {
    Capability::new(name, example)
}

/// The one place that lists them; what is not of these kinds is declined.
pub(super) const CAPABILITIES: &[Capability] = &[
    kind("syntax errors", "find the syntax error in: def f(x) return x"),
    kind("syntax checks", "does this Rust parse: fn main() { println!(\"hi\"); }"),
    kind("validity of data", "is this valid JSON? {\"a\": 1,}"),
    kind(
        "what is wrong",
        "What is wrong with this Rust code? fn main() { let x = ; }",
    ),
    kind("JSON laid out", "pretty-print this JSON: {\"b\":1,\"a\":[1,2]}"),
    kind("JSON minified", "minify this JSON: {\"b\": 1, \"a\": [1, 2]}"),
    kind(
        "JSON, YAML and TOML converted",
        "convert this JSON to YAML: {\"b\": 1, \"a\": [\"x\"]}",
    ),
    kind(
        "outlines",
        "list the functions in this code:\n```python\ndef a():\n    pass\n```",
    ),
    kind(
        "functions counted",
        "how many functions are in this Rust code: fn a() {} fn b() {}",
    ),
    kind("regex tests", "does the regex ^a+$ match 'aaa'?"),
    kind("regex matches", "find all matches of /[0-9]+/ in 'a1b22'"),
    kind("cron in words", "what does cron 0 9 * * 1-5 mean?"),
    kind("base64", "base64 encode 'hello world'"),
    kind("hex", "hex decode 616263"),
    kind("percent-encoding", "url encode 'a b&c'"),
    kind("SHA-256", "what is the sha256 of 'abc'?"),
    kind("Unix time", "convert epoch 1700000000 to a date"),
    kind(
        "time to Unix time",
        "what is the unix timestamp of 2023-11-14T22:13:20Z?",
    ),
];
