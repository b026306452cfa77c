//! THE server stack: every service of the mesh is bound, served, drained and ended by this crate.
//!
//! Around every call of the mesh, outermost first: span -> mapping of transport errors -> process-wide concurrency
//! limit -> deadline. Beside the service: grpc.health.v1 and reflection (v1 and v1alpha).

mod bound;
mod config;
pub mod process;
mod rescue;
mod start_error;

pub use bound::{Bound, Service, bind};
pub use config::Config;
pub use start_error::{ServeError, StartError};
