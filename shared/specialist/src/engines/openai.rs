//! Asks any OpenAI-compatible server: llama.cpp, Ollama, vLLM, clouds. Streaming, over hyper.

use std::{fmt, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use eventsource_stream::Eventsource as _;
use futures_util::{StreamExt as _, TryStreamExt as _};
use http::{HeaderValue, Request as HttpRequest, Response, StatusCode, Uri, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use plexus_config::{ConfigError, Environment};
use tokio::time::timeout;
use tracing::{Instrument as _, Span};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use super::wire::{Completion, Message, Request, StreamOptions};
use crate::{
    config::OpenaiConfig,
    engine::{Chunk, Chunks, Engine, EngineError, EngineInfo, Question},
};

/// Largest response that is read.
const MAX_RESPONSE: usize = 16 * 1024 * 1024;
/// How long a connection may take to be made.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// An engine behind an OpenAI-compatible server.
pub struct OpenaiEngine {
    info: EngineInfo,
    url: Uri,
    key: Option<HeaderValue>,
    first_token_timeout: Duration,
    silence_timeout: Duration,
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
}

impl fmt::Debug for OpenaiEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenaiEngine")
            .field("info", &self.info)
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

impl OpenaiEngine {
    /// An engine of a configuration; the key is read from the environment once.
    ///
    /// # Errors
    /// A variable that is named but not set, or holds what no header can.
    pub fn new(config: &OpenaiConfig, environment: &Environment) -> Result<Self, ConfigError> {
        let name = &config.name;
        let wrong = |problem: String| ConfigError::other(format!("engine `{name}`: {problem}"));
        let base = config.base_url.trim_end_matches('/');
        let url: Uri = format!("{base}/chat/completions")
            .parse()
            .map_err(|_| wrong(format!("key `base_url`: `{base}` is no URL")))?;
        let key = match config.api_key_env.as_str() {
            "" => None,
            variable => {
                let key = environment.get(variable).ok_or_else(|| {
                    wrong(format!(
                        "key `api_key_env` names the environment variable {variable}, which is not set"
                    ))
                })?;
                let mut value = HeaderValue::try_from(format!("Bearer {key}")).map_err(|_| {
                    wrong(format!(
                        "environment variable {variable} holds characters that no key has"
                    ))
                })?;
                value.set_sensitive(true);
                Some(value)
            }
        };
        let mut http = HttpConnector::new();
        http.set_connect_timeout(Some(CONNECT_TIMEOUT));
        http.set_nodelay(true);
        http.enforce_http(false);
        let connector = HttpsConnectorBuilder::new()
            .with_webpki_roots()
            .https_or_http()
            .enable_http1()
            .wrap_connector(http);
        Ok(Self {
            info: EngineInfo {
                name: name.clone(),
                kind: "openai",
                tier: config.tier,
                model: config.model.clone(),
                price: config.price.into(),
            },
            url,
            key,
            first_token_timeout: config.first_token_timeout,
            silence_timeout: config.silence_timeout,
            client: Client::builder(TokioExecutor::new()).build(connector),
        })
    }

    fn request(&self, question: &Question) -> Result<HttpRequest<Full<Bytes>>, EngineError> {
        let prompt = &question.prompt;
        let mut messages = Vec::with_capacity(question.context.len() + 2);
        if !prompt.system.is_empty() {
            messages.push(Message {
                role: "system",
                content: &prompt.system,
            });
        }
        messages.extend(question.context.iter().map(|message| Message {
            role: message.role.name(),
            content: &message.content,
        }));
        messages.push(Message {
            role: "user",
            content: &prompt.user,
        });
        let body = Request {
            model: &self.info.model,
            messages,
            stream: true,
            stream_options: StreamOptions { include_usage: true },
            max_tokens: question.constraints.max_output_tokens,
        };
        let unusable =
            |error: &dyn fmt::Display| EngineError::Malformed(format!("the request cannot be written: {error}"));
        let body = serde_json::to_vec(&body).map_err(|error| unusable(&error))?;
        let mut request = HttpRequest::post(self.url.clone())
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, "text/event-stream")
            .body(Full::from(body))
            .map_err(|error| unusable(&error))?;
        if let Some(key) = &self.key {
            request.headers_mut().insert(header::AUTHORIZATION, key.clone());
        }
        plexus_telemetry::inject(&Span::current().context(), request.headers_mut());
        Ok(request)
    }
}

#[async_trait]
impl Engine for OpenaiEngine {
    fn info(&self) -> &EngineInfo {
        &self.info
    }

    async fn answer(&self, question: &Question) -> Result<Chunks, EngineError> {
        let request = self.request(question)?;
        let wait = self.first_token_timeout;
        let sent = timeout(wait, self.client.request(request)).in_current_span();
        let response = match sent.await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => return Err(EngineError::Unreachable(innermost(&error))),
            Err(_) => return Err(EngineError::Silent(wait)),
        };
        check_status(&response)?;
        let kind = response
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok());
        match kind.unwrap_or_default() {
            kind if kind.starts_with("text/event-stream") => Ok(self.streamed(response)),
            kind if kind.starts_with("application/json") => whole(response, wait).await,
            kind => Err(EngineError::Malformed(format!("content type `{}`", short(kind)))),
        }
    }
}

impl OpenaiEngine {
    /// The events of a stream.
    fn streamed(&self, response: Response<Incoming>) -> Chunks {
        let body = Limited::new(response.into_body(), MAX_RESPONSE).into_data_stream();
        let mut events = Box::pin(body.map_err(|error| innermost(&*error)).eventsource());
        let (mut wait, silence) = (self.first_token_timeout, self.silence_timeout);
        async_stream::stream! {
            let mut finished = false;
            loop {
                let event = match timeout(wait, events.next()).await {
                    Ok(Some(Ok(event))) => event,
                    Ok(Some(Err(error))) => {
                        yield Err(EngineError::CutOff(short(&error.to_string()).to_owned()));
                        return;
                    }
                    Ok(None) if finished => return,
                    Ok(None) => {
                        yield Err(EngineError::CutOff("the stream ended before the answer did".to_owned()));
                        return;
                    }
                    Err(_) => {
                        yield Err(EngineError::Silent(wait));
                        return;
                    }
                };
                if event.data.trim() == "[DONE]" {
                    return;
                }
                let completion: Completion = match serde_json::from_str(&event.data) {
                    Ok(completion) => completion,
                    Err(error) => {
                        yield Err(EngineError::Malformed(format!("an event is no JSON of a completion ({:?})", error.classify())));
                        return;
                    }
                };
                if completion.error.is_some() {
                    yield Err(EngineError::CutOff("the server reported an error inside the stream".to_owned()));
                    return;
                }
                finished |= completion.finished();
                let text = completion.text();
                if !text.is_empty() {
                    wait = silence;
                    yield Ok(Chunk::Text(text.to_owned()));
                }
                if let Some(usage) = completion.usage {
                    yield Ok(Chunk::Tokens { input: usage.prompt_tokens, output: usage.completion_tokens });
                }
            }
        }
        .boxed()
    }
}

/// The answer of a server that does not stream.
async fn whole(response: Response<Incoming>, wait: Duration) -> Result<Chunks, EngineError> {
    let body = Limited::new(response.into_body(), MAX_RESPONSE).collect();
    let body = match timeout(wait, body).await {
        Ok(Ok(body)) => body.to_bytes(),
        Ok(Err(error)) => return Err(EngineError::CutOff(innermost(&*error))),
        Err(_) => return Err(EngineError::Silent(wait)),
    };
    let completion: Completion = serde_json::from_slice(&body)
        .map_err(|error| EngineError::Malformed(format!("no JSON of a completion ({:?})", error.classify())))?;
    if completion.error.is_some() || completion.text().is_empty() {
        return Err(EngineError::Malformed("a completion without text".to_owned()));
    }
    let text = Chunk::Text(completion.text().to_owned());
    let tokens = completion.usage.map(|usage| Chunk::Tokens {
        input: usage.prompt_tokens,
        output: usage.completion_tokens,
    });
    Ok(futures_util::stream::iter(std::iter::once(text).chain(tokens).map(Ok)).boxed())
}

fn check_status(response: &Response<Incoming>) -> Result<(), EngineError> {
    if response.status() == StatusCode::OK {
        return Ok(());
    }
    let retry_after = response.headers().get(header::RETRY_AFTER);
    let retry_after = retry_after
        .and_then(|value| value.to_str().ok()?.parse().ok())
        .map(Duration::from_secs);
    Err(EngineError::Status {
        status: response.status().as_u16(),
        retry_after,
    })
}

/// The innermost cause says most: "Connection refused".
fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

/// The beginning of a text that a backend chose.
fn short(text: &str) -> &str {
    &text[..text.floor_char_boundary(60)]
}
