//! Streamed text of parallel steps, in the order of the answer.

use std::collections::VecDeque;

use crate::{
    dispatch::Progress,
    domain::SEPARATOR,
    request::{Committed, Event},
};

/// Puts the deltas of parallel steps into the order of the answer: joined as they come, they are the answer.
pub(crate) struct InOrder {
    waiting: Vec<VecDeque<String>>,
    current: usize,
    last_written: Option<usize>,
    ended: Vec<bool>,
}

impl InOrder {
    pub(crate) fn new(steps: usize) -> Self {
        Self {
            waiting: vec![VecDeque::new(); steps],
            current: 0,
            last_written: None,
            ended: vec![false; steps],
        }
    }

    pub(crate) fn progress(&mut self, progress: Progress) -> Vec<Event> {
        match progress {
            Progress::Verdict(verdict) => vec![Event::Verdict(verdict)],
            Progress::Commit(step, commit) => vec![Event::Commit(Committed { step, commit })],
            Progress::Ended(step) => {
                if let Some(ended) = self.ended.get_mut(step) {
                    *ended = true;
                }
                self.advance()
            }
            Progress::Delta(step, text) if step == self.current => self.write(step, text).into(),
            Progress::Delta(step, text) => {
                if let Some(waiting) = self.waiting.get_mut(step) {
                    waiting.push_back(text);
                }
                Vec::new()
            }
        }
    }

    /// Goes on to the first step that has not ended, writing what waits on the way.
    fn advance(&mut self) -> Vec<Event> {
        let mut events = Vec::new();
        while self.current < self.waiting.len() {
            for text in std::mem::take(&mut self.waiting[self.current]) {
                events.extend(self.write(self.current, text));
            }
            if !self.ended[self.current] {
                break;
            }
            self.current += 1;
        }
        events
    }

    fn write(&mut self, step: usize, text: String) -> [Event; 1] {
        let text = match self.last_written.replace(step) {
            Some(last) if last != step => format!("{SEPARATOR}{text}"),
            _ => text,
        };
        [Event::Delta(step, text)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn play(steps: usize, script: Vec<Progress>) -> Vec<String> {
        let mut order = InOrder::new(steps);
        let texts = script.into_iter().map(|progress| {
            let events = order.progress(progress).into_iter().map(|event| match event {
                Event::Delta(_, text) => text,
                other => panic!("{other:?}"),
            });
            events.collect()
        });
        texts.collect()
    }

    fn delta(step: usize, text: &str) -> Progress {
        Progress::Delta(step, text.to_owned())
    }

    #[test]
    fn joined_deltas_are_the_merged_answer_whatever_their_order() {
        let script = vec![
            delta(2, "c"),
            delta(0, "a1 "),
            delta(1, "b1 "),
            Progress::Ended(2),
            delta(0, "a2"),
            Progress::Ended(0),
            delta(1, "b2"),
            Progress::Ended(1),
        ];
        assert_eq!(play(3, script), ["", "a1 ", "", "", "a2", "\n\nb1 ", "b2", "\n\nc"]);
    }

    #[test]
    fn steps_without_text_leave_no_gap() {
        assert_eq!(
            play(2, vec![delta(1, "b"), Progress::Ended(1), Progress::Ended(0)]).concat(),
            "b"
        );
    }
}
