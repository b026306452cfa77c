//! Signals of texts that were decided before. A cache belongs to one model: a new model begins with an empty one.

use std::sync::Arc;

use quick_cache::{Weighter, sync::Cache as Quick};

use crate::Signals;

/// Longer texts are not kept: they seldom come again.
const MAX_TEXT: usize = 2 * 1024;
/// Bytes that one entry may use on average; smaller ones count as this, so that their number is bounded too.
const ENTRY: u64 = 2 * 1024;
/// Bytes of an entry beside its texts, roughly.
const FIXED: usize = 512;

/// Signals by the exact text.
pub(crate) struct Cache(Quick<Box<str>, Arc<Signals>, Weight>);

#[derive(Clone)]
struct Weight;

impl Weighter<Box<str>, Arc<Signals>> for Weight {
    fn weight(&self, text: &Box<str>, signals: &Arc<Signals>) -> u64 {
        let parts: usize = signals.parts.iter().map(|part| part.text.len() + FIXED / 4).sum();
        ENTRY.max((text.len() + FIXED + parts) as u64)
    }
}

impl Cache {
    /// A cache of so many entries; none where that is 0.
    pub(crate) fn new(entries: usize) -> Option<Self> {
        (entries > 0).then(|| Self(Quick::with_weighter(entries, entries as u64 * ENTRY, Weight)))
    }

    /// The signals of a text that was decided before.
    pub(crate) fn get(&self, text: &str) -> Option<Arc<Signals>> {
        self.0.get(text)
    }

    /// Keeps the signals of a text, unless it is long.
    pub(crate) fn put(&self, text: &str, signals: &Signals) {
        if text.len() <= MAX_TEXT {
            self.0.insert(text.into(), Arc::new(signals.clone()));
        }
    }
}

impl std::fmt::Debug for Cache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Cache of {} texts", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loaded::tests::signals;

    #[test]
    fn it_is_bounded_and_exact() {
        let (cache, signals) = (Cache::new(100).unwrap(), signals());
        for index in 0..10_000 {
            cache.put(&format!("text {index}"), &signals);
        }
        assert!(cache.0.len() <= 100 && cache.0.weight() <= 100 * ENTRY, "{cache:?}");
        cache.put("again", &signals);
        assert!(cache.get("again").is_some() && cache.get("again ").is_none());
    }

    #[test]
    fn long_texts_are_not_kept() {
        let cache = Cache::new(100).unwrap();
        let long = "x".repeat(MAX_TEXT + 1);
        cache.put(&long, &signals());
        assert!(cache.get(&long).is_none());
        assert!(Cache::new(0).is_none());
    }
}
