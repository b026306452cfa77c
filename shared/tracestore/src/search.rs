//! Which traces a search asks for: Jaeger's query parameters, and what matches them.

use std::{collections::BTreeMap, time::Duration};

use opentelemetry_proto::tonic::{common::v1::KeyValue, trace::v1::status::StatusCode};

use crate::{
    time,
    trace::{Record, Trace, attribute, display},
};

const DEFAULT_DEPTH: usize = 100;

/// A search over all traces. A trace matches when one of its spans matches everything.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Search {
    service: String,
    operation: String,
    start_min: u64,
    start_max: u64,
    duration_min: Option<Duration>,
    duration_max: Option<Duration>,
    attributes: BTreeMap<String, String>,
    /// At most so many traces.
    pub(crate) depth: usize,
}

/// The decoded parameters of a request.
pub(crate) type Params = [(String, String)];

/// The first value of a parameter; an empty one counts as none.
pub(crate) fn param<'a>(params: &'a Params, names: &[&'a str]) -> Option<(&'a str, &'a str)> {
    names.iter().find_map(|name| {
        let (_, value) = params.iter().find(|(key, _)| key == name)?;
        (!value.is_empty()).then_some((*name, value.as_str()))
    })
}

impl Search {
    /// Reads the parameters, camelCase or the older snake_case.
    pub(crate) fn parse(params: &Params) -> Result<Self, String> {
        let malformed = |name: &str| format!("malformed parameter {name}");
        let text = |names: &[&str]| -> String {
            // The names are constants; only the value is kept.
            names
                .iter()
                .find_map(|name| param(params, &[name]))
                .map_or_else(String::new, |(_, value)| value.to_owned())
        };
        let duration = |names| match param(params, names) {
            None => Ok(None),
            Some((name, value)) => time::go_duration(value).map(Some).ok_or_else(|| malformed(name)),
        };
        let required = "query.startTimeMin and query.startTimeMax are required";
        let instant = |names| {
            let (name, value) = param(params, names).ok_or(required)?;
            time::rfc3339(value).ok_or_else(|| malformed(name))
        };
        let start_min = instant(&["query.startTimeMin", "query.start_time_min"])?;
        let start_max = instant(&["query.startTimeMax", "query.start_time_max"])?;
        if start_min >= start_max {
            return Err("query.startTimeMin must be before query.startTimeMax".to_owned());
        }
        if param(params, &["query.filter"]).is_some() {
            return Err("query.filter is not supported by this store; use query.attributes".to_owned());
        }
        let depth = match param(params, &["query.searchDepth", "query.search_depth", "query.num_traces"]) {
            None => DEFAULT_DEPTH,
            Some((name, value)) => {
                let depth = value.parse().ok().filter(|depth| *depth > 0);
                depth.ok_or_else(|| malformed(name))?
            }
        };
        let attributes = match param(params, &["query.attributes"]) {
            None => BTreeMap::new(),
            Some((name, value)) => {
                serde_json::from_str(value).map_err(|error| format!("{}: {error}", malformed(name)))?
            }
        };
        Ok(Self {
            service: text(&["query.serviceName", "query.service_name"]),
            operation: text(&["query.operationName", "query.operation_name"]),
            start_min,
            start_max,
            duration_min: duration(&["query.durationMin", "query.duration_min"])?,
            duration_max: duration(&["query.durationMax", "query.duration_max"])?,
            attributes,
            depth,
        })
    }

    /// Some span of the trace matches.
    pub(crate) fn matches(&self, trace: &Trace) -> bool {
        trace.records.iter().any(|record| self.matches_span(record))
    }

    fn matches_span(&self, record: &Record) -> bool {
        let is = |wanted: &str, value: &str| wanted.is_empty() || wanted == value;
        let duration = record.duration();
        is(&self.service, &record.source.process.service)
            && is(&self.operation, &record.span.name)
            && (self.start_min..=self.start_max).contains(&record.span.start_time_unix_nano)
            && self.duration_min.is_none_or(|min| duration >= min)
            && self.duration_max.is_none_or(|max| duration <= max)
            && self.attributes.iter().all(|(key, value)| has(record, key, value))
    }
}

/// The same special keys as Jaeger's memory store.
fn has(record: &Record, key: &str, value: &str) -> bool {
    let source = &record.source;
    let resource = &source.process.resource.attributes;
    match key {
        "error" => value.parse() == Ok(record.is_error()),
        "span.kind" => record.kind().is_some_and(|kind| kind.eq_ignore_ascii_case(value)),
        "span.status" => {
            let status = record
                .span
                .status
                .as_ref()
                .map_or(StatusCode::Unset, |status| status.code());
            let name = status.as_str_name().trim_start_matches("STATUS_CODE_");
            name.eq_ignore_ascii_case(value)
        }
        "scope.name" => source.scope.name == value,
        "scope.version" => source.scope.version == value,
        _ => match key.strip_prefix("resource.") {
            Some(key) => holds(resource, key, value),
            None => {
                let span = &record.span;
                holds(&span.attributes, key, value)
                    || holds(&source.scope.attributes, key, value)
                    || holds(resource, key, value)
                    || span.events.iter().any(|event| holds(&event.attributes, key, value))
                    || span.links.iter().any(|link| holds(&link.attributes, key, value))
            }
        },
    }
}

fn holds(attributes: &[KeyValue], key: &str, value: &str) -> bool {
    attribute(attributes, key).is_some_and(|found| display(found) == value)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMES: [(&str, &str); 2] = [
        ("query.startTimeMin", "2026-11-20T00:00:00Z"),
        ("query.startTimeMax", "2026-11-21T00:00:00Z"),
    ];

    fn parse(more: &[(&str, &str)]) -> Result<Search, String> {
        let params: Vec<_> = TIMES
            .iter()
            .chain(more)
            .map(|(key, value)| ((*key).into(), (*value).into()))
            .collect();
        Search::parse(&params)
    }

    #[test]
    fn reads_both_spellings() {
        let new = parse(&[
            ("query.serviceName", "router"),
            ("query.searchDepth", "7"),
            ("query.durationMin", "5ms"),
            ("query.attributes", r#"{"error":"true"}"#),
        ])
        .unwrap();
        let old = parse(&[
            ("query.service_name", "router"),
            ("query.num_traces", "7"),
            ("query.duration_min", "5ms"),
            ("query.attributes", r#"{"error":"true"}"#),
        ]);
        assert_eq!((new.service.as_str(), new.depth), ("router", 7));
        assert_eq!(new.duration_min, Some(Duration::from_millis(5)));
        assert_eq!(Ok(new), old);
    }

    #[test]
    fn says_which_parameter_is_wrong() {
        for (name, value, message) in [
            ("query.searchDepth", "many", "malformed parameter query.searchDepth"),
            ("query.searchDepth", "0", "malformed parameter query.searchDepth"),
            ("query.durationMax", "5", "malformed parameter query.durationMax"),
            ("query.attributes", "{", "malformed parameter query.attributes"),
            ("query.filter", "{}", "query.filter is not supported"),
        ] {
            let error = parse(&[(name, value)]).unwrap_err();
            assert!(error.starts_with(message), "{error}");
        }
        assert!(Search::parse(&[]).unwrap_err().ends_with("are required"));
        let same = [TIMES[0], ("query.startTimeMax", TIMES[0].1)].map(|(key, value)| (key.into(), value.into()));
        assert!(Search::parse(&same).unwrap_err().contains("must be before"));
    }
}
