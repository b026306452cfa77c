//! Between the words of the mesh ([`plexus_core`]) and its contract ([`plexus_proto`]): conversion both ways, and the
//! checks that requests of every service go through.

mod check;
mod decode;
mod encode;

pub use check::{MAX_ID, MAX_MESSAGES, MAX_TEXT, Violations, constraints, messages, parts, probability, task, text};
pub use decode::{attempt, degradation, domain, source, step, tier, usage, verdict};
pub use encode::{
    attempt_to_proto, constraints_to_proto, degradation_to_proto, domain_to_proto, duration_to_proto, message_to_proto,
    part_to_proto, source_to_proto, step_to_proto, tier_to_proto, usage_to_proto, verdict_to_proto,
};

use std::time::Duration;

/// A duration of the contract; nonsense becomes zero.
pub fn duration(duration: Option<prost_types::Duration>) -> Duration {
    duration
        .and_then(|duration| Duration::try_from(duration).ok())
        .unwrap_or_default()
}
