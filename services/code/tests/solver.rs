//! Questions to the code solver, and what it says.

use plexus_code::domain::CodeSolver;
use plexus_specialist::exact::ExactSolver;
use proptest::prelude::*;

#[track_caller]
fn says(question: &str, parts: &[&str]) {
    match CodeSolver.solve(question) {
        Ok(answer) => {
            for part in parts {
                assert!(answer.text.contains(part), "{question}\n{answer:?}\nlacks {part}");
            }
        }
        Err(declined) => panic!("{question}: {declined:?}"),
    }
}

#[track_caller]
fn declines(question: &str) {
    if let Ok(answer) = CodeSolver.solve(question) {
        panic!("{question}\n{answer:?}");
    }
}

#[test]
fn syntax() {
    says(
        "check this Python: def f(x) return x",
        &["Python", "line 1, column 9", "expected `:` after the function header"],
    );
    says(
        "find the syntax error in this Python code:\n```python\ndef f(x):\n    if x > 0\n        return x\n```",
        &[
            "line 2, column 13",
            "`if` condition",
            "```text\n    if x > 0\n            ^\n```",
        ],
    );
    says(
        "does this Rust compile syntactically: fn main() { let x = 1 ",
        &["Rust", "line 1, column 11", "unclosed `{`"],
    );
    says(
        "Does this Rust parse: fn main() { println!(\"hi\"); }",
        &["No syntax errors found", "Only the syntax was checked"],
    );
    says(
        "is this valid JSON? {\"a\": 1,}",
        &["No, this is not valid JSON", "line 1, column 8", "trailing comma"],
    );
    says("Is this valid JSON: {\"a\": [1, 2]}?", &["Yes, this is valid JSON"]);
    says(
        "find the syntax error in: def f(x) return x",
        &["Python", "line 1, column 9"],
    );
    says("Is there a syntax error in `print('hi'`?", &["Python", "unclosed `(`"]);
    says("is this Rust syntactically valid: let x = 5;", &["No syntax errors"]);
    says(
        "What is the syntax error here?\n```js\nlet x = ;\n```",
        &["JavaScript", "line 1, column 8"],
    );
    says("is this valid YAML:\na: 1\n b: 2", &["YAML", "line 2, column 3"]);
    says("validate this JSON: {'a': 1}", &["double quotes"]);
    says(
        "Check the following code for syntax errors: ```rust\nfn main( {}\n```",
        &["unclosed `(`"],
    );
    for question in [
        "find and fix the syntax error in: def f(x) return x",
        "check this Java: class A { int x }",
        "what is a syntax error?",
        "check this Python code for security bugs: x = eval(input())",
        "why does this not compile: fn main() { let x = 1 }",
        "write a valid JSON file",
        "check the weather in Rome",
        "find the syntax error in: hello world",
    ] {
        declines(question);
    }
}

#[test]
fn data() {
    says(
        "pretty-print this JSON: {\"b\":1.0,\"a\":[1,2]}",
        &["```json\n{\n  \"b\": 1.0,\n  \"a\": [\n    1,\n    2\n  ]\n}\n```"],
    );
    says(
        "minify this JSON: {\"b\": 1, \"a\": [1, 2]}",
        &["{\"b\":1,\"a\":[1,2]}"],
    );
    says(
        "convert this JSON to YAML: {\"b\": 1, \"a\": [\"x\"]}",
        &["```yaml\nb: 1\na:\n- x\n```"],
    );
    says(
        "Convert {\"a\": {\"b\": 2}} from JSON to TOML",
        &["```toml\n[a]\nb = 2\n```"],
    );
    says(
        "convert this TOML to JSON:\n```toml\na = 1\n```",
        &["```json\n{\n  \"a\": 1\n}\n```"],
    );
    says(
        "convert this YAML to JSON:\na: 1\nb:\n  - x\n",
        &["```json\n{\n  \"a\": 1,\n  \"b\": [\n    \"x\"\n  ]\n}\n```"],
    );
    says("format this JSON: {\"a\": 1,}", &["not valid JSON", "column 8"]);
    for question in [
        "convert this JSON to TOML: {\"a\": null}",
        "how do I convert JSON to YAML in Python?",
        "write a script to convert JSON to YAML",
        "convert this YAML to JSON:\na: yes\n",
        "what is JSON?",
    ] {
        declines(question);
    }
}

#[test]
fn outlines() {
    says(
        "list the functions in this code:\n```python\ndef a():\n    pass\n\ndef b():\n    pass\n```",
        &["- `a` (function, line 1)", "- `b` (function, line 4)"],
    );
    says(
        "how many functions are in this Rust code: fn a() {} fn b() {}",
        &["2 functions: `a`, `b`"],
    );
    says(
        "which classes are defined here?\n```js\nclass A {}\nfunction f() {}\n```",
        &["`A` (class, line 1)"],
    );
    declines("list the functions of a trigonometry course");
    declines("what do the functions do?\n```python\ndef a(): pass\n```");
}

#[test]
fn patterns() {
    says(
        "does the regex ^a+$ match 'aaa'?",
        &["Yes", "all of \"aaa\"", "Rust `regex` crate"],
    );
    says("does the regex ^a+$ match 'aab'?", &["No"]);
    says(
        "Does the pattern \\d+ match \"abc 123\"?",
        &["Yes, in part", "\"123\" at positions 5 to 7"],
    );
    says(
        "what does the regex \\w+@\\w+ match in 'me@home you@work'?",
        &["\"me@home\" at positions 1 to 7", "\"you@work\""],
    );
    says(
        "find all matches of /[0-9]+/ in 'a1b22'",
        &["\"1\" at position 2", "\"22\" at positions 4 to 5"],
    );
    says("Does `^[a-z]{3}$` match 'abcd'?", &["No"]);
    for question in [
        "does the regex (?=a)b match 'ab'?",
        "does the regex (a match 'ab'?",
        "does this shirt match these trousers?",
        "write a regex for email addresses",
        "what does the regex ^a+$ mean?",
        "does A match B?",
    ] {
        declines(question);
    }
}

#[test]
fn crons() {
    for (expression, words) in [
        ("0 9 * * 1-5", "at 09:00, on Monday to Friday."),
        ("*/15 * * * *", "every 15 minutes."),
        ("* * * * *", "every minute."),
        ("0 * * * *", "at the start of every hour."),
        ("30 4 1 * *", "at 04:30, on day 1 of the month."),
        ("0 0 * * *", "at 00:00, every day."),
        ("0 0 1 1 *", "at 00:00, on day 1 of the month, in January."),
        (
            "0 0 1 * 1",
            "at 00:00, on day 1 of the month or on Monday (whichever comes).",
        ),
        ("5 0 * 8 *", "at 00:05, every day, in August."),
        ("0 22 * * 1-5", "at 22:00, on Monday to Friday."),
        (
            "0 0,12 1 */2 *",
            "at 00:00 and 12:00, on day 1 of the month, in every 2nd from January.",
        ),
        ("23 0-20/2 * * *", "at minute 23 of hours every 2nd from 0 to 20."),
        (
            "*/5 9-17 * * MON-FRI",
            "every 5 minutes, from 09:00 to 17:59, on Monday to Friday.",
        ),
        ("*/7 * * * *", "at minutes every 7th from 0 of every hour."),
        ("0 */6 * * *", "at minute 0, every 6 hours (from 00:00 on)."),
    ] {
        says(&format!("what does cron {expression} mean?"), &[words]);
        says(&format!("Explain the cron expression `{expression}`"), &[words]);
    }
    says("when does the cron job '0 9 * * 1-5' run", &["at 09:00"]);
    says(
        "what does the cron expression 61 * * * * mean",
        &["not a valid cron expression", "minute"],
    );
    says("what does cron @daily mean", &["at 00:00, every day"]);
    for question in [
        "what is cron?",
        "what does cron 0 0 9 * * 1-5 mean",
        "write a cron for every monday",
        "what does 1 2 3 4 5 mean",
    ] {
        declines(question);
    }
}

#[test]
fn encodings() {
    says("base64 encode 'hello world'", &["`aGVsbG8gd29ybGQ=`"]);
    says("encode 'hello' in base64", &["`aGVsbG8=`"]);
    says("decode this base64: aGVsbG8=", &["`hello`"]);
    says("base64 decode aGVsbG8=", &["`hello`"]);
    says("decode 'aGVsbG8=' from base64", &["`hello`"]);
    says("url encode 'a b&c=é'", &["`a%20b%26c%3D%C3%A9`"]);
    says("url decode 'a%20b'", &["`a b`"]);
    says("hex encode 'abc'", &["`616263`"]);
    says("hex decode 616263", &["`abc`"]);
    says(
        "what is the sha256 of 'abc'?",
        &["ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
    );
    says("convert epoch 1700000000 to a date", &["2023-11-14T22:13:20Z"]);
    says("what date is unix timestamp 0?", &["1970-01-01T00:00:00Z"]);
    says("what is the unix timestamp of 2023-11-14T22:13:20Z?", &["1700000000"]);
    for question in [
        "decode this base64: !!!",
        "what is base64?",
        "encode a video in h264",
        "decode the message in the poem",
        "what is the unix timestamp of 2023-02-30?",
    ] {
        declines(question);
    }
}

#[test]
fn everything_else() {
    for question in [
        "",
        "   ",
        "hello",
        "write a python function that reverses a string",
        "explain what a closure is",
        "What is 15% of 240?",
        "translate 'hello' to French",
        "implement quicksort in Rust",
        "what does this code do: x = 1",
        "list all files in the directory",
        "convert 5 km to miles",
        "SELECT * FROM users",
        "what is the time complexity of binary search",
    ] {
        declines(question);
    }
}

fn mix() -> impl Strategy<Value = String> {
    let bits = prop::sample::select(vec![
        "check this ",
        "Python",
        "JSON",
        ": ",
        "cron ",
        "0 9 * * 1-5",
        "*/",
        "@daily",
        "what does ",
        "the regex ",
        "match ",
        "'",
        "\"",
        "`",
        "```",
        "\n",
        "def f(",
        "{",
        "}",
        "convert ",
        "to yaml",
        "base64 ",
        "encode ",
        "decode ",
        "é",
        "(",
        "[a",
        "epoch ",
        "99999999999",
        "sha256 of ",
        "pretty-print ",
        "list the functions in ",
        "?",
        " in ",
        "1-",
        ",",
        "\t",
    ]);
    prop::collection::vec(bits, 0..16).prop_map(|bits| bits.concat())
}

proptest! {
    #[test]
    fn never_panics(question in any::<String>()) {
        let _ = CodeSolver.solve(&question);
    }

    #[test]
    fn never_panics_on_mixes(question in mix()) {
        let _ = CodeSolver.solve(&question);
    }
}

#[test]
fn what_is_wrong_is_said_where_the_parser_knows() {
    says(
        "What is wrong with this Rust code? fn main() { let x = ; }",
        &["Rust syntax error at line 1"],
    );
    declines("What is wrong with this Rust code? fn main() { let x = 1; }");
}
