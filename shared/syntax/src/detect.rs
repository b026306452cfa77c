//! Tells the language of code by its looks, and only when they are plain.

use serde::de::IgnoredAny;

use crate::{Language, check};

/// No more of a source is looked at.
const MAX_LOOK_BYTES: usize = 64 * 1024;

/// The language of a source; none when its looks fit none or several.
pub fn detect(source: &str) -> Option<Language> {
    let source = source[..source.floor_char_boundary(MAX_LOOK_BYTES)].trim();
    if source.is_empty() {
        return None;
    }
    if looks_like_json(source) {
        return Some(Language::Json);
    }
    let mut scores: Vec<(usize, Language)> = [Language::Python, Language::Rust, Language::JavaScript, Language::Go]
        .map(|language| (score(source, language), language))
        .into();
    scores.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    if let [(best, language), (next, other), ..] = scores[..]
        && best > 0
    {
        if best > next {
            return Some(language);
        }
        // A draw goes to the one that parses, if the other does not.
        let parses = |language| check(language, source).is_ok_and(|errors| errors.is_empty());
        return match (parses(language), parses(other)) {
            (true, false) => Some(language),
            (false, true) => Some(other),
            _ => None,
        };
    }
    looks_like_config(source)
}

/// Whether a line begins as code does.
pub(crate) fn starts_like(text: &str) -> bool {
    #[rustfmt::skip]
    const STARTS: &[&str] = &[
        "def ", "class ", "fn ", "pub fn ", "pub struct ", "struct ", "enum ", "impl ", "function ", "const ", "import ",
        "from ", "async def ", "async function ", "package ", "func ", "#include", "let ", "var ", "use std", "print(",
        "console.log", "println!", "#!/", "{\"", "[{", "@",
    ];
    // Words of English that begin code too need a mark of code near by.
    let text = text.trim_start();
    let line = text.lines().next().unwrap_or_default();
    #[rustfmt::skip]
    const ENGLISH: &[&str] = &["class ", "import ", "let ", "use std", "package ", "function ", "const ", "enum "];
    STARTS
        .iter()
        .find(|start| text.starts_with(**start))
        .is_some_and(|start| match *start {
            "from " => line.contains(" import "),
            start if ENGLISH.contains(&start) => line.contains(['(', '{', '=', ';', ':', '<']) || text.contains('\n'),
            _ => true,
        })
}

fn looks_like_json(source: &str) -> bool {
    if !source.starts_with(['{', '[']) {
        return false;
    }
    if serde_json::from_str::<IgnoredAny>(source).is_ok() {
        // A list of plain numbers is Python, Rust and JavaScript too; an object in double quotes is data.
        return source.contains('"') || source.starts_with('{');
    }
    // Broken JSON: it opens with a key in quotes.
    let inner = source.trim_start_matches(['{', '[']).trim_start();
    source.starts_with('{') && inner.starts_with('"') && inner.contains("\":")
        || source.starts_with("[{") && inner.starts_with('"')
}

fn score(source: &str, language: Language) -> usize {
    let features: &[&str] = match language {
        Language::Python => &[
            "def ",
            "elif ",
            "import ",
            "print(",
            "self.",
            "    return ",
            "None",
            "True",
            "False",
            "lambda ",
            "except",
            " in range(",
            "__init__",
            "from ",
            " and ",
            " not ",
            "f\"",
            "f'",
        ],
        Language::Rust => &[
            "fn ",
            "let mut ",
            "impl ",
            "pub ",
            "println!",
            "-> ",
            "&mut ",
            "::",
            "match ",
            "=> {",
            "&str",
            "Vec<",
            ".unwrap()",
            "use std",
            "struct ",
            "i32",
            "usize",
            "Some(",
        ],
        Language::JavaScript => &[
            "function ",
            "const ",
            "let ",
            "var ",
            "=> ",
            "===",
            "console.log",
            "document.",
            "require(",
            "export ",
            "async ",
            "null",
            "undefined",
            "typeof ",
            "new ",
            "${",
        ],
        Language::Go => &[
            "func ",
            "package ",
            ":= ",
            "fmt.",
            "import (",
            "err != nil",
            "chan ",
            "go func",
            "[]string",
            "interface{}",
        ],
        _ => &[],
    };
    let plain = features.iter().filter(|feature| source.contains(**feature)).count();
    let header = |starts: &[&str]| {
        source
            .lines()
            .any(|line| starts.iter().any(|start| line.trim_start().starts_with(start)))
    };
    let strong = match language {
        Language::Python => {
            header(&["def ", "elif ", "class ", "async def "]) && !source.contains('{')
                || header(&["import ", "from "]) && !source.contains(';') && !source.contains(['{', '"', '\''])
                || header(&["print("])
                || source.lines().any(|line| {
                    line.trim_end().ends_with(':')
                        && ["if ", "for ", "while ", "try", "else"]
                            .iter()
                            .any(|w| line.trim_start().starts_with(w))
                })
        }
        Language::Rust => {
            header(&[
                "fn ",
                "pub fn ",
                "impl ",
                "use std",
                "pub struct ",
                "let mut ",
                "#[derive",
            ]) || source.contains("println!")
        }
        Language::JavaScript => {
            header(&[
                "function ",
                "const ",
                "var ",
                "console.log",
                "export ",
                "async function",
            ]) || source.contains("=>") && source.contains("const ")
        }
        Language::Go => header(&["package ", "func "]) && !source.contains("fn ") || source.contains("fmt.Print"),
        _ => false,
    };
    if strong {
        plain + 3
    } else if plain >= 3 {
        plain
    } else {
        0
    }
}

/// TOML by its tables, YAML by its keys: both need several lines that fit and a parser that takes them.
fn looks_like_config(source: &str) -> Option<Language> {
    let lines: Vec<&str> = source
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect();
    let table = |line: &&&str| line.starts_with('[') && line.ends_with(']') && !line.contains(',') && line.len() > 2;
    let pair = |line: &&&str| {
        line.split_once('=')
            .is_some_and(|(key, _)| !key.trim().is_empty() && !key.trim().contains(' '))
    };
    let tables = lines.iter().filter(table).count();
    if tables > 0 && tables + lines.iter().filter(pair).count() == lines.len() {
        return check(Language::Toml, source)
            .is_ok_and(|errors| errors.is_empty())
            .then_some(Language::Toml);
    }
    let key = |line: &&&str| {
        let line = line.trim_start_matches("- ");
        line.split_once(':').is_some_and(|(key, value)| {
            let named = !key.is_empty()
                && key
                    .chars()
                    .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/'));
            named && (value.is_empty() || value.starts_with(' ')) && !value.ends_with([';', '{'])
        })
    };
    let keys = lines.iter().filter(key).count();
    let items = lines.iter().filter(|line| line.starts_with("- ")).count();
    let fits = source.starts_with("---") || keys >= 2 && lines.iter().all(|line| key(&line) || line.starts_with("- "));
    let prose = lines
        .iter()
        .any(|line| line.split_whitespace().count() > 12 || line.ends_with('.'));
    (fits && (keys >= 2 || items >= 2) && !prose && check(Language::Yaml, source).is_ok_and(|errors| errors.is_empty()))
        .then_some(Language::Yaml)
}
