//! What is asked, and what becomes of answers.

use plexus_core::{Message, Role};
use serde_json::{Value, json};

use super::*;
use crate::engine::Question;

fn text(text: &str) -> Chunk {
    Chunk::Text(text.to_owned())
}

/// Reads events, then the end.
fn read(events: &[Value]) -> Result<Vec<Chunk>, EngineError> {
    let (mut reader, mut chunks) = (Completions::default(), Vec::new());
    for event in events {
        assert_eq!(reader.event(&event.to_string(), &mut chunks), Ok(false));
    }
    assert_eq!(reader.event(" [DONE]", &mut chunks), Ok(true));
    reader.end(&mut chunks)?;
    Ok(chunks)
}

fn delta(delta: Value, finish: Option<&str>) -> Value {
    json!({"choices": [{"delta": delta, "finish_reason": finish}]})
}

#[test]
fn a_request_says_what_is_set_and_nothing_else() {
    let question = Question {
        text: "why?".to_owned(),
        context: vec![Message {
            role: Role::Assistant,
            content: "hello".to_owned(),
        }],
        ..Question::default()
    };
    let mut ask = Ask {
        model: "tiny",
        system: "be brief",
        user: question.user(),
        question: &question,
        temperature: None,
        max_output_tokens: None,
    };
    let body = |ask: &Ask<'_>| serde_json::from_slice::<Value>(&Openai::body(ask).unwrap()).unwrap();
    let messages = json!([
        {"role": "system", "content": "be brief"},
        {"role": "assistant", "content": "hello"},
        {"role": "user", "content": "why?"},
    ]);
    let mut expected = json!({
        "model": "tiny", "messages": messages, "stream": true, "stream_options": {"include_usage": true},
    });
    assert_eq!(body(&ask), expected);
    (ask.temperature, ask.max_output_tokens) = (Some(0.5), Some(7));
    expected["temperature"] = json!(0.5);
    expected["max_tokens"] = json!(7);
    assert_eq!(body(&ask), expected);
}

#[test]
fn urls_are_joined_with_one_slash() {
    for base in ["http://h:1/v1", "http://h:1/v1/"] {
        assert_eq!(Openai::url(&base.parse().unwrap()), "http://h:1/v1/chat/completions");
    }
}

#[test]
fn text_and_tokens_are_read() {
    let chunks = read(&[
        delta(json!({"role": "assistant", "content": null}), None),
        delta(json!({"content": "one "}), Some("")),
        delta(json!({"content": "two"}), None),
        delta(json!({}), Some("stop")),
        json!({"choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 2}}),
    ]);
    assert_eq!(
        chunks,
        Ok(vec![text("one "), text("two"), Chunk::Tokens { input: 5, output: 2 }])
    );
}

#[test]
fn tokens_that_are_counted_in_every_chunk_count_once() {
    let mut first = delta(json!({"content": "one"}), None);
    first["usage"] = json!({"prompt_tokens": 5, "completion_tokens": 1});
    let mut last = delta(json!({}), Some("stop"));
    last["usage"] = json!({"prompt_tokens": 5, "completion_tokens": 2});
    assert_eq!(
        read(&[first, last]),
        Ok(vec![text("one"), Chunk::Tokens { input: 5, output: 2 }])
    );
}

#[test]
fn an_answer_that_ends_at_a_limit_is_marked() {
    for reason in ["length", "content_filter"] {
        let chunks = read(&[delta(json!({"content": "one"}), Some(reason))]);
        assert_eq!(chunks, Ok(vec![text("one"), Chunk::Truncated]), "{reason}");
    }
}

#[test]
fn an_answer_without_text_is_none() {
    for (events, expected) in [
        (vec![], "an answer without text"),
        (vec![delta(json!({}), Some("length"))], "limit of tokens"),
        (vec![delta(json!({"tool_calls": [{}]}), Some("tool_calls"))], "a tool"),
    ] {
        match read(&events) {
            Err(EngineError::Malformed(problem)) => assert!(problem.contains(expected), "{problem}"),
            other => panic!("{other:?}"),
        }
    }
    for events in [
        vec![delta(json!({"content": ""}), Some("content_filter"))],
        vec![delta(json!({"refusal": "words"}), None), delta(json!({}), Some("stop"))],
    ] {
        match read(&events) {
            Err(EngineError::Declined(reason)) => assert!(!reason.contains("words"), "{reason}"),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn errors_and_other_things_in_a_stream_are_told_without_their_words() {
    let (mut reader, mut chunks) = (Completions::default(), Vec::new());
    let mut event = |data: &str| reader.event(data, &mut chunks).unwrap_err().to_string();
    assert_eq!(
        event(r#"{"error": {"message": "canary"}}"#),
        "broke off: the server reported an error instead of text"
    );
    for data in ["canary", "[\"canary\"]", r#"{"choices": "canary"}"#] {
        let error = event(data);
        assert!(
            error.contains("no JSON of a completion") && !error.contains("canary"),
            "{error}"
        );
    }
}

#[test]
fn a_whole_completion_is_read() {
    let (mut reader, mut chunks) = (Completions::default(), Vec::new());
    let body = json!({
        "choices": [{"message": {"content": "one", "refusal": null}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 5, "completion_tokens": 1},
    });
    reader.whole(body.to_string().as_bytes(), &mut chunks).unwrap();
    reader.end(&mut chunks).unwrap();
    assert_eq!(chunks, [text("one"), Chunk::Tokens { input: 5, output: 1 }]);
}
