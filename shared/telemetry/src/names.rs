//! Names of attributes that are set on a span after it was opened.
//!
//! Those known when a span is opened stand where it is opened: tracing's macros take literals only.

/// How the request ended.
pub const OUTCOME: &str = "plexus.outcome";
/// Reasons of degradation, joined by commas.
pub const DEGRADATIONS: &str = "plexus.degradations";
/// The router's own time of a request, in milliseconds: everything but classification and waiting for others.
pub const ROUTER_OVERHEAD_MS: &str = "plexus.router.overhead_ms";
/// Name of the request.
pub const REQUEST_ID: &str = "plexus.request_id";
/// Who classified: the first stage, the encoder or keywords.
pub const STAGE: &str = "plexus.stage";
/// Whether the same text was classified before.
pub const CACHED: &str = "plexus.cached";
/// Language of the query (ISO 639-1), where it was asked.
pub const LANGUAGE: &str = "plexus.language";
/// Tokens of the query.
pub const TOKENS: &str = "plexus.tokens";
/// Parts of a compound query.
pub const PARTS: &str = "plexus.parts";
