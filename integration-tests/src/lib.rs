//! Starts the real binaries, as processes, and talks to them as a client does.
//!
//! [`Mesh`] is everything that `plexus up` starts; [`Service`] is one service, started by hand.

mod ask;
pub mod bare;
pub mod chaos;
pub mod hostile;
mod mesh;
mod proc_fs;
mod process;
mod service;
pub mod stub;
mod traces;

pub use ask::{DEADLINE, Router, Says, answered, ask, connect, reasons, streamed, timed, until};
pub use mesh::{Mesh, Shared};
pub use proc_fs::{alive, open_files, resident_bytes, threads, virtual_bytes};
pub use process::{Process, Run, bin, root, run, use_bins};
pub use service::Service;
pub use traces::{Span, http_get, trace};
