//! How a command ends when it does not succeed: an exit code and what a person is told.

use std::{fmt, io};

/// Exit codes; 64 and above as in sysexits.h.
pub mod code {
    /// The answer is not there, or an expectation was not met.
    pub const NO: u8 = 1;
    /// The command line, or the request, is wrong.
    pub const USAGE: u8 = 2;
    /// A file that is needed is missing or broken.
    pub const INPUT: u8 = 66;
    /// The router cannot be reached, or an address is busy.
    pub const UNAVAILABLE: u8 = 69;
    /// A fault of the software.
    pub const SOFTWARE: u8 = 70;
    /// A file cannot be written.
    pub const OUTPUT: u8 = 73;
    /// Too slow or too busy: another try may succeed.
    pub const TEMPORARY: u8 = 75;
    /// Not allowed.
    pub const PERMISSION: u8 = 77;
    /// Interrupted by Ctrl-C before there was anything to drain.
    pub const INTERRUPTED: u8 = 130;
}

/// An end without success.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    code: u8,
    message: String,
    details: Vec<String>,
}

impl Failure {
    /// An end with an exit code and one sentence.
    pub fn new(code: u8, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            details: Vec::new(),
        }
    }

    /// An end about which everything is said already.
    pub fn quiet(code: u8) -> Self {
        Self::new(code, "")
    }

    /// Adds lines that explain.
    #[must_use]
    pub fn details(mut self, lines: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.details.extend(lines.into_iter().map(Into::into));
        self
    }

    /// The exit code.
    pub fn code(&self) -> u8 {
        self.code
    }

    /// Whether there is nothing left to say.
    pub fn is_quiet(&self) -> bool {
        self.message.is_empty()
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        self.details.iter().try_for_each(|line| write!(f, "\n  {line}"))
    }
}

impl std::error::Error for Failure {}

/// Standard output cannot be written. A reader that went away (`plexus … | head`) is no failure.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::quiet(0),
            _ => Self::new(code::OUTPUT, format!("cannot write the output: {error}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_that_went_away_is_no_failure() {
        let failure = Failure::from(io::Error::from(io::ErrorKind::BrokenPipe));
        assert!(failure.is_quiet());
        assert_eq!(failure.code(), 0);
        assert_eq!(Failure::from(io::Error::other("full")).code(), code::OUTPUT);
    }

    #[test]
    fn details_stand_below() {
        let failure = Failure::new(1, "no").details(["first", "second"]);
        assert_eq!(failure.to_string(), "no\n  first\n  second");
    }
}
