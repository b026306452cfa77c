//! The messages API, as Anthropic and servers compatible with it speak it. Only what is used.
//!
//! Source: Anthropic API reference, "Messages" and "Streaming Messages".

use http::{HeaderMap, HeaderValue, Uri, header::InvalidHeaderValue};
use plexus_core::Role;
use serde::{Deserialize, Serialize};

use super::{
    heard::{Heard, Stop},
    network::{Ask, Dialect, Reader},
};
use crate::engine::{Chunk, EngineError};

/// Version of the API that is spoken.
const VERSION: &str = "2023-06-01";
/// Longest answer where nobody says: the API wants a number.
const MAX_TOKENS: u32 = 4096;

/// The messages API.
#[derive(Debug)]
pub(super) struct Anthropic;

#[derive(Debug, Serialize)]
struct Request<'a> {
    model: &'a str,
    max_tokens: u32,
    #[serde(skip_serializing_if = "String::is_empty")]
    system: String,
    messages: Vec<Message>,
    stream: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f32>,
}

#[derive(Debug, Serialize)]
struct Message {
    role: &'static str,
    content: String,
}

impl Dialect for Anthropic {
    type Reader = Messages;

    const LONGEST: Option<u32> = Some(MAX_TOKENS);

    fn url(base: &Uri) -> String {
        let base = base.to_string();
        let base = base.trim_end_matches('/');
        format!("{}/v1/messages", base.strip_suffix("/v1").unwrap_or(base))
    }

    fn headers(key: Option<&str>) -> Result<HeaderMap, InvalidHeaderValue> {
        let mut headers = HeaderMap::new();
        headers.insert("anthropic-version", HeaderValue::from_static(VERSION));
        if let Some(key) = key {
            headers.insert("x-api-key", HeaderValue::try_from(key)?);
        }
        Ok(headers)
    }

    fn body(ask: &Ask<'_>) -> serde_json::Result<Vec<u8>> {
        let (system, messages) = conversation(ask);
        serde_json::to_vec(&Request {
            model: ask.model,
            max_tokens: ask.max_output_tokens.unwrap_or(MAX_TOKENS),
            system,
            messages,
            stream: true,
            temperature: ask.temperature,
        })
    }
}

/// The conversation as the API wants it: what the application said in one place, then person and model in turns,
/// beginning with the person.
fn conversation(ask: &Ask<'_>) -> (String, Vec<Message>) {
    let mut system = ask.system.trim().to_owned();
    let mut messages: Vec<Message> = Vec::new();
    let context = ask.question.context.iter();
    let turns = context.map(|earlier| (earlier.role, earlier.content.as_str()));
    for (role, content) in turns.chain(std::iter::once((Role::User, ask.user))) {
        match (role, messages.last_mut()) {
            (Role::System, _) => append(&mut system, content),
            (Role::Assistant, None) => {}
            (role, Some(last)) if last.role == role.name() => append(&mut last.content, content),
            (role, _) => messages.push(Message {
                role: role.name(),
                content: content.to_owned(),
            }),
        }
    }
    (system, messages)
}

fn append(text: &mut String, more: &str) {
    if !text.is_empty() {
        text.push_str("\n\n");
    }
    text.push_str(more);
}

/// An event of a stream, or a whole message of a server that does not stream.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Event {
    MessageStart {
        message: Whole,
    },
    ContentBlockDelta {
        delta: Delta,
    },
    MessageDelta {
        delta: Stopped,
        usage: Option<Usage>,
    },
    MessageStop,
    Message(Whole),
    Error {
        error: Problem,
    },
    #[serde(other)]
    Other,
}

#[derive(Debug, Deserialize)]
struct Whole {
    #[serde(default)]
    content: Vec<Delta>,
    stop_reason: Option<String>,
    usage: Option<Usage>,
}

/// A piece of text; thoughts and calls of tools have none.
#[derive(Debug, Deserialize)]
struct Delta {
    text: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Stopped {
    stop_reason: Option<String>,
}

/// Tokens read from a cache are counted apart, yet they were read.
#[derive(Debug, Clone, Copy, Deserialize)]
struct Usage {
    input_tokens: Option<u64>,
    cache_creation_input_tokens: Option<u64>,
    cache_read_input_tokens: Option<u64>,
    output_tokens: Option<u64>,
}

/// Its text is not passed on.
#[derive(Debug, Deserialize)]
struct Problem {
    #[serde(rename = "type")]
    kind: Option<String>,
}

/// Reads messages.
#[derive(Debug, Default)]
pub(super) struct Messages(Heard);

impl Messages {
    fn take(&mut self, event: Event, chunks: &mut Vec<Chunk>) -> Result<bool, EngineError> {
        match event {
            Event::MessageStart { message } | Event::Message(message) => {
                for block in message.content {
                    self.0.text(block.text.as_deref().unwrap_or_default(), chunks);
                }
                self.stopped(message.stop_reason.as_deref());
                self.count(message.usage);
            }
            Event::ContentBlockDelta { delta } => self.0.text(delta.text.as_deref().unwrap_or_default(), chunks),
            Event::MessageDelta { delta, usage } => {
                self.stopped(delta.stop_reason.as_deref());
                self.count(usage);
            }
            Event::MessageStop => return Ok(true),
            Event::Error { error } => {
                return Err(match error.kind.as_deref() {
                    Some("overloaded_error") => EngineError::Status {
                        status: 529,
                        retry_after: None,
                    },
                    _ => EngineError::CutOff("the server reported an error instead of text".to_owned()),
                });
            }
            Event::Other => {}
        }
        Ok(false)
    }

    fn stopped(&mut self, reason: Option<&str>) {
        match reason {
            None => {}
            Some("max_tokens" | "model_context_window_exceeded") => self.0.stopped(Stop::Limit),
            Some("refusal") => self.0.stopped(Stop::Refusal),
            Some("tool_use") => self.0.stopped(Stop::Tool),
            Some(_) => self.0.stopped(Stop::End),
        }
    }

    /// Counts go up from event to event: the last one stays.
    fn count(&mut self, usage: Option<Usage>) {
        let Some(usage) = usage else { return };
        if let Some(input) = usage.input_tokens {
            let cached = [usage.cache_creation_input_tokens, usage.cache_read_input_tokens];
            let all = cached.into_iter().flatten().fold(input, u64::saturating_add);
            // A later event may leave out what was read from a cache.
            self.0.input = self.0.input.max(Some(all));
        }
        self.0.output = usage.output_tokens.or(self.0.output);
    }
}

impl Reader for Messages {
    fn event(&mut self, data: &str, chunks: &mut Vec<Chunk>) -> Result<bool, EngineError> {
        self.take(parse(data.as_bytes())?, chunks)
    }

    fn whole(&mut self, body: &[u8], chunks: &mut Vec<Chunk>) -> Result<(), EngineError> {
        self.take(parse(body)?, chunks).map(drop)
    }

    fn complete(&self) -> bool {
        self.0.stop.is_some()
    }

    fn end(&mut self, chunks: &mut Vec<Chunk>) -> Result<(), EngineError> {
        self.0.end(chunks)
    }
}

fn parse(json: &[u8]) -> Result<Event, EngineError> {
    serde_json::from_slice(json)
        .map_err(|error| EngineError::Malformed(format!("no JSON of a message ({:?})", error.classify())))
}

#[cfg(test)]
mod tests;
