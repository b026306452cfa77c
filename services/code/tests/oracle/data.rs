//! Random JSON, TOML and YAML.

use plexus_testkit::oracle::Dice;

use super::{Asked, python, solved};

/// A JSON string.
fn text(dice: &mut Dice) -> String {
    let word = dice.pick(&[
        "\"a\"",
        "\"two words\"",
        "\"\"",
        "\"é\"",
        "\"yes\"",
        "\"12\"",
        "\"a: b\"",
        "\"# no\"",
        "\"line\\nbreak\"",
        "\"tab\\t\"",
        "\"\\u00e9\\\"\"",
        "\"null\"",
        "\" lead\"",
        "\"- x\"",
        "\"1e3\"",
        "\"0x1f\"",
        "\"{}\"",
        "\"~\"",
        "\"2024-01-02\"",
        "\"'\"",
        "\"\\\\d\"",
        "\"true\"",
        "\"😀\"",
    ]);
    word.to_owned()
}

fn scalar(dice: &mut Dice, nulls: bool) -> String {
    match dice.between(1, 8) {
        1 => dice.pick(&["true", "false"]).to_owned(),
        2 if nulls => "null".to_owned(),
        3 => format!("{}.{}", dice.between(-99, 99), dice.between(1, 9)),
        4 => dice
            .pick(&["0", "-1", "1000000", "9007199254740993", "1e3", "2.5e-3", "-0.5"])
            .to_owned(),
        5 | 6 => dice.between(-1000, 1000).to_string(),
        _ => text(dice),
    }
}

/// White space where JSON allows it.
fn space(dice: &mut Dice) -> &'static str {
    dice.pick(&["", "", " ", "  ", "\n", "\n  "])
}

fn map(dice: &mut Dice, depth: u8, nulls: bool) -> String {
    let keys = ["a", "b", "key", "long name", "x1", "é", "yes", "3"];
    let first = usize::try_from(dice.between(0, 4)).unwrap_or(0);
    let count = usize::try_from(dice.between(0, 4)).unwrap_or(0);
    let fields: Vec<String> = keys[first..(first + count).min(keys.len())]
        .iter()
        .map(|key| {
            format!(
                "{}\"{key}\"{}:{}{}",
                space(dice),
                space(dice),
                space(dice),
                value(dice, depth, nulls)
            )
        })
        .collect();
    format!("{{{}{}}}", fields.join(","), space(dice))
}

fn value(dice: &mut Dice, depth: u8, nulls: bool) -> String {
    match dice.between(1, 4) {
        1 if depth > 0 => map(dice, depth - 1, nulls),
        2 if depth > 0 => {
            let count = dice.between(0, 3);
            let items: Vec<String> = (0..count)
                .map(|_| format!("{}{}", space(dice), value(dice, depth - 1, nulls)))
                .collect();
            format!("[{}{}]", items.join(","), space(dice))
        }
        _ => scalar(dice, nulls),
    }
}

/// A question with data in a fence, or behind a colon.
fn asks(request: &str, tag: &str, source: &str) -> String {
    format!("{request}:\n```{tag}\n{source}\n```")
}

pub(crate) fn layout(dice: &mut Dice) -> Asked {
    let source = map(dice, 3, true);
    let (request, indent) = dice.pick(&[
        ("pretty-print this JSON", "2"),
        ("format this JSON", "2"),
        ("minify this JSON", "None"),
    ]);
    Some((
        asks(request, "json", &source),
        format!("laid_out({}, {indent})", python(&source)),
    ))
}

pub(crate) fn validity(dice: &mut Dice) -> Asked {
    let mut source = map(dice, 2, true);
    if dice.one_in(2) {
        // One character too few, too many, or another.
        let at = usize::try_from(dice.between(0, i64::try_from(source.len()).unwrap_or(0) - 1)).unwrap_or(0);
        let at = source.floor_char_boundary(at);
        let mark = dice.pick(&[",", "", "'", "}", "1", "\"", " ", "x", "\\"]);
        let next = source[at..].chars().next().map_or(0, char::len_utf8);
        let end = if dice.one_in(2) { at } else { at + next };
        source.replace_range(at..end, mark);
    }
    Some((
        asks("is this valid JSON?", "json", &source),
        format!("valid({})", python(&format!("{source}\n"))),
    ))
}

pub(crate) fn to_toml(dice: &mut Dice) -> Asked {
    let source = map(dice, 2, false);
    Some((
        asks("convert this JSON to TOML", "json", &source),
        format!("same_toml({})", python(&source)),
    ))
}

pub(crate) fn from_toml(dice: &mut Dice) -> Asked {
    let mut source = String::new();
    for key in ["name", "count", "on", "\"odd key\""] {
        let value = dice.pick(&[
            "\"text\"",
            "'raw \\d'",
            "1",
            "-17",
            "1_000",
            "0x1F",
            "0o17",
            "0b101",
            "3.5",
            "1e3",
            "true",
            "false",
            "[1, 2, 3]",
            "[\"a\", 'b']",
            "{ x = 1, y = \"z\" }",
            "\"\"\"\nmany\nlines\"\"\"",
            "\"\\u00e9\\t\"",
            "[]",
            "+5",
        ]);
        source.push_str(&format!("{key} = {value}\n"));
    }
    if dice.one_in(2) {
        source.push_str(&format!(
            "\n[table.{}]\nx.y = {}\n",
            dice.pick(&["a", "b"]),
            dice.between(0, 9)
        ));
    }
    if dice.one_in(2) {
        source.push_str("\n[[list]]\nn = 1\n\n[[list]]\nn = 2\n");
    }
    Some((
        asks("convert this TOML to JSON", "toml", &source),
        format!("from_toml({})", python(&source)),
    ))
}

/// JSON is YAML.
pub(crate) fn from_yaml(dice: &mut Dice) -> Asked {
    let source = map(dice, 2, true);
    let flat: String = source.chars().filter(|c| *c != '\n').collect();
    let spaced = flat.replace(':', ": ").replace("a:  b", "a: b");
    // A colon inside of a text would get a space as well: both readers get the same source.
    Some((
        asks("convert this YAML to JSON", "yaml", &spaced),
        format!("same_json({})", python(&spaced)),
    ))
}

pub(crate) fn there_and_back(dice: &mut Dice) -> Asked {
    let source = map(dice, 3, true);
    let there = solved(&asks("convert this JSON to YAML", "json", &source))?;
    let back = format!("convert this YAML to JSON:\n{there}");
    Some((back, format!("same_json({})", python(&source))))
}
