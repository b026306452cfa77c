//! Answers with code, and the verdict on them.

use plexus_validator::domain::code::check;
use plexus_validator::domain::{MAX_FINDINGS, VerdictResult};
use proptest::prelude::*;

#[track_caller]
fn judges(answer: &str, judgement: VerdictResult) {
    let report = check("write some code", answer);
    assert_eq!(report.judgement, judgement, "{answer}\n{report:?}");
}

#[test]
fn right_code_passes() {
    for answer in [
        "Here:\n```python\ndef f(x):\n    return x\n```\nDone.",
        "```rust\nfn main() {}\n```\nand\n```json\n{\"a\": 1}\n```",
        "```python\n    def method(self):\n        return self.x\n```",
        "```python\nx + 1\n```",
        "```python\nelif x:\n    pass\nelse:\n    pass\n```",
        "```python\nexcept ValueError:\n    pass\n```",
        "```python\ncase 1:\n    pass\n```",
        "```python\n'a': 1,\n'b': 2\n```",
        "```rust\nlet x = foo()?;\nx + 1\n```",
        "```rust\nSome(x) => x,\nNone => 0,\n```",
        "```rust\npub name: String,\n```",
        "```rust\npub fn new(&self) -> Self { Self }\n```",
        "```js\nreturn await f();\n```",
        "```js\nconstructor() { this.x = 1; }\n```",
        "```go\nx := 1\nfmt.Println(x)\n```",
        "```json\n\"a\": 1,\n```",
        "```json\n{\"a\": 1}\n{\"a\": 2}\n```",
        "```yaml\na: 1\n```",
        "```toml\n[a]\nb = 1\n```",
    ] {
        judges(answer, VerdictResult::Pass);
    }
}

#[test]
fn broken_code_fails_with_its_place() {
    let report = check(
        "write f",
        "Sure, here it is:\n\n```python\ndef f(x)\n    return x\n```\n",
    );
    assert_eq!(report.judgement, VerdictResult::Fail);
    assert_eq!((report.findings[0].line, report.findings[0].column), (4, 9));
    assert!(
        report.findings[0]
            .problem
            .contains("expected `:` after the function header")
    );
    assert!(report.reason.contains("line 4, column 9"), "{}", report.reason);
    let listed = check(
        "write f",
        "1. First\n   ```rust\n   fn main() { let x = 1 }\n   ```\n2. ```json\n{\"a\": 1,}\n```",
    );
    assert_eq!(listed.judgement, VerdictResult::Fail);
    assert_eq!(
        (listed.findings[0].line, listed.findings[0].column),
        (3, 25),
        "{listed:?}"
    );
    for answer in [
        "```rust\nfn main( {}\n```",
        "```js\nlet x = ;\n```",
        "```go\nfunc main() {\n x := \n}\n```",
        "```json\n{\"a\": 1,}\n```",
        "```toml\na = \n```",
        "```python\nprint \"hi\"\n```",
        "```python\ndef f():\nreturn 1\n```",
        "```python\nx = 1\n```\n```python\nx = (1\n```",
    ] {
        judges(answer, VerdictResult::Fail);
    }
}

#[test]
fn what_makes_no_claim_is_unsure() {
    for answer in [
        "",
        "No code here.",
        "Use `x = (` inline.",
        "```\nsome text {\n```",
        "```java\nclass A {\n```",
        "```bash\nif [ -f x\n```",
        "```diff\n- a(\n+ b(\n```",
        "```python\n>>> f(\n... 1)\n```",
        "```python\ndef f(x):\n    ...\n    if x\n```",
        "```python\n$ pip install x\n```",
        "```python\nx = <your value>\n```",
        "```rust\nfn f() { … \n```",
        "```json\n// a comment\n{\"a\": 1}\n```",
        "```yaml\na: {{ b }}: c\n```",
        "```text\n(\n```",
    ] {
        judges(answer, VerdictResult::Unsure);
    }
}

#[test]
fn what_was_left_out_is_counted() {
    let report = check("", "```python\nx = 1\n```\n```java\nx\n```");
    assert_eq!(
        (report.judgement, report.reason.as_str()),
        (VerdictResult::Pass, "the code block parses (1 not checked)")
    );
}

#[test]
fn messages_name_places_in_the_answer() {
    let report = check("", "Here:\n\n```python\nx = 1\ny = (2\n```\n");
    assert_eq!((report.findings[0].line, report.findings[0].column), (5, 5));
    assert!(
        report.findings[0].problem.contains("opened at line 5, column 5"),
        "{report:?}"
    );
}

#[test]
fn code_quoted_from_the_query_is_skipped() {
    let query = "find the syntax error in this code: def f(x) return x";
    let answer = "The line\n```python\ndef f(x)   return x\n```\nlacks a colon.";
    assert_eq!(check(query, answer).judgement, VerdictResult::Unsure);
    let fixed = format!("{answer} Write\n```python\ndef f(x): return x\n```");
    assert_eq!(check(query, &fixed).judgement, VerdictResult::Pass);
    let still = format!("{answer} Write\n```python\ndef f(x) return y\n```");
    assert_eq!(check(query, &still).judgement, VerdictResult::Fail);
}

#[test]
fn findings_are_bounded() {
    let answer = "```python\nx = (\n```\n".repeat(60);
    let report = check("", &answer);
    assert_eq!(report.findings.len(), MAX_FINDINGS);
    assert!(report.reason.contains("and 40 more"), "{}", report.reason);
}

fn mix() -> impl Strategy<Value = String> {
    let bits = prop::sample::select(vec![
        "```",
        "```python\n",
        "```rust\n",
        "```json\n",
        "\n",
        "```\n",
        "def f(",
        "x",
        "{",
        "}",
        "é",
        "   ",
        "...",
        "fn ",
        ": ",
        "\"",
        "<a>",
        "~~~",
        "1. ",
    ]);
    prop::collection::vec(bits, 0..30).prop_map(|bits| bits.concat())
}

proptest! {
    #[test]
    fn never_panics(query in any::<String>(), answer in any::<String>()) {
        let _ = check(&query, &answer);
    }

    #[test]
    fn findings_lie_in_the_answer(answer in mix()) {
        let report = check("", &answer);
        prop_assert_eq!(report.judgement == VerdictResult::Fail, !report.findings.is_empty());
        for finding in &report.findings {
            prop_assert!(finding.line >= 1 && finding.line as usize <= answer.split('\n').count() + 1, "{finding:?}");
        }
    }
}
