//! Parses every code block of an answer.

use plexus_syntax::{CodeBlock, Language, NotChecked, SyntaxError, check as parse, fenced};

use super::{Finding, Judgement, MAX_FINDINGS, Report};

/// Checks the fenced blocks of an answer whose language is known.
///
/// Not failed: what the query brought itself (an answer may quote broken code), what is left out on purpose (`...`), and
/// fragments that are right inside a function.
pub fn check(query: &str, answer: &str) -> Report {
    let asked = fold(query);
    let (mut checked, mut skipped, mut findings, mut more) = (0, 0, Vec::new(), 0);
    for block in fenced(answer) {
        let Some(language) = block.language else {
            skipped += 1;
            continue;
        };
        if is_partial(&block.source) || asked.contains(&fold(&block.source)) {
            skipped += 1;
            continue;
        }
        match errors(language, &block.source) {
            Ok(errors) => {
                checked += 1;
                for error in errors {
                    if findings.len() == MAX_FINDINGS {
                        more += 1;
                    } else {
                        findings.push(finding(language, &block, error));
                    }
                }
            }
            Err(_) => skipped += 1,
        }
    }
    let (judgement, reason) = match (findings.first(), checked) {
        (Some(first), _) => {
            let others = match findings.len() + more {
                1 => String::new(),
                all => format!("; {} more", all - 1),
            };
            (
                Judgement::Fail,
                format!(
                    "line {}, column {}: {}{others}",
                    first.line, first.column, first.problem
                ),
            )
        }
        (None, 0) => (
            Judgement::Unsure,
            "there is no code block that can be parsed".to_owned(),
        ),
        (None, 1) => (Judgement::Pass, format!("the code block parses{}", left_out(skipped))),
        (None, _) => (
            Judgement::Pass,
            format!("all {checked} code blocks parse{}", left_out(skipped)),
        ),
    };
    Report {
        judgement,
        reason,
        findings,
    }
}

fn left_out(skipped: usize) -> String {
    if skipped == 0 {
        String::new()
    } else {
        format!("; {skipped} not checked")
    }
}

fn finding(language: Language, block: &CodeBlock, error: SyntaxError) -> Finding {
    let (line, column) = block.place(error.line, error.column);
    Finding {
        excerpt: error.excerpt,
        problem: format!("{}: {}", language.name(), error.message),
        line,
        column,
    }
}

/// The errors of a block, unless it is right as the body of a function or of a type.
fn errors(language: Language, source: &str) -> Result<Vec<SyntaxError>, NotChecked> {
    let errors = parse(language, source)?;
    if errors.is_empty() {
        return Ok(errors);
    }
    let wrapped: Vec<String> = match language {
        Language::Rust => vec![format!("fn f() {{\n{source}\n}}"), format!("impl T {{\n{source}\n}}")],
        Language::Python => vec![format!("def f():\n{}", indent(source))],
        Language::JavaScript => vec![
            format!("async function f() {{\n{source}\n}}"),
            format!("class T {{\n{source}\n}}"),
        ],
        _ => Vec::new(),
    };
    for source in wrapped {
        if parse(language, &source)?.is_empty() {
            return Ok(Vec::new());
        }
    }
    Ok(errors)
}

fn indent(source: &str) -> String {
    let lines = source.lines().map(|line| {
        if line.is_empty() {
            String::new()
        } else {
            format!("    {line}")
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Whether something was left out on purpose.
fn is_partial(source: &str) -> bool {
    source.lines().any(|line| {
        let bare = line.trim().trim_start_matches(['#', '/', '-', ' ']);
        line.contains('…') || bare.starts_with("...") || bare.ends_with("...") && !bare.ends_with(": ...")
    })
}

/// Text without its white space.
fn fold(text: &str) -> String {
    text.split_whitespace().collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn judge(query: &str, answer: &str) -> (Judgement, String) {
        let report = check(query, answer);
        (report.judgement, report.reason)
    }

    #[test]
    fn broken_code_is_found_with_its_place() {
        let report = check("write f", "Here it is:\n\n```python\ndef f(x)\n    return x\n```\n");
        assert_eq!(report.judgement, Judgement::Fail, "{report:?}");
        assert_eq!(report.findings[0].line, 4, "{report:?}");
    }

    #[test]
    fn right_code_passes_and_prose_is_no_code() {
        assert_eq!(
            judge("write f", "```rust\nfn f(x: u8) -> u8 { x }\n```").0,
            Judgement::Pass
        );
        assert_eq!(judge("write f", "I cannot.").0, Judgement::Unsure);
        assert_eq!(judge("write f", "```text\n%%% no code\n```").0, Judgement::Unsure);
    }

    #[test]
    fn quoted_partial_and_inner_code_is_not_failed() {
        let broken = "def f(x) return x";
        assert_eq!(
            judge(&format!("check this: {broken}"), &format!("```python\n{broken}\n```")).0,
            Judgement::Unsure
        );
        assert_eq!(
            judge("how?", "```python\ndef f(x):\n    ...\n    rest of it\n```").0,
            Judgement::Unsure
        );
        assert_eq!(judge("how?", "```rust\nlet x = 1;\nx + 1\n```").0, Judgement::Pass);
    }

    proptest! {
        #[test]
        fn never_panics(query in "\\PC{0,40}", answer in "(```(python|rust|json|)\n|\\PC{0,20}|\n){0,8}") {
            let report = check(&query, &answer);
            prop_assert!(report.findings.len() <= MAX_FINDINGS);
        }
    }
}
