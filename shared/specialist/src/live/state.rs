//! What is known of one engine, and whether it is to be left for a while. Pure, told the time.
//!
//! An engine is *well* until too many of its calls fail or its first words take too long. Then it is in *trouble*: asked after
//! the others, and tried with one question at a time now and then. Three good answers in a row, and it is well again.

use std::{collections::BTreeMap, time::Duration};

use tokio::time::Instant;

use super::{
    speed::{Bounds, Speed},
    view::{DEAR, Figures, Trouble, View},
    window::{Sums, Window},
};
use crate::config::Adaptation;

/// Good answers in a row that end trouble: with one, half of an engine's calls could fail and it would be back at once.
const GOOD: u32 = 3;
/// Waiting questions that are looked at, the oldest first: more change nothing.
const LATE: usize = 8;

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Ended {
    /// With a whole answer; what it was expected to cost, and what it cost, US dollars.
    Answered { expected: f64, actual: f64 },
    /// It cannot answer this; nothing is wrong with it.
    Declined,
    /// Badly, before its first word or after.
    Failed,
    /// The engine was not asked: one of our own limits, or the question was at fault.
    Unasked,
    /// Whoever asked went away.
    Abandoned,
}

/// A call under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ticket {
    id: u64,
    begin: Instant,
    first_word: Option<Duration>,
}

/// Left for a while.
#[derive(Debug)]
struct Left {
    trouble: Trouble,
    since: Instant,
    /// Good answers in a row since.
    good: u32,
}

/// What is known of one engine.
#[derive(Debug)]
pub(super) struct State {
    settings: Adaptation,
    window: Window,
    speed: Speed,
    /// Questions that wait for their first word, oldest first.
    waiting: BTreeMap<u64, Instant>,
    in_flight: u32,
    /// Calls so far.
    begun: u64,
    left: Option<Left>,
    /// Questions that went elsewhere since it was tried.
    passed: u32,
    /// When it was tried, or left.
    tried: Option<Instant>,
    probing: bool,
}

impl State {
    pub(super) fn new(settings: Adaptation) -> Self {
        let bounds = Bounds {
            factor: settings.slow_factor,
            above: settings.slow_above,
        };
        Self {
            settings,
            window: Window::default(),
            speed: Speed::new(bounds),
            waiting: BTreeMap::new(),
            in_flight: 0,
            begun: 0,
            left: None,
            passed: 0,
            tried: None,
            probing: false,
        }
    }

    /// It is asked.
    pub(super) fn begin(&mut self, now: Instant) -> Ticket {
        let ticket = Ticket {
            id: self.begun,
            begin: now,
            first_word: None,
        };
        self.begun += 1;
        self.in_flight += 1;
        self.waiting.insert(ticket.id, now);
        ticket
    }

    /// Its first word came.
    pub(super) fn spoke(&mut self, ticket: &mut Ticket, now: Instant) {
        if self.waiting.remove(&ticket.id).is_some() {
            let took = now.saturating_duration_since(ticket.begin);
            ticket.first_word = Some(took);
            self.speed.observe(took, now);
            self.judge(now);
        }
    }

    /// A call is over.
    pub(super) fn end(&mut self, ticket: Ticket, ended: Ended, now: Instant) {
        self.in_flight = self.in_flight.saturating_sub(1);
        let silent = self.waiting.remove(&ticket.id).is_some();
        let took = now.saturating_duration_since(ticket.begin);
        // Its first word would have taken even longer; what is fast to fail or to give up says nothing.
        let seen_slow = self.speed.lately().is_some_and(|lately| took > lately);
        if silent && seen_slow && matches!(ended, Ended::Failed | Ended::Abandoned) {
            self.speed.endured(took, now);
        }
        let one = Sums {
            calls: 1,
            ..Sums::default()
        };
        let in_time = |first_word: Duration| self.speed.limit().is_none_or(|limit| first_word <= limit);
        let good = match ended {
            Ended::Unasked => return,
            Ended::Abandoned if in_time(ticket.first_word.unwrap_or(took)) => return,
            Ended::Abandoned => false,
            Ended::Failed => {
                self.window.add(now, Sums { failures: 1, ..one });
                false
            }
            Ended::Declined => {
                self.window.add(now, one);
                true
            }
            Ended::Answered { expected, actual } => {
                let answers = 1;
                let sums = Sums {
                    answers,
                    expected,
                    actual,
                    ..one
                };
                self.window.add(now, sums);
                ticket.first_word.is_none_or(in_time)
            }
        };
        match &mut self.left {
            // What was asked before it was left says nothing new.
            Some(left) if ticket.begin > left.since => {
                left.good = if good { left.good + 1 } else { 0 };
                if left.good >= GOOD {
                    self.left = None;
                    self.passed = 0;
                    self.window.clear();
                    self.speed.settle();
                }
            }
            Some(_) => {}
            None => self.judge(now),
        }
    }

    /// Leaves it where it does badly.
    fn judge(&mut self, now: Instant) {
        if !self.settings.enabled || self.left.is_some() {
            return;
        }
        let sums = self.window.sums(now);
        let Sums { calls, failures, .. } = sums;
        let waiting = self.waiting.values().take(LATE);
        let waiting = waiting.map(|begin| now.saturating_duration_since(*begin));
        let failing = sums.failing_share() >= self.settings.failing_share;
        let trouble = if calls >= self.settings.min_calls && failing {
            Trouble::Failing { failures, calls }
        } else if let Some(usual) = self.speed.usual()
            && self.speed.is_slow(waiting.clone())
        {
            let late = waiting.max().unwrap_or_default();
            let first_word = self.speed.lately().unwrap_or_default().max(late);
            Trouble::Slow { first_word, usual }
        } else {
            return;
        };
        self.left = Some(Left {
            trouble,
            since: now,
            good: 0,
        });
        (self.passed, self.tried) = (0, Some(now));
    }

    /// What an order should know of it. Nothing where it may not change anything.
    pub(super) fn look(&mut self, now: Instant) -> View {
        if !self.settings.enabled {
            return View::default();
        }
        self.judge(now);
        let sums = self.window.sums(now);
        let few = self.settings.min_calls;
        let failed = match sums.calls >= few {
            true => (sums.failures, sums.calls),
            false => (0, 0),
        };
        let share = if failed.1 > 0 { sums.failing_share() } else { 0.0 };
        let price_ratio = sums.price_ratio().filter(|_| sums.answers >= few);
        let price_ratio = price_ratio.filter(|ratio| *ratio >= DEAR).unwrap_or(1.0);
        View {
            trouble: self.left.as_ref().map(|left| left.trouble),
            probe_due: self.probe_due(now),
            first_word: self.speed.lately_at(now),
            price_ratio,
            failed,
            price_factor: ((1.0 + share) * price_ratio).clamp(1.0, self.settings.max_price_factor),
        }
    }

    fn probe_due(&self, now: Instant) -> bool {
        let promising = self.left.as_ref().is_some_and(|left| left.good > 0);
        let rested = self
            .tried
            .is_none_or(|tried| now.saturating_duration_since(tried) >= self.settings.probe_after);
        // This one would be the next.
        let few = f64::from(self.passed.saturating_add(1)) * self.settings.probe_share >= 1.0;
        !self.probing && (promising || (rested && few))
    }

    /// A question went elsewhere because of what is known of it.
    pub(super) fn passed_over(&mut self) {
        self.passed = self.passed.saturating_add(1);
    }

    /// Takes the right to try it, if it is due.
    pub(super) fn claim(&mut self, now: Instant) -> bool {
        let due = self.probe_due(now);
        if due {
            (self.passed, self.tried, self.probing) = (0, Some(now), true);
        }
        due
    }

    /// Gives that right back.
    pub(super) fn release(&mut self) {
        self.probing = false;
    }

    /// Why it is left.
    pub(super) fn trouble(&self) -> Option<Trouble> {
        self.left.as_ref().map(|left| left.trouble)
    }

    /// What is known of the last minute.
    #[cfg(test)]
    pub(super) fn sums(&self, now: Instant) -> Sums {
        self.window.sums(now)
    }

    /// What is shown of it; none: it was never asked.
    pub(super) fn figures(&mut self, now: Instant) -> Option<Figures> {
        if self.begun == 0 {
            return None;
        }
        self.judge(now);
        let sums = self.window.sums(now);
        Some(Figures {
            calls: sums.calls,
            failures: sums.failures,
            first_word: self.speed.lately(),
            usual: self.speed.usual(),
            in_flight: self.in_flight,
        })
    }
}

#[cfg(test)]
mod tests;
