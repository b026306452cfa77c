//! What is asked, and what the caller demands.

use std::fmt;

/// What a query is about. One specialist answers for each domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Domain {
    /// Programs, shell, data formats.
    Code,
    /// Anything that must be computed or proved.
    Math,
    /// Logic, planning, questions of several steps.
    Reasoning,
    /// Writing, summaries, facts, conversation: the generalist.
    Language,
}

impl Domain {
    /// All domains.
    pub const ALL: [Self; 4] = [Self::Code, Self::Math, Self::Reasoning, Self::Language];

    /// Lower-case name, as in configurations.
    pub fn name(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Math => "math",
            Self::Reasoning => "reasoning",
            Self::Language => "language",
        }
    }

    /// The domain of a lower-case name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|domain| domain.name() == name)
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Where an engine runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tier {
    /// In the service itself or beside it.
    Edge,
    /// In the same data centre.
    Onprem,
    /// At a provider outside.
    Cloud,
}

impl Tier {
    /// All tiers, nearest first.
    pub const ALL: [Self; 3] = [Self::Edge, Self::Onprem, Self::Cloud];

    /// Lower-case name, as in configurations.
    pub fn name(self) -> &'static str {
        match self {
            Self::Edge => "edge",
            Self::Onprem => "onprem",
            Self::Cloud => "cloud",
        }
    }
}

/// Who wrote a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The application.
    System,
    /// The person who asks.
    User,
    /// An earlier answer.
    Assistant,
}

impl Role {
    /// Lower-case name, as chat completions want it.
    pub fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Assistant => "assistant",
        }
    }
}

/// One message of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Who wrote it.
    pub role: Role,
    /// Its text.
    pub content: String,
}

/// What the caller demands; the default demands nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Constraints {
    /// Only these domains' specialists; empty: the router chooses.
    pub domains: Vec<Domain>,
    /// Only engines of these tiers; empty: all.
    pub tiers: Vec<Tier>,
    /// Most that all engine calls together may cost, US dollars.
    pub max_cost_usd: Option<f64>,
    /// Longest answer of one engine call, tokens.
    pub max_output_tokens: Option<u32>,
    /// Only engines of these regions, those inside the services beside them; empty: all.
    pub regions: Vec<String>,
    /// How sure an answer must be to be taken from a cheaper engine, 0..1; none: what the deployment sets.
    pub min_confidence: Option<f64>,
}

impl Constraints {
    /// Whether engines of a tier may be asked.
    pub fn allows(&self, tier: Tier) -> bool {
        self.tiers.is_empty() || self.tiers.contains(&tier)
    }

    /// Whether data may go to a region. An engine that states none is refused where regions are demanded: nobody knows
    /// where its data goes.
    pub fn allows_region(&self, region: &str) -> bool {
        self.regions.is_empty() || self.regions.iter().any(|allowed| allowed == region)
    }
}

/// A part of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its text, taken from the query.
    pub text: String,
    /// Who answers it.
    pub domain: Domain,
    /// Indexes of earlier parts whose answers it refers to.
    pub depends_on: Vec<usize>,
}
