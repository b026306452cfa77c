//! Code found in text, told apart, outlined and converted.

use plexus_syntax::Language::{self, *};
use plexus_syntax::{NotConverted, convert, detect, extract, fenced, format_json, outline};

#[track_caller]
fn finds(text: &str, language: Option<Language>, source: &str, line: u32, column: u32) {
    let blocks = extract(text);
    let first = blocks.first().unwrap_or_else(|| panic!("nothing found in {text:?}"));
    assert_eq!((first.language, first.source.as_str()), (language, source), "{text:?}");
    assert_eq!((first.first_line, first.first_column), (line, column), "{text:?}");
}

#[test]
fn code_in_questions() {
    finds(
        "check this Python: def f(x) return x",
        Some(Python),
        "def f(x) return x",
        1,
        20,
    );
    finds("is this valid JSON? {\"a\": 1,}", Some(Json), "{\"a\": 1,}", 1, 21);
    finds("is this valid JSON: {\"a\": 1}?", Some(Json), "{\"a\": 1}", 1, 21);
    finds("is {\"a\": 1,} valid JSON?", Some(Json), "{\"a\": 1,}", 1, 4);
    finds(
        "does this Rust compile syntactically: fn main() { let x = 1 ",
        Some(Rust),
        "fn main() { let x = 1",
        1,
        39,
    );
    finds(
        "is `def f(x) return x` valid Python?",
        Some(Python),
        "def f(x) return x",
        1,
        5,
    );
    finds(
        "find the syntax error in this Python code\ndef f(x)\n    return x",
        Some(Python),
        "def f(x)\n    return x",
        2,
        1,
    );
    finds(
        "find the syntax error in: def f(x) return x",
        Some(Python),
        "def f(x) return x",
        1,
        27,
    );
    finds(
        "is this valid Python? def f(x): return x",
        Some(Python),
        "def f(x): return x",
        1,
        23,
    );
    finds(
        "find the bug\n```rust\nfn main() {\n```\nplease",
        Some(Rust),
        "fn main() {\n",
        3,
        1,
    );
    finds("check this Java: class A { int x }", None, "class A { int x }", 1, 18);
    finds(
        "```\ndef f():\n    pass\n```",
        Some(Python),
        "def f():\n    pass\n",
        2,
        1,
    );
    assert_eq!(
        extract("check this Java: class A { int x }")[0].tag.as_deref(),
        Some("Java")
    );
    assert!(extract("what is the capital of France?").is_empty());
    assert!(extract("").is_empty());
}

#[test]
fn fences() {
    let text = "1. First:\n   ```python\n   def f():\n       pass\n   ```\n2. Then ~~~\n~~~\nx\n~~~\n```js\nlet a\n";
    let blocks = fenced(text);
    assert_eq!(blocks.len(), 3);
    assert_eq!(blocks[0].source, "def f():\n    pass\n");
    assert_eq!(blocks[0].place(2, 5), (4, 8));
    assert_eq!(blocks[2].language, Some(JavaScript));
    let one_line = fenced("see ok\n```python x = 1```");
    assert_eq!(
        (
            one_line[0].source.as_str(),
            one_line[0].first_line,
            one_line[0].first_column
        ),
        ("x = 1", 2, 11)
    );
}

#[test]
fn looks() {
    for (source, language) in [
        ("def f(x):\n    return x", Some(Python)),
        ("import os\nprint(os.name)", Some(Python)),
        ("fn main() { println!(\"hi\"); }", Some(Rust)),
        ("function f(a) { return a === 1; }", Some(JavaScript)),
        ("const x = (a) => a + 1;", Some(JavaScript)),
        ("package main\n\nfunc main() {}\n", Some(Go)),
        ("{\"a\": 1}", Some(Json)),
        ("{\"a\": 1,}", Some(Json)),
        ("[package]\nname = \"x\"\n", Some(Toml)),
        ("name: x\nitems:\n  - a\n  - b\n", Some(Yaml)),
        ("hello world", None),
        ("x = 1", None),
        ("", None),
        ("Note: this is prose.\nAnother: line of it", None),
    ] {
        assert_eq!(detect(source), language, "{source:?}");
    }
}

#[test]
fn outlines() {
    let names = |language, source: &str| -> Vec<(String, u32, &str)> {
        outline(language, source)
            .unwrap()
            .into_iter()
            .map(|s| (s.name, s.line, s.kind.name()))
            .collect()
    };
    let wanted = |rows: &[(&str, u32, &'static str)]| -> Vec<(String, u32, &'static str)> {
        rows.iter()
            .map(|(name, line, kind)| ((*name).to_owned(), *line, *kind))
            .collect()
    };
    assert_eq!(
        names(
            Python,
            "class A:\n    def b(self):\n        def c(): pass\n\nasync def d(): pass\n"
        ),
        wanted(&[
            ("A", 1, "class"),
            ("b", 2, "method"),
            ("c", 3, "function"),
            ("d", 5, "function")
        ])
    );
    assert_eq!(
        names(Rust, "struct A;\nimpl A {\n    fn b() {}\n}\nfn c() {}\n"),
        wanted(&[("A", 1, "type"), ("b", 3, "method"), ("c", 5, "function")])
    );
    assert_eq!(
        names(JavaScript, "const f = () => 1;\nclass A { g() {} }\nfunction h() {}"),
        wanted(&[
            ("f", 1, "function"),
            ("A", 2, "class"),
            ("g", 2, "method"),
            ("h", 3, "function")
        ])
    );
}

#[test]
fn conversions() {
    assert_eq!(
        convert(Json, Yaml, "{\"b\": 1, \"a\": [true, null, \"x: y\"]}").unwrap(),
        "b: 1\na:\n- true\n- null\n- \"x: y\""
    );
    assert_eq!(
        convert(Json, Toml, "{\"b\": 1, \"a\": {\"c\": [1.5, 2.0]}}").unwrap(),
        "b = 1\n\n[a]\nc = [\n    1.5,\n    2.0,\n]"
    );
    assert_eq!(
        convert(Toml, Json, "b = 1\n[a]\nc = 'x'").unwrap(),
        "{\n  \"b\": 1,\n  \"a\": {\n    \"c\": \"x\"\n  }\n}"
    );
    assert_eq!(
        convert(Yaml, Json, "b: 1\na:\n  - x\n  - 2.5").unwrap(),
        "{\n  \"b\": 1,\n  \"a\": [\n    \"x\",\n    2.5\n  ]\n}"
    );
    assert_eq!(
        convert(Json, Yaml, "{\"a\": \"no\", \"b\": \"012\", \"c\": \"\"}").unwrap(),
        "a: \"no\"\nb: \"012\"\nc: \"\""
    );
    for (from, to, source) in [
        (Json, Toml, "{\"a\": null}"),
        (Json, Toml, "[1]"),
        (Json, Yaml, "{\"a\": 1, \"a\": 2}"),
        (Json, Yaml, "{\"a\": 12345678901234567890123}"),
        (Yaml, Json, "a: yes"),
        (Yaml, Json, "a: 012"),
        (Yaml, Json, "# hi\na: 1"),
        (Toml, Json, "a = 1979-05-27"),
    ] {
        assert!(
            matches!(convert(from, to, source), Err(NotConverted::Lossy(_))),
            "{source}: {:?}",
            convert(from, to, source)
        );
    }
    assert_eq!(convert(Json, Yaml, "{"), Err(NotConverted::Invalid));
    assert_eq!(convert(Json, Python, "{}"), Err(NotConverted::NotData));
}

#[test]
fn json_layout() {
    let source = "{ \"a\" : [1.50,{ } , [ ]],\"b\\\"{\":\"x, y\" }";
    assert_eq!(
        format_json(source, true).unwrap(),
        "{\n  \"a\": [\n    1.50,\n    {},\n    []\n  ],\n  \"b\\\"{\": \"x, y\"\n}"
    );
    assert_eq!(
        format_json(source, false).unwrap(),
        "{\"a\":[1.50,{},[]],\"b\\\"{\":\"x, y\"}"
    );
    assert_eq!(format_json("{\"a\": 1,}", true), Err(NotConverted::Invalid));
}
