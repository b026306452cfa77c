//! Times and durations, as Jaeger's query API writes them.

use std::time::{Duration, SystemTime};

/// RFC 3339 with `Z` or an offset, to nanoseconds since 1970. Times before 1970 are 1970.
pub(crate) fn rfc3339(text: &str) -> Option<u64> {
    let (utc, offset_minutes) = match text.strip_suffix(['Z', 'z']) {
        Some(local) => (format!("{local}Z"), 0),
        None => {
            let (local, offset) = text.split_at_checked(text.len().checked_sub(6)?)?;
            (format!("{local}Z"), offset_minutes(offset)?)
        }
    };
    let time = humantime::parse_rfc3339(&utc).ok()?;
    let nanos = time
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |since| since.as_nanos() as i128);
    let nanos = nanos - i128::from(offset_minutes) * 60_000_000_000;
    Some(u64::try_from(nanos.max(0)).unwrap_or(u64::MAX))
}

/// `+02:00`, `-05:30`
fn offset_minutes(text: &str) -> Option<i32> {
    let bytes = text.as_bytes();
    let (sign, digits) = (*bytes.first()?, bytes.get(1..)?);
    let &[h1, h2, b':', m1, m2] = digits else { return None };
    let digit = |byte: u8| byte.is_ascii_digit().then(|| i32::from(byte - b'0'));
    let hours = digit(h1)? * 10 + digit(h2)?;
    let minutes = digit(m1)? * 10 + digit(m2)?;
    if hours > 23 || minutes > 59 {
        return None;
    }
    match sign {
        b'+' => Some(hours * 60 + minutes),
        b'-' => Some(-(hours * 60 + minutes)),
        _ => None,
    }
}

/// Go's durations: `1.5s`, `100ms`, `1h2m`, `20us`, `0`.
pub(crate) fn go_duration(text: &str) -> Option<Duration> {
    if text == "0" {
        return Some(Duration::ZERO);
    }
    let mut rest = text;
    let mut nanos = 0.0;
    while !rest.is_empty() {
        let number_end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, tail) = rest.split_at(number_end);
        let unit_end = tail
            .find(|c: char| c.is_ascii_digit() || c == '.')
            .unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(unit_end);
        let unit = match unit {
            "ns" => 1.0,
            "us" | "µs" | "μs" => 1e3,
            "ms" => 1e6,
            "s" => 1e9,
            "m" => 60e9,
            "h" => 3600e9,
            _ => return None,
        };
        nanos += number.parse::<f64>().ok()? * unit;
        rest = tail;
    }
    // A cast from f64 saturates; Go's own durations end at 292 years.
    (!text.is_empty() && nanos <= i64::MAX as f64).then(|| Duration::from_nanos(nanos as u64))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn times_with_and_without_offset() {
        let noon = 1_795_176_000_000_000_000;
        for text in [
            "2026-11-20T12:00:00Z",
            "2026-11-20T12:00:00.000000000Z",
            "2026-11-20T14:00:00+02:00",
            "2026-11-20T06:30:00-05:30",
        ] {
            assert_eq!(rfc3339(text), Some(noon), "{text}");
        }
        assert_eq!(rfc3339("1970-01-01T01:00:00+02:00"), Some(0));
        for text in [
            "",
            "now",
            "2026-11-20",
            "2026-11-20T12:00:00",
            "2026-11-20T12:00:00+2:00",
            "2026-13-20T12:00:00Z",
        ] {
            assert_eq!(rfc3339(text), None, "{text}");
        }
    }

    #[test]
    fn durations_of_go() {
        for (text, nanos) in [
            ("0", 0),
            ("5ns", 5),
            ("1.5s", 1_500_000_000),
            ("100ms", 100_000_000),
            ("1h2m", 3_720_000_000_000),
            ("20µs", 20_000),
            (".5s", 500_000_000),
        ] {
            assert_eq!(go_duration(text), Some(Duration::from_nanos(nanos)), "{text}");
        }
        for text in ["", "5", "s", "-1s", "1x", "1.1.1s", "99999999999h"] {
            assert_eq!(go_duration(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".*") {
            let _ = (rfc3339(&text), go_duration(&text));
        }
    }
}
