//! Where one upstream's replicas are.

use std::fmt;

use plexus_core::Tier;
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor, value::MapAccessDeserializer},
};

/// Address of an upstream's replicas: `host:port`, `http://host:port`, or a table with a tier, `{ endpoint = "host:port",
/// tier = "cloud" }`. A name stands for all addresses that it resolves to.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize)]
#[serde(try_from = "Written")]
pub struct Endpoint {
    /// Name or address of the host; IPv6 addresses without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
    /// Where it runs; replicas of a later tier serve where no replica of an earlier one can. None: there is only one tier.
    pub tier: Option<Tier>,
}

/// As it stands in a configuration.
enum Written {
    Plain(String),
    Tiered(Tiered),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tiered {
    endpoint: String,
    tier: String,
}

// By hand: of an untagged enum serde says no more than that nothing matched.
impl<'de> Deserialize<'de> for Written {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Either)
    }
}

/// Reads a text or a table.
struct Either;

impl<'de> Visitor<'de> for Either {
    type Value = Written;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("host:port, or a table with `endpoint` and `tier`")
    }

    fn visit_str<E>(self, text: &str) -> Result<Written, E> {
        Ok(Written::Plain(text.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, table: A) -> Result<Written, A::Error> {
        Tiered::deserialize(MapAccessDeserializer::new(table)).map(Written::Tiered)
    }
}

/// Why a text is no endpoint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// It is no address.
    #[error("`{0}` is no endpoint: write host:port, e.g. 127.0.0.1:50062")]
    Address(String),
    /// There is no such tier.
    #[error("unknown tier `{0}`, expected edge, onprem or cloud")]
    Tier(String),
}

impl TryFrom<Written> for Endpoint {
    type Error = EndpointError;

    fn try_from(written: Written) -> Result<Self, EndpointError> {
        match written {
            Written::Plain(text) => text.try_into(),
            Written::Tiered(Tiered { endpoint, tier }) => {
                let known = Tier::ALL;
                let tier = known
                    .into_iter()
                    .find(|known| known.name() == tier)
                    .ok_or(EndpointError::Tier(tier))?;
                Ok(Self {
                    tier: Some(tier),
                    ..endpoint.try_into()?
                })
            }
        }
    }
}

impl TryFrom<String> for Endpoint {
    type Error = EndpointError;

    fn try_from(text: String) -> Result<Self, EndpointError> {
        let rest = text.strip_prefix("http://").unwrap_or(&text);
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let wrong = || EndpointError::Address(text.clone());
        let authority: http::uri::Authority = rest.parse().map_err(|_| wrong())?;
        match authority.port_u16() {
            Some(port) if port != 0 && !authority.host().is_empty() && !rest.contains('@') => {
                let host = authority.host().trim_start_matches('[').trim_end_matches(']');
                Ok(Self {
                    host: host.to_owned(),
                    port,
                    tier: None,
                })
            }
            _ => Err(wrong()),
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
    use serde::de::{IntoDeserializer as _, value};

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

    #[test]
    fn a_tier_is_one_of_three() {
        assert_eq!(table(&[("tier", "cloud")]).unwrap().tier, Some(Tier::Cloud));
        assert!(table(&[("tier", "moon")]).unwrap_err().contains("unknown tier `moon`"));
    }

    #[test]
    fn what_is_no_endpoint_is_named() {
        assert_eq!(
            table(&[("tier", "cloud"), ("wieght", "3")]).unwrap_err(),
            "unknown field `wieght`, expected `endpoint` or `tier`"
        );
        assert_eq!(table(&[]).unwrap_err(), "missing field `tier`");
        let number: NumberDeserializer = 5_u32.into_deserializer();
        let error = Endpoint::deserialize(number).unwrap_err().to_string();
        assert!(error.contains("expected host:port, or a table"), "{error}");
        let text: TextDeserializer<'_> = "math:1".into_deserializer();
        assert_eq!(Endpoint::deserialize(text).unwrap().port, 1);
    }

    type NumberDeserializer = value::U32Deserializer<value::Error>;
    type TextDeserializer<'a> = value::StrDeserializer<'a, value::Error>;

    /// A table with an endpoint and these keys.
    fn table(more: &[(&str, &str)]) -> Result<Endpoint, String> {
        let keys = [("endpoint", "math:1")].into_iter().chain(more.iter().copied());
        let table = value::MapDeserializer::<_, value::Error>::new(keys);
        Endpoint::deserialize(table).map_err(|error| error.to_string())
    }
}
