//! What the words around a claim say of it.

use crate::token::Token;

/// Lines with these words speak of errors, of other bases or of remainders.
const LENIENT: &[&str] = &[
    "incorrect",
    "wrong",
    "false",
    "mistake",
    "mistakes",
    "mistaken",
    "mistakenly",
    "incorrectly",
    "wrongly",
    "error",
    "binary",
    "hex",
    "hexadecimal",
    "octal",
    "mod",
    "modulo",
    "modular",
    "remainder",
    "isn't",
    "doesn't",
    "joke",
];

/// Does the line speak of errors and the like?
pub(super) fn lenient_line(tokens: &[Token]) -> bool {
    let word = |t: &Token| {
        t.word()
            .is_some_and(|w| LENIENT.iter().any(|l| w.eq_ignore_ascii_case(l)))
    };
    let base = |pair: &[Token]| pair[0].is_word("base") && pair[1].number().is_some();
    tokens.iter().any(|t| word(t) || t.is('≠') || t.is('≡')) || tokens.windows(2).any(base)
}

/// Does what follows a right side change it?
pub(super) fn modified(after: &[Token]) -> bool {
    const CHANGES: &[&str] = &[
        "remainder",
        "r",
        "rem",
        "mod",
        "modulo",
        "rounded",
        "rounds",
        "rounding",
        "dozen",
        "not",
    ];
    let number = |t: Option<&Token>| t.is_some_and(|t| t.number().is_some());
    after.iter().take(3).any(|t| CHANGES.iter().any(|c| t.is_word(c)))
        || after.first().is_some_and(|t| {
            t.is('±')
                || ((t.is_word("to") || t.is_word("or")) && number(after.get(1)))
                || ["k", "bn", "mn", "x"].iter().any(|w| t.is_word(w))
        })
}

/// Do the words before a left side make it a supposition, or deny it?
pub(super) fn supposed(before: &[Token]) -> bool {
    let near = |words: &[&str], n: usize| before.iter().rev().take(n).any(|t| words.iter().any(|w| t.is_word(w)));
    near(
        &[
            "suppose", "assume", "say", "whether", "not", "instead", "than", "claim", "claims", "says",
        ],
        4,
    ) || near(&["if", "when"], 2)
        || lets(&before[before.len().saturating_sub(4)..])
}

/// "Let x be ..." supposes; "let me see" and "let us add" do not.
fn lets(before: &[Token]) -> bool {
    before.iter().enumerate().any(|(index, token)| {
        let next = before.get(index + 1);
        token.is_word("let") && !next.is_some_and(|next| next.is_word("me") || next.is_word("us"))
    })
}

/// May an expression begin after this token?
pub(super) fn may_begin(before: &[Token], first: &Token) -> bool {
    let Some(last) = before.last() else { return true };
    let glued = first.glued_to(last);
    if let Some(word) = last.word() {
        const CONTINUED: &[&str] = &[
            "root", "log", "ln", "sin", "cos", "tan", "sqrt", "minus", "plus", "negative", "times", "by", "over",
            "per", "squared", "cubed", "x", "mod", "power", "between", "from", "than", "exceeds",
        ];
        let single = word.chars().count() == 1 && !matches!(word, "a" | "A" | "I" | "i");
        if glued || single || CONTINUED.iter().any(|c| word.eq_ignore_ascii_case(c)) {
            return false;
        }
        let open = word.eq_ignore_ascii_case("of") && open_of(&before[..before.len() - 1]);
        return !open && !cut_off(before);
    }
    if last.number().is_some() {
        return false;
    }
    // `- 3 + 4`: a bullet at the start of a line.
    if before.len() == 1 && !glued && (last.is('-') || last.is('*') || last.is('+')) {
        return true;
    }
    let operator = "+-*/^%!°≷".chars().any(|c| last.is(c));
    let bracket = ")]}>_#@\\&".chars().any(|c| last.is(c));
    let point = ".'".chars().any(|c| last.is(c));
    !operator && !(glued && (bracket || point))
}

/// Words after a sign: `25 classmates + his 1 teacher + …`, `cost * the 3 + …`. What follows is only a part.
fn cut_off(before: &[Token]) -> bool {
    let words = before.iter().rev().take(4).take_while(|t| t.word().is_some()).count();
    let Some(at) = before.len().checked_sub(words + 1) else {
        return false;
    };
    let sign = &before[at];
    let hyphen = sign.is('-') && at > 0 && sign.glued_to(&before[at - 1]) && before[at + 1].glued_to(sign);
    at > 0 && "+-*/^".chars().any(|c| sign.is(c)) && !hyphen
}

/// "half of", "15% of", "the square root of": an "of" that belongs to the number after it.
fn open_of(before: &[Token]) -> bool {
    const PARTS: &[&str] = &[
        "half",
        "third",
        "thirds",
        "quarter",
        "quarters",
        "fourth",
        "fourths",
        "fifth",
        "fifths",
        "sixth",
        "eighth",
        "tenth",
        "percent",
        "percentage",
        "root",
        "log",
        "logarithm",
        "average",
        "mean",
        "median",
        "double",
        "twice",
        "square",
        "cube",
        "factorial",
        "gcd",
        "lcm",
        "difference",
        "product",
        "sine",
        "cosine",
        "tangent",
        "most",
    ];
    before
        .last()
        .is_some_and(|t| t.number().is_some() || t.is('%') || t.is(')') || PARTS.iter().any(|p| t.is_word(p)))
}
