//! What a provider says of its own rate limits beside an answer: nothing is left until then. Pure.
//!
//! Source: OpenAI, "Rate limits in headers" (`x-ratelimit-*`, times as `6m0s`); Anthropic, "Rate limits: response headers"
//! (`anthropic-ratelimit-*`, times as RFC 3339).

use std::time::{Duration, SystemTime};

use http::HeaderMap;

/// Headers with what is left, and with when there is more.
const PAIRS: [(&str, &str); 4] = [
    ("x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"),
    ("x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"),
    (
        "anthropic-ratelimit-requests-remaining",
        "anthropic-ratelimit-requests-reset",
    ),
    (
        "anthropic-ratelimit-tokens-remaining",
        "anthropic-ratelimit-tokens-reset",
    ),
];

/// How long nothing is left, if the headers say so.
pub(super) fn exhausted(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    let resets = PAIRS
        .iter()
        .filter(|(remaining, _)| text(remaining) == Some("0"))
        .filter_map(|(_, reset)| time_of(text(reset)?, now));
    resets.max().filter(|reset| !reset.is_zero())
}

/// Reads `1.5`, `6m0s`, `20ms` or `2026-01-01T00:00:00Z`.
fn time_of(text: &str, now: SystemTime) -> Option<Duration> {
    if let Ok(date) = humantime::parse_rfc3339(text) {
        return Some(date.duration_since(now).unwrap_or_default());
    }
    if let Ok(seconds) = text.parse() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let mut rest = text;
    let mut sum = Duration::ZERO;
    while !rest.is_empty() {
        let (number, after) = rest.split_at(rest.find(|c: char| !(c.is_ascii_digit() || c == '.'))?);
        let end = after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len());
        let (unit, after) = after.split_at(end);
        let seconds = match unit {
            "ms" => 1e-3,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            "d" => 86_400.0,
            _ => return None,
        };
        let part = Duration::try_from_secs_f64(number.parse::<f64>().ok()? * seconds).ok()?;
        sum = sum.checked_add(part)?;
        rest = after;
    }
    Some(sum)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    const NOW: Duration = Duration::from_secs(1_767_225_600);

    fn said(headers: &[(&'static str, &'static str)]) -> Option<Duration> {
        let headers = headers
            .iter()
            .map(|(name, value)| (http::HeaderName::from_static(name), HeaderValue::from_static(value)));
        exhausted(&headers.collect(), SystemTime::UNIX_EPOCH + NOW)
    }

    #[test]
    fn what_is_used_up_rests_until_its_reset() {
        let requests = "x-ratelimit-remaining-requests";
        let reset = "x-ratelimit-reset-requests";
        for (value, expected) in [
            ("6m0s", Some(360_000)),
            ("1h2m3.5s", Some(3_723_500)),
            ("20ms", Some(20)),
            ("1.5", Some(1500)),
            ("2026-01-01T00:00:07Z", Some(7000)),
            ("2025-12-31T23:59:59Z", None),
            ("", None),
            ("soon", None),
            ("5y", None),
            ("-3", None),
            ("1.2.3s", None),
            ("7", Some(7000)),
        ] {
            let got = said(&[(requests, "0"), (reset, value)]);
            assert_eq!(got, expected.map(Duration::from_millis), "{value}");
        }
        assert_eq!(said(&[(requests, "1"), (reset, "6m0s")]), None);
        assert_eq!(said(&[(requests, "0")]), None);
        let both = [
            (requests, "0"),
            (reset, "1s"),
            ("anthropic-ratelimit-tokens-remaining", "0"),
            ("anthropic-ratelimit-tokens-reset", "2026-01-01T00:00:09Z"),
        ];
        assert_eq!(said(&both), Some(Duration::from_secs(9)));
    }

    proptest! {
        #[test]
        fn whatever_is_said_is_read_or_not_and_never_panics(text in "[0-9.a-z:TZ+-]{0,24}") {
            let _ = time_of(&text, SystemTime::UNIX_EPOCH + NOW);
        }
    }
}
