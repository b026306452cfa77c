//! Which calls a process begins, which wait a moment, and which are refused: at once, and cheaply.
//!
//! - [`gate`]: as many permits as calls may be under way, by cost and by priority, and a short queue in front of them;
//! - [`patience`]: how long a call may stand in that queue: little once the queue stands (CoDel);
//! - [`lag`]: whether the process's own loop is what is overloaded; then calls are refused that would find a permit;
//! - [`doors`]: the gates of a process: for work, for those who only look, and beside them;
//! - [`layer`]: the tower layer; a streamed call holds its permit until its body ends.
//!
//! The limit is a number, not learnt from latency: answers here take a millisecond or a minute, and a limit that adapts to
//! latency (Netflix's Gradient2, TCP-like AIMD) would take a slow engine for an overloaded server. What tells overload
//! from slow work is time spent *waiting to begin*, and that is what is governed here.

pub mod doors;
pub mod gate;
pub mod lag;
pub mod layer;
pub mod patience;

pub use doors::{Doors, Entrance, Load};
pub use gate::{Demand, Gate, Limits, Permit, Refusal, Snapshot};
pub use lag::{Lag, Pressure};
pub use layer::Admission;
pub use patience::Patience;
