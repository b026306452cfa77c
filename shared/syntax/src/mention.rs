//! Which language a sentence names.

use crate::Language;

/// The language that a text names in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mention<'a> {
    /// One that can be checked.
    Known(Language),
    /// One that cannot.
    Other(&'a str),
    /// None, or several.
    None,
}

/// Languages without a grammar here.
#[rustfmt::skip]
const OTHERS: &[&str] = &[
    "java", "typescript", "ts", "c", "c++", "cpp", "c#", "csharp", "kotlin", "swift", "ruby", "php", "perl", "scala",
    "haskell", "sql", "bash", "shell", "sh", "zsh", "powershell", "html", "css", "xml", "lua", "r", "dart", "elixir",
    "clojure", "makefile", "dockerfile", "jsx", "tsx", "ocaml", "erlang", "julia", "fortran", "cobol", "zig", "ini",
    "markdown", "latex", "graphql", "protobuf", "jsonc", "json5", "jsonl", "ndjson", "solidity", "matlab", "vba",
];

/// Words that make the word before them the name of a language.
const KINDS: &[&str] = &[
    "code", "program", "function", "snippet", "script", "file", "syntax", "source", "codebase",
];

/// The language that the words before any code name. Where two are named (a conversion), the first.
pub fn mention(text: &str) -> Mention<'_> {
    let head_end = text.find(['{', '[', '(', '\n', '`', '=', ';']).unwrap_or(text.len());
    let found = named(&text[..head_end]);
    if found != Mention::None {
        return found;
    }
    // "def f(x) return x: is this valid Python?", "convert {...} from JSON to YAML".
    let tail = text.rsplit(['}', ']', '`', '\n']).next().unwrap_or_default();
    named(tail.trim())
}

fn named(text: &str) -> Mention<'_> {
    let words: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || matches!(c, ':' | ',' | '?' | '!' | '"' | '\'' | '(' | ')'))
        .map(|word| word.trim_end_matches('.'))
        .filter(|word| !word.is_empty())
        .collect();
    for (index, word) in words.iter().enumerate() {
        let lower = word.to_ascii_lowercase();
        let before_kind = words
            .get(index + 1)
            .is_some_and(|next| KINDS.contains(&next.to_ascii_lowercase().as_str()));
        let known = match lower.as_str() {
            "go" if !(before_kind || text.contains("Go:") || text.contains("this Go")) => None,
            "py" | "rs" | "node" | "py3" if !before_kind => None,
            _ => Language::from_tag(&lower),
        };
        if let Some(language) = known {
            return Mention::Known(language);
        }
        let plain = matches!(
            lower.as_str(),
            "c" | "r" | "shell" | "swift" | "sh" | "ts" | "dart" | "julia" | "zig"
        );
        if OTHERS.contains(&lower.as_str()) && (!plain || before_kind) {
            return Mention::Other(word);
        }
    }
    Mention::None
}
