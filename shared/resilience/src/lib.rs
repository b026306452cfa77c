//! Layers that keep a call from hanging, piling up or costing more than it may. One layer a file; none knows a service.
//!
//! Retry, hedging, balancing by latency and breakers have their place here too; today a pool picks among healthy
//! replicas (`plexus-client`) and the router fails over by itself.

pub mod admission;
pub mod deadline;
pub mod grpc_timeout;
pub mod priority;
pub mod rate;
pub mod sync;

use tonic::Status;

/// Which requests a layer handles, by the path of the request: `/plexus.v1.RouterService/Ask`.
pub type Applies = fn(&str) -> bool;

/// The calls of this mesh, but not health checks and reflection: those may stay open for ever.
pub fn mesh_calls(path: &str) -> bool {
    path.starts_with("/plexus.")
}

/// A response that is nothing but a status.
fn refuse<B: Default>(status: Status) -> http::Response<B> {
    status.into_http()
}
