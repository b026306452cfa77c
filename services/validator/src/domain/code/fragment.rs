//! Code that is not whole on purpose.

use plexus_syntax::{Language, check};

/// Whether a piece that is wrong by itself is right where it belongs: inside of a function, a type or a match.
pub(super) fn is_right_in_place(language: Language, source: &str) -> bool {
    if language == Language::Rust && source.lines().any(is_hidden) {
        // Lines that a Rust documentation test hides are code.
        let shown = |line: &str| {
            if is_hidden(line) {
                format!("{}\n", &line.trim_start()[1..])
            } else {
                format!("{line}\n")
            }
        };
        let whole: String = source.lines().map(shown).collect();
        return check(language, &whole).is_ok_and(|errors| errors.is_empty()) || fits_somewhere(language, &whole);
    }
    fits_somewhere(language, source)
}

/// "# use std::fs;", but not "#[derive(Debug)]".
fn is_hidden(line: &str) -> bool {
    let line = line.trim_start();
    line == "#" || line.starts_with("# ")
}

fn fits_somewhere(language: Language, source: &str) -> bool {
    let fits = |before: &str, after: &str| {
        check(language, &format!("{before}{source}{after}")).is_ok_and(|errors| errors.is_empty())
    };
    match language {
        Language::Rust => [
            ("fn f() {\n", "\n}"),
            ("fn f() { let _ =\n", "\n; }"),
            ("impl X {\n", "\n}"),
            ("struct X {\n", "\n}"),
            ("enum X {\n", "\n}"),
            ("fn f() { match x {\n", "\n} }"),
            ("fn f() { let x = X {\n", "\n}; }"),
            ("trait X {\n", "\n}"),
        ]
        .iter()
        .any(|(before, after)| fits(before, after)),
        Language::JavaScript => [
            ("async function* f() {\n", "\n}"),
            ("class X {\n", "\n}"),
            ("x = {\n", "\n}"),
            ("x = (\n", "\n)"),
            ("switch (x) {\n", "\n}"),
        ]
        .iter()
        .any(|(before, after)| fits(before, after)),
        Language::Go => [
            ("package p\n", ""),
            ("package p\nfunc f() {\n", "\n}"),
            ("package p\nvar x =\n", ""),
            ("package p\ntype T struct {\n", "\n}"),
            ("package p\ntype T interface {\n", "\n}"),
            ("package p\nfunc f() { switch x {\n", "\n} }"),
        ]
        .iter()
        .any(|(before, after)| fits(before, after)),
        Language::Python => {
            let margin: String = source
                .lines()
                .find(|line| !line.trim().is_empty())
                .map(|line| line.chars().take_while(|c| c.is_whitespace()).collect())
                .unwrap_or_default();
            ["if x:", "try:", "for x in y:", "while x:"]
                .iter()
                .any(|header| fits(&format!("{margin}{header}\n{margin}    pass\n"), ""))
                || fits("x = [\n", "\n]")
                || fits("x = {\n", "\n}")
                || fits("f(\n", "\n)")
                || margin.is_empty() && in_match(source)
        }
        Language::Json => {
            let inner = source.trim().trim_end_matches(',');
            let fits = |before: &str, after: &str| {
                check(language, &format!("{before}{inner}{after}")).is_ok_and(|errors| errors.is_empty())
            };
            let lines = || source.lines().filter(|line| !line.trim().is_empty());
            let each =
                lines().count() > 1 && lines().all(|line| check(language, line).is_ok_and(|errors| errors.is_empty()));
            each || fits("{", "}") || fits("[", "]")
        }
        Language::Yaml | Language::Toml => false,
    }
}

/// "case ...:" without its match.
fn in_match(source: &str) -> bool {
    let inner: String = source.lines().map(|line| format!("    {line}\n")).collect();
    check(Language::Python, &format!("match x:\n{inner}")).is_ok_and(|errors| errors.is_empty())
}

/// Whether something is left out or stands for something else: an ellipsis, a placeholder, a diff, a session.
pub(super) fn is_partial(language: Language, source: &str) -> bool {
    if source.contains("...") || source.contains('…') {
        return true;
    }
    let mut lines = source.lines().map(str::trim_start).filter(|line| !line.is_empty());
    let session = [
        ">>>",
        "$ ",
        "# >>>",
        "In [",
        "Out[",
        "@@",
        "+++",
        "---",
        "%",
        "!",
        "> ",
        "PS ",
        "C:\\",
        "Traceback",
    ];
    let marked = lines.any(|line| session.iter().any(|mark| line.starts_with(mark)));
    // Every line of a diff is marked or indented by one space.
    let diff = {
        let lines: Vec<&str> = source.lines().filter(|line| !line.is_empty()).collect();
        lines.iter().any(|line| line.starts_with(['+', '-']))
            && lines.iter().all(|line| line.starts_with(['+', '-', ' ', '@']))
    };
    let template = source.contains("{{") && source.contains("}}") || source.contains("{%") || source.contains("<%");
    let placeholder = !matches!(language, Language::Rust | Language::JavaScript | Language::Go)
        && has_placeholder(source)
        || ["YOUR_", "your code", "rest of", "omitted", "pseudo", "etc."]
            .iter()
            .any(|word| source.contains(word));
    let typed = language == Language::JavaScript
        && [
            ": string",
            ": number",
            ": boolean",
            ": any",
            ": void",
            "interface ",
            " as ",
            "<T>",
            "enum ",
            "declare ",
        ]
        .iter()
        .any(|mark| source.contains(mark));
    let comments =
        language == Language::Json && (source.contains("//") || source.contains("/*") || source.contains('#'));
    let notebook = language == Language::Yaml && (source.contains("<<<") || source.contains("${"));
    (marked && language != Language::Yaml) || diff || template || placeholder || typed || comments || notebook
}

/// "<name>", "<your value>".
fn has_placeholder(source: &str) -> bool {
    source.match_indices('<').any(|(at, _)| {
        source[at + 1..].split_once('>').is_some_and(|(inner, _)| {
            !inner.is_empty()
                && inner.len() < 40
                && inner.chars().all(|c| c.is_alphabetic() || matches!(c, ' ' | '_' | '-'))
        })
    })
}
