//! Named upstream pools: THE client stack of the mesh.
//!
//! A pool holds the replicas of one upstream: written addresses, or whatever a name resolves to at this moment. Channels connect
//! lazily, each replica's health is watched (grpc.health.v1 `Watch`), and a replica whose calls hear nothing is asked whether it
//! lives. What a call goes through is put together in [`compose`]. tonic's own balancer is not used: it does not fail over.

mod balance;
mod compose;
mod config;
mod connections;
mod members;
mod network;
mod peer;
mod pool;
mod replica;
mod resolve;
pub mod specialist;
mod view;
mod watch;

pub use compose::ClientService;
pub use config::{Config, Endpoint, EndpointError};
pub use network::{Network, Resolving, System, secure};
pub use plexus_resilience::breaker::State as BreakerState;
pub use pool::Pool;
pub use replica::{Replica, ReplicaState};
pub use view::{PoolView, ReplicaView, Running};
