//! Every metric of the mesh. docs/resilience.md lists them; a test compares.
//!
//! Names as Prometheus and OpenMetrics 1.0 have them: `plexus_`, what it is, the unit, `_total` where it only grows. A state is
//! one row for each value that it may have: 1 for the one that holds, 0 for the others.

/// What a metric is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Goes up and down.
    Gauge,
    /// Only grows, from 0 when the process starts.
    Counter,
}

/// A metric.
#[derive(Debug)]
pub struct Metric {
    /// As a scrape shows it.
    pub name: &'static str,
    /// What it is.
    pub kind: Kind,
    /// Its unit, which its name ends with; none: it counts things.
    pub unit: Option<&'static str>,
    /// One sentence for a person.
    pub help: &'static str,
}

impl Metric {
    const fn gauge(name: &'static str, help: &'static str) -> Self {
        Self {
            name,
            kind: Kind::Gauge,
            unit: None,
            help,
        }
    }

    const fn counter(name: &'static str, help: &'static str) -> Self {
        Self {
            name,
            kind: Kind::Counter,
            unit: None,
            help,
        }
    }

    const fn of(self, unit: &'static str) -> Self {
        Self {
            unit: Some(unit),
            ..self
        }
    }
}

/// Labels: upstream, replica, state.
pub static REPLICA_STATE: Metric = Metric::gauge(
    "plexus_replica_state",
    "What health checks say of a replica: 1 for the state that holds.",
);
/// Labels: upstream, replica, state.
pub static BREAKER_STATE: Metric = Metric::gauge(
    "plexus_breaker_state",
    "Whether calls to a replica are let through: 1 for the state that holds.",
);
/// Labels: upstream, replica.
pub static REPLICA_IN_FLIGHT: Metric = Metric::gauge("plexus_replica_in_flight", "Calls on their way to a replica.");
/// Labels: upstream, replica.
pub static REPLICA_LIMIT: Metric = Metric::gauge(
    "plexus_replica_limit",
    "Calls that a replica may have at the same time, as learnt from what it refuses.",
);
/// Labels: upstream, replica.
pub static REPLICA_WARMTH: Metric = Metric::gauge(
    "plexus_replica_warmth_ratio",
    "Share of its traffic that a new or returned replica may get, 0..1.",
)
.of("ratio");
/// Labels: upstream, replica.
pub static REPLICA_FIRST_WORD: Metric = Metric::gauge(
    "plexus_replica_first_word_seconds",
    "Moving average of a replica's time to the first word.",
)
.of("seconds");
/// Labels: upstream, replica.
pub static REPLICA_ATTEMPTS: Metric = Metric::counter("plexus_replica_attempts_total", "Attempts made at a replica.");
/// Labels: upstream, replica.
pub static REPLICA_FAILURES: Metric =
    Metric::counter("plexus_replica_failures_total", "Attempts at a replica that failed.");
/// Labels: upstream.
pub static RETRIES: Metric = Metric::counter(
    "plexus_client_retries_total",
    "Second attempts because the first one failed.",
);
/// Labels: upstream.
pub static HEDGES: Metric = Metric::counter(
    "plexus_client_hedges_total",
    "Second attempts because the first one was slow.",
);
/// Labels: upstream.
pub static HEDGES_WASTED: Metric = Metric::counter(
    "plexus_client_hedges_wasted_total",
    "Hedges whose answer was not needed.",
);
/// Labels: upstream.
pub static RETRIES_REFUSED: Metric = Metric::counter(
    "plexus_client_retries_refused_total",
    "Second attempts that the budget did not allow.",
);
/// No labels.
pub static SERVER_IN_FLIGHT: Metric = Metric::gauge("plexus_server_in_flight", "Calls under way in this process.");
/// No labels.
pub static SERVER_LIMIT: Metric = Metric::gauge(
    "plexus_server_limit",
    "Calls of the dearest kind that may be under way in this process.",
);
/// No labels.
pub static SERVER_WAITING: Metric = Metric::gauge("plexus_server_waiting", "Calls that wait to begin.");
/// Labels: reason.
pub static SERVER_REFUSED: Metric = Metric::counter("plexus_server_refused_total", "Calls that were not begun.");
/// Labels: outcome.
pub static REQUESTS: Metric = Metric::counter("plexus_requests_total", "Requests that were begun and have ended.");
/// Labels: domain, reason.
pub static DEGRADATIONS: Metric = Metric::counter(
    "plexus_degradations_total",
    "What was skipped or replaced in requests that have ended.",
);
/// Labels: engine.
pub static ENGINE_IN_FLIGHT: Metric = Metric::gauge("plexus_engine_in_flight", "Questions that an engine works on.");
/// Labels: engine.
pub static ENGINE_CALLS: Metric = Metric::gauge("plexus_engine_calls", "Calls of an engine in the last minute.");
/// Labels: engine.
pub static ENGINE_FAILURES: Metric = Metric::gauge(
    "plexus_engine_failures",
    "Calls of an engine in the last minute that failed.",
);
/// Labels: engine.
pub static ENGINE_FIRST_WORD: Metric = Metric::gauge(
    "plexus_engine_first_word_seconds",
    "Average of an engine's time to the first word.",
)
.of("seconds");
/// Labels: engine.
pub static ENGINE_ADAPTED: Metric = Metric::gauge(
    "plexus_engine_adapted",
    "1 where an engine is asked later than its price says, because it fails, is slow or dear.",
);

/// All of them.
pub static ALL: &[&Metric] = &[
    &REPLICA_STATE,
    &BREAKER_STATE,
    &REPLICA_IN_FLIGHT,
    &REPLICA_LIMIT,
    &REPLICA_WARMTH,
    &REPLICA_FIRST_WORD,
    &REPLICA_ATTEMPTS,
    &REPLICA_FAILURES,
    &RETRIES,
    &HEDGES,
    &HEDGES_WASTED,
    &RETRIES_REFUSED,
    &SERVER_IN_FLIGHT,
    &SERVER_LIMIT,
    &SERVER_WAITING,
    &SERVER_REFUSED,
    &REQUESTS,
    &DEGRADATIONS,
    &ENGINE_IN_FLIGHT,
    &ENGINE_CALLS,
    &ENGINE_FAILURES,
    &ENGINE_FIRST_WORD,
    &ENGINE_ADAPTED,
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_follow_the_conventions() {
        for metric in ALL {
            let Metric { name, kind, unit, help } = metric;
            assert!(name.starts_with("plexus_"), "{name}");
            assert!(
                name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'),
                "{name}"
            );
            assert!(!name.contains("__"), "{name}");
            assert_eq!(
                name.ends_with("_total"),
                *kind == Kind::Counter,
                "{name}: counters, and nothing else, end with _total"
            );
            // Endings that mean something else in OpenMetrics.
            for taken in ["_count", "_sum", "_bucket", "_created", "_info", "_gcount", "_gsum"] {
                assert!(!name.ends_with(taken), "{name}");
            }
            let bare = name.strip_suffix("_total").unwrap_or(name);
            for known in ["seconds", "ratio", "bytes"] {
                assert_eq!(
                    bare.ends_with(&format!("_{known}")),
                    *unit == Some(known),
                    "{name}: the unit is the ending, and base units only"
                );
            }
            for other in ["_ms", "_milliseconds", "_percent", "_kilobytes"] {
                assert!(!bare.ends_with(other), "{name}");
            }
            assert!(help.ends_with('.') && !help.contains('\n'), "{name}: {help}");
        }
        let names: BTreeSet<&str> = ALL.iter().map(|metric| metric.name).collect();
        assert_eq!(names.len(), ALL.len(), "each name once");
    }

    #[test]
    fn the_documentation_lists_what_there_is() {
        let text = include_str!("../../../../docs/resilience.md");
        let (_, section) = text.split_once("\n## Metrics\n").unwrap();
        let section = section.split("\n## ").next().unwrap_or_default();
        let listed: BTreeSet<&str> = section
            .lines()
            .filter_map(|line| line.strip_prefix("| `plexus_")?.split('`').next())
            .collect();
        let there: BTreeSet<&str> = ALL
            .iter()
            .map(|metric| metric.name.trim_start_matches("plexus_"))
            .collect();
        assert_eq!(listed, there);
    }
}
