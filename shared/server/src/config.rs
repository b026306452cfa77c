//! Section `server` of every service's configuration.

use std::{net::SocketAddr, time::Duration};

use plexus_config::{ByteSize, Invalid, humantime_serde};
use serde::Deserialize;

/// Where to listen and how much to accept. Defaults of limits: gRPC's and Envoy's advice for servers at an edge.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Address and port; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Calls served at the same time, in the whole process; further ones get RESOURCE_EXHAUSTED.
    #[serde(default = "defaults::max_concurrent_calls")]
    pub max_concurrent_calls: u32,
    /// Streams at the same time on one connection.
    #[serde(default = "defaults::max_streams_per_connection")]
    pub max_streams_per_connection: u32,
    /// Largest message that is read.
    #[serde(default = "defaults::max_message")]
    pub max_message: ByteSize,
    /// Longest time that a call may take, and the deadline of calls that bring none.
    #[serde(default = "defaults::max_deadline", with = "humantime_serde")]
    pub max_deadline: Duration,
    /// Between "not serving" and the refusal of new connections, so that clients can turn elsewhere.
    #[serde(default = "defaults::drain_notice", with = "humantime_serde")]
    pub drain_notice: Duration,
    /// How long calls may go on after a stop was asked for.
    #[serde(default = "defaults::grace", with = "humantime_serde")]
    pub grace: Duration,
    /// Threads that run the service.
    #[serde(default = "defaults::worker_threads")]
    pub worker_threads: usize,
}

mod defaults {
    use std::time::Duration;

    use plexus_config::ByteSize;

    pub(super) fn max_concurrent_calls() -> u32 {
        512
    }
    pub(super) fn max_streams_per_connection() -> u32 {
        100
    }
    pub(super) fn max_message() -> ByteSize {
        ByteSize::mib(4)
    }
    pub(super) fn max_deadline() -> Duration {
        Duration::from_secs(120)
    }
    pub(super) fn drain_notice() -> Duration {
        Duration::from_millis(100)
    }
    pub(super) fn grace() -> Duration {
        Duration::from_secs(25)
    }
    pub(super) fn worker_threads() -> usize {
        1
    }
}

impl Config {
    /// Refuses zeros, which would refuse everything.
    pub fn validate(&self, key: &str) -> Result<(), Invalid> {
        let zero = [
            ("max_concurrent_calls", self.max_concurrent_calls == 0),
            ("max_streams_per_connection", self.max_streams_per_connection == 0),
            ("max_message", self.max_message.as_u64() == 0),
            ("max_deadline", self.max_deadline.is_zero()),
            ("worker_threads", self.worker_threads == 0),
        ];
        match zero.into_iter().find(|(_, zero)| *zero) {
            Some((name, _)) => Err(Invalid::new(format!("{key}.{name}"), "must be more than 0")),
            None => Ok(()),
        }
    }

    /// [`Config::max_message`] in bytes, for tonic's `max_decoding_message_size`.
    pub fn max_message_bytes(&self) -> usize {
        usize::try_from(self.max_message.as_u64()).unwrap_or(usize::MAX)
    }
}
