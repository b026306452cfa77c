//! Chat completions, as OpenAI-compatible servers speak them: llama.cpp, Ollama, vLLM, clouds. Only what is used.
//!
//! Source: OpenAI API reference, "Chat completions" and "Streaming".

use http::{
    HeaderMap, HeaderValue, Uri,
    header::{AUTHORIZATION, InvalidHeaderValue},
};
use serde::{Deserialize, Serialize, de::IgnoredAny};

use super::{
    heard::{Heard, Stop},
    network::{Ask, Dialect, Reader},
};
use crate::engine::{Chunk, EngineError};

/// Chat completions.
#[derive(Debug)]
pub(super) struct Openai;

#[derive(Debug, Serialize)]
struct Request<'a> {
    model: &'a str,
    messages: Vec<Message<'a>>,
    stream: bool,
    stream_options: StreamOptions,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f32>,
}

#[derive(Debug, Serialize)]
struct StreamOptions {
    include_usage: bool,
}

#[derive(Debug, Serialize)]
struct Message<'a> {
    role: &'static str,
    content: &'a str,
}

impl Dialect for Openai {
    type Reader = Completions;

    fn url(base: &Uri) -> String {
        format!("{}/chat/completions", base.to_string().trim_end_matches('/'))
    }

    fn headers(key: Option<&str>) -> Result<HeaderMap, InvalidHeaderValue> {
        let mut headers = HeaderMap::new();
        if let Some(key) = key {
            headers.insert(AUTHORIZATION, HeaderValue::try_from(format!("Bearer {key}"))?);
        }
        Ok(headers)
    }

    fn body(ask: &Ask<'_>) -> serde_json::Result<Vec<u8>> {
        let message = |role, content| Message { role, content };
        let context = ask.question.context.iter();
        let system = (!ask.system.is_empty()).then(|| message("system", ask.system));
        let messages = system
            .into_iter()
            .chain(context.map(|earlier| message(earlier.role.name(), &earlier.content)))
            .chain(std::iter::once(message("user", ask.user)));
        serde_json::to_vec(&Request {
            model: ask.model,
            messages: messages.collect(),
            stream: true,
            stream_options: StreamOptions { include_usage: true },
            max_tokens: ask.max_output_tokens,
            temperature: ask.temperature,
        })
    }
}

/// A chunk of a stream, or a whole completion of a server that does not stream.
#[derive(Debug, Deserialize)]
struct Completion {
    choices: Option<Vec<Choice>>,
    usage: Option<Usage>,
    /// Some servers report errors inside a stream; the text is not passed on.
    error: Option<IgnoredAny>,
}

#[derive(Debug, Deserialize)]
struct Choice {
    #[serde(alias = "message")]
    delta: Option<Content>,
    finish_reason: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Content {
    content: Option<String>,
    refusal: Option<IgnoredAny>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
struct Usage {
    prompt_tokens: Option<u64>,
    completion_tokens: Option<u64>,
}

/// Reads completions.
#[derive(Debug, Default)]
pub(super) struct Completions(Heard);

impl Completions {
    fn take(&mut self, json: &[u8], chunks: &mut Vec<Chunk>) -> Result<(), EngineError> {
        let completion: Completion = serde_json::from_slice(json)
            .map_err(|error| EngineError::Malformed(format!("no JSON of a completion ({:?})", error.classify())))?;
        if completion.error.is_some() {
            return Err(EngineError::CutOff(
                "the server reported an error instead of text".to_owned(),
            ));
        }
        // Servers that count in every chunk count up: the last one stays.
        if let Some(usage) = completion.usage {
            self.0.input = usage.prompt_tokens.or(self.0.input);
            self.0.output = usage.completion_tokens.or(self.0.output);
        }
        let Some(choice) = completion.choices.and_then(|choices| choices.into_iter().next()) else {
            return Ok(());
        };
        if let Some(delta) = choice.delta {
            self.0.text(delta.content.as_deref().unwrap_or_default(), chunks);
            if delta.refusal.is_some() {
                self.0.stopped(Stop::Refusal);
            }
        }
        match choice.finish_reason.as_deref() {
            None | Some("") => {}
            Some("length") => self.0.stopped(Stop::Limit),
            Some("content_filter") => self.0.stopped(Stop::Refusal),
            Some("tool_calls" | "function_call") => self.0.stopped(Stop::Tool),
            Some(_) => self.0.stopped(Stop::End),
        }
        Ok(())
    }
}

impl Reader for Completions {
    fn event(&mut self, data: &str, chunks: &mut Vec<Chunk>) -> Result<bool, EngineError> {
        match data.trim() {
            "[DONE]" => Ok(true),
            "" => Ok(false),
            json => self.take(json.as_bytes(), chunks).map(|()| false),
        }
    }

    fn whole(&mut self, body: &[u8], chunks: &mut Vec<Chunk>) -> Result<(), EngineError> {
        self.take(body, chunks)
    }

    fn complete(&self) -> bool {
        self.0.stop.is_some()
    }

    fn end(&mut self, chunks: &mut Vec<Chunk>) -> Result<(), EngineError> {
        self.0.end(chunks)
    }
}

#[cfg(test)]
mod tests;
