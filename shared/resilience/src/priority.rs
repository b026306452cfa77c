//! Which of two requests goes first where there is not enough for both.

use http::HeaderMap;

/// Metadata that says it.
pub const HEADER: &str = "plexus-priority";

/// Class of a request. Lies in the extensions of requests; forwarded hop by hop.
///
/// Two of the four criticalities of Google's SRE book ("Handling Overload"): those that a caller can tell apart.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Priority {
    /// Can wait and may be refused first.
    Batch,
    /// Somebody waits for the answer.
    #[default]
    Interactive,
}

impl Priority {
    /// What a request's metadata says; none: it says something else than the two names.
    pub fn read(headers: &HeaderMap) -> Option<Self> {
        match headers.get(HEADER).map(|value| value.as_bytes()) {
            None | Some(b"interactive") => Some(Self::Interactive),
            Some(b"batch") => Some(Self::Batch),
            Some(_) => None,
        }
    }

    /// Lower-case name, as in the metadata.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Interactive => "interactive",
            Self::Batch => "batch",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interactive_unless_said_otherwise_and_nothing_else_is_understood() {
        let mut headers = HeaderMap::new();
        assert_eq!(Priority::read(&headers), Some(Priority::Interactive));
        for priority in [Priority::Interactive, Priority::Batch] {
            headers.insert(HEADER, priority.name().parse().unwrap());
            assert_eq!(Priority::read(&headers), Some(priority));
        }
        headers.insert(HEADER, "Batch".parse().unwrap());
        assert_eq!(Priority::read(&headers), None);
        assert!(Priority::Interactive > Priority::Batch);
    }
}
