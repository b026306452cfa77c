//! THE server stack: every service of the mesh is bound, served, drained and ended by this crate.
//!
//! Around every call of the mesh, outermost first: TLS, slow readers and slow writers (with the connection) -> edge -> admission -> span ->
//! mapping of transport errors -> deadline. Beside the service: grpc.health.v1 and reflection (v1 and v1alpha).

mod admission;
mod arriving;
mod bound;
mod busy;
mod config;
mod connections;
mod edge;
mod greeted;
mod probe;
pub mod process;
mod reader;
mod rescue;
mod start_error;

pub use bound::{Bound, Service, bind};
pub use config::Config;
pub use edge::Edge;
pub use plexus_resilience::admission::Load;
pub use probe::{ProbeError, reachable};
pub use start_error::{ServeError, StartError};
