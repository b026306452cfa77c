//! Addresses of upstreams and how to reach them.

mod endpoint;

use std::time::Duration;

pub use endpoint::{Endpoint, EndpointError};
use plexus_config::{Invalid, humantime_serde};
use plexus_resilience::{breaker, limit, retry};
use serde::Deserialize;

/// Section `client` of a configuration. Values: the ones linkerd2-proxy, Finagle and gRPC use.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// How long a connection may take to be made.
    #[serde(with = "humantime_serde")]
    pub connect_timeout: Duration,
    /// Pause between tries to reach a replica that is down; a random half of it is added.
    #[serde(with = "humantime_serde")]
    pub reconnect_pause: Duration,
    /// Connections to one replica at most; a further one is made when those there are have as many streams as they take.
    pub connections: u32,
    /// Streams on one connection at most.
    pub streams_per_connection: u32,
    /// Pause between pings on a connection: one can be dead while its replica lives and answers health checks on another.
    #[serde(with = "humantime_serde")]
    pub ping_interval: Duration,
    /// How long a ping may go unanswered before the connection counts as lost.
    #[serde(with = "humantime_serde")]
    pub ping_timeout: Duration,
    /// How often names are resolved again.
    #[serde(with = "humantime_serde")]
    pub resolve_every: Duration,
    /// How long a replica with calls under way may begin no answer before it is asked whether it lives.
    #[serde(with = "humantime_serde")]
    pub probe_after: Duration,
    /// How long it may take to say so; silent twice, it counts as down.
    #[serde(with = "humantime_serde")]
    pub probe_timeout: Duration,
    /// How long a new or returned replica takes to get its whole share of calls (Envoy's slow start).
    #[serde(with = "humantime_serde")]
    pub warm_up: Duration,
    /// How long a call may wait for a place where every replica is at its limit.
    #[serde(with = "humantime_serde")]
    pub queue_timeout: Duration,
    /// Share of the time left, 0..1, that the first word of one replica may take where another could be asked.
    pub first_word_share: f64,
    /// TLS, and how upstreams are known.
    pub tls: plexus_tls::ClientConfig,
    /// When calls are kept away from a replica.
    pub breaker: breaker::Config,
    /// How many calls a replica may have at the same time.
    pub limit: limit::Config,
    /// When a call is made a second time.
    pub retry: retry::Config,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(1),
            reconnect_pause: Duration::from_millis(200),
            connections: 4,
            streams_per_connection: 100,
            ping_interval: Duration::from_secs(3),
            ping_timeout: Duration::from_secs(3),
            resolve_every: Duration::from_secs(5),
            probe_after: Duration::from_millis(500),
            probe_timeout: Duration::from_secs(1),
            warm_up: Duration::from_secs(10),
            queue_timeout: Duration::from_millis(15),
            first_word_share: 0.6,
            tls: plexus_tls::ClientConfig::default(),
            breaker: breaker::Config::default(),
            limit: limit::Config::default(),
            retry: retry::Config::default(),
        }
    }
}

impl Config {
    /// Refuses what could not work; `key` is the section's name.
    ///
    /// # Errors
    /// The first key that is wrong.
    pub fn validate(&self, key: &str) -> Result<(), Invalid> {
        let (breaker, limit, retry) = (&self.breaker, &self.limit, &self.retry);
        let share = |value: f64| (0.0..=1.0).contains(&value);
        let wrong = [
            (
                "connect_timeout",
                self.connect_timeout.is_zero(),
                "must be longer than 0s",
            ),
            ("connections", self.connections == 0, "must be more than 0"),
            (
                "streams_per_connection",
                self.streams_per_connection == 0,
                "must be more than 0",
            ),
            (
                "reconnect_pause",
                self.reconnect_pause.is_zero(),
                "must be longer than 0s",
            ),
            ("resolve_every", self.resolve_every.is_zero(), "must be longer than 0s"),
            ("probe_after", self.probe_after.is_zero(), "must be longer than 0s"),
            ("probe_timeout", self.probe_timeout.is_zero(), "must be longer than 0s"),
            (
                "first_word_share",
                !share(self.first_word_share),
                "must be between 0 and 1",
            ),
            ("breaker.failures", breaker.failures == 0, "must be more than 0"),
            (
                "breaker.success_rate",
                !share(breaker.success_rate),
                "must be between 0 and 1",
            ),
            ("breaker.window", breaker.window.is_zero(), "must be longer than 0s"),
            (
                "breaker.max_rest",
                breaker.max_rest < breaker.min_rest,
                "must not be shorter than min_rest",
            ),
            ("limit.min", limit.min == 0, "must be more than 0"),
            ("limit.max", limit.max < limit.min, "must not be less than limit.min"),
            (
                "limit.max",
                limit.max > self.connections.saturating_mul(self.streams_per_connection),
                "must not be more than connections x streams_per_connection",
            ),
            ("retry.share", !share(retry.share.into()), "must be between 0 and 1"),
            ("retry.per_second", retry.per_second > 1_000, "must be at most 1000"),
        ];
        match wrong.into_iter().find(|(_, wrong, _)| *wrong) {
            Some((name, _, problem)) => Err(Invalid::new(format!("{key}.{name}"), problem)),
            None => self.tls.validate(&format!("{key}.tls")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_right_and_what_cannot_work_is_named() {
        assert!(Config::default().validate("client").is_ok());
        let wrong = Config {
            connections: 2,
            ..Config::default()
        };
        let error = wrong.validate("client").unwrap_err();
        assert!(format!("{error:?}").contains("client.limit.max"), "{error:?}");
        let wrong = Config {
            reconnect_pause: Duration::ZERO,
            ..Config::default()
        };
        let error = wrong.validate("client").unwrap_err();
        assert!(format!("{error:?}").contains("client.reconnect_pause"), "{error:?}");
    }
}
