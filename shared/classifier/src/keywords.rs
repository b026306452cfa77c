//! Rules of thumb that route when the model cannot. Marked in every answer that they route.

const CODE: &[&str] = &[
    "code",
    "python",
    "rust",
    "javascript",
    "java",
    "sql",
    "regex",
    "json",
    "yaml",
    "toml",
    "function",
    "bug",
    "compile",
    "script",
    "bash",
    "shell",
    "cron",
    "git",
    "syntax",
    "program",
    "debug",
    "class",
    "api",
];
const MATH: &[&str] = &[
    "calculate",
    "compute",
    "solve",
    "equation",
    "percent",
    "sum",
    "product",
    "divided",
    "times",
    "plus",
    "minus",
    "square",
    "root",
    "integral",
    "derivative",
    "probability",
    "average",
    "convert",
    "tip",
    "prime",
    "factor",
    "celsius",
];
const REASONING: &[&str] = &[
    "why",
    "plan",
    "decide",
    "compare",
    "if",
    "therefore",
    "logic",
    "puzzle",
    "cause",
    "because",
    "should",
    "strategy",
    "deduce",
    "conclude",
    "steps",
    "trade-offs",
];
const LANGUAGE: &[&str] = &[
    "translate",
    "summarise",
    "summarize",
    "write",
    "rewrite",
    "poem",
    "letter",
    "email",
    "language",
    "grammar",
    "essay",
    "story",
    "paraphrase",
    "synonym",
    "who",
    "when",
    "where",
];

/// Scores in the order of [`plexus_core::Domain::ALL`].
pub fn keywords(text: &str) -> [f32; 4] {
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower
        .split(|c: char| !(c.is_alphanumeric() || c == '-'))
        .filter(|word| !word.is_empty())
        .collect();
    let hits = |list: &[&str]| words.iter().filter(|word| list.contains(word)).count() as f32;
    let count = |wanted: fn(char) -> bool| text.chars().filter(|c| wanted(*c)).count() as f32;
    let length = (text.chars().count() as f32).max(1.0);
    let digits = count(|c| c.is_ascii_digit() || "+*/=^%√$".contains(c)) / length;
    let brackets = count(|c| "{}[]();=<>_`".contains(c)) / length;
    let score = |evidence: f32| (evidence / (evidence + 1.0)).clamp(0.0, 1.0);
    [
        score(hits(CODE) + 12.0 * brackets),
        score(hits(MATH) + 10.0 * digits),
        score(hits(REASONING)),
        score(hits(LANGUAGE) + 0.2),
    ]
}

#[cfg(test)]
mod tests {
    use plexus_core::Domain;
    use proptest::prelude::*;

    use super::*;
    use crate::best_first;

    #[test]
    fn plain_cases_are_routed() {
        for (text, domain) in [
            ("What is 15% of 240?", Domain::Math),
            ("check this Python: def f(x) return x", Domain::Code),
            ("Translate good morning into French", Domain::Language),
            ("Why should we plan ahead if nothing is certain?", Domain::Reasoning),
            ("hello there", Domain::Language),
        ] {
            assert_eq!(best_first(keywords(text))[0].0, domain, "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_text_has_four_scores_in_order(text in "\\PC*") {
            let scores = best_first(keywords(&text));
            prop_assert_eq!(scores.len(), 4);
            prop_assert!(scores.windows(2).all(|pair| pair[0].1 >= pair[1].1));
            prop_assert!(scores.iter().all(|(_, score)| (0.0..=1.0).contains(score)));
        }
    }
}
