//! What is asked, and what becomes of answers.

use plexus_core::Message as Earlier;
use serde_json::{Value, json};

use super::*;
use crate::engine::Question;

fn text(text: &str) -> Chunk {
    Chunk::Text(text.to_owned())
}

/// Reads events, then the end.
fn read(events: &[Value]) -> Result<Vec<Chunk>, EngineError> {
    let (mut reader, mut chunks) = (Messages::default(), Vec::new());
    for event in events {
        assert!(!reader.event(&event.to_string(), &mut chunks)?);
    }
    assert_eq!(reader.event(r#"{"type": "message_stop"}"#, &mut chunks), Ok(true));
    reader.end(&mut chunks)?;
    Ok(chunks)
}

fn delta(text: &str) -> Value {
    json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}})
}

fn stop(reason: &str) -> Value {
    json!({"type": "message_delta", "delta": {"stop_reason": reason}, "usage": {"output_tokens": 2}})
}

#[test]
fn a_conversation_alternates_and_begins_with_the_person() {
    let earlier = |role, content: &str| Earlier {
        role,
        content: content.to_owned(),
    };
    let question = Question {
        text: "why?".to_owned(),
        context: vec![
            earlier(Role::Assistant, "welcome"),
            earlier(Role::User, "hello"),
            earlier(Role::System, "be kind"),
            earlier(Role::User, "again"),
            earlier(Role::Assistant, "yes"),
            earlier(Role::User, "so"),
        ],
        ..Question::default()
    };
    let mut ask = Ask {
        model: "tiny",
        system: "be brief\n",
        user: question.user(),
        question: &question,
        temperature: None,
        max_output_tokens: None,
    };
    let body = |ask: &Ask<'_>| serde_json::from_slice::<Value>(&Anthropic::body(ask).unwrap()).unwrap();
    let messages = json!([
        {"role": "user", "content": "hello\n\nagain"},
        {"role": "assistant", "content": "yes"},
        {"role": "user", "content": "so\n\nwhy?"},
    ]);
    let mut expected = json!({
        "model": "tiny", "max_tokens": 4096, "system": "be brief\n\nbe kind", "messages": messages, "stream": true,
    });
    assert_eq!(body(&ask), expected);
    (ask.temperature, ask.max_output_tokens) = (Some(0.5), Some(7));
    expected["temperature"] = json!(0.5);
    expected["max_tokens"] = json!(7);
    assert_eq!(body(&ask), expected);
}

#[test]
fn urls_may_end_with_the_version_or_not() {
    for base in ["http://h:1", "http://h:1/", "http://h:1/v1", "http://h:1/v1/"] {
        assert_eq!(
            Anthropic::url(&base.parse().unwrap()),
            "http://h:1/v1/messages",
            "{base}"
        );
    }
    assert_eq!(
        Anthropic::url(&"http://h/a/b".parse().unwrap()),
        "http://h/a/b/v1/messages"
    );
}

#[test]
fn text_and_tokens_are_read() {
    let usage = json!({
        "input_tokens": 3, "cache_read_input_tokens": 40, "cache_creation_input_tokens": 2, "output_tokens": 1,
    });
    let chunks = read(&[
        json!({"type": "message_start", "message": {"content": [], "stop_reason": null, "usage": usage}}),
        json!({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}),
        json!({"type": "ping"}),
        json!({"type": "content_block_delta", "delta": {"type": "thinking_delta", "thinking": "hm"}}),
        delta("one "),
        delta("two"),
        json!({"type": "content_block_stop", "index": 0}),
        json!({"type": "an_event_of_tomorrow"}),
        json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"input_tokens": 3, "output_tokens": 2}}),
    ]);
    assert_eq!(
        chunks,
        Ok(vec![text("one "), text("two"), Chunk::Tokens { input: 45, output: 2 }])
    );
}

#[test]
fn ends_are_told_apart() {
    assert_eq!(read(&[delta("one"), stop("end_turn")]), Ok(vec![text("one")]));
    for reason in ["max_tokens", "model_context_window_exceeded", "refusal"] {
        let chunks = read(&[delta("one"), stop(reason)]);
        assert_eq!(chunks, Ok(vec![text("one"), Chunk::Truncated]), "{reason}");
    }
    assert!(matches!(read(&[stop("refusal")]), Err(EngineError::Declined(_))));
    assert!(matches!(read(&[stop("tool_use")]), Err(EngineError::Malformed(_))));
    assert!(matches!(read(&[stop("end_turn")]), Err(EngineError::Malformed(_))));
}

#[test]
fn errors_and_other_things_in_a_stream_are_told_without_their_words() {
    let error = |kind: &str| json!({"type": "error", "error": {"type": kind, "message": "canary"}});
    assert_eq!(
        read(&[error("overloaded_error")]).unwrap_err().to_string(),
        "answered with HTTP status 529: it is overloaded"
    );
    assert_eq!(
        read(&[error("api_error")]).unwrap_err().to_string(),
        "broke off: the server reported an error instead of text"
    );
    for other in [json!("canary"), json!({"choices": "canary"})] {
        let error = read(&[other]).unwrap_err().to_string();
        assert!(
            error.contains("no JSON of a message") && !error.contains("canary"),
            "{error}"
        );
    }
}

#[test]
fn a_whole_message_is_read() {
    let (mut reader, mut chunks) = (Messages::default(), Vec::new());
    let body = json!({
        "type": "message", "content": [{"type": "text", "text": "one"}], "stop_reason": "end_turn",
        "usage": {"input_tokens": 5, "output_tokens": 1},
    });
    reader.whole(body.to_string().as_bytes(), &mut chunks).unwrap();
    reader.end(&mut chunks).unwrap();
    assert_eq!(chunks, [text("one"), Chunk::Tokens { input: 5, output: 1 }]);
}
