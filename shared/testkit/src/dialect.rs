//! How an answer looks: as a chat completion, or as a message.

use serde_json::{Value, json};

/// What a server speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// Chat completions, as of OpenAI.
    Chat,
    /// Messages, as of Anthropic.
    Messages,
}

impl Dialect {
    /// What a request like `POST /v1/messages` wants to hear.
    pub(crate) fn of(line: &str) -> Self {
        match line.ends_with("/messages") {
            true => Self::Messages,
            false => Self::Chat,
        }
    }

    /// What comes before the first word, given the tokens read.
    pub(crate) fn begin(self, input: Option<u64>) -> Vec<u8> {
        match self {
            Self::Chat => event(
                self,
                &json!({"choices": [{"delta": {"role": "assistant", "content": null}}]}),
            ),
            Self::Messages => {
                let usage = input.map(|input| json!({"input_tokens": input, "output_tokens": 1}));
                let message = json!({"role": "assistant", "content": [], "stop_reason": null, "usage": usage});
                event(self, &json!({"type": "message_start", "message": message}))
            }
        }
    }

    /// A piece of text.
    pub(crate) fn delta(self, text: &str) -> Vec<u8> {
        let json = match self {
            Self::Chat => json!({"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": null}]}),
            Self::Messages => {
                json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}})
            }
        };
        event(self, &json)
    }

    /// The end of the answer: its reason, and the tokens read and written.
    pub(crate) fn end(self, reason: &str, usage: Option<(u64, u64)>) -> Vec<u8> {
        match self {
            Self::Chat => {
                let mut end = event(
                    self,
                    &json!({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]}),
                );
                if let Some((input, output)) = usage {
                    let usage = json!({"prompt_tokens": input, "completion_tokens": output});
                    end.extend(event(self, &json!({"choices": [], "usage": usage})));
                }
                end.extend_from_slice(b"data: [DONE]\n\n");
                end
            }
            Self::Messages => {
                let usage = usage.map(|(_, output)| json!({"output_tokens": output}));
                let delta = json!({"type": "message_delta", "delta": {"stop_reason": reason}, "usage": usage});
                let mut end = event(self, &delta);
                end.extend(event(self, &json!({"type": "message_stop"})));
                end
            }
        }
    }

    /// The reason of an answer that is at its end.
    pub(crate) fn natural(self) -> &'static str {
        match self {
            Self::Chat => "stop",
            Self::Messages => "end_turn",
        }
    }

    /// An error inside a stream.
    pub(crate) fn error(self, words: &str) -> Vec<u8> {
        event(
            self,
            &json!({"type": "error", "error": {"type": "api_error", "message": words}}),
        )
    }

    /// An answer that comes at once.
    pub(crate) fn whole(self, text: &str) -> Vec<u8> {
        let json = match self {
            Self::Chat => {
                let choice = json!({"message": {"role": "assistant", "content": text}, "finish_reason": "stop"});
                json!({"choices": [choice], "usage": {"prompt_tokens": 11, "completion_tokens": 7}})
            }
            Self::Messages => {
                let usage = json!({"input_tokens": 11, "output_tokens": 7});
                let content = [json!({"type": "text", "text": text})];
                json!({"type": "message", "content": content, "stop_reason": "end_turn", "usage": usage})
            }
        };
        json.to_string().into_bytes()
    }
}

/// One event of a stream.
pub(crate) fn event(dialect: Dialect, data: &Value) -> Vec<u8> {
    let name = match (dialect, data["type"].as_str()) {
        (Dialect::Messages, Some(name)) => format!("event: {name}\n"),
        _ => String::new(),
    };
    format!("{name}data: {data}\n\n").into_bytes()
}
