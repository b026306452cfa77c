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
    /// Calls under way at the same time, in the whole process; a Classify counts as a quarter of one. Further ones wait
    /// a moment, then get RESOURCE_EXHAUSTED.
    #[serde(default = "defaults::max_concurrent_calls")]
    pub max_concurrent_calls: u32,
    /// Share of these, above 0 and at most 1, that calls of priority batch may take.
    #[serde(default = "defaults::batch_share")]
    pub batch_share: f64,
    /// Calls that may wait to begin; 0: none.
    #[serde(default = "defaults::max_waiting_calls")]
    pub max_waiting_calls: u32,
    /// How long a call may wait where the queue has not been empty for `queue_interval` (CoDel's target, RFC 8289).
    #[serde(default = "defaults::queue_target", with = "humantime_serde")]
    pub queue_target: Duration,
    /// How long it may wait otherwise. A tenth of a second is too long for whoever could go elsewhere, so it is less than
    /// CoDel's 100 ms.
    #[serde(default = "defaults::queue_interval", with = "humantime_serde")]
    pub queue_interval: Duration,
    /// Calls are refused while the process's own loop is later than this for 100 ms; 0: never.
    #[serde(default = "defaults::loop_delay", with = "humantime_serde")]
    pub loop_delay: Duration,
    /// Connections at the same time; further ones are closed at once.
    #[serde(default = "defaults::max_connections")]
    pub max_connections: u32,
    /// Age at which a connection is told to go (GOAWAY), give or take a tenth (gRPC proposal A9).
    #[serde(default = "defaults::max_connection_age", with = "humantime_serde")]
    pub max_connection_age: Duration,
    /// How long a connection may take to begin speaking HTTP/2.
    #[serde(default = "defaults::first_bytes", with = "humantime_serde")]
    pub first_bytes: Duration,
    /// How long a request may take to arrive.
    #[serde(default = "defaults::slow_writer", with = "humantime_serde")]
    pub slow_writer: Duration,
    /// How long a caller may read nothing of an answer that is there.
    #[serde(default = "defaults::slow_reader", with = "humantime_serde")]
    pub slow_reader: Duration,
    /// Bytes of all requests together that have not arrived in full.
    #[serde(default = "defaults::max_arriving")]
    pub max_arriving: ByteSize,
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
    /// Whether callers may ask what is served here (server reflection): good for development, and a map for strangers.
    #[serde(default = "defaults::reflection")]
    pub reflection: bool,
    /// TLS, and who may call.
    #[serde(default)]
    pub tls: plexus_tls::ServerConfig,
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
    pub(super) fn batch_share() -> f64 {
        0.5
    }
    pub(super) fn max_waiting_calls() -> u32 {
        128
    }
    pub(super) fn queue_target() -> Duration {
        Duration::from_millis(5)
    }
    pub(super) fn queue_interval() -> Duration {
        Duration::from_millis(40)
    }
    pub(super) fn loop_delay() -> Duration {
        Duration::from_millis(25)
    }
    pub(super) fn max_connections() -> u32 {
        512
    }
    pub(super) fn max_connection_age() -> Duration {
        Duration::from_secs(30 * 60)
    }
    pub(super) fn first_bytes() -> Duration {
        Duration::from_secs(10)
    }
    pub(super) fn slow_writer() -> Duration {
        Duration::from_secs(20)
    }
    pub(super) fn slow_reader() -> Duration {
        Duration::from_secs(20)
    }
    pub(super) fn max_arriving() -> ByteSize {
        ByteSize::mib(64)
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
    pub(super) fn reflection() -> bool {
        true
    }
    pub(super) fn worker_threads() -> usize {
        1
    }
}

impl Config {
    /// Refuses zeros, which would refuse everything, and what contradicts itself.
    pub fn validate(&self, key: &str) -> Result<(), Invalid> {
        let zero = [
            ("max_concurrent_calls", self.max_concurrent_calls == 0),
            ("queue_interval", self.queue_interval.is_zero()),
            ("max_connections", self.max_connections == 0),
            ("max_connection_age", self.max_connection_age.is_zero()),
            ("first_bytes", self.first_bytes.is_zero()),
            ("slow_writer", self.slow_writer.is_zero()),
            ("slow_reader", self.slow_reader.is_zero()),
            ("max_streams_per_connection", self.max_streams_per_connection == 0),
            ("max_message", self.max_message.as_u64() == 0),
            ("max_deadline", self.max_deadline.is_zero()),
            ("worker_threads", self.worker_threads == 0),
        ];
        if let Some((name, _)) = zero.into_iter().find(|(_, zero)| *zero) {
            return Err(Invalid::new(format!("{key}.{name}"), "must be more than 0"));
        }
        let invalid = |name: &str, problem: String| Err(Invalid::new(format!("{key}.{name}"), problem));
        if !(self.batch_share > 0.0 && self.batch_share <= 1.0) {
            return invalid("batch_share", "must be above 0 and at most 1".to_owned());
        }
        if self.queue_target > self.queue_interval {
            return invalid("queue_target", format!("must be at most `{key}.queue_interval`"));
        }
        if self.max_arriving < self.max_message {
            return invalid("max_arriving", format!("must be at least `{key}.max_message`"));
        }
        self.tls.validate(&format!("{key}.tls"))
    }

    /// [`Config::max_message`] in bytes, for tonic's `max_decoding_message_size`.
    pub fn max_message_bytes(&self) -> usize {
        usize::try_from(self.max_message.as_u64()).unwrap_or(usize::MAX)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use serde::de::value::{Error, MapDeserializer};

    use super::*;

    /// The defaults.
    pub(crate) fn config() -> Config {
        let listen = [("listen", "127.0.0.1:0")].into_iter();
        Config::deserialize(MapDeserializer::<_, Error>::new(listen)).unwrap()
    }

    #[test]
    fn the_defaults_are_right() {
        config().validate("server").unwrap();
    }
}
