//! JSON laid out or made small, and JSON, YAML and TOML turned into each other.

use std::sync::LazyLock;

use plexus_syntax::{Language, NotConverted, check, convert, format_json};
use regex::Regex;

use super::question::{code, has, words};
use super::{Answer, decline};

static INTO: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\b(?:(json|ya?ml|toml)\b[^.?!]*?)?(?:\b(?:to|into|as|in)|->|→)\s+(?:an?\s+)?(json|ya?ml|toml)\b")
        .expect("the pattern is right")
});

pub(super) fn answer(question: &str) -> Answer {
    let block = code(question);
    let words = words(question, block.as_ref());
    if !has(&words, &["json", "yaml", "yml", "toml"]) {
        return None;
    }
    let pretty = has(
        &words,
        &[
            "format",
            "pretty-print",
            "pretty print",
            "prettify",
            "beautify",
            "indent",
            "pretty",
        ],
    );
    let small = has(
        &words,
        &["minify", "compact", "compress", "minified", "minimise", "minimize"],
    );
    let into = has(
        &words,
        &[
            "convert",
            "turn",
            "translate",
            "transform",
            "rewrite",
            "change",
            "export",
            "express",
            "give me",
            "show",
        ],
    );
    let target = INTO.captures(&words).filter(|_| into);
    if !pretty && !small && target.is_none() {
        return None;
    }
    if has(
        &words,
        &[
            "write", "function", "script", "program", "code", "how", "library", "command", "explain", "python", "rust",
            "schema",
        ],
    ) {
        return None;
    }
    let Some(block) = block else {
        return decline("there is no data in the question, or more than one piece of it");
    };
    let named = |found: Option<regex::Match<'_>>| found.and_then(|found| Language::from_tag(found.as_str()));
    if let Some(target) = target {
        let to = named(target.get(2))?;
        let Some(from) = named(target.get(1)).or(block.language).filter(|from| from.is_data()) else {
            return decline("it is not clear which format the data is in");
        };
        if from == to {
            return decline("the data is in that format already");
        }
        return Some(told(from, to, &block.source, convert(from, to, &block.source)));
    }
    if pretty == small || !has(&words, &["json"]) {
        return decline("only JSON is laid out here, either indented or minified");
    }
    Some(told(
        Language::Json,
        Language::Json,
        &block.source,
        format_json(block.source.trim(), pretty),
    ))
}

fn told(
    from: Language,
    to: Language,
    source: &str,
    result: Result<String, NotConverted>,
) -> Result<String, plexus_specialist::exact::Declined> {
    let reason = match result {
        Ok(text) => return Ok(format!("```{}\n{text}\n```", to.tag())),
        Err(NotConverted::Invalid) => {
            let errors = check(from, source).unwrap_or_default();
            if let Some(first) = errors.first() {
                return Ok(format!(
                    "This is not valid {}, line {}, column {}: {}.",
                    from.name(),
                    first.line,
                    first.column,
                    first.message
                ));
            }
            "the data cannot be read".to_owned()
        }
        Err(NotConverted::Lossy(what)) => format!(
            "the data holds {what}, which a conversion to {} would not keep",
            to.name()
        ),
        Err(NotConverted::TooLarge) => "the data is too large or too deeply nested".to_owned(),
        Err(NotConverted::NotData) => "this is no data format".to_owned(),
    };
    Err(plexus_specialist::exact::Declined::because(reason))
}
