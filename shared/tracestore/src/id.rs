//! Trace and span ids, as W3C and OTLP define them, and the ways people write them.

use std::{fmt, str::FromStr};

/// The id of a trace: 16 bytes, written as 32 hex digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TraceId([u8; 16]);

/// The id of a span: 8 bytes, written as 16 hex digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SpanId([u8; 8]);

/// Text that is no trace id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a trace id is 1 to 32 hexadecimal digits")]
pub struct InvalidTraceId;

impl TraceId {
    /// The id in these bytes; none when there are not 16 of them or all are zero (W3C: invalid).
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        non_zero(bytes).map(Self)
    }
}

impl SpanId {
    /// The id in these bytes; none when there are not 8 of them or all are zero (OTLP: "no parent").
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        non_zero(bytes).map(Self)
    }
}

fn non_zero<const N: usize>(bytes: &[u8]) -> Option<[u8; N]> {
    let bytes: [u8; N] = bytes.try_into().ok()?;
    bytes.iter().any(|byte| *byte != 0).then_some(bytes)
}

/// Upper and lower case, with or without leading zeros: Jaeger's older tools leave them out.
impl FromStr for TraceId {
    type Err = InvalidTraceId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // `from_str_radix` alone would take a sign.
        if text.is_empty() || text.len() > 32 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(InvalidTraceId);
        }
        let number = u128::from_str_radix(text, 16).map_err(|_| InvalidTraceId)?;
        Ok(Self(number.to_be_bytes()))
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

impl fmt::Debug for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", u64::from_be_bytes(self.0))
    }
}

impl fmt::Debug for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_leading_zeros_do_not_matter() {
        let id: TraceId = "0000000000000000000000000000abcd".parse().unwrap();
        assert_eq!("ABCD".parse(), Ok(id));
        assert_eq!("000AbCd".parse(), Ok(id));
        assert_eq!(id.to_string(), "0000000000000000000000000000abcd");
    }

    #[test]
    fn what_is_no_id_is_refused() {
        for text in [
            "",
            "xyz",
            "+1",
            "-1",
            " 1",
            "1 ",
            "000000000000000000000000000000001",
            "é",
        ] {
            assert_eq!(text.parse::<TraceId>(), Err(InvalidTraceId), "{text:?}");
        }
    }

    #[test]
    fn zeros_and_other_lengths_are_no_ids() {
        assert_eq!(TraceId::from_bytes(&[0; 16]), None);
        assert_eq!(TraceId::from_bytes(&[1; 15]), None);
        assert_eq!(SpanId::from_bytes(&[]), None);
        assert_eq!(SpanId::from_bytes(&[0; 8]), None);
        assert!(SpanId::from_bytes(&[1; 8]).is_some());
    }
}
