//! Metrics for Prometheus: read from live state when somebody asks, so that the calls themselves pay nothing.
//!
//! A service has [`Source`]s; at a scrape each writes rows on a [`Sheet`], which becomes text. What there is: [`names`].

mod endpoint;
pub mod names;
mod sheet;

use std::fmt;

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, text::encode},
    registry::Registry,
};

pub use self::{
    endpoint::Endpoint,
    names::Metric,
    sheet::{Sheet, Value},
};

/// Whoever has something to show.
pub trait Source: Send + Sync + 'static {
    /// Writes what is so at this moment. It runs beside calls: it must not wait for anything, and hold locks for moments only.
    fn show(&self, sheet: &mut Sheet);
}

/// Everybody of a process who has something to show. The same metric may come from several: each is written once.
#[derive(Default)]
pub struct Sources(Vec<Box<dyn Source>>);

impl fmt::Debug for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sources")
            .field("count", &self.0.len())
            .finish_non_exhaustive()
    }
}

impl Sources {
    /// No source but this one.
    pub fn one(source: impl Source) -> Self {
        Self::default().and(source)
    }

    /// One more.
    #[must_use]
    pub fn and(mut self, source: impl Source) -> Self {
        self.0.push(Box::new(source));
        self
    }

    /// The registry that asks them at each scrape.
    fn registry(self) -> Registry {
        let mut registry = Registry::default();
        registry.register_collector(Box::new(self));
        registry
    }
}

impl Collector for Sources {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let mut sheet = Sheet::default();
        for source in &self.0 {
            source.show(&mut sheet);
        }
        sheet.encode(encoder)
    }
}

/// What a scrape sees of a registry, as OpenMetrics 1.0 text.
fn text(registry: &Registry) -> Result<String, fmt::Error> {
    let mut text = String::new();
    encode(&mut text, registry)?;
    Ok(text)
}
