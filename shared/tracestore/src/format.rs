//! Times, as people read them.

use std::time::{Duration, SystemTime};

/// Three figures and a unit: `870ns`, `12.4us`, `1.27ms`, `3.02s`, `125s`.
pub fn duration(span: Duration) -> String {
    let nanos = span.as_nanos();
    if nanos == 0 {
        return "0s".to_owned();
    }
    if nanos < 1_000 {
        return format!("{nanos}ns");
    }
    let (value, unit) = match nanos {
        // One figure before the bound, so that rounding never writes "1000us".
        0..999_500 => (nanos as f64 / 1e3, "us"),
        999_500..999_500_000 => (nanos as f64 / 1e6, "ms"),
        _ => (nanos as f64 / 1e9, "s"),
    };
    let digits = match value {
        value if value >= 99.95 => 0,
        value if value >= 9.995 => 1,
        _ => 2,
    };
    format!("{value:.digits$}{unit}")
}

/// UTC with milliseconds, from nanoseconds since 1970: `2026-11-20T22:02:11.123Z`.
pub fn timestamp(unix_nanos: u64) -> String {
    // Any u64 of nanoseconds ends before the year 2555, which humantime can write.
    let time = SystemTime::UNIX_EPOCH + Duration::from_nanos(unix_nanos);
    humantime::format_rfc3339_millis(time).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_three_figures() {
        for (nanos, text) in [
            (0, "0s"),
            (999, "999ns"),
            (1_000, "1.00us"),
            (12_345, "12.3us"),
            (999_499, "999us"),
            (999_500, "1.00ms"),
            (1_270_000, "1.27ms"),
            (99_960_000, "100ms"),
            (3_020_000_000, "3.02s"),
            (125_000_000_000, "125s"),
        ] {
            assert_eq!(duration(Duration::from_nanos(nanos)), text);
        }
        assert!(duration(Duration::MAX).ends_with('s'));
    }

    #[test]
    fn any_time_can_be_written() {
        assert_eq!(timestamp(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(timestamp(1_795_212_131_123_000_000), "2026-11-20T22:02:11.123Z");
        assert!(timestamp(u64::MAX).starts_with("2554-"));
    }
}
