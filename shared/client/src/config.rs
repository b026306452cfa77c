//! Addresses of upstreams and how to connect to them.

use std::{fmt, time::Duration};

use plexus_config::humantime_serde;
use serde::Deserialize;

/// Section `client` of a configuration. Values: the ones linkerd2-proxy and gRPC use.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// How long a connection may take to be made.
    #[serde(with = "humantime_serde")]
    pub connect_timeout: Duration,
    /// Pause between tries to reach a replica that is down; a random half of it is added.
    #[serde(with = "humantime_serde")]
    pub reconnect_pause: Duration,
    /// How long a replica is avoided after a call to it failed.
    #[serde(with = "humantime_serde")]
    pub suspect_for: Duration,
    /// Pause between pings on a connection.
    #[serde(with = "humantime_serde")]
    pub ping_interval: Duration,
    /// How long a ping may go unanswered before the connection counts as lost.
    #[serde(with = "humantime_serde")]
    pub ping_timeout: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(1),
            reconnect_pause: Duration::from_millis(200),
            suspect_for: Duration::from_secs(1),
            ping_interval: Duration::from_secs(10),
            ping_timeout: Duration::from_secs(5),
        }
    }
}

/// Address of one replica: `host:port`, or `http://host:port`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Endpoint {
    /// Name or address of the host; IPv6 addresses without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
}

/// Why a text is no endpoint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no endpoint: write host:port, e.g. 127.0.0.1:50062")]
pub struct EndpointError(String);

impl TryFrom<String> for Endpoint {
    type Error = EndpointError;

    fn try_from(text: String) -> Result<Self, EndpointError> {
        let rest = text.strip_prefix("http://").unwrap_or(&text);
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let authority: http::uri::Authority = rest.parse().map_err(|_| EndpointError(text.clone()))?;
        match authority.port_u16() {
            Some(port) if port != 0 && !authority.host().is_empty() && !rest.contains('@') => {
                let host = authority
                    .host()
                    .trim_start_matches('[')
                    .trim_end_matches(']')
                    .to_owned();
                Ok(Self { host, port })
            }
            _ => Err(EndpointError(text)),
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_are_read_and_written() {
        for (text, shown) in [
            ("127.0.0.1:50062", "127.0.0.1:50062"),
            ("http://math:50062", "math:50062"),
            ("http://math:50062/", "math:50062"),
            ("[::1]:9", "[::1]:9"),
        ] {
            assert_eq!(Endpoint::try_from(text.to_owned()).unwrap().to_string(), shown);
        }
        for wrong in [
            "",
            "math",
            "math:0",
            "math:99999",
            "https://math:1",
            "me@math:1",
            "http://math:1/path",
            ":1",
        ] {
            assert!(Endpoint::try_from(wrong.to_owned()).is_err(), "{wrong}");
        }
    }
}
