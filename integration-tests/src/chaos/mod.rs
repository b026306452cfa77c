//! The chaos suite: faults in a running mesh, and whether it keeps its promises meanwhile.
//!
//! A room a file: [`Rig`] starts real binaries, [`Load`] asks in an open loop, [`watch`] looks at processes, [`rows`] hold the
//! experiments, [`Report`] the table. `docs/chaos.md` tells how to run and to read it.

mod check;
mod doors;
mod load;
mod log;
mod rig;
pub mod rows;
mod table;
pub mod watch;

pub use check::{Check, Checks, Limit};
pub use doors::Doors;
pub use load::Load;
pub use log::{Ended, Log, Sample};
pub use rig::{Rig, Topology, anybody, doors, far_engine, only, scripted_engine, settled};
pub use rows::{ROWS, Row, Setting};
pub use table::{Measured, Report};
