//! The words of the mesh as types: what `domain.rs` of every service speaks. No I/O, no gRPC.

mod cascade;
mod degradation;
mod query;
mod step;
mod usage;
mod verdict;

pub use cascade::{CascadePolicy, Grade, Sureness, entry, grade};
pub use degradation::{Degradation, DegradationReason};
pub use query::{Constraints, Domain, Message, Part, Role, Tier};
pub use step::{Attempt, AttemptResult, Source, Step};
pub use usage::{Price, Usage, estimate_tokens, estimate_tokens_of};
pub use verdict::{Finding, Verdict, VerdictResult};
