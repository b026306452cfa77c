//! What holds for any input.

use plexus_compound::{MAX_PARTS, refers_back, split, substitute};
use proptest::prelude::*;

fn pieces() -> impl Strategy<Value = String> {
    let bits = prop::sample::select(vec![
        "compute 2+2",
        "and",
        "then",
        "what is 3^4?",
        ", ",
        "; ",
        "1) ",
        "2) ",
        "(A)",
        "it",
        "the result",
        "```",
        "`",
        "'",
        "\"",
        "write a poem",
        "check this Python:",
        "def f(x) return x",
        ". ",
        "\n",
        "double",
        "é",
        "日本",
        "also",
        "tell me",
        "{",
        "}",
        "(",
        ")",
        "both",
    ]);
    prop::collection::vec(bits, 0..24).prop_map(|bits| bits.join(" "))
}

fn holds(query: &str) -> Result<(), TestCaseError> {
    let parts = split(query);
    prop_assert!(parts.len() <= MAX_PARTS);
    prop_assert_eq!(parts.is_empty(), query.trim().is_empty());
    let mut from = 0;
    for (index, part) in parts.iter().enumerate() {
        prop_assert!(!part.text.trim().is_empty());
        // In order, and every part is a stretch of the query.
        let at = query[from..].find(&part.text);
        prop_assert!(at.is_some(), "{:?} not in {:?}", part.text, query);
        from += at.unwrap_or_default() + part.text.len();
        prop_assert!(part.depends_on.iter().all(|earlier| *earlier < index));
        prop_assert!(part.depends_on.is_sorted());
    }
    prop_assert_eq!(substitute(query, "42").is_some(), refers_back(query));
    Ok(())
}

proptest! {
    #[test]
    fn any_text(query in any::<String>()) {
        holds(&query)?;
    }

    #[test]
    fn any_mix_of_pieces(query in pieces()) {
        holds(&query)?;
    }
}

#[test]
fn long_inputs_end_soon() {
    for unit in [
        "compute 2+2 and ",
        "(",
        "'a ",
        "and then, ",
        "1) ",
        "it ",
        ": this ",
        "```",
    ] {
        let query = unit.repeat(200_000 / unit.len());
        assert_eq!(split(&query).len(), 1);
        let _ = split(&query[..16_000]);
        let _ = refers_back(&query);
    }
}

#[test]
fn arithmetic_goes_on_from_result_to_result() {
    let parts = plexus_compound::split("What is 15% of 240? Then double the result and subtract 12.");
    let texts: Vec<&str> = parts.iter().map(|part| part.text.as_str()).collect();
    assert_eq!(texts, ["What is 15% of 240?", "double the result", "subtract 12"]);
    assert_eq!(parts[2].depends_on, [1]);
    assert_eq!(plexus_compound::split("add 3 and 4").len(), 1);
    let parts = plexus_compound::split("First compute 12 * 12, then divide the result by 9.");
    assert_eq!(parts[0].text, "compute 12 * 12");
    assert_eq!(parts[1].depends_on, [0]);
}
