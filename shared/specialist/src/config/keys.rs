//! A specialist's configuration: the keys that all have beside those of its own, in one table.
//!
//! `serde(flatten)` would lose unknown keys and the places of errors; this hands each key to whom it belongs.

use std::fmt;

use plexus_library::LibraryConfig;
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, Error, MapAccess, Visitor, value::StringDeserializer},
    forward_to_deserialize_any,
};

use super::{Adaptation, Config, EngineConfig};
use crate::prompt::PromptsConfig;

const SHARED: [&str; 6] = ["server", "telemetry", "prompts", "library", "engines", "adaptation"];

/// The shared keys, as far as they were there.
#[derive(Default)]
struct Shared {
    server: Option<plexus_server::Config>,
    telemetry: Option<plexus_telemetry::Config>,
    prompts: Option<PromptsConfig>,
    library: Option<LibraryConfig>,
    engines: Option<Vec<EngineConfig>>,
    adaptation: Option<Adaptation>,
}

impl<'de, Own: Deserialize<'de>> Deserialize<'de> for Config<Own> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut shared = Shared::default();
        let own = Own::deserialize(Keys {
            inner: deserializer,
            shared: &mut shared,
        })?;
        Ok(Self {
            server: shared.server.ok_or_else(|| D::Error::missing_field("server"))?,
            telemetry: shared.telemetry.unwrap_or_default(),
            prompts: shared.prompts.ok_or_else(|| D::Error::missing_field("prompts"))?,
            library: shared.library.unwrap_or_default(),
            engines: shared.engines.ok_or_else(|| D::Error::missing_field("engines"))?,
            adaptation: shared.adaptation.unwrap_or_default(),
            own,
        })
    }
}

/// Lets a specialist's own keys be read of a table that has the shared ones too.
struct Keys<'s, T> {
    inner: T,
    shared: &'s mut Shared,
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Keys<'_, D> {
    type Error = D::Error;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        own: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        let shared = self.shared;
        self.inner.deserialize_map(Table {
            inner: visitor,
            own,
            shared,
        })
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, D::Error> {
        Err(D::Error::custom("a specialist's own keys are a struct"))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

/// That table, as its visitor and as its entries.
struct Table<'s, T> {
    inner: T,
    own: &'static [&'static str],
    shared: &'s mut Shared,
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Table<'_, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a specialist's configuration")
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<V::Value, A::Error> {
        self.inner.visit_map(Table {
            inner: entries,
            own: self.own,
            shared: self.shared,
        })
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Table<'_, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        let map = &mut self.inner;
        while let Some(key) = map.next_key_seed(Known(self.own))? {
            match key.as_str() {
                "server" => self.shared.server = Some(map.next_value()?),
                "telemetry" => self.shared.telemetry = Some(map.next_value()?),
                "prompts" => self.shared.prompts = Some(map.next_value()?),
                "library" => self.shared.library = Some(map.next_value()?),
                "engines" => self.shared.engines = Some(map.next_value()?),
                "adaptation" => self.shared.adaptation = Some(map.next_value()?),
                _ => return seed.deserialize(StringDeserializer::new(key)).map(Some),
            }
        }
        Ok(None)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, A::Error> {
        self.inner.next_value_seed(seed)
    }
}

/// A key that is shared, or one of these.
struct Known(&'static [&'static str]);

impl<'de> DeserializeSeed<'de> for Known {
    type Value = String;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<String, D::Error> {
        let key = String::deserialize(deserializer)?;
        if SHARED.contains(&key.as_str()) || self.0.contains(&key.as_str()) {
            return Ok(key);
        }
        // The list must live as long as the program, and does: this ends it.
        let known = [&SHARED[..], self.0].concat();
        Err(D::Error::unknown_field(&key, known.leak()))
    }
}
