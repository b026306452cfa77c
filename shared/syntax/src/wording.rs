//! Words for what code lacks, by language.

use crate::Language;

/// A token that may be missing, and how to call it.
#[derive(Debug)]
pub(crate) struct Insertion {
    pub(crate) text: &'static str,
    pub(crate) meaning: &'static str,
}

const fn insertion(text: &'static str, meaning: &'static str) -> Insertion {
    Insertion { text, meaning }
}

const COLON: Insertion = insertion(":", "`:`");
const COMMA: Insertion = insertion(",", "`,`");
const SEMICOLON: Insertion = insertion(";", "`;`");
const NEW_LINE: Insertion = insertion(";", "a new line (two statements stand on one line)");
const NAME: Insertion = insertion(" x ", "a name or an expression");
const OPEN_BRACE: Insertion = insertion("{", "`{`");
const CLOSE_BRACE: Insertion = insertion("}", "`}`");
const PARENTHESES: Insertion = insertion("()", "`()`");
const EQUALS: Insertion = insertion(" = ", "`=`");
const BLOCK: Insertion = insertion("{}", "a block `{ ... }`");
const IN: Insertion = insertion(" in ", "`in`");

static PYTHON: [Insertion; 6] = [COLON, NEW_LINE, NAME, PARENTHESES, IN, EQUALS];
static PYTHON_INSIDE: [Insertion; 4] = [COMMA, COLON, NAME, EQUALS];
static BRACES: [Insertion; 9] = [
    SEMICOLON,
    COMMA,
    NAME,
    BLOCK,
    PARENTHESES,
    COLON,
    EQUALS,
    OPEN_BRACE,
    CLOSE_BRACE,
];
static INSIDE: [Insertion; 5] = [COMMA, NAME, SEMICOLON, COLON, EQUALS];

/// What to try to put in, the likeliest first. `inside` is the bracket that stands open.
pub(crate) fn insertions(language: Language, inside: Option<char>) -> &'static [Insertion] {
    match (language, inside) {
        (Language::Python, None) => &PYTHON,
        (Language::Python, Some(_)) => &PYTHON_INSIDE,
        (_, Some('(' | '[')) => &INSIDE,
        _ => &BRACES,
    }
}

/// What people write who think in another language.
#[derive(Debug)]
pub(crate) struct Habit {
    pub(crate) wrong: &'static str,
    pub(crate) right: &'static str,
    /// The words that its line must begin with, if any.
    pub(crate) after: &'static [&'static str],
    pub(crate) message: &'static str,
}

const fn habit(wrong: &'static str, right: &'static str, message: &'static str) -> Habit {
    Habit {
        wrong,
        right,
        after: &[],
        message,
    }
}

const COMPARE: Habit = Habit {
    wrong: "=",
    right: "==",
    after: &["if", "elif", "while", "assert", "return", "}"],
    message: "`=` assigns; to compare, write `==`",
};

static PYTHON_HABITS: [Habit; 6] = [
    COMPARE,
    habit("&&", " and ", "Python writes `and`, not `&&`"),
    habit("||", " or ", "Python writes `or`, not `||`"),
    habit("!", " not ", "Python writes `not`, not `!`"),
    habit("++", " += 1", "Python has no `++`; write `+= 1`"),
    habit("--", " -= 1", "Python has no `--`; write `-= 1`"),
];

static RUST_HABITS: [Habit; 3] = [
    COMPARE,
    habit("++", " += 1", "Rust has no `++`; write `+= 1`"),
    habit("--", " -= 1", "Rust has no `--`; write `-= 1`"),
];

/// Habits from other languages, to be tried as repairs.
pub(crate) fn habits(language: Language) -> &'static [Habit] {
    match language {
        Language::Python => &PYTHON_HABITS,
        Language::Rust => &RUST_HABITS,
        _ => &[],
    }
}

/// The Python header that ends here: "the function header", "the `if` condition".
pub(crate) fn header(language: Language, before: &str) -> Option<&'static str> {
    if language != Language::Python {
        return None;
    }
    let lines = before
        .lines()
        .rev()
        .map(|line| line.trim_start().trim_start_matches("async "));
    let mut words = lines
        .take(20)
        .filter_map(|line| line.split(|c: char| !c.is_alphanumeric()).next());
    words.find_map(|word| {
        Some(match word {
            "def" => "the function header",
            "class" => "the class header",
            "if" => "the `if` condition",
            "elif" => "the `elif` condition",
            "else" => "`else`",
            "while" => "the `while` condition",
            "for" => "the `for` header",
            "try" => "`try`",
            "except" => "`except`",
            "finally" => "`finally`",
            "with" => "the `with` header",
            "match" => "the `match` header",
            "case" => "the `case` pattern",
            _ => return None,
        })
    })
}

/// A quote in words, since a backtick cannot stand in backticks.
pub(crate) fn quoted(quote: char) -> String {
    if quote == '`' {
        "backtick".to_owned()
    } else {
        format!("`{quote}`")
    }
}
