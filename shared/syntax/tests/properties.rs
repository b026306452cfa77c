//! What holds for any input.

use plexus_syntax::{Language, check, convert, detect, extract, fenced, format_json, mention, outline};
use proptest::prelude::*;

fn code() -> impl Strategy<Value = String> {
    let bits = prop::sample::select(vec![
        "def ", "f", "(", ")", "{", "}", "[", "]", ":", ";", ",", "\n", "    ", "\t", "if ", "else", "x", "=", "1",
        "\"", "'", "`", "```", "#", "//", "/*", "fn ", "let ", "class ", "return ", "é", "🦀", "\\", "-", "- ", "a: ",
        "&a", "*a", "r#\"", "<", "->", "|", "\r\n", "JSON: ", "Python: ", "?", "!", "'''", "~~~",
    ]);
    prop::collection::vec(bits, 0..40).prop_map(|bits| bits.concat())
}

fn holds(source: &str) -> Result<(), TestCaseError> {
    for language in Language::ALL {
        let Ok(errors) = check(language, source) else {
            continue;
        };
        let lines = source.split('\n').count();
        for error in &errors {
            prop_assert!(error.line >= 1 && error.line as usize <= lines, "{error:?}");
            let line = source.split('\n').nth(error.line as usize - 1).unwrap_or_default();
            prop_assert!(
                error.column >= 1 && error.column as usize <= line.chars().count() + 1,
                "{error:?}"
            );
            prop_assert!(!error.message.is_empty());
        }
        let _ = outline(language, source);
        for to in [Language::Json, Language::Yaml, Language::Toml] {
            let _ = convert(language, to, source);
        }
    }
    let _ = (detect(source), mention(source));
    for block in extract(source).into_iter().chain(fenced(source)) {
        prop_assert!(block.first_line >= 1 && block.first_column >= 1);
        let _ = block.place(1, 1);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_text(source in any::<String>()) {
        holds(&source)?;
    }

    #[test]
    fn any_mix_of_tokens(source in code()) {
        holds(&source)?;
    }

    #[test]
    fn layout_keeps_json(value in json()) {
        let text = value.to_string();
        let pretty = format_json(&text, true).unwrap_or_default();
        prop_assert_eq!(&serde_json::from_str::<serde_json::Value>(&pretty).unwrap_or_default(), &value);
        prop_assert_eq!(format_json(&pretty, false).unwrap_or_default(), text);
        prop_assert_eq!(check(Language::Json, &pretty), Ok(Vec::new()));
    }

    #[test]
    fn conversions_come_back(value in json()) {
        let text = value.to_string();
        for to in [Language::Yaml, Language::Toml] {
            if let Ok(other) = convert(Language::Json, to, &text)
                && let Ok(back) = convert(to, Language::Json, &other)
            {
                prop_assert_eq!(&serde_json::from_str::<serde_json::Value>(&back).unwrap_or_default(), &value);
            }
        }
    }
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i32>().prop_map(Into::into),
        "[ -~é]{0,8}".prop_map(Into::into),
        prop::sample::select(vec![
            "yes",
            "no",
            "1",
            "null",
            "~",
            "- a",
            "a: b",
            "#",
            "1e3",
            "0x1",
            "2020-01-01"
        ])
        .prop_map(Into::into),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
            prop::collection::btree_map("[a-z .:#-]{0,5}", inner, 0..4)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}
