//! Server-sent events, as far as models need them: the data of each event. Reads every byte once and holds no more than
//! one event.
//!
//! Source: WHATWG HTML, "Server-sent events", "Parsing an event stream".

use std::collections::VecDeque;

/// Largest event.
pub(super) const MAX_EVENT: usize = 1024 * 1024;

/// What is no stream of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// A line, or the lines of an event together, are too long.
    TooLong,
    /// Data that is no UTF-8.
    NoUtf8,
}

/// A stream of events under way.
#[derive(Debug, Default)]
pub(super) struct Events {
    line: Vec<u8>,
    data: Vec<u8>,
    has_data: bool,
    /// The last line ended with CR: a LF that follows belongs to it.
    after_cr: bool,
    /// The first line, which may begin with a byte order mark, is over.
    begun: bool,
}

impl Events {
    /// Reads some bytes; the data of events that end in them goes to `events`.
    pub(super) fn push(&mut self, mut bytes: &[u8], events: &mut VecDeque<String>) -> Result<(), Fault> {
        if std::mem::take(&mut self.after_cr) && bytes.first() == Some(&b'\n') {
            bytes = &bytes[1..];
        } else if bytes.is_empty() {
            return Ok(());
        }
        while let Some(end) = bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
            self.extend(&bytes[..end])?;
            self.end_line(events)?;
            let cr = bytes[end] == b'\r';
            bytes = &bytes[end + 1..];
            if cr && bytes.first() == Some(&b'\n') {
                bytes = &bytes[1..];
            } else if cr && bytes.is_empty() {
                self.after_cr = true;
            }
        }
        self.extend(bytes)
    }

    fn extend(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        if self.line.len() + self.data.len() + bytes.len() > MAX_EVENT {
            return Err(Fault::TooLong);
        }
        self.line.extend_from_slice(bytes);
        Ok(())
    }

    fn end_line(&mut self, events: &mut VecDeque<String>) -> Result<(), Fault> {
        let mut line = self.line.as_slice();
        if !std::mem::replace(&mut self.begun, true) {
            line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
        }
        if line.is_empty() {
            if std::mem::take(&mut self.has_data) {
                let data = String::from_utf8(std::mem::take(&mut self.data)).map_err(|_| Fault::NoUtf8)?;
                events.push_back(data);
            }
        } else if let Some(value) = value_of_data(line) {
            if std::mem::replace(&mut self.has_data, true) {
                self.data.push(b'\n');
            }
            self.data.extend_from_slice(value);
        }
        self.line.clear();
        Ok(())
    }
}

/// What stands behind `data:`; comments and other fields have none.
fn value_of_data(line: &[u8]) -> Option<&[u8]> {
    match line.strip_prefix(b"data")? {
        [] => Some(&[]),
        [b':', b' ', value @ ..] | [b':', value @ ..] => Some(value),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Reads a stream that comes in pieces of `size` bytes.
    fn read(stream: &[u8], size: usize) -> Result<Vec<String>, Fault> {
        let (mut events, mut found) = (Events::default(), VecDeque::new());
        for piece in stream.chunks(size) {
            events.push(piece, &mut found)?;
        }
        Ok(found.into())
    }

    #[test]
    fn events_are_read_as_the_standard_says() {
        let stream = "\u{feff}data: one\n\n: a comment\nevent: ping\nid: 7\ndata\n\ndata:two\r\ndata:  lines\r\n\r\ndatum: no\n\
                      \ndata: tail\r\rdata: never ended\n";
        for size in 1..stream.len() {
            let found = read(stream.as_bytes(), size).unwrap();
            assert_eq!(found, ["one", "", "two\n lines", "tail"], "in pieces of {size}");
        }
    }

    #[test]
    fn a_line_without_end_is_not_kept() {
        let mut events = Events::default();
        let piece = vec![b'x'; 64 * 1024];
        let pushed = (0..).find(|_| events.push(&piece, &mut VecDeque::new()) == Err(Fault::TooLong));
        assert_eq!(pushed, Some(16));
        assert!(events.line.capacity() <= 2 * MAX_EVENT);
    }

    #[test]
    fn lines_of_one_event_are_bounded_together() {
        let line = format!("data: {}\n", "x".repeat(MAX_EVENT / 2));
        assert_eq!(read(line.repeat(3).as_bytes(), 4096), Err(Fault::TooLong));
        assert_eq!(
            read(format!("{line}\n{line}\n").as_bytes(), 4096).map(|found| found.len()),
            Ok(2)
        );
    }

    #[test]
    fn bytes_that_are_no_text_are_refused() {
        assert_eq!(read(b"data: \xff\xfe\n\n", 3), Err(Fault::NoUtf8));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            texts in prop::collection::vec("[^\r\n]{0,20}(\n[^\r\n]{0,20}){0,2}", 0..5),
            ending in prop::sample::select(vec!["\n", "\r", "\r\n"]),
            size in 1_usize..40,
        ) {
            let mut stream = String::new();
            for text in &texts {
                for line in text.split('\n') {
                    stream += &format!("data: {line}{ending}");
                }
                stream += ending;
            }
            prop_assert_eq!(read(stream.as_bytes(), size).unwrap(), texts);
        }

        #[test]
        fn pieces_make_no_difference(stream in prop::collection::vec(prop::sample::select(b"dat: \r\n\xc3\xa4".to_vec()), 0..80), size in 1_usize..9) {
            prop_assert_eq!(read(&stream, size), read(&stream, 100));
        }
    }
}
