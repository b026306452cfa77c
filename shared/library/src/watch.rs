//! What has changed from one look to the next. A file is taken once it has stayed as it is between two looks: one that
//! is being written is not.

use crate::files::Files;

/// What was seen, and what was taken.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    seen: Files,
    taken: Files,
}

/// What is to be done.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Changes {
    /// Files to read, in order.
    pub(crate) read: Files,
    /// Files that have gone.
    pub(crate) gone: Vec<String>,
}

impl Changes {
    pub(crate) fn is_empty(&self) -> bool {
        self.read.is_empty() && self.gone.is_empty()
    }
}

impl Watch {
    /// The first look takes everything: there is nothing to be served instead.
    pub(crate) fn first(&mut self, now: Files) -> Changes {
        self.seen = now.clone();
        self.next(now)
    }

    /// What has settled since the last look.
    pub(crate) fn next(&mut self, now: Files) -> Changes {
        let mut changes = Changes::default();
        for (source, found) in &now {
            if self.seen.get(source) == Some(found) && self.taken.get(source) != Some(found) {
                changes.read.insert(source.clone(), found.clone());
            }
        }
        let gone = |source: &&String| !now.contains_key(*source) && !self.seen.contains_key(*source);
        changes.gone = self.taken.keys().filter(gone).cloned().collect();
        for source in &changes.gone {
            self.taken.remove(source);
        }
        self.taken.extend(changes.read.clone());
        self.seen = now;
        changes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::Found;

    fn files(files: &[(&str, u64)]) -> Files {
        let found = |size| Found {
            path: "x".into(),
            stamp: (size, None, (0, 0, 0)),
        };
        files
            .iter()
            .map(|(name, size)| ((*name).to_owned(), found(*size)))
            .collect()
    }

    fn read(changes: &Changes) -> Vec<&str> {
        changes.read.keys().map(String::as_str).collect()
    }

    #[test]
    fn the_first_look_takes_everything_once() {
        let mut watch = Watch::default();
        assert_eq!(read(&watch.first(files(&[("a", 1), ("b", 1)]))), ["a", "b"]);
        assert!(watch.next(files(&[("a", 1), ("b", 1)])).is_empty());
    }

    #[test]
    fn a_file_that_grows_is_taken_when_it_has_settled_and_the_others_meanwhile() {
        let mut watch = Watch::default();
        watch.first(files(&[("a", 1)]));
        let looks = [
            [("a", 2), ("b", 5)],
            [("a", 3), ("b", 5)],
            [("a", 3), ("b", 5)],
            [("a", 3), ("b", 5)],
        ];
        let taken = looks.map(|look| read(&watch.next(files(&look))).join(" "));
        assert_eq!(taken, ["", "b", "a", ""]);
    }

    #[test]
    fn a_file_that_is_back_at_the_next_look_never_went() {
        let mut watch = Watch::default();
        watch.first(files(&[("a", 1), ("b", 1)]));
        assert!(watch.next(files(&[("b", 1)])).is_empty());
        assert!(watch.next(files(&[("a", 1), ("b", 1)])).is_empty());
        assert!(watch.next(files(&[("b", 1)])).is_empty());
        assert_eq!(watch.next(files(&[("b", 1)])).gone, ["a"]);
        assert!(watch.next(files(&[("a", 1), ("b", 1)])).is_empty());
        assert_eq!(read(&watch.next(files(&[("a", 1), ("b", 1)]))), ["a"]);
    }
}
