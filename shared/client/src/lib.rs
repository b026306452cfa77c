//! Named upstream pools: THE client stack of the mesh.
//!
//! A pool holds the replicas of one upstream. Channels connect lazily, each replica's health is watched
//! (grpc.health.v1 `Watch`), and a call goes to the less busy of two healthy replicas chosen at random. Around every
//! call, outermost first: span -> deadline -> channel. tonic's own balancer is not used: it does not fail over.

mod config;
mod pool;
mod replica;
pub mod specialist;
mod watch;

pub use config::{Config, Endpoint, EndpointError};
pub use pool::Pool;
pub use replica::{ClientService, Lease, Replica, ReplicaState};
