//! What can be wrong with a connection, in one direction.

use std::time::Duration;

use tokio::time::Instant;

/// Which way the bytes go that a toxic spoils.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the client to the server.
    Upstream,
    /// From the server to the client.
    Downstream,
}

/// A way to spoil one direction of a connection. Times count from when the connection began or the toxic was added,
/// whichever was later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Toxic {
    /// Bytes arrive later, in order; several add up.
    Latency {
        /// How much later.
        latency: Duration,
        /// At most so much more or less than that, drawn for each piece.
        jitter: Duration,
    },
    /// So many bytes get through in a second; of several the smallest counts.
    Bandwidth {
        /// Bytes in a second; 0 counts as 1.
        bytes_per_second: u64,
    },
    /// The end of the stream is told later; of several the longest counts.
    SlowClose {
        /// How much later.
        delay: Duration,
    },
    /// Nothing gets through, and after a while the connection is closed.
    Timeout {
        /// After how long; never where there is none, and what was held back goes on when the toxic is removed.
        after: Option<Duration>,
    },
    /// Bytes get through until the connection is reset (RST), in both directions.
    ResetPeer {
        /// After how long.
        after: Duration,
    },
    /// Bytes arrive in small pieces; of several the smallest pieces count.
    Slicer {
        /// Bytes of a piece; 0 counts as 1.
        size: usize,
        /// Pause before each piece.
        pause: Duration,
    },
    /// So many bytes get through, then the connection is closed; of several the smallest counts.
    LimitData {
        /// Bytes from when the toxic was added, or the connection began.
        bytes: u64,
    },
}

/// A toxic and whom it concerns.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spoil {
    /// What it does.
    pub toxic: Toxic,
    /// In which direction.
    pub direction: Direction,
    /// Share of the connections that it concerns, 0 to 1, drawn for each connection.
    pub toxicity: f64,
}

impl Spoil {
    /// Spoils what goes from the client to the server, on every connection.
    pub fn upstream(toxic: Toxic) -> Self {
        Self {
            toxic,
            direction: Direction::Upstream,
            toxicity: 1.0,
        }
    }

    /// Spoils what goes from the server to the client, on every connection.
    pub fn downstream(toxic: Toxic) -> Self {
        Self {
            direction: Direction::Downstream,
            ..Self::upstream(toxic)
        }
    }

    /// The same, for a share of the connections.
    #[must_use]
    pub fn with_toxicity(self, toxicity: f64) -> Self {
        Self { toxicity, ..self }
    }
}

/// A toxic in use.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) name: String,
    /// Differs for each one that was ever added, so that draws and counts start anew with it.
    pub(super) id: u64,
    pub(super) spoil: Spoil,
    pub(super) since: Instant,
}
