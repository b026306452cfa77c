//! Queries split by hand.

use plexus_compound::{refers_back, split, substitute};

fn texts(query: &str) -> Vec<(String, Vec<usize>)> {
    split(query)
        .into_iter()
        .map(|part| (part.text, part.depends_on))
        .collect()
}

#[track_caller]
fn expect(query: &str, wanted: &[(&str, &[usize])]) {
    let wanted: Vec<_> = wanted
        .iter()
        .map(|(text, on)| ((*text).to_owned(), on.to_vec()))
        .collect();
    assert_eq!(texts(query), wanted, "{query}");
}

#[test]
fn independent_requests() {
    expect(
        "compute 15% of 240 and check this Python: def f(x) return x",
        &[
            ("compute 15% of 240", &[]),
            ("check this Python: def f(x) return x", &[]),
        ],
    );
    expect(
        "What is 2^10? And what language is 'hola amigo'?",
        &[("What is 2^10?", &[]), ("what language is 'hola amigo'?", &[])],
    );
    expect(
        "check this Python: def f(x) return x and compute 15% of 240",
        &[
            ("check this Python: def f(x) return x", &[]),
            ("compute 15% of 240", &[]),
        ],
    );
    expect(
        "calculate 18% tip on $84.50; what language is 'guten Tag'?",
        &[
            ("calculate 18% tip on $84.50", &[]),
            ("what language is 'guten Tag'?", &[]),
        ],
    );
    expect(
        "Convert 72 F to C, and also count the words in 'a b c'",
        &[("Convert 72 F to C", &[]), ("count the words in 'a b c'", &[])],
    );
    expect(
        "Write a haiku about the sea. Then compute 3 * 17.",
        &[("Write a haiku about the sea", &[]), ("compute 3 * 17", &[])],
    );
    expect(
        "what is 12 * 12, what is 5!, and what is 2^8?",
        &[("what is 12 * 12", &[]), ("what is 5!", &[]), ("what is 2^8?", &[])],
    );
    expect(
        "solve 3x + 5 = 20 and explain what photosynthesis is",
        &[("solve 3x + 5 = 20", &[]), ("explain what photosynthesis is", &[])],
    );
    expect(
        "Is this valid JSON: {\"a\": 1, \"b\": [1, 2]} and what is 7 * 8?",
        &[
            ("Is this valid JSON: {\"a\": 1, \"b\": [1, 2]}", &[]),
            ("what is 7 * 8?", &[]),
        ],
    );
}

#[test]
fn dependent_requests() {
    expect(
        "What is 15% of 240, then double the result",
        &[("What is 15% of 240", &[]), ("double the result", &[0])],
    );
    expect(
        "First compute 12 * 7, then add 10 to that, finally divide it by 2",
        &[
            ("compute 12 * 7", &[]),
            ("add 10 to that", &[0]),
            ("divide it by 2", &[1]),
        ],
    );
    expect("compute 3 + 4 then double", &[("compute 3 + 4", &[]), ("double", &[0])]);
    expect(
        "What is 17 * 3? Then subtract 1.",
        &[("What is 17 * 3?", &[]), ("subtract 1", &[0])],
    );
    expect(
        "what is the area of a circle with radius 31? then explain it in Italian",
        &[
            ("what is the area of a circle with radius 31?", &[]),
            ("explain it in Italian", &[0]),
        ],
    );
    expect(
        "compute 2^5, compute 3^4, then add both results",
        &[
            ("compute 2^5", &[]),
            ("compute 3^4", &[]),
            ("add both results", &[0, 1]),
        ],
    );
    expect(
        "What is 7 * 8? Is it prime?",
        &[("What is 7 * 8?", &[]), ("Is it prime?", &[0])],
    );
}

#[test]
fn numbered_lists() {
    expect(
        "1) what is 2^10 2) what language is 'hola amigo' 3) summarise: cats and dogs",
        &[
            ("what is 2^10", &[]),
            ("what language is 'hola amigo'", &[]),
            ("summarise: cats and dogs", &[]),
        ],
    );
    expect(
        "Please answer these questions:\n1. What is 5 * 5?\n2. Add 10 to it.",
        &[("What is 5 * 5?", &[]), ("Add 10 to it", &[0])],
    );
    expect(
        "(1) compute 3 + 4 (2) translate 'dog' to French",
        &[("compute 3 + 4", &[]), ("translate 'dog' to French", &[])],
    );
}

/// Each is one request.
const WHOLE: &[&str] = &[
    "pros and cons of X and Y",
    "translate 'salt and pepper'",
    "translate \"compute 2 + 2 and tell me a joke\" to French",
    "add 3 and 4",
    "sum of 2 and 3",
    "what is the sum of 2 and 3?",
    "x and y are two numbers, x is twice y and their sum is 12. what is x?",
    "If x = 3 then find y where y = 2x",
    "Alice and Bob have 12 apples. Alice gives Bob 3 and then eats 2. How many apples are left?",
    "Tom has 5 pens and buys 7 more. How many pens does he have and how much did he pay?",
    "summarise this: The fox ran and jumped, and then it slept. It woke and tell me of no other fox. Compute was its name.",
    "Write a function to find the minimum and compute the maximum",
    "write a script that reads a file and prints every line",
    "How do I find and replace text in vim?",
    "how to read a file and then write it back in python",
    "Find all txt files and delete them",
    "search for files older than 7 days and print their names",
    "check this Python: def f(x) return x and y",
    "```python\nx = 1; compute(x) and write(x)\n```\nfind the syntax error",
    "Explain the difference between TCP and UDP and QUIC",
    "Compare Python and Rust",
    "What is the capital of France?",
    "write a poem about love and loss, then and now",
    "Which is larger, 0.9 or 0.11?",
    "Should I rent or buy?",
    "who wrote Pride and Prejudice",
    "what did he write and when",
    "explain what a heap is and how it works",
    "Answer the following question. What is the tallest mountain?",
    "Pick one: What is 2+2?\n(A) 3\n(B) 4",
    "solve the system x + y = 3 and x - y = 1",
    "what is the probability of rolling a 6 and then a 5?",
    "Count the letter r in strawberry and raspberry",
    "I want to learn to cook and write",
    "draft an email to Ann and Bob about lunch and dinner",
    "is 91 prime and odd?",
    "What time is it in Rome?",
    "rewrite this in a formal tone: hey, check the report and then tell me what you think",
    "summarize the following in three sentences: Ships sail. Then write them down. Calculate the rest. Explain it.",
    "does this Rust compile syntactically: fn main() { let x = 1; let y = 2; println!(\"{}\", x and y); }",
    "what does the regex ^a+$ match and why",
    "write a program to compute factorials and sort them",
    "convert this JSON to YAML: {\"a\": 1, \"and\": \"then tell me\"}",
    "Which option is right? Which of these is a metal?\n- iron\n- oxygen",
    "When a battery train is turned on, it moves along the track. Which best identifies the energy used?",
    "Add or subtract the rational expressions and simplify: $\\frac{1}{x} + \\frac{2}{x}$",
    "compare two approaches to running a race and recommend one",
    "For model volvo, how many cylinders does the lightest car have?",
    "find / -perm /g=s\nwhat is this doing?",
    "Write a function in Rust that takes a string. Create a hash of it. Return it as hexadecimal.",
    "solve: Jack is older than Ines, Farid is younger than Ines, who is oldest?",
    "is it better to pay $4349 today or $71 a week for 10 weeks? weigh risk too",
    "",
];

#[test]
fn single_requests_stay_whole() {
    for query in WHOLE {
        assert!(split(query).len() <= 1, "{query}: {:?}", split(query));
    }
}

#[test]
fn back_references() {
    for text in [
        "double the result",
        "multiply it by 3",
        "double the number",
        "add 10 to that",
        "square that number",
        "explain the answer in French",
        "then add 10",
        "add both results",
        "divide by 4",
        "translate it to German",
        "is it prime?",
        "round to two decimals",
    ] {
        assert!(refers_back(text), "{text}");
    }
    for text in [
        "add 3 and 4",
        "what time is it in Rome",
        "write a function that sorts a list",
        "is it raining in Oslo",
        "what is the sum of 2 and 3",
        "translate 'it' to German",
        "prove that 2 is even",
        "",
        "the number 7 is prime",
        "check this Python: def f(x) return x",
        "multiply 3 by 4",
    ] {
        assert!(!refers_back(text), "{text}");
    }
}

#[test]
fn results_take_the_place_of_the_words_for_them() {
    for (text, result, wanted) in [
        ("then double the result", "36", "double 36"),
        ("multiply it by 3", "36", "multiply 36 by 3"),
        ("add 10 to that", "36", "add 10 to 36"),
        ("add 10", "36", "add 10 to 36"),
        ("then subtract 5", "36", "subtract 5 from 36"),
        ("divide by 4", "36", "divide 36 by 4"),
        ("double", "36", "double 36"),
        ("what is half of that?", "36", "what is half of 36?"),
        ("convert that number to hex", "36", "convert 36 to hex"),
        ("and round to two decimals", "3.14159", "round 3.14159 to two decimals"),
        ("translate it to French", "'dog'", "translate 'dog' to French"),
    ] {
        assert_eq!(substitute(text, result).as_deref(), Some(wanted), "{text}");
    }
    assert_eq!(substitute("add 3 and 4", "36"), None);
    assert_eq!(substitute("double it", ""), None);
    assert_eq!(substitute("explain it", "line one\nline two"), None);
}
