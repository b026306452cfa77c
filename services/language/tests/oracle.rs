//! Random questions on text, answered here and by Python: whatever is counted or turned must be right.

use plexus_language::domain::LanguageSolver;
use plexus_specialist::exact::ExactSolver;
use plexus_testkit::oracle::{Case, Dice, hold};
use serde_json::{Value, json};

/// The share of each kind that must be answered, in percent.
const FLOORS: &[(&str, usize)] = &[
    ("words", 90),
    ("characters", 90),
    ("letters", 90),
    ("vowels and consonants", 90),
    ("digits and spaces", 90),
    ("sentences", 90),
    ("one letter", 90),
    ("reversals", 90),
    ("word order", 90),
    ("case", 90),
    ("sorting", 90),
    ("palindromes", 90),
    ("anagrams", 90),
];

/// Questions of each kind.
const EACH: usize = 60;

/// A question and the Python expression that judges its answer.
type Asked = (String, String);

const WORDS: [&str; 24] = [
    "apple",
    "Bob",
    "level",
    "the",
    "a",
    "I",
    "strawberry",
    "Mississippi",
    "noon",
    "x",
    "don't",
    "well-known",
    "3",
    "1999",
    "ISO",
    "state",
    "racecar",
    "Anna",
    "zebra",
    "rhythm",
    "queue",
    "Aa",
    "b2b",
    "eerie",
];

/// As Python writes a text: JSON's escapes are Python's too.
fn python(text: &str) -> String {
    Value::from(text).to_string()
}

fn word(dice: &mut Dice) -> &'static str {
    loop {
        let word = dice.pick(&WORDS);
        if word.chars().all(|c| c.is_ascii_alphabetic()) {
            return word;
        }
    }
}

/// Words with marks between them, for double quotes.
fn phrase(dice: &mut Dice) -> String {
    let count = dice.between(1, 9);
    let mut text = String::new();
    for at in 0..count {
        if at > 0 {
            text.push_str(dice.pick(&[" ", " ", " ", ", ", " - ", "  ", "; ", " & "]));
        }
        text.push_str(dice.pick(&WORDS));
    }
    text.push_str(dice.pick(&["", "", ".", "!", "?", "..."]));
    text
}

/// The same with letters beyond ASCII, each one code point.
fn wide(dice: &mut Dice) -> String {
    let mut text = phrase(dice);
    text.push_str(dice.pick(&["", "", " é", "ß", " naïve", " Ω", " 日本", " 😀"]));
    text
}

/// One of the forms with the text and its check put in.
fn form(dice: &mut Dice, forms: &[(&str, &str)], text: &str) -> Asked {
    let (question, check) = dice.pick(forms);
    (question.replace("{}", text), check.replace("{}", &python(text)))
}

fn words(dice: &mut Dice) -> Asked {
    let text = wide(dice);
    form(
        dice,
        &[
            ("How many words are in \"{}\"?", "words({})"),
            ("count the words in \"{}\"", "words({})"),
            ("how many words are in: {}", "words({})"),
            ("How many words does the sentence \"{}\" have?", "words({})"),
            ("count the number of words in this text: \"{}\"", "words({})"),
        ],
        &text,
    )
}

fn characters(dice: &mut Dice) -> Asked {
    let text = format!("{}{}", dice.pick(&["", "", "", " "]), wide(dice));
    form(
        dice,
        &[
            ("How many characters are in \"{}\"?", "characters({})"),
            ("count the characters in \"{}\"", "characters({})"),
            ("how many characters does the string \"{}\" have?", "characters({})"),
        ],
        &text,
    )
}

fn letters(dice: &mut Dice) -> Asked {
    if dice.one_in(2) {
        let text = word(dice);
        return form(
            dice,
            &[
                ("How many letters are in the word {}?", "letters({})"),
                ("how many letters are in {}", "letters({})"),
                ("How many letters does the word {} have?", "letters({})"),
            ],
            text,
        );
    }
    let text = wide(dice);
    form(
        dice,
        &[
            ("count the letters in \"{}\"", "letters({})"),
            ("How many letters are in '{}'?", "letters({})"),
        ],
        &text,
    )
}

fn vowels(dice: &mut Dice) -> Asked {
    let text = phrase(dice);
    form(
        dice,
        &[
            ("How many vowels are in \"{}\"?", "vowels({})"),
            ("count the vowels in \"{}\"", "vowels({})"),
            ("how many consonants are in \"{}\"", "consonants({})"),
            ("count the number of consonants in: {}", "consonants({})"),
        ],
        &text,
    )
}

fn digits(dice: &mut Dice) -> Asked {
    let text = phrase(dice);
    form(
        dice,
        &[
            ("how many digits are in \"{}\"?", "digits({})"),
            ("How many spaces are in \"{}\"?", "spaces({})"),
            ("count the spaces in \"{}\"", "spaces({})"),
        ],
        &text,
    )
}

fn sentences(dice: &mut Dice) -> Asked {
    let count = dice.between(1, 6);
    let simple = [
        "The dog barks",
        "We left at noon",
        "Nobody came",
        "It costs 3.50 dollars",
        "She sings",
        "Is it cold",
        "Look up",
        "They met Dr. Jones",
        "He works for Acme Inc. in Rome",
        "Prices rose by 2.5 percent",
        "I know",
    ];
    let sentences: Vec<String> = (0..count)
        .map(|_| format!("{}{}", dice.pick(&simple), dice.pick(&[".", ".", "?", "!"])))
        .collect();
    let text = sentences.join(" ");
    // Abbreviations are no ends; Python is given the text without their full stops.
    let plain = text.replace("Dr.", "Dr").replace("Inc.", "Inc");
    let question = dice.pick(&[
        "How many sentences are in \"{}\"?",
        "count the sentences in this text: {}",
    ]);
    (question.replace("{}", &text), format!("sentences({})", python(&plain)))
}

fn letter(dice: &mut Dice) -> Asked {
    let letter = dice.pick(&["a", "e", "i", "r", "s", "p", "B", "z", "n"]);
    let text = if dice.one_in(2) {
        word(dice).to_owned()
    } else {
        phrase(dice)
    };
    let quoted = if text.contains(' ') || dice.one_in(2) {
        format!("\"{text}\"")
    } else {
        text.clone()
    };
    let question = dice
        .pick(&[
            "How many times does the letter {l} appear in {}?",
            "count the letter {l} in {}",
            "How many {l}'s are in {}?",
            "How often does '{l}' occur in {}?",
            "how many letter {l} are there in {}",
        ])
        .replace("{l}", letter)
        .replace("{}", &quoted);
    // A mark at the end of a bare word is the question's.
    let text = if quoted == text {
        text.trim_end_matches(['.', '!', '?']).to_owned()
    } else {
        text
    };
    (question, format!("times('{letter}', {})", python(&text)))
}

fn reversals(dice: &mut Dice) -> Asked {
    let text = wide(dice);
    form(
        dice,
        &[
            ("reverse the string \"{}\"", "whole({}[::-1])"),
            ("Reverse \"{}\"", "whole({}[::-1])"),
            ("reverse the text: \"{}\"", "whole({}[::-1])"),
        ],
        &text,
    )
}

fn order(dice: &mut Dice) -> Asked {
    let text = phrase(dice);
    form(
        dice,
        &[
            ("reverse the words in \"{}\"", "whole(' '.join({}.split()[::-1]))"),
            (
                "reverse the order of the words in \"{}\"",
                "whole(' '.join({}.split()[::-1]))",
            ),
            ("Reverse the word order of \"{}\"", "whole(' '.join({}.split()[::-1]))"),
        ],
        &text,
    )
}

fn case(dice: &mut Dice) -> Asked {
    let text = wide(dice);
    form(
        dice,
        &[
            ("convert \"{}\" to uppercase", "whole({}.upper())"),
            ("make \"{}\" lowercase", "whole({}.lower())"),
            ("uppercase: \"{}\"", "whole({}.upper())"),
            ("turn \"{}\" into lower case", "whole({}.lower())"),
        ],
        &text,
    )
}

fn sorting(dice: &mut Dice) -> Asked {
    let count = dice.between(2, 9);
    let items: Vec<&str> = (0..count).map(|_| word(dice)).collect();
    let commas = dice.one_in(2);
    let joint = if commas { ", " } else { " " };
    let question = dice.pick(&[
        "sort these words alphabetically: {}",
        "Alphabetize these words: {}",
        "sort the following words in alphabetical order: {}",
    ]);
    let listed = items.join(joint);
    (
        question.replace("{}", &listed),
        format!(
            "ordered({}.split({}), {})",
            python(&listed),
            python(joint),
            python(joint)
        ),
    )
}

fn palindromes(dice: &mut Dice) -> Asked {
    let half = phrase(dice);
    let text = if dice.one_in(2) {
        format!("{half}{}", half.chars().rev().collect::<String>())
    } else {
        half
    };
    let text = if text.chars().any(|c| c.is_ascii_alphabetic()) {
        text
    } else {
        "Anna".to_owned()
    };
    form(
        dice,
        &[
            ("is \"{}\" a palindrome?", "palindrome({})"),
            ("check if \"{}\" is a palindrome", "palindrome({})"),
            ("Is the phrase \"{}\" a palindrome?", "palindrome({})"),
        ],
        &text,
    )
}

fn anagrams(dice: &mut Dice) -> Asked {
    let one = word(dice);
    let mut letters: Vec<char> = one.chars().collect();
    let by = usize::try_from(dice.between(0, 3)).unwrap_or(0) % letters.len();
    letters.rotate_left(by);
    if dice.one_in(3) {
        letters.push('e');
    }
    let other: String = letters.into_iter().collect();
    let question = dice.pick(&[
        "are \"{1}\" and \"{2}\" anagrams?",
        "is '{1}' an anagram of '{2}'?",
        "Are {1} and {2} anagrams of each other?",
    ]);
    (
        question.replace("{1}", one).replace("{2}", &other),
        format!("anagrams({}, {})", python(one), python(&other)),
    )
}

/// A kind of question: its name, and what makes one.
type Kind = (&'static str, fn(&mut Dice) -> Asked);

#[test]
fn python_agrees() {
    let mut dice = Dice::seeded();
    let kinds: &[Kind] = &[
        ("words", words),
        ("characters", characters),
        ("letters", letters),
        ("vowels and consonants", vowels),
        ("digits and spaces", digits),
        ("sentences", sentences),
        ("one letter", letter),
        ("reversals", reversals),
        ("word order", order),
        ("case", case),
        ("sorting", sorting),
        ("palindromes", palindromes),
        ("anagrams", anagrams),
    ];
    let solver = LanguageSolver::default();
    let mut cases = Vec::new();
    for (kind, ask) in kinds {
        for _ in 0..EACH {
            let (question, check) = ask(&mut dice);
            let answer = solver.solve(&question).ok();
            let answer = answer.map(|a| json!({"text": a.text, "result": a.result}));
            cases.push(Case {
                kind,
                question,
                check,
                answer,
            });
        }
    }
    hold(include_str!("oracle/oracle.py"), &cases, FLOORS);
}
