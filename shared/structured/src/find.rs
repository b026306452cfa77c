//! Finds the one JSON object or array in a text.

use serde_json::Value;

/// Places of a text that are tried.
const MAX_TRIES: usize = 64;

/// The one outermost JSON object or array in a text, as written and as a value; none where there is none, or several that
/// differ: nobody knows which one was meant.
pub(crate) fn only_json(text: &str) -> Option<(&str, Value)> {
    let mut found: Option<(&str, Value)> = None;
    let mut from = 0;
    for _ in 0..MAX_TRIES {
        let Some(begin) = text[from..].find(['{', '[']).map(|at| from + at) else {
            break;
        };
        let mut values = serde_json::Deserializer::from_str(&text[begin..]).into_iter::<Value>();
        match values.next() {
            Some(Ok(value)) => {
                let end = begin + values.byte_offset();
                match &found {
                    Some((_, other)) if *other != value => return None,
                    Some(_) => {}
                    None => found = Some((&text[begin..end], value)),
                }
                from = end;
            }
            _ => from = begin + 1,
        }
    }
    found
}
