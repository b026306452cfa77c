//! What an engine is: something that answers in a stream, declines, or fails.

use std::{borrow::Cow, time::Duration};

use async_trait::async_trait;
use futures_util::stream::BoxStream;
use plexus_core::{Constraints, Degradation, Message, Part, Price, Step, Tier};
pub use plexus_library::Passage;
use plexus_resilience::deadline::Deadline;

use crate::prompt::{Prompt, PromptError};

/// Who an engine is.
#[derive(Debug, Clone, PartialEq)]
pub struct EngineInfo {
    /// Name in the configuration.
    pub name: String,
    /// Kind: `exact`, `openai`, `scripted`.
    pub kind: &'static str,
    /// Where it runs.
    pub tier: Tier,
    /// Model that it asks; empty: none.
    pub model: String,
    /// What it costs.
    pub price: Price,
}

/// What an engine is asked.
#[derive(Debug, Clone, Default)]
pub struct Question {
    /// The text to answer.
    pub text: String,
    /// Earlier messages of the conversation, oldest first.
    pub context: Vec<Message>,
    /// What the caller demands.
    pub constraints: Constraints,
    /// The capability that is asked for; empty: a free answer.
    pub task: String,
    /// The JSON Schema that the answer must fit; empty: any text.
    pub json_schema: String,
    /// What the library has on it; found before the first model is asked.
    pub passages: Vec<Passage>,
    /// What a model is told; made before the first one is asked.
    pub prompt: Prompt,
    /// Parts of a workflow; read by reasoning only.
    pub parts: Vec<Part>,
    /// Hops to other specialists that are still allowed.
    pub hops_left: u32,
    /// When the answer must be there.
    pub deadline: Option<Deadline>,
    /// Name of the request.
    pub request_id: String,
}

/// A piece of an answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Chunk {
    /// Text to append; never empty.
    Text(String),
    /// The bare result, to be put into a later question.
    Result(String),
    /// Tokens as the engine counted them.
    Tokens {
        /// Read.
        input: u64,
        /// Written.
        output: u64,
    },
    /// What other specialists did for the answer.
    Delegated {
        /// Their steps.
        steps: Vec<Step>,
        /// What they had to skip or replace.
        degradations: Vec<Degradation>,
    },
}

/// The answer of an engine, as it comes. It ends at its end, or with an error.
pub type Chunks = BoxStream<'static, Result<Chunk, EngineError>>;

/// Something that answers.
#[async_trait]
pub trait Engine: Send + Sync + 'static {
    /// Who it is.
    fn info(&self) -> &EngineInfo;

    /// Begins to answer. Dropping the future or the stream ends all work for it.
    async fn answer(&self, question: &Question) -> Result<Chunks, EngineError>;
}

/// Why there is no answer, or no more of it. Names the engine's cause, never a backend's words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// It cannot answer this; nothing is wrong with it.
    #[error("{0}")]
    Declined(Cow<'static, str>),
    /// It cannot be reached.
    #[error("cannot be reached: {0}")]
    Unreachable(String),
    /// It said no.
    #[error("answered with HTTP status {status}{}", hint(*.status))]
    Status {
        /// The HTTP status.
        status: u16,
        /// When it may be asked again.
        retry_after: Option<Duration>,
    },
    /// What it said cannot be understood.
    #[error("sent something else than a chat completion: {0}")]
    Malformed(String),
    /// It broke off.
    #[error("broke off: {0}")]
    CutOff(String),
    /// It was not asked: there is no prompt for this question.
    #[error("no prompt can be made: {0}")]
    Unprepared(PromptError),
    /// It said nothing for too long.
    #[error("said nothing for {0:?}")]
    Silent(Duration),
}

fn hint(status: u16) -> &'static str {
    match status {
        401 | 403 => ": check the key (api_key_env)",
        404 => ": check base_url and model",
        429 => ": its rate limit is reached",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_say_what_to_do() {
        let error = EngineError::Status {
            status: 401,
            retry_after: None,
        };
        assert_eq!(
            error.to_string(),
            "answered with HTTP status 401: check the key (api_key_env)"
        );
    }
}
