//! THE client stack, put together in one place.
//!
//! Outermost first: trace -> who served -> total deadline -> one message, many attempts -> retry -> hedge -> choice of a replica; then, for each
//! replica: load -> breaker -> limit -> attempt's bounds -> first word -> connection.

use std::sync::Arc;

use plexus_resilience::{
    attempt::{self, Bounded},
    breaker::{self, Broken},
    buffer::{self, Buffered},
    deadline::{self, ClientDeadline},
    first_word::{self, FirstWord},
    hedge::{self, Hedged},
    limit::{self, Limited},
    load::{self, Observed},
    retry::{self, Again},
};
use plexus_telemetry::client::ClientTrace;
use tower::{Layer as _, ServiceBuilder, retry::Retry};

use crate::{
    balance::Balance,
    connections::Connections,
    members::Members,
    peer::{self, Peer},
    replica::Health,
};

/// What calls to an upstream go through.
pub type ClientService = ClientTrace<Peer<ClientDeadline<Buffered<Retry<Again, Hedged<Balance>>>>>>;

/// What attempts at one replica go through.
pub(crate) type ReplicaService = Observed<Broken<Limited<Bounded<FirstWord<Connections>>>>>;

/// The stack of an upstream.
pub(crate) fn upstream(members: &Arc<Members>, retry: &retry::Config) -> ClientService {
    let others = members.clone();
    let others: retry::Others = Arc::new(move |trail| others.has_another(trail));
    let budget = members.budget().clone();
    ServiceBuilder::new()
        .layer(plexus_telemetry::client::layer())
        // Outside the deadline: who hung is to be known most of all.
        .layer(peer::layer())
        // Bounds everything below, however many attempts that is.
        .layer(deadline::client())
        .layer(buffer::layer())
        // The only place of the mesh where a call is made again.
        .layer(retry::layer(budget.clone(), retry, others.clone()))
        .layer(hedge::layer(budget, retry, others))
        .into_inner()
        .layer(Balance::new(members.clone()))
}

/// The stack of a replica.
pub(crate) fn replica(health: &Health, connections: Connections) -> ReplicaService {
    ServiceBuilder::new()
        // Outside the breaker: what it refuses in the last moment took no time.
        .layer(load::layer(health.load.clone()))
        .layer(breaker::layer(health.breaker.clone(), health.load.clone()))
        .layer(limit::layer(health.limit.clone()))
        .layer(attempt::layer(health.alive.subscribe()))
        .layer(first_word::layer())
        .into_inner()
        .layer(connections)
}
