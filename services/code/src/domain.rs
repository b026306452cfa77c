//! What the code specialist answers exactly: syntax, data formats, outlines, regexes, cron and encodings.

mod capabilities;
mod cron;
mod data;
mod encode;
mod outline;
mod pattern;
mod question;
mod schedule;
mod syntax;

use plexus_specialist::exact::{Capability, Declined, ExactSolver, Solution};

/// Longer questions (in bytes) are declined.
const MAX_QUESTION_BYTES: usize = 300 * 1024;

/// Answers questions on code that a parser or a table can answer.
#[derive(Debug, Clone, Copy, Default)]
pub struct CodeSolver;

impl ExactSolver for CodeSolver {
    fn solve(&self, question: &str) -> Result<Solution, Declined> {
        let question = question.trim();
        if question.is_empty() {
            return Err(Declined::because("the question is empty"));
        }
        if question.len() > MAX_QUESTION_BYTES {
            return Err(Declined::because("the question is too long to be parsed"));
        }
        // Each says nothing when the question is not for it, so that the first that speaks decides.
        [
            cron::answer,
            pattern::answer,
            encode::answer,
            data::answer,
            outline::answer,
            syntax::answer,
        ]
        .iter()
        .find_map(|answer| answer(question))
        .unwrap_or_else(|| {
            Err(Declined::because(
                "no parser can answer this: writing, explaining or judging code needs a language model",
            ))
        })
        .map(Solution::from)
    }

    fn task(&self, task: &str, text: &str) -> Option<String> {
        match task {
            "review_code" => review(text),
            _ => None,
        }
    }

    fn capabilities(&self) -> &'static [Capability] {
        capabilities::CAPABILITIES
    }
}

/// The question that finds syntax errors in the one piece of code that a text is, or has in a fence.
///
/// Code without errors is left to a model: that its syntax is right is no review of it.
fn review(text: &str) -> Option<String> {
    let mut blocks = plexus_syntax::fenced(text);
    if blocks.is_empty() {
        let fence = "~~~~~~";
        blocks = plexus_syntax::fenced(&format!("{fence}\n{}\n{fence}", text.trim()));
    }
    let [block] = &blocks[..] else { return None };
    // Named here, so that no word inside of the code is taken for its language.
    let tag = block.language?.tag();
    Some(format!(
        "What is wrong with this code?\n~~~~~~{tag}\n{}~~~~~~",
        block.source
    ))
}

/// An answer, a reason to decline, or nothing when a question is not for the one who is asked.
type Answer = Option<Result<String, Declined>>;

/// Declines for a reason.
fn decline(reason: impl Into<std::borrow::Cow<'static, str>>) -> Answer {
    Some(Err(Declined::because(reason)))
}

#[cfg(test)]
mod tests {
    use plexus_specialist::exact::broken_promises;

    use super::*;

    #[test]
    fn every_capability_is_held() {
        assert_eq!(broken_promises(&CodeSolver), [] as [String; 0]);
    }

    /// Next to what is answered, and not to be answered.
    #[test]
    fn near_misses_are_declined() {
        for question in [
            "find and fix the syntax error in: def f(x) return x",
            "find the error in my thinking",
            "is this valid reasoning? all cats are dogs",
            "is this valid Java? class A { int x }",
            "What is wrong with this Rust code? fn main() { let x = 1; }",
            "why is this JSON so large? {\"a\": 1}",
            "pretty-print this XML: <a/>",
            "convert this JSON to XML: {\"a\": 1}",
            "convert this JSON to TOML: {\"a\": null}",
            "convert 5 km to JSON",
            "list the functions of the liver",
            "what do these functions do?\n```python\ndef a():\n    pass\n```",
            "does the regex (?=a)b match 'ab'?",
            "does the regex a{2}+ match 'aa'?",
            "find all matches of `a*` in 'baac'",
            "find all matches for my profile",
            "write a regex that matches 'aaa'",
            "what does cron 0 0 9 * * 1-5 mean?",
            "what does cron */90 * * * * mean?",
            "what does cron 0 12 * * fri-sun mean?",
            "url decode 100%zz",
            "convert this YAML to JSON:\na: 1_000\n",
            "convert this YAML to JSON:\na: 1e3\n",
            "convert this YAML to JSON:\na: 0b11\n",
            "write a cron for every Monday",
            "base64 encode this",
            "base64 encode hello?",
            "base64 decode !!!",
            "what is base64?",
            "hex decode 6162637",
            "url decode 'a+b'",
            "what is sha256?",
            "what is the md5 of 'abc'?",
            "convert epoch to a date",
            "what is the unix timestamp of 2023-02-30?",
            "what is the unix timestamp of tomorrow?",
        ] {
            let answer = CodeSolver.solve(question);
            assert!(answer.is_err(), "{question}: {answer:?}");
        }
    }

    #[test]
    fn reviews_as_a_task() {
        for broken in [
            "def f(x)\n    return x",
            "```\ndef f(x)\n    return x\n```",
            "```python\ndef f(x)\n    return x\n```",
            "Please review my code, it is slow:\n```python\ndef f(x)\n    return x\n```\nThanks!",
            "# ported from Rust code\ndef f(x)\n    return x  # review: why?",
        ] {
            let question = CodeSolver
                .task("review_code", broken)
                .unwrap_or_else(|| panic!("{broken}"));
            let answer = CodeSolver.solve(&question).unwrap();
            assert!(
                answer.text.contains("Python syntax error at line"),
                "{broken}: {answer:?}"
            );
        }
        for other in [
            "",
            "hello world",
            "please look at my function add, is it right?",
            "def f(x):\n    return x",
            "```python\ndef f(x):\n    return x\n```",
            "```java\nclass A { int x }\n```",
            "```python\ndef f(x)\n```\nand\n```python\ndef g(x)\n```",
        ] {
            let question = CodeSolver.task("review_code", other);
            let answer = question.map(|question| CodeSolver.solve(&question));
            assert!(!matches!(answer, Some(Ok(_))), "{other}: {answer:?}");
        }
        assert_eq!(CodeSolver.task("write_tests", "def f(x): return x"), None);
    }
}
