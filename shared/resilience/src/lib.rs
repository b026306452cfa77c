//! Layers that keep a call from hanging, piling up or costing more than it may. One layer a file; none knows a service.
//!
//! On the way out of a process (put together in `plexus-client`), outermost first: [`deadline`] -> [`buffer`] -> [`retry`] ->
//! [`hedge`] -> a choice of replicas by [`load`] -> [`breaker`] -> [`limit`] -> [`attempt`] -> [`first_word`]. On the way in (put
//! together in `plexus-server`): [`admission`] -> [`deadline`].

pub mod admission;
pub mod attempt;
pub mod breaker;
pub mod buffer;
pub mod call;
pub mod deadline;
pub mod first_word;
pub mod grpc_timeout;
pub mod guarded;
pub mod hedge;
pub mod limit;
pub mod load;
pub mod priority;
pub mod rate;
pub mod retry;
pub mod sync;
pub mod trail;
mod window;

use tonic::Status;

/// Which requests a layer handles, by the path of the request: `/plexus.v1.RouterService/Ask`.
pub type Applies = fn(&str) -> bool;

/// The calls of this mesh, but not health checks and reflection: those may stay open for ever.
pub fn mesh_calls(path: &str) -> bool {
    path.starts_with("/plexus.")
}

/// A response that is nothing but a status.
pub fn refuse<B: Default>(status: Status) -> http::Response<B> {
    status.into_http()
}
