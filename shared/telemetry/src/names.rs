//! Names of spans' attributes, all in one place.
//!
//! `rpc.*`: OpenTelemetry semantic conventions for RPC, the current names. `gen_ai.*`: the conventions for generative
//! AI, on spans of model calls only. `plexus.*`: ours.

/// Domain that a step wants.
pub const DOMAIN: &str = "plexus.domain";
/// Mode of the plan: single, fan_out, workflow.
pub const PLAN_MODE: &str = "plexus.plan.mode";
/// Number of steps of the plan.
pub const PLAN_STEPS: &str = "plexus.plan.steps";
/// Why the plan is what it is.
pub const ROUTE_REASON: &str = "plexus.route.reason";
/// How the request ended.
pub const OUTCOME: &str = "plexus.outcome";
/// Reasons of degradation, joined by commas.
pub const DEGRADATIONS: &str = "plexus.degradations";
/// Name of an engine.
pub const ENGINE: &str = "plexus.engine";
/// What came of an engine's attempt: answered, declined, failed.
pub const RESULT: &str = "plexus.result";
/// Kind of a validator.
pub const VALIDATOR: &str = "plexus.validator";
/// A validator's verdict.
pub const VERDICT: &str = "plexus.verdict";
/// The router's own time of a request, in milliseconds: everything but classification and waiting for others.
pub const ROUTER_OVERHEAD_MS: &str = "plexus.router.overhead_ms";
/// Name of the request.
pub const REQUEST_ID: &str = "plexus.request_id";
