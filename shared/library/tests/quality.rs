//! Whether the right file is found: questions in plain words, and identifiers, over a small corpus.

#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use std::path::{Path, PathBuf};

use plexus_config::Environment;
use plexus_encoder::ModelConfig;
use plexus_library::{Library, LibraryConfig, State};

/// Questions that share words with the file that answers them.
const SPOKEN: [(&str, &str); 14] = [
    ("How do I roll back a release?", "handbook/deploy.md"),
    ("What has to be done when the pager rings?", "handbook/oncall.md"),
    ("How many days of vacation do I have?", "handbook/holidays.md"),
    ("Which hotels may I book on a business trip?", "handbook/expenses.md"),
    ("My laptop is lost, what now?", "handbook/security.md"),
    ("On which port does the shop listen?", "shop/README.md"),
    ("How long is the pause before the next attempt?", "shop/src/retry.rs"),
    (
        "When does the circuit breaker open after failures?",
        "shop/src/breaker.rs",
    ),
    ("How is the sum of a cart computed?", "shop/src/cart.rs"),
    ("How is an article reserved in the warehouse?", "shop/src/stock.py"),
    ("Where do we charge the customer's card?", "shop/src/payment.go"),
    (
        "How is the signature of the session cookie checked?",
        "shop/src/session.rs",
    ),
    (
        "Why does the search field wait before it asks the server?",
        "shop/web/search.ts",
    ),
    (
        "How many requests per second may a client send?",
        "shop/src/limits.toml",
    ),
];

/// Names as they stand in the code, or nearly.
const NAMES: [(&str, &str); 8] = [
    ("backoff_pause", "shop/src/retry.rs"),
    ("What does CircuitState do?", "shop/src/breaker.rs"),
    ("cartTotalCents", "shop/src/cart.rs"),
    ("explain reserve_pieces", "shop/src/stock.py"),
    ("who calls RefundOrder", "shop/src/payment.go"),
    ("readSessionCookie", "shop/src/session.rs"),
    ("highlightMatch", "shop/web/search.ts"),
    ("order_confirmation subject", "shop/src/mail.py"),
];

/// Questions that mean what a file says in other words.
const MEANT: [(&str, &str); 8] = [
    ("undo a bad deployment", "handbook/deploy.md"),
    ("I caught the flu, whom do I tell?", "handbook/holidays.md"),
    (
        "Can I get the costs of my train ticket reimbursed?",
        "handbook/expenses.md",
    ),
    ("two factor authentication", "handbook/security.md"),
    ("exponential delay with jitter", "shop/src/retry.rs"),
    ("give a buyer his money back", "shop/src/payment.go"),
    ("debounce keyboard typing", "shop/web/search.ts"),
    ("email sent to the buyer", "shop/src/mail.py"),
];

/// Questions that the corpus says nothing of.
const STRANGE: [&str; 5] = [
    "Write a poem about the autumn in the mountains.",
    "What is the capital of Mongolia?",
    "How tall is the Eiffel tower?",
    "Prove that the square root of two is irrational.",
    "Who painted the ceiling of the Sistine Chapel?",
];

fn corpus() -> Vec<PathBuf> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    vec![corpus.join("handbook"), corpus.join("shop")]
}

async fn missed(library: &Library, questions: &[(&'static str, &'static str)]) -> Vec<&'static str> {
    let mut missed = Vec::new();
    for (question, file) in questions {
        let found = library.search(question, 3).await;
        if !found.iter().any(|passage| passage.source == *file) {
            missed.push(*question);
        }
    }
    missed
}

#[tokio::test]
async fn words_find_what_shares_words() {
    let config = LibraryConfig {
        folders: corpus(),
        min_score: 0.0,
        ..LibraryConfig::default()
    };
    let library = Library::with(&config, None).unwrap();
    assert_eq!(missed(&library, &SPOKEN).await, [""; 0]);
    assert_eq!(missed(&library, &NAMES).await, [""; 0]);
}

#[tokio::test]
async fn passages_say_where_they_stand() {
    let config = LibraryConfig {
        folders: corpus(),
        ..LibraryConfig::default()
    };
    let library = Library::with(&config, None).unwrap();
    let found = library.search("roll back a release with `ship back`", 1).await;
    let [passage] = found.as_slice() else {
        panic!("one passage is asked for: {found:#?}");
    };
    assert_eq!(passage.source, "handbook/deploy.md");
    let file = std::fs::read_to_string(corpus()[0].join("deploy.md")).unwrap();
    let lines: Vec<&str> = file.lines().collect();
    let (first, last) = (passage.first_line as usize, passage.last_line as usize);
    assert_eq!(passage.text, lines[first - 1..last].join("\n"));
}

#[tokio::test]
async fn the_encoder_finds_what_is_meant_and_nothing_for_strange_questions() {
    let config = LibraryConfig {
        folders: corpus(),
        model: Some(ModelConfig {
            folder: Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/router"),
            onnxruntime: PathBuf::new(),
            threads: 1,
        }),
        ..LibraryConfig::default()
    };
    let library = Library::open(&config, &Environment::process()).unwrap().unwrap();
    library.reached(State::Settled).await;
    for (questions, most) in [(&SPOKEN[..], 0), (&NAMES[..], 0), (&MEANT[..], 1)] {
        let missed = missed(&library, questions).await;
        assert!(missed.len() <= most, "{missed:#?}");
    }
    let mut given = Vec::new();
    for question in STRANGE {
        given.extend(
            library
                .search(question, 3)
                .await
                .into_iter()
                .map(|passage| (question, passage.source)),
        );
    }
    assert!(given.is_empty(), "{given:#?}");
}
