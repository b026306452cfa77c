//! Broken code and what is said of it.

use plexus_syntax::Language::{self, *};
use plexus_syntax::{NotChecked, check};

#[track_caller]
fn says(language: Language, source: &str, line: u32, column: u32, words: &str) {
    let errors = check(language, source).expect("it is within the limits");
    let first = errors.first().unwrap_or_else(|| panic!("nothing found in {source:?}"));
    assert_eq!((first.line, first.column), (line, column), "{source:?}: {first:?}");
    assert!(first.message.contains(words), "{source:?}: {}", first.message);
}

#[test]
fn python() {
    says(
        Python,
        "def f(x) return x",
        1,
        9,
        "expected `:` after the function header",
    );
    says(
        Python,
        "def f(x)\n    return x\n",
        1,
        9,
        "expected `:` after the function header",
    );
    says(
        Python,
        "def f(x):\nreturn x\n",
        2,
        1,
        "expected an indented block after the `def` of line 1",
    );
    says(
        Python,
        "def f(x):\n    if x > 0\n        return x\n",
        2,
        13,
        "expected `:` after the `if` condition",
    );
    says(
        Python,
        "for i in range(3)\n    print(i)",
        1,
        18,
        "expected `:` after the `for` header",
    );
    says(Python, "class A\n  pass", 1, 8, "expected `:` after the class header");
    says(Python, "if x = 1:\n    pass", 1, 6, "to compare, write `==`");
    says(
        Python,
        "x = 1\ny = (1 + 2\nz = 3",
        2,
        5,
        "unclosed `(` opened at line 2, column 5",
    );
    says(
        Python,
        "x = [1, 2, 3)",
        1,
        13,
        "`)` does not close `[` opened at line 1, column 5",
    );
    says(Python, "print('hello)", 1, 7, "unclosed string");
    says(Python, "print \"hello\"", 1, 1, "`print` is a function in Python 3");
    says(Python, "x = 5 +", 1, 8, "expected a name or an expression");
    says(Python, "x = 1 y = 2", 1, 6, "two statements stand on one line");
    says(Python, "d = {'a': 1 'b': 2}", 1, 12, "expected `,`");
    says(Python, "def f():\n    x = 1\n      y = 2\n", 3, 7, "unexpected indent");
    says(
        Python,
        "def f():\n    x = 1\n  y = 2\n",
        3,
        3,
        "indentation matches no outer level",
    );
    says(Python, "try:\n  x\n", 2, 4, "`except` or `finally`");
    says(Python, "else:\n  pass", 1, 1, "unexpected `else`");
    says(Python, "x++", 1, 2, "no `++`");
    says(Python, "if a && b:\n  pass", 1, 6, "`and`");
    says(Python, "f(a=1, 2)", 1, 8, "positional argument follows");
    says(Python, "def f(a=1, b): pass", 1, 12, "without a default");
    says(Python, "5 = x", 1, 3, "cannot assign to `5`");
    says(Python, "# ü\nx = 'é' +\n", 2, 10, "expected a name or an expression");
}

#[test]
fn rust() {
    says(
        Rust,
        "fn main() { let x = 1 ",
        1,
        11,
        "unclosed `{` opened at line 1, column 11",
    );
    assert!(
        check(Rust, "fn main() { let x = 1 ")
            .unwrap()
            .iter()
            .any(|error| error.message == "expected `;`")
    );
    says(Rust, "fn main() { let x = 1 }", 1, 22, "expected `;`");
    says(
        Rust,
        "fn main() {\n    let x = 1\n    let y = 2;\n}",
        2,
        14,
        "expected `;`",
    );
    says(Rust, "fn main( { }", 1, 8, "unclosed `(`");
    says(Rust, "fn main() { foo(1, 2; }", 1, 16, "unclosed `(`");
    says(
        Rust,
        "fn main() {\n    if a {\n        b();\n    c();\n}\n",
        2,
        10,
        "unclosed `{`",
    );
    says(Rust, "fn f(x) -> i32 { x }", 1, 7, "parameter `x` has no type");
    says(Rust, "struct A { x: i32 y: i32 }", 1, 18, "expected `,`");
    says(Rust, "fn main() { let s = \"abc; }", 1, 21, "unclosed string");
    says(Rust, "fn main() { }}", 1, 14, "unmatched `}`");
}

#[test]
fn javascript_and_go() {
    says(JavaScript, "let x = ;", 1, 8, "expected a name or an expression");
    says(JavaScript, "const a = [1, 2", 1, 11, "unclosed `[`");
    says(JavaScript, "x = {a: 1 b: 2}", 1, 10, "expected `,`");
    says(JavaScript, "let x = 'abc\nlet y = 1", 1, 9, "unclosed string");
    says(Go, "package main\nfunc main() {\n x := 1\n", 2, 13, "unclosed `{`");
}

#[test]
fn json() {
    says(Json, "{\"a\": 1,}", 1, 8, "trailing comma before `}`");
    says(Json, "{\"é\": [1, 2,]}", 1, 12, "trailing comma before `]`");
    says(Json, "{\"a\": 1", 1, 8, "missing `}`");
    says(Json, "{\"a\" 1}", 1, 5, "missing `:`");
    says(Json, "{\"a\": 1 \"b\": 2}", 1, 8, "missing `,`");
    says(Json, "{\n  \"a\": 1\n  \"b\": 2\n}", 2, 9, "missing `,`");
    says(Json, "{a: 1}", 1, 2, "the key `a` needs double quotes");
    says(Json, "{'a': 1}", 1, 2, "double quotes, not single");
    says(Json, "[1, 2, 3}", 1, 9, "does not close `[`");
    says(Json, "{\"a\": True}", 1, 7, "`true` is written in lower case");
    says(Json, "{\"a\": 1} // hi", 1, 10, "no comments");
    says(Json, "{\"a\": \"b}", 1, 7, "unclosed string");
    says(Json, "", 1, 1, "there is none");
}

#[test]
fn toml_and_yaml() {
    says(Toml, "a = 1\nb = \n", 2, 5, "expected a value after `=`");
    says(Toml, "[x\na = 1", 1, 3, "expected `]`");
    says(Toml, "a = 1\na = 2", 2, 1, "duplicate key");
    says(Yaml, "a: 1\n b: 2", 2, 3, "mapping values are not allowed");
    says(Yaml, "a: [1, 2", 1, 4, "unclosed bracket");
    says(Yaml, "a: 1\na: 2", 2, 1, "duplicate key `a`");
    says(Yaml, "a:\n\t- b", 2, 2, "tabs");
}

#[test]
fn right_code() {
    for (language, source) in [
        (Python, "def f(x):\n    return x\n"),
        (Python, "    x = 1\n    y = 2\n"),
        (
            Python,
            "class A:\n    def f(self, *a, b=1, **c) -> int:\n        return [i for i in a if i]\n",
        ),
        (
            Python,
            "match x:\n    case {'a': 1}:\n        pass\n    case _:\n        pass\n",
        ),
        (Python, "async def f():\n    async with a as b:\n        await b\n"),
        (Python, "x = f\"{a!r:>{w}} {b['k']}\"\nprint(x, end='')\n"),
        (Python, "def f(a, b=1, *, c=2, d, **e): pass\ndef g(b=1, *a, d): pass\n"),
        (Python, "if x: y = 1\nelse: y = 2\n"),
        (Rust, "fn main() { println!(\"{}\", 1); }"),
        (
            Rust,
            "impl<'a> Foo<'a> for Bar where T: Clone { fn f(&self) -> Option<&'a str> { None } }",
        ),
        (Rust, "trait A { fn f(x: i32); }"),
        (JavaScript, "const f = async (x) => `${x}` ?? /a[/]b/.test(x);"),
        (
            Go,
            "package main\n\nfunc main() {\n\tx := []int{1, 2}\n\tfor _, y := range x {\n\t\t_ = y\n\t}\n}\n",
        ),
        (Json, "{\"a\": [1, 2.5e3, true, null, \"\\u00e9\"]}"),
        (Json, "3"),
        (Toml, "[a]\nb = 1979-05-27T07:32:00Z\n[[c]]\nd = 'x'\n"),
        (Yaml, "a: 1\nb:\n  - c\n  - d: |\n      text\n---\nx: &y 1\nz: *y\n"),
        (Yaml, "? [complex, key]\n: value\n1: x\n"),
    ] {
        assert_eq!(check(language, source), Ok(Vec::new()), "{source}");
    }
}

#[test]
fn limits() {
    assert_eq!(check(Python, &"(".repeat(10_000)), Err(NotChecked::TooDeep));
    assert_eq!(check(Json, &"[".repeat(10_000)), Err(NotChecked::TooDeep));
    assert_eq!(check(Python, &"x\n".repeat(1_000_000)), Err(NotChecked::TooLong));
    for unit in [
        "!", "-", "a.", "not ", "lambda: ", "- ", "a: ", "if a {", "\"", "'", "\\", "*x", "&a ", "{", "}",
    ] {
        for language in Language::ALL {
            let _ = check(language, &unit.repeat(20_000 / unit.len()));
        }
    }
}
