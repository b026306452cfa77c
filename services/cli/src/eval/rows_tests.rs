//! Rows that are right, and every way of being wrong.

use std::path::Path;

use proptest::prelude::*;

use super::*;

fn parsed(bytes: &[u8]) -> Result<Vec<Row>, String> {
    jsonl::parse(Path::new("q.jsonl"), bytes, row).map_err(|error| error.to_string())
}

#[test]
fn fields_are_read() {
    let text = "\u{feff}{\"text\": \"a\", \"label\": \"math\", \"also_ok\": [\"code\"], \"source\": \"s\", \"lang\": \"de\", \"id\": 7}\r\n\n\
        {\"text\": \"b\", \"label\": \"code\", \"labels\": [\"math\", \"code\", \"math\"], \"guard\": \"benign\", \"kind\": \"k\"}\n\
        {\"text\": \"c\", \"label\": \"jailbreak\", \"subtype\": \"t\"}";
    let rows = parsed(text.as_bytes()).unwrap();
    let [a, b, c] = rows.as_slice() else { panic!("{rows:?}") };
    assert_eq!((a.single(), a.attack), (Some(Domain::Math), None));
    assert_eq!(
        (a.also_ok.as_slice(), a.lang.as_str()),
        ([Domain::Code].as_slice(), "de")
    );
    assert_eq!(
        (b.domains.as_slice(), b.single()),
        ([Domain::Math, Domain::Code].as_slice(), None)
    );
    assert_eq!((b.attack, b.kind.as_str()), (Some(false), "k"));
    assert_eq!((c.domains.len(), c.attack, c.subtype.as_str()), (0, Some(true), "t"));
}

#[test]
fn what_is_wrong_is_named_with_its_line() {
    for (line, part) in [
        (
            r#"{"text": "a", "label": "poetry"}"#,
            "`label` is `poetry`, expected one of code, math",
        ),
        (r#"{"text": "a", "labels": ["math", "x"]}"#, "`labels` holds `x`"),
        (
            r#"{"text": "a", "label": "math", "also_ok": ["y"]}"#,
            "`also_ok` holds `y`",
        ),
        (
            r#"{"text": "a", "label": "math", "guard": "evil"}"#,
            "`guard` is `evil`, expected one of benign",
        ),
        (
            r#"{"text": "a", "label": "injection", "guard": "benign"}"#,
            "but `guard` is `benign`",
        ),
        (
            r#"{"text": "a", "label": "math", "labels": ["code"]}"#,
            "which `labels` do not hold",
        ),
        (r#"{"text": " ", "label": "math"}"#, "`text` is empty"),
        (r#"{"text": "a"}"#, "neither `label` nor"),
        (r#"{"label": "math"}"#, "missing field `text`"),
        (r#"{"text": 1, "label": "math"}"#, "invalid type: integer `1`"),
        ("nonsense", "expected ident at column 2"),
    ] {
        let text = format!("{{\"text\": \"a\", \"label\": \"math\"}}\n{line}\n");
        let error = parsed(text.as_bytes()).unwrap_err();
        assert!(error.starts_with("q.jsonl:2: ") && error.contains(part), "{error}");
    }
    assert!(parsed(b"\xff\xfe").unwrap_err().contains("q.jsonl:1: is no UTF-8"));
}

#[test]
fn lines_are_bounded() {
    let row = |length: usize| {
        let frame = r#"{"text": "", "label": "math"}"#.len();
        format!(
            "{{\"text\": \"{}\", \"label\": \"math\"}}\n",
            "x".repeat(length - frame)
        )
    };
    assert_eq!(parsed(row(jsonl::MAX_LINE).repeat(2).as_bytes()).unwrap().len(), 2);
    let error = parsed(row(jsonl::MAX_LINE + 1).as_bytes()).unwrap_err();
    assert!(error.contains("q.jsonl:1: is longer than 1048576 bytes"), "{error}");
}

#[test]
fn files_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("none.jsonl");
    let error = read(std::slice::from_ref(&path)).unwrap_err().to_string();
    assert!(error.contains("none.jsonl: cannot be read"), "{error}");
    std::fs::write(&path, "\n\n").unwrap();
    assert!(read(&[path]).unwrap_err().to_string().ends_with("has no rows"));
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = parsed(&bytes);
    }

    #[test]
    fn no_values_make_it_panic(text in "\\PC*", label in "(math|benign|\\PC{0,6})", more in "[\\[\\]{}\":,0-9a-z ]{0,40}") {
        let line = serde_json::json!({"text": text, "label": label, "labels": [label]}).to_string();
        let _ = parsed(line.as_bytes());
        let _ = parsed(format!("{{\"text\": {more}}}").as_bytes());
    }
}
