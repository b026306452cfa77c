//! An engine behind a server, whatever its dialect: asks, reads the answer as it comes, keeps the times.

use std::{collections::VecDeque, marker::PhantomData, time::Duration};

use async_trait::async_trait;
use futures_util::StreamExt as _;
use http::{HeaderMap, HeaderValue, Uri, header::InvalidHeaderValue};
use plexus_config::{ConfigError, Environment};
use plexus_core::estimate_tokens;
use tokio::time::{Instant, timeout, timeout_at};

use super::{
    endpoints::{InFlight, Tokens},
    http::{Form, Post, Reply, Transport},
    key,
    sse::{Events, Fault},
};
use crate::{
    config::Network,
    engine::{Chunk, Chunks, Engine, EngineError, EngineInfo, Question},
    size::EXPECTED_OUTPUT,
};

/// Tokens that no answer is expected to be longer than, whatever the caller allows, where the configuration does not say so.
const LONGEST_EXPECTED: u32 = 4096;
/// How long tokens and the like are waited for once the answer is at its end.
const AFTERMATH: Duration = Duration::from_secs(1);
/// How long the end of a body is waited for once the answer is known, so that its connection can be used again.
const LAST_BYTES: Duration = Duration::from_millis(20);

/// How a kind of server is spoken to.
pub(super) trait Dialect: Send + Sync + 'static {
    /// Reads its answers.
    type Reader: Reader;

    /// Longest answer where nobody says, for servers that want a number.
    const LONGEST: Option<u32> = None;

    /// Where to post questions, given the address of the configuration.
    fn url(base: &Uri) -> String;

    /// The headers that hold a key, and what else is always sent.
    fn headers(key: Option<&str>) -> Result<HeaderMap, InvalidHeaderValue>;

    /// The body of a request.
    fn body(ask: &Ask<'_>) -> serde_json::Result<Vec<u8>>;
}

/// What goes into a request.
#[derive(Debug)]
pub(super) struct Ask<'a> {
    pub(super) model: &'a str,
    /// The system message; empty: none.
    pub(super) system: &'a str,
    pub(super) user: &'a str,
    pub(super) question: &'a Question,
    pub(super) temperature: Option<f32>,
    pub(super) max_output_tokens: Option<u32>,
}

/// Reads one answer.
pub(super) trait Reader: Default + Send + 'static {
    /// Reads an event of a stream; true: it was the last one.
    fn event(&mut self, data: &str, chunks: &mut Vec<Chunk>) -> Result<bool, EngineError>;

    /// Reads an answer that comes at once.
    fn whole(&mut self, body: &[u8], chunks: &mut Vec<Chunk>) -> Result<(), EngineError>;

    /// Whether nothing that matters can follow: a connection that breaks now is no loss.
    fn complete(&self) -> bool;

    /// What is left to say at the end.
    fn end(&mut self, chunks: &mut Vec<Chunk>) -> Result<(), EngineError>;
}

/// An engine behind a server.
#[derive(Debug)]
pub(super) struct NetworkEngine<D> {
    info: EngineInfo,
    transport: Transport,
    config: Network,
    dialect: PhantomData<D>,
}

impl<D: Dialect> NetworkEngine<D> {
    /// An engine of a configuration; its key is read once. A question waits `patience` where its servers are at our limits.
    ///
    /// # Errors
    /// A key that cannot be read, or holds what no header can.
    pub(super) fn new(
        info: EngineInfo,
        config: Network,
        patience: Duration,
        environment: &Environment,
    ) -> Result<Self, ConfigError> {
        let wrong = |problem: String| ConfigError::other(format!("engine `{}`: {problem}", info.name));
        let key = key::read(&config.api_key, environment).map_err(wrong)?;
        let mut headers = D::headers(key.as_deref()).map_err(|_| {
            wrong(format!(
                "{} holds characters that no key has",
                key::place(&config.api_key)
            ))
        })?;
        headers
            .values_mut()
            .for_each(|value: &mut HeaderValue| value.set_sensitive(true));
        let urls = config.endpoints.iter().map(|base| {
            let url = D::url(base);
            url.parse()
                .map_err(|_| wrong(format!("key `base_url`: `{base}` is no URL")))
        });
        let urls = urls.collect::<Result<Vec<Uri>, ConfigError>>()?;
        Ok(Self {
            info,
            transport: Transport::new(urls, headers, config.per_minute, patience),
            config,
            dialect: PhantomData,
        })
    }

    /// The longest answer that the server is told to write. What the caller's money pays for is said only where the model could
    /// write more than that: servers refuse numbers that are too large for it.
    fn longest(&self, question: &Question, input: u64) -> Option<u32> {
        let said = question.constraints.max_output_tokens.or(self.config.max_output_tokens);
        let room = self.room(input);
        let paid = question.paid_output.filter(|paid| u64::from(*paid) < room);
        [said.or(D::LONGEST), paid].into_iter().flatten().min()
    }

    /// Tokens that an answer is expected to have at most. What a caller allows may be far more than any model writes, and what
    /// is expected is not there for others.
    fn expected(&self, question: &Question, input: u64) -> u64 {
        let own = self.config.max_output_tokens;
        let said = question.constraints.max_output_tokens.or(own);
        let bound = own.unwrap_or_default().max(LONGEST_EXPECTED);
        let expected = said.map_or(EXPECTED_OUTPUT, |said| u64::from(said.min(bound)));
        let paid = question.paid_output.map_or(u64::MAX, u64::from);
        expected.min(paid).min(self.room(input))
    }

    /// Tokens of the longest answer that its model can hold after so many.
    fn room(&self, input: u64) -> u64 {
        let window = self.info.context_window;
        window.map_or(u64::MAX, |window| u64::from(window).saturating_sub(input))
    }
}

#[async_trait]
impl<D: Dialect> Engine for NetworkEngine<D> {
    fn info(&self) -> &EngineInfo {
        &self.info
    }

    async fn answer(&self, question: &Question) -> Result<Chunks, EngineError> {
        let wait = self.config.first_token_timeout;
        let until = Instant::now() + wait;
        let input = input(question);
        let ask = Ask {
            model: &self.info.model,
            system: &question.prompt.system,
            user: question.user(),
            question,
            temperature: self.config.temperature,
            max_output_tokens: self.longest(question, input),
        };
        let body =
            D::body(&ask).map_err(|error| EngineError::Malformed(format!("the request cannot be written: {error}")))?;
        let output = self.expected(question, input);
        let post = Post {
            body,
            tokens: Tokens { input, output },
            wait,
            until,
        };
        let reply = self.transport.post(post).await?;
        match reply.form {
            Form::Events => Ok(streamed::<D::Reader>(reply, wait, until, self.config.silence_timeout)),
            Form::Json => match timeout_at(until, whole::<D::Reader>(reply)).await {
                Ok(chunks) => Ok(futures_util::stream::iter(chunks?.into_iter().map(Ok)).boxed()),
                Err(_) => Err(EngineError::Silent(wait)),
            },
        }
    }
}

/// Tokens of everything that is sent, about.
fn input(question: &Question) -> u64 {
    let context = question.context.iter();
    let texts = context
        .map(|message| message.content.as_str())
        .chain([question.prompt.system.as_str(), question.user()]);
    texts.map(estimate_tokens).sum()
}

/// Notes what was written, and what the server counted.
fn note(in_flight: &mut InFlight, chunks: &[Chunk]) {
    for chunk in chunks {
        match chunk {
            Chunk::Text(text) => in_flight.wrote(text.len()),
            Chunk::Tokens { input, output } => in_flight.counted(input.saturating_add(*output)),
            _ => {}
        }
    }
}

/// An answer that comes at once.
async fn whole<R: Reader>(mut reply: Reply) -> Result<Vec<Chunk>, EngineError> {
    let mut body = Vec::new();
    while let Some(bytes) = reply.body.next().await {
        body.extend_from_slice(&bytes?);
    }
    let (mut reader, mut chunks) = (R::default(), Vec::new());
    reader.whole(&body, &mut chunks)?;
    reader.end(&mut chunks)?;
    note(&mut reply.in_flight, &chunks);
    Ok(chunks)
}

/// An answer as it comes. Only text counts as a sign of life: a server may send empty events for ever.
fn streamed<R: Reader>(reply: Reply, mut wait: Duration, mut until: Instant, silence: Duration) -> Chunks {
    async_stream::stream! {
        let Reply { mut body, mut in_flight, .. } = reply;
        let (mut events, mut found) = (Events::default(), VecDeque::new());
        let (mut reader, mut chunks) = (R::default(), Vec::new());
        let mut last = false;
        while !last {
            let problem = match timeout_at(until, body.next()).await {
                Ok(Some(Ok(bytes))) => events.push(&bytes, &mut found).err().map(not_events),
                Ok(Some(Err(error))) => Some(error),
                Ok(None) => Some(EngineError::CutOff("the stream ended before the answer did".to_owned())),
                Err(_) => Some(EngineError::Silent(wait)),
            };
            match problem {
                Some(_) if reader.complete() => break,
                Some(error) => {
                    yield Err(error);
                    return;
                }
                None => {}
            }
            while let Some(data) = found.pop_front().filter(|_| !last) {
                match reader.event(&data, &mut chunks) {
                    Ok(ended) => last = ended,
                    Err(error) => {
                        yield Err(error);
                        return;
                    }
                }
                note(&mut in_flight, &chunks);
                for chunk in chunks.drain(..) {
                    (wait, until) = (silence, Instant::now() + silence);
                    yield Ok(chunk);
                }
            }
            if reader.complete() {
                until = until.min(Instant::now() + AFTERMATH);
            }
        }
        if let Err(error) = reader.end(&mut chunks) {
            yield Err(error);
            return;
        }
        note(&mut in_flight, &chunks);
        for chunk in chunks {
            yield Ok(chunk);
        }
        let rest = async { while let Some(Ok(_)) = body.next().await {} };
        let _ = timeout(LAST_BYTES, rest).await;
    }
    .boxed()
}

fn not_events(fault: Fault) -> EngineError {
    EngineError::Malformed(match fault {
        Fault::TooLong => "an event of more than 1 MiB".to_owned(),
        Fault::NoUtf8 => "bytes that are no UTF-8".to_owned(),
    })
}
