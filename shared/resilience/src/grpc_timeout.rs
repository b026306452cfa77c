//! The `grpc-timeout` header: a number of at most eight digits and a unit.
//!
//! Source: "gRPC over HTTP/2", section Requests (grpc/grpc `doc/PROTOCOL-HTTP2.md`).

use std::time::Duration;

/// Name of the header.
pub const HEADER: &str = "grpc-timeout";

/// The largest number that the header can carry.
const MAX: u128 = 99_999_999;

/// Reads the header's value.
pub fn parse(value: &str) -> Option<Duration> {
    let (number, unit) = value.split_at_checked(value.len().checked_sub(1)?)?;
    if number.is_empty() || number.len() > 8 || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: u64 = number.parse().ok()?;
    Some(match unit {
        "H" => Duration::from_secs(number * 3600),
        "M" => Duration::from_secs(number * 60),
        "S" => Duration::from_secs(number),
        "m" => Duration::from_millis(number),
        "u" => Duration::from_micros(number),
        "n" => Duration::from_nanos(number),
        _ => return None,
    })
}

/// Writes a duration in the finest unit that fits; rounds down, so that a hop never gets more than what is left.
pub fn format(duration: Duration) -> String {
    for (unit, nanos) in [
        ("n", 1),
        ("u", 1_000),
        ("m", 1_000_000),
        ("S", 1_000_000_000),
        ("M", 60_000_000_000_u128),
    ] {
        let number = duration.as_nanos() / nanos;
        if number <= MAX {
            return format!("{number}{unit}");
        }
    }
    format!("{}H", (duration.as_secs() / 3600).min(MAX as u64))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_every_unit_and_refuses_the_rest() {
        assert_eq!(parse("2H"), Some(Duration::from_secs(7200)));
        assert_eq!(parse("250m"), Some(Duration::from_millis(250)));
        assert_eq!(parse("0n"), Some(Duration::ZERO));
        for wrong in ["", "m", "5", "-1S", "1.5S", "123456789S", "1s", "ü", "١S"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC*") {
            let _ = parse(&text);
        }

        #[test]
        fn what_is_written_is_read_and_never_more(millis in 0_u64..10_000_000_000) {
            let duration = Duration::from_millis(millis);
            let read = parse(&format(duration)).unwrap();
            prop_assert!(read <= duration);
            prop_assert!(duration - read < Duration::from_secs(3600));
            prop_assert!(duration.as_nanos() > MAX * 1_000 || read == duration);
        }
    }
}
