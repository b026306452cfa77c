//! What is so at a moment: rows by metric and labels, and their text.

use std::{collections::BTreeMap, fmt};

use prometheus_client::{
    encoding::{DescriptorEncoder, MetricEncoder},
    metrics::MetricType,
    registry::Unit,
};

use super::{Metric, names::Kind};

/// A number of a row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value {
    /// Counted.
    Whole(u64),
    /// Measured.
    Real(f64),
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Whole(number.into())
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Self::Whole(number)
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Real(number)
    }
}

impl From<bool> for Value {
    fn from(holds: bool) -> Self {
        Self::Whole(holds.into())
    }
}

type Labels = Vec<(&'static str, String)>;

/// What is so at a moment. One row for each set of labels, in a fixed order: what is written again replaces what was there,
/// so that the text is right whatever the sources write.
#[derive(Debug, Default)]
pub struct Sheet(BTreeMap<&'static str, (&'static Metric, BTreeMap<Labels, Value>)>);

impl Sheet {
    /// Writes a row.
    pub fn put(&mut self, metric: &'static Metric, labels: &[(&'static str, &str)], value: impl Into<Value>) {
        let labels = labels.iter().map(|(key, value)| (*key, (*value).to_owned())).collect();
        let (_, rows) = self.0.entry(metric.name).or_insert_with(|| (metric, BTreeMap::new()));
        rows.insert(labels, value.into());
    }

    /// Writes a row for each of the states, with the label `state`.
    pub fn put_state<S: Copy + PartialEq>(
        &mut self,
        metric: &'static Metric,
        labels: &[(&'static str, &str)],
        states: &[(S, &str)],
        state: S,
    ) {
        for (one, name) in states {
            let labels: Vec<_> = labels.iter().copied().chain([("state", *name)]).collect();
            self.put(metric, &labels, *one == state);
        }
    }

    /// The value of a row; for tests.
    pub fn value(&self, metric: &Metric, labels: &[(&'static str, &str)]) -> Option<Value> {
        let labels: Labels = labels.iter().map(|(key, value)| (*key, (*value).to_owned())).collect();
        self.0.get(metric.name)?.1.get(&labels).copied()
    }

    pub(super) fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        for (metric, rows) in self.0.values() {
            // The encoder puts the unit and `_total` back.
            let name = metric.name.strip_suffix("_total").unwrap_or(metric.name);
            let name = metric.unit.and_then(|unit| name.strip_suffix(unit)).unwrap_or(name);
            let unit = metric.unit.map(|unit| Unit::Other(unit.to_owned()));
            let kind = match metric.kind {
                Kind::Gauge => MetricType::Gauge,
                Kind::Counter => MetricType::Counter,
            };
            let mut family = encoder.encode_descriptor(name.trim_end_matches('_'), metric.help, unit.as_ref(), kind)?;
            for (labels, value) in rows {
                match labels.is_empty() {
                    true => write(&mut family, metric.kind, *value)?,
                    false => write(&mut family.encode_family(labels)?, metric.kind, *value)?,
                }
            }
        }
        Ok(())
    }
}

fn write(row: &mut MetricEncoder<'_>, kind: Kind, value: Value) -> fmt::Result {
    match (kind, value) {
        (Kind::Gauge, Value::Whole(number)) => row.encode_gauge(&number),
        (Kind::Gauge, Value::Real(number)) => row.encode_gauge(&number),
        (Kind::Counter, Value::Whole(number)) => row.encode_counter::<Labels, _, u64>(&number, None),
        (Kind::Counter, Value::Real(number)) => row.encode_counter::<Labels, _, u64>(&number, None),
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{Source, Sources, names, text},
        *,
    };

    struct Replicas;

    impl Source for Replicas {
        fn show(&self, sheet: &mut Sheet) {
            let labels = [("upstream", "math"), ("replica", "127.0.0.1:50062")];
            let states = [(0, "serving"), (1, "down")];
            sheet.put_state(&names::REPLICA_STATE, &labels, &states, 1);
            sheet.put(&names::REPLICA_FIRST_WORD, &labels, 0.25);
            sheet.put(&names::REPLICA_ATTEMPTS, &labels, 7_u64);
            sheet.put(&names::SERVER_REFUSED, &[("reason", "rate_limit")], 2_u64);
        }
    }

    struct Process;

    impl Source for Process {
        fn show(&self, sheet: &mut Sheet) {
            sheet.put(&names::SERVER_IN_FLIGHT, &[], 3_u32);
            sheet.put(&names::SERVER_REFUSED, &[("reason", "overload")], 1_u64);
            sheet.put(&names::ENGINE_CALLS, &[("engine", "a \"b\"\\\nc")], 1_u32);
        }
    }

    #[test]
    fn the_text_is_openmetrics_with_each_metric_once() {
        let sources = Sources::one(Replicas).and(Process);
        let text = text(&sources.registry()).unwrap();
        insta::assert_snapshot!(text, @r#"
        # HELP plexus_engine_calls Calls of an engine in the last minute.
        # TYPE plexus_engine_calls gauge
        plexus_engine_calls{engine="a \"b\"\\\nc"} 1
        # HELP plexus_replica_attempts Attempts made at a replica.
        # TYPE plexus_replica_attempts counter
        plexus_replica_attempts_total{upstream="math",replica="127.0.0.1:50062"} 7
        # HELP plexus_replica_first_word_seconds Moving average of a replica's time to the first word.
        # TYPE plexus_replica_first_word_seconds gauge
        # UNIT plexus_replica_first_word_seconds seconds
        plexus_replica_first_word_seconds{upstream="math",replica="127.0.0.1:50062"} 0.25
        # HELP plexus_replica_state What health checks say of a replica: 1 for the state that holds.
        # TYPE plexus_replica_state gauge
        plexus_replica_state{upstream="math",replica="127.0.0.1:50062",state="down"} 1
        plexus_replica_state{upstream="math",replica="127.0.0.1:50062",state="serving"} 0
        # HELP plexus_server_in_flight Calls under way in this process.
        # TYPE plexus_server_in_flight gauge
        plexus_server_in_flight 3
        # HELP plexus_server_refused Calls that were not begun.
        # TYPE plexus_server_refused counter
        plexus_server_refused_total{reason="overload"} 1
        plexus_server_refused_total{reason="rate_limit"} 2
        # EOF
        "#);
    }

    #[test]
    fn what_is_written_twice_stands_there_once() {
        let mut sheet = Sheet::default();
        sheet.put(&names::SERVER_LIMIT, &[], 1_u32);
        sheet.put(&names::SERVER_LIMIT, &[], 2_u32);
        assert_eq!(sheet.value(&names::SERVER_LIMIT, &[]), Some(Value::Whole(2)));
        assert_eq!(sheet.0.len(), 1);
    }
}
