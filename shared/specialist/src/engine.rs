//! What an engine is: something that answers in a stream, declines, or fails.

use std::{borrow::Cow, sync::Arc, time::Duration};

use async_trait::async_trait;
use futures_util::stream::BoxStream;
use plexus_core::{Constraints, Degradation, Message, Part, Price, Step, Tier};
pub use plexus_library::Passage;
use plexus_resilience::{deadline::Deadline, priority::Priority};
use plexus_telemetry::metrics::Sheet;
use serde::Deserialize;

/// What an engine computes on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Hardware {
    /// A processor.
    #[default]
    Cpu,
    /// A graphics card.
    Gpu,
    /// A chip for neural networks.
    Npu,
}

impl Hardware {
    /// Lower-case name, as in configurations.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Gpu => "gpu",
            Self::Npu => "npu",
        }
    }
}

use crate::{
    exact::Capability,
    live::Live,
    prompt::{Prompt, PromptError},
};

/// Who an engine is.
#[derive(Debug, Clone, PartialEq)]
pub struct EngineInfo {
    /// Name in the configuration.
    pub name: String,
    /// Kind: `exact`, `openai`, `anthropic`, `scripted`.
    pub kind: &'static str,
    /// Where it runs.
    pub tier: Tier,
    /// Model that it asks; empty: none.
    pub model: String,
    /// What it costs.
    pub price: Price,
    /// Tokens of question and answer together that its model can hold; none: not stated.
    pub context_window: Option<u32>,
    /// What it computes on.
    pub hardware: Hardware,
    /// Where in the world it runs; empty: not stated.
    pub region: String,
    /// Questions that it takes at the same time; none: no limit.
    pub max_concurrency: Option<u32>,
    /// Queries more complex than this, 0..1, are given to a later engine; 1: it is never passed over.
    pub max_complexity: f32,
    /// It is not asked when less time than this is left.
    pub expected_latency: Duration,
}

impl EngineInfo {
    /// An engine of which nothing is stated: it runs in the process, costs nothing, and takes everything.
    pub fn new(name: &str, kind: &'static str) -> Self {
        Self {
            name: name.to_owned(),
            kind,
            tier: Tier::Edge,
            model: String::new(),
            price: Price::default(),
            context_window: None,
            hardware: Hardware::default(),
            region: String::new(),
            max_concurrency: None,
            max_complexity: 1.0,
            expected_latency: Duration::ZERO,
        }
    }

    /// Whether it answers inside the service itself, without any model.
    pub fn is_exact(&self) -> bool {
        self.model.is_empty()
    }
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
    /// How complex it is, as the classifier said.
    pub complexity: Option<f64>,
    /// Engines but the strongest are passed over where it is more complex than this.
    pub max_complexity: Option<f64>,
    /// When the answer must be there.
    pub deadline: Option<Deadline>,
    /// What goes first where there is not enough for all.
    pub priority: Priority,
    /// The longest answer that what is left of the caller's money pays for, tokens; none: it limits nothing.
    pub paid_output: Option<u32>,
    /// Name of the request.
    pub request_id: String,
}

impl Question {
    /// What is asked, in the words that its task and its prompt give it; the bare text before there is a prompt.
    pub fn user(&self) -> &str {
        match self.prompt.user.as_str() {
            "" => &self.text,
            user => user,
        }
    }
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
    /// The answer ends at a limit, of tokens or of what the server lets pass, not at its end.
    Truncated,
    /// What other specialists did for the answer.
    Delegated {
        /// Their steps.
        steps: Vec<Step>,
        /// What they had to skip or replace.
        degradations: Vec<Degradation>,
        /// Who made the plan.
        planned_by: String,
        /// Whether all of them were answered exactly.
        exact: bool,
    },
}

/// The answer of an engine, as it comes. It ends at its end, or with an error.
pub type Chunks = BoxStream<'static, Result<Chunk, EngineError>>;

/// Something that answers.
#[async_trait]
pub trait Engine: Send + Sync + 'static {
    /// Who it is.
    fn info(&self) -> &EngineInfo;

    /// What it answers, where that can be listed: exact engines only.
    fn capabilities(&self) -> &'static [Capability] {
        &[]
    }

    /// What is seen of it while it is asked; none: nobody watches, as with exact engines.
    fn live(&self) -> Option<&Arc<Live>> {
        None
    }

    /// Writes what else it has to show as metrics: those whom it asks in turn.
    fn show(&self, _: &mut Sheet) {}

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
    /// It takes no more questions at the moment.
    #[error("is busy: {limit} questions are under way, and none ended within {waited:?}")]
    Busy {
        /// Questions that it takes at the same time.
        limit: u32,
        /// How long this one waited.
        waited: Duration,
    },
    /// It was not asked: one of the limits that we keep to for its sake is reached at all of its servers.
    #[error("is at our own rate limit of {limit} {what} a minute ({what}_per_minute); free again in {}s",
        .free_in.as_secs_f32().ceil())]
    Limited {
        /// `requests` or `tokens`.
        what: &'static str,
        /// How many a minute.
        limit: u64,
        /// When the first of its servers has room again.
        free_in: Duration,
    },
    /// It asked not to be asked again so soon.
    #[error("rests for another {}s, as it asked for", .0.as_secs_f32().ceil())]
    Resting(Duration),
    /// What it said cannot be understood.
    #[error("sent something else than an answer: {0}")]
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
        300..400 => ": check base_url, it leads elsewhere",
        400 | 422 => ": it does not take such a request; check model and base_url",
        401 | 403 => ": check the key (api_key_env or api_key_file)",
        404 => ": check base_url and model",
        413 => ": the question is too long for it; check context_window",
        429 => ": its rate limit is reached",
        503 | 529 => ": it is overloaded",
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
            "answered with HTTP status 401: check the key (api_key_env or api_key_file)"
        );
    }
}
