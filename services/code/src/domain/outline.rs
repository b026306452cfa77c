//! "List the functions in ...".

use plexus_syntax::{Symbol, SymbolKind, check, outline};

use super::question::{code, has, words};
use super::{Answer, decline};

pub(super) fn answer(question: &str) -> Answer {
    let block = code(question);
    let words = words(question, block.as_ref());
    let functions = has(&words, &["functions", "methods", "function names"]);
    let classes = has(&words, &["classes", "structs", "types", "traits", "class names"]);
    let all = has(&words, &["outline", "symbols"]);
    let asks = has(
        &words,
        &[
            "list",
            "which",
            "what",
            "outline",
            "show",
            "name",
            "how many",
            "enumerate",
        ],
    );
    if !asks || !(functions || classes || all) {
        return None;
    }
    if has(
        &words,
        &[
            "write",
            "do",
            "does",
            "explain",
            "why",
            "return",
            "returns",
            "unused",
            "missing",
            "use",
            "uses",
            "how to",
            "call",
            "called",
            "arguments",
        ],
    ) {
        return None;
    }
    let block = block?;
    let Some(language) = block.language.filter(|language| !language.is_data()) else {
        return decline("there is no parser for this code, or its language is not clear");
    };
    if !check(language, &block.source).is_ok_and(|errors| errors.is_empty()) {
        return decline("the code has syntax errors, so that its outline is not sure");
    }
    let symbols = match outline(language, &block.source) {
        Ok(symbols) => symbols,
        Err(reason) => return decline(reason.to_string()),
    };
    let wanted = |symbol: &&Symbol| {
        let function = matches!(symbol.kind, SymbolKind::Function | SymbolKind::Method);
        all || (functions && function) || (classes && !function)
    };
    let found: Vec<&Symbol> = symbols.iter().filter(wanted).collect();
    let what = match (all, functions, classes) {
        (false, true, false) => "functions",
        (false, false, true) => "types",
        _ => "functions and types",
    };
    if found.is_empty() {
        return Some(Ok(format!("The {} code defines no {what}.", language.name())));
    }
    if has(&words, &["how many"]) {
        return Some(Ok(format!("{} {what}: {}.", found.len(), names(&found))));
    }
    let rows = found.iter().map(|symbol| {
        let indent = if all { "  ".repeat(symbol.depth) } else { String::new() };
        format!(
            "{indent}- `{}` ({}, line {})",
            symbol.name,
            symbol.kind.name(),
            symbol.line
        )
    });
    Some(Ok(rows.collect::<Vec<_>>().join("\n")))
}

fn names(symbols: &[&Symbol]) -> String {
    symbols
        .iter()
        .map(|symbol| format!("`{}`", symbol.name))
        .collect::<Vec<_>>()
        .join(", ")
}
