//! What a caller wants a stub to do: it travels in the name of the request, so that stubs need no state.

use std::{fmt, time::Duration};

/// What a stub does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Order {
    /// Number of the request.
    pub(crate) number: usize,
    /// Words of the answer.
    pub(crate) words: u32,
    /// Pause before each.
    pub(crate) pause: Duration,
    /// How it ends.
    pub(crate) ending: Ending,
}

/// How an answer ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Whole.
    Whole,
    /// After so many words with an error.
    Fails(u32),
    /// After so many words, without a reason.
    Stops(u32),
}

impl Order {
    /// How many words are written.
    pub(crate) fn written(&self) -> u32 {
        match self.ending {
            Ending::Whole => self.words,
            Ending::Fails(after) | Ending::Stops(after) => after.min(self.words),
        }
    }

    /// From the name of a request.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        let mut parts = name.split('.');
        let mut next = || parts.next();
        let (number, words, pause) = (next()?.parse().ok()?, next()?.parse().ok()?, next()?.parse().ok()?);
        let (how, after) = (next()?, next()?.parse().ok()?);
        let ending = match how {
            "whole" => Ending::Whole,
            "fails" => Ending::Fails(after),
            "stops" => Ending::Stops(after),
            _ => return None,
        };
        let pause = Duration::from_millis(pause);
        Some(Self {
            number,
            words,
            pause,
            ending,
        })
    }
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (how, after) = match self.ending {
            Ending::Whole => ("whole", 0),
            Ending::Fails(after) => ("fails", after),
            Ending::Stops(after) => ("stops", after),
        };
        let (number, words, pause) = (self.number, self.words, self.pause.as_millis());
        write!(f, "{number}.{words}.{pause}.{how}.{after}")
    }
}

#[test]
fn an_order_is_read_as_it_was_written() {
    for ending in [Ending::Whole, Ending::Fails(0), Ending::Stops(3)] {
        let order = Order {
            number: 7,
            words: 12,
            pause: Duration::from_millis(20),
            ending,
        };
        assert_eq!(Order::parse(&order.to_string()), Some(order));
    }
}
